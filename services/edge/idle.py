"""The end of a session that nobody uses any more, on pages where no customer waits (NIST SP
800-63B, 2.2.3; OWASP ASVS 5.0, 7.3.1).

A till keeps its session for the day, and its PIN locks it after ten minutes. What is opened there
does not count as use elsewhere: whoever finds the cookie of a till opens no office by it.
"""

import threading
import time
from collections.abc import Callable

from flask import request

from services.edge import wings

IDLE_S = 3_600.0
TELL_EVERY_S = 300.0  # how often directory is told; other processes know as much
KEPT_AT_MOST = 5_000
COUNTER = "counter"

# area, session id, part of the site, whether it counts as use
Tell = Callable[[str, str, str, bool], None]


class Uses:
    """When sessions were used last, as this process saw it."""

    def __init__(self, tell: Tell, now: Callable[[], float] = time.time) -> None:
        self._tell, self.now = tell, now
        self._seen: dict[tuple[str, str], float] = {}
        self._told: dict[tuple[str, str], tuple[float, str]] = {}
        self._lock = threading.Lock()

    def is_over(self, area: str, session_id: str, use_time: float) -> bool:
        """Tells whether nobody used a session for too long. use_time: as directory knows it, in
        seconds since 1970."""
        last = max(self._seen.get((area, session_id), 0.0), use_time)
        return self.now() - last > IDLE_S

    def see(self, area: str, session_id: str, part: str, *, counts: bool) -> None:
        """Notes a use, and has directory told of it now and then, and when the part changes.

        counts: False at a counter, which keeps no office open.
        """
        key, now = (area, session_id), self.now()
        with self._lock:
            if len(self._told) >= KEPT_AT_MOST:
                self._seen.clear()
                self._told.clear()
            if counts:
                self._seen[key] = now
            told, told_part = self._told.get(key, (0.0, ""))
            if told_part == part and (not counts or now - told < TELL_EVERY_S):
                return
            self._told[key] = (now, part)
        self._tell(area, session_id, part, counts)


def is_watched() -> bool:
    """Tells whether this page ends when nobody uses it: all but those of counters."""
    return wings.mood_of(request.path) != COUNTER


def is_deed() -> bool:
    """Tells whether a person does something: opens a page or sends a form. What a page asks for by
    itself, every few seconds, keeps no session alive."""
    if request.method not in ("GET", "HEAD"):
        return True
    return "text/html" in request.headers.get("Accept", "")


def part_of_site() -> str:
    """Returns where in the staff's pages this is, as coarsely as their navigation."""
    entry = wings.entry_of(request.path)
    return entry.path if entry else ""
