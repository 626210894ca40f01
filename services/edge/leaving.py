"""Whether this worker was told to end. A stream would keep the server waiting for it until it is
killed; it looks here at least every second and ends by itself, and its reader asks again.
"""

import signal
import time
from collections.abc import Callable

LOOK_EVERY_S = 1.0

_told: list[int] = []
_then: list[Callable[[], object]] = []


def listen() -> None:
    """Notes when the process is told to end. Called on its main thread, after the server's loop
    took these signals: Python runs this handler besides writing to the loop's wake-up descriptor.
    """
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda number, _frame: _hear(number))


def then(call: Callable[[], object]) -> None:
    """Has a call made when the process is told to end, between any two steps of its main thread."""
    _then.append(call)


def _hear(number: int) -> None:
    _told.append(number)
    for call in _then:
        call()


def told() -> bool:
    """Tells whether it was."""
    return bool(_told)


def pause(seconds: float) -> None:
    """Waits, at most until the process is told to end."""
    ends = time.monotonic() + seconds
    while not _told and (left := ends - time.monotonic()) > 0:
        time.sleep(min(left, LOOK_EVERY_S))
