"""Closures in force or announced, as directory says them, remembered by area."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import grpc
from flask_babel import lazy_gettext as _l

from kit.clock import Clock

REFRESH_S = 10.0

# Reason codes of the directory contract, as visitors read them.
REASONS: dict[str, Any] = {
    "flood": _l("High water"),
    "rockfall": _l("Falling rock"),
    "maintenance": _l("Maintenance"),
    "event": _l("An event takes place here"),
    "staff": _l("Short of staff"),
    "weather": _l("Bad weather"),
    "other": _l("Closed"),
}


@dataclass(frozen=True)
class Shut:
    """One closure. until: None while nobody knows. Times UTC. names: of the place, by locale."""

    closure_id: str
    place_id: str
    reason: str
    note: str
    since: datetime
    until: datetime | None
    names: dict[str, str] = field(default_factory=dict, hash=False)

    def name(self, locale: str) -> str:
        """Returns the place's name in a locale, else in Japanese, else its id."""
        return self.names.get(locale) or self.names.get("ja") or self.place_id


@dataclass(frozen=True)
class Known:
    """What is known of an area's closures. stale: directory did not answer when asked last."""

    shut: Sequence[Shut]
    at: datetime
    stale: bool


Load = Callable[[str], Sequence[Shut]]


class Closures:
    """Asks directory every ten seconds at most, at once after an event; keeps the last answer."""

    def __init__(self, load: Load, clock: Clock) -> None:
        self._load, self._clock = load, clock
        self._known: dict[str, tuple[float, Known]] = {}
        self._lock = threading.Lock()

    def of(self, area: str) -> Known:
        """Returns all closures that are not over, those in force first by time."""
        kept = self._known.get(area)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        now = self._clock.now()
        try:
            known = Known(self._load(area), now, stale=False)
        except grpc.RpcError:
            known = Known(kept[1].shut, kept[1].at, True) if kept else Known((), now, True)  # noqa: FBT003
        with self._lock:
            self._known[area] = (time.monotonic() + REFRESH_S, known)
        return known

    def in_force(self, area: str) -> Sequence[Shut]:
        """Returns the closures in force just now."""
        now = self._clock.now()
        return [
            shut
            for shut in self.of(area).shut
            if shut.since <= now and (shut.until is None or shut.until > now)
        ]

    def next_change(self, area: str) -> datetime | None:
        """Returns when a closure next begins or ends by itself, or None."""
        now = self._clock.now()
        times = [
            t for shut in self.of(area).shut for t in (shut.since, shut.until) if t and t > now
        ]
        return min(times, default=None)

    def forget(self, area: str) -> None:
        """Has the next reader ask directory."""
        self._known.pop(area, None)
