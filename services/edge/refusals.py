"""How often requests are refused that may try to get round a control (OWASP ASVS 5.0, 16.3.3).

A flood would fill the log line by line: each minute has one line for a reason and a route, with how
many there were and nothing of who. What concerns somebody who is signed in is noted by itself.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable

from kit import log

MINUTE_S = 60
WATCHED = frozenset({
    "foreign_origin", "too_many_requests", "too_many_attempts", "too_many_bodies", "bodies_busy",
    "body_too_large", "body_incomplete", "length_required", "malformed_json", "bad_request",
    "text_too_long", "card_number_typed",
})  # fmt: skip


class Refusals:
    """Counts of the running minute. Whoever comes first in the next one has them written."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._minute = 0
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._lock = threading.Lock()

    def note(self, area: str, why: str, route: str) -> None:
        """Counts one. route: as it is written in code, never what was asked for."""
        if why not in WATCHED:
            return
        self.look()
        with self._lock:
            self._counts[area, why, route] += 1

    def look(self) -> None:
        """Writes what was counted in a minute that is over. Each request looks, probes too."""
        minute = int(self._now()) // MINUTE_S
        if minute == self._minute:
            return
        with self._lock:
            done, self._counts, self._minute = self._counts, Counter(), minute
        for (area, why, route), count in sorted(done.items()):
            log.security("requests_refused", area=area, why=why, route=route, count=count)
