"""The last good answers of the services, so that a page still opens while one of them is away.

A turn is the number of the area's ready pages (hot.Ready.turn) taken before an answer was asked
for: it tells which of two answers is the older one.
"""

import threading
from collections import OrderedDict
from collections.abc import Container, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.edge.areas import Area

KEPT_AT_MOST = 20_000
WAIT_S = 0.3  # for another's answer, before one asks all the same
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Kept:
    """An answer, when the service gave it (aware, UTC), and the turn it was asked for at."""

    value: Any
    at: datetime
    turn: int


class Shelf:
    """A bounded store of answers by key; the ones put longest ago leave first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._asking: dict[Hashable, threading.Lock] = {}
        self._filled: dict[str, int] = {}
        self._current: dict[str, int] = {}
        self.away: set[str] = set()  # areas whose guide did not answer the last check
        self._published: dict[str, frozenset[str]] = {}
        self._readable: dict[str, tuple[Area, frozenset[str], tuple[str, ...]]] = {}

    def is_current(self, area: str, kept: Kept, turn: int) -> bool:
        """Tells whether the services would say the same: nothing was dropped since the shelf was
        filled or checked, and the answer is no leftover of before."""
        return self._current.get(area) == turn and kept.turn >= self._filled.get(area, 0)

    def is_leftover(self, area: str, kept: Kept) -> bool:
        """Tells whether an answer was not among everything there was when that was last put here:
        its stop was retired, or went with a backup. It is told to nobody, also while the guide
        is away."""
        return kept.turn < self._filled.get(area, 0)

    def publish(self, area: str, locales: Iterable[str]) -> None:
        """Says in which languages the guide of an area has something to read."""
        self._published[area] = frozenset(locales)

    def published(self, area: Area) -> tuple[str, ...]:
        """Returns the area's languages in which its guide can be read; all of them while that is
        not known, or nothing is published yet."""
        known = self._published.get(area.area, NOTHING)
        before = self._readable.get(area.area)
        if before is not None and before[0] is area and before[1] is known:
            return before[2]  # for each page that is sent: nothing changed since
        found = tuple([each for each in area.locales if each in known]) or area.locales
        self._readable[area.area] = (area, known, found)
        return found

    def is_filled(self, area: str) -> bool:
        """Tells whether everything the guide has of an area was put here once."""
        return area in self._filled

    def stop_codes(self, area: str) -> list[str]:
        """Returns the codes of the stops that are here."""
        with self._lock:
            keys = [
                key for key in self._kept if isinstance(key, tuple) and key[:2] == ("stop", area)
            ]
        return sorted({str(key[2]) for key in keys})

    def mark_filled(self, area: str, turn: int) -> None:
        """Says that everything there is was put here at this turn; older answers are leftovers."""
        self._filled[area] = turn

    def renew(self, area: str, locales: Iterable[str], but: Container[str], turn: int) -> None:
        """Says at a turn that stops in these languages are still so, all but those named. Leftovers
        stay leftovers: stops that are gone, languages that nobody asked about."""
        wanted, filled = frozenset(locales), self._filled.get(area, 0)
        with self._lock:
            for key, kept in self._kept.items():
                if not isinstance(key, tuple) or key[:2] != ("stop", area) or kept.turn < filled:
                    continue
                if key[3] in wanted and key[2] not in but:
                    self._kept[key] = Kept(kept.value, kept.at, max(kept.turn, turn))

    def mark_current(self, area: str, turn: int) -> None:
        """Says that at this turn of the ready pages the shelf held what the services say."""
        self._current[area] = turn

    @contextmanager
    def one_at_a_time(self, key: Hashable) -> Iterator[None]:
        """Has others who want the same wait a moment for the first answer. key: one of few."""
        with self._lock:
            asking = self._asking.setdefault(key, threading.Lock())
        held = asking.acquire(timeout=WAIT_S)
        try:
            yield
        finally:
            if held:
                asking.release()

    def put(self, key: Hashable, value: Any, at: datetime, turn: int) -> None:
        """Keeps an answer in place of the one before, unless that was asked for later."""
        with self._lock:
            before = self._kept.get(key)
            if before is not None and before.turn > turn:
                return
            self._kept[key] = Kept(value, at, turn)
            self._kept.move_to_end(key)
            if len(self._kept) > KEPT_AT_MOST:
                self._kept.popitem(last=False)

    def forget_stop(self, area: str, code: str, turn: int) -> None:
        """Takes a stop away in all languages: at this turn the guide said that there is none.
        Before everything is read anew the guide may fall silent, and it would be told again."""
        with self._lock:
            gone = [
                key
                for key, kept in self._kept.items()
                if isinstance(key, tuple) and key[:3] == ("stop", area, code) and kept.turn <= turn
            ]
            for key in gone:
                del self._kept[key]

    def get(self, key: Hashable) -> Kept | None:
        """Returns the last answer, or None."""
        return self._kept.get(key)
