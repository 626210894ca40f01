"""Closures in force or announced, as directory says them, remembered by area."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import grpc
from flask_babel import lazy_gettext as _l

from kit.clock import Clock
from kit.pure import closing

REFRESH_S = 10.0
RETRY_S = 2.0  # while directory does not answer

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
    """One closure. until: None while nobody knows. Times UTC. names: of the place, by locale.

    below: the places that are part of it, which are shut with it.
    """

    closure_id: str
    place_id: str
    reason: str
    note: str
    since: datetime
    until: datetime | None
    names: dict[str, str] = field(default_factory=dict, hash=False)
    below: frozenset[str] = frozenset()

    def is_in_force(self, now: datetime) -> bool:
        """Tells whether the place is shut at a time (UTC)."""
        return closing.is_closed(self.since, self.until, now)

    def is_over(self, now: datetime) -> bool:
        """Tells whether its announced end is past."""
        return closing.is_over(self.until, now)

    def reaches(self, place_id: str) -> bool:
        """Tells whether it shuts a place: that place itself, or one it is part of."""
        return place_id == self.place_id or place_id in self.below

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
Changed = Callable[[str], object]


class _Kept:
    """What is known of one area. turn: counts the words about a change; asked_at_turn: the one at
    which the last question was put, -1 for never."""

    def __init__(self, known: Known) -> None:
        self.known, self.until = known, 0.0
        self.turn, self.asked_at_turn, self.answered = 0, -1, False
        self.asking = threading.Lock()

    def is_fresh(self) -> bool:
        return not self.is_outdated() and self.until > time.monotonic()

    def is_outdated(self) -> bool:
        """Tells whether nobody asked since the last change; fresh or not, it must not be used."""
        return self.asked_at_turn != self.turn


class Closures:
    """Asks directory every ten seconds at most, at once after an event; keeps the last answer.

    changed: called with the area when directory says something else than before.
    """

    def __init__(self, load: Load, clock: Clock, changed: Changed) -> None:
        self._load, self._clock, self._changed = load, clock, changed
        self._kept: dict[str, _Kept] = {}

    def of(self, area: str) -> Known:
        """Returns all closures that are not over, sorted by their beginning.

        One thread asks. The others wait only when a change was heard of since the last question:
        what is merely due to be asked again is good enough meanwhile.
        """
        kept = self._of(area)
        if kept.is_fresh() or not kept.asking.acquire(blocking=kept.is_outdated()):
            return kept.known
        try:
            if not kept.is_fresh():
                self._ask(area, kept)
        finally:
            kept.asking.release()
        return kept.known

    def look(self, area: str) -> None:
        """Asks directory whatever is remembered."""
        kept = self._of(area)
        with kept.asking:
            self._ask(area, kept)

    def in_force(self, area: str) -> Sequence[Shut]:
        """Returns the closures in force just now."""
        now = self._clock.now()
        return [shut for shut in self.of(area).shut if shut.is_in_force(now)]

    def told(self, area: str) -> Sequence[Shut]:
        """Returns the closures in force that a page tells: of several of one place that one which
        ends last."""
        last: dict[str, Shut] = {}
        for shut in self.in_force(area):
            known = last.get(shut.place_id)
            if known is None or (known.until and (shut.until is None or shut.until > known.until)):
                last[shut.place_id] = shut
        return list(last.values())

    def reaching(self, area: str, place_id: str) -> Sequence[Shut]:
        """Returns what shuts a place now or later, what ends last first: of several that are in
        force at once that one is to be told."""
        now = self._clock.now()
        found = [s for s in self.of(area).shut if s.reaches(place_id) and not s.is_over(now)]
        return sorted(
            found, key=lambda s: (s.until is not None, -s.until.timestamp() if s.until else 0)
        )

    def shutting(self, area: str, place_id: str) -> Shut | None:
        """Returns what shuts a place just now, None where nothing does."""
        now = self._clock.now()
        return next((s for s in self.reaching(area, place_id) if s.is_in_force(now)), None)

    def next_change(self, area: str) -> datetime | None:
        """Returns when a closure next begins or ends by itself, or None."""
        now = self._clock.now()
        return closing.next_change(((shut.since, shut.until) for shut in self.of(area).shut), now)

    def forget(self, area: str) -> None:
        """Has the next reader ask directory; the last answer stays for when that is away."""
        self._of(area).turn += 1

    def _of(self, area: str) -> _Kept:
        kept = self._kept.get(area)
        if kept is None:
            nothing = Known((), self._clock.now(), stale=True)
            kept = self._kept.setdefault(area, _Kept(nothing))
        return kept

    def _ask(self, area: str, kept: _Kept) -> None:
        """Asks; the caller holds kept.asking."""
        # Taken first: an answer read before a change must not pass for one read after it.
        turn, before = kept.turn, kept.known
        try:
            kept.known = Known(tuple(self._load(area)), self._clock.now(), stale=False)
        except grpc.RpcError:
            kept.known = replace(before, stale=True)
        kept.until = time.monotonic() + (RETRY_S if kept.known.stale else REFRESH_S)
        kept.asked_at_turn = turn
        # Of before the first answer there are only pages that end soon by themselves.
        if kept.answered and kept.known.shut != before.shut:
            self._changed(area)
        kept.answered = kept.answered or not kept.known.stale
