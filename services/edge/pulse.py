"""Signs of life of the edge's workers: one that gives none is ended, and another takes its place.

The supervisor asks the edge as a whole, and any worker may answer; of several it would never notice
that one is frozen, while each page that falls to it waits for ever. Nor would it notice that their
parent is, which replaces those that die: the workers look after it in their turn.
"""

import contextlib
import mmap
import os
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BEAT_S = 2.0
SILENT_S = 20.0
_BEAT = struct.Struct("=i")
QUIET_WITHIN_S = (
    2.0  # of a parent that is to be ended: so long a moment without a request is awaited
)
_TIME = struct.Struct("=d")
_told: list[int] = []  # the open file that signs of life go to; workers have it by their fork
_parent: list[mmap.mmap] = []  # memory shared with them: when their parent was last alive


def watch() -> None:
    """Listens for signs of life of the processes that this one will fork."""
    if sys.platform != "linux":  # elsewhere workers are not forked and have no open files of ours
        return
    reading, writing = os.pipe()
    _told.append(writing)
    os.set_blocking(writing, False)
    _parent.append(mmap.mmap(-1, _TIME.size))
    _live(_parent[0])
    threading.Thread(target=_listen, args=(reading,), name="pulse", daemon=True).start()


class Work:
    """What a worker is doing: a WSGI application that counts its requests."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self._application, self._lock, self.count = application, threading.Lock(), 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answers as the application does. A stream is at work only until it begins."""
        with self._lock:
            self.count += 1
        try:
            return self._application(environ, start_response)
        finally:
            with self._lock:
                self.count -= 1


def beat(work: Work, alive: Callable[[], float] = time.monotonic) -> None:
    """Gives signs of life of this process from now on, and looks after its parent.

    alive: monotonic time at which its event loop last turned; no sign is given of one that stands.
    """
    if _told:
        arguments = (_told[0], _parent[0], os.getppid(), work, alive)
        threading.Thread(target=_beat, args=arguments, name="pulse", daemon=True).start()


def _beat(file: int, heard: mmap.mmap, parent: int, work: Work, alive: Callable[[], float]) -> None:
    before = time.monotonic()
    while True:
        if time.monotonic() - alive() < 2 * BEAT_S:
            with contextlib.suppress(OSError):  # a parent that does not read is looked after below
                os.write(file, _BEAT.pack(os.getpid()))
        time.sleep(BEAT_S)
        now = time.monotonic()
        if now - before > SILENT_S / 2:  # we stood still ourselves, and the parent perhaps with us
            _live(heard)
        before = now
        if now - _TIME.unpack(heard[:])[0] > SILENT_S and os.getppid() == parent:
            _end(parent, work)


def _end(parent: int, work: Work) -> None:
    """Ends a frozen parent, and with it its workers: the supervisor starts the edge again.

    Linux ends the workers with it, so what is asked just then is lost: a moment is chosen in which
    nothing is.
    """
    ends = time.monotonic() + QUIET_WITHIN_S
    while work.count and time.monotonic() < ends:
        time.sleep(0.005)
    sys.stderr.write(f"the edge's parent {parent} gave no sign of life: ended\n")
    with contextlib.suppress(ProcessLookupError):
        os.kill(parent, signal.SIGKILL)


def _live(told: mmap.mmap) -> None:
    told[:] = _TIME.pack(time.monotonic())


def _listen(file: int) -> None:
    os.set_blocking(file, False)
    last: dict[int, float] = {}
    before = time.monotonic()
    while True:
        _live(_parent[0])
        time.sleep(BEAT_S / 2)
        with contextlib.suppress(BlockingIOError):
            while heard := os.read(file, 1024 * _BEAT.size):
                last |= dict.fromkeys(
                    (pid for (pid,) in _BEAT.iter_unpack(heard)), time.monotonic()
                )
        now = time.monotonic()
        if now - before > SILENT_S / 2:  # we stood still ourselves: nobody could be heard
            last = dict.fromkeys(last, now)
        before = now
        for worker in [pid for pid, at in last.items() if now - at > SILENT_S]:
            del last[worker]
            if _is_ours(worker):
                sys.stderr.write(f"worker {worker} gave no sign of life: ended\n")
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)


def _is_ours(process: int) -> bool:
    """Tells whether a process is a child of this one: its number may be a stranger's by now."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return False
    return int(fields[1]) == os.getpid()
