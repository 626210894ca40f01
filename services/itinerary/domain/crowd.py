"""How full places are expected to be, and what that takes off the score of a visit.

Two things are known: how many people the kept plans send to a POI in each half hour, and what
sensors say of now. Only a POI with a capacity is avoided, and only at the times at which it would
be over it. The loss is open and bounded: LOSSES, or QUIETER_LOSSES for a party that asked for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from services.itinerary.domain.spot import NOT_STEERED, SpotSettings

SLOT_MINUTES = 30
SLOTS = 60  # until 06:00 of the next day
# Percent of the capacity up to which a visit loses so many percent of its score.
LOSSES = ((100, 0), (125, 20), (1_000_000, 40))
QUIETER_LOSSES = ((60, 0), (100, 25), (1_000_000, 50))
LIVE_FOR_MINUTES = 90  # what sensors say of now is taken to last as long


class Level(StrEnum):
    """How crowded a zone is; the values of visitor_sense."""

    UNKNOWN = "unknown"
    QUIET = "quiet"
    NORMAL = "normal"
    BUSY = "busy"
    CROWDED = "crowded"


# Percent of the capacity that a place with such a sensor is at least taken to be filled to.
LIVE_PERCENT = {Level.BUSY: 90, Level.CROWDED: 130}


class CrowdLevel(StrEnum):
    """What a visitor is told of a visit; the values of the contract in lower case."""

    QUIETER_TIME = "quieter_time"
    FULL = "full"
    BUSY_NOW = "busy_now"


@dataclass(frozen=True)
class CrowdNote:
    """quieter_from_minute: from when on fewer are expected; None where there is no such time."""

    level: CrowdLevel
    quieter_from_minute: int | None = None


@dataclass(frozen=True)
class Piece:
    """Times at which a visit may begin, all with the same loss in percent of its score."""

    loss: int
    windows: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Crowd:
    """What is known for one day.

    settings: by POI. people: by POI, whom kept plans send there in each half hour after midnight.
    live: by POI, what sensors say of now_minute; nothing on other days.
    """

    settings: Mapping[str, SpotSettings] = field(default_factory=dict)
    people: Mapping[str, Sequence[int]] = field(default_factory=dict)
    live: Mapping[str, Level] = field(default_factory=dict)
    now_minute: int = 0

    def of(self, poi_id: str) -> SpotSettings:
        """Returns how the area steers visitors to or around a POI."""
        return self.settings.get(poi_id, NOT_STEERED)

    @cached_property
    def is_bounded(self) -> bool:
        """Whether any POI has a capacity: without one nothing is ever full."""
        return any(each.capacity is not None for each in self.settings.values())

    def filled(self, poi_id: str, begin: int, end: int, party: int = 0) -> int:
        """Returns the percent of its capacity that a POI is filled to at most during a visit, with
        a party more; 0 where it has no capacity."""
        capacity = self.of(poi_id).capacity
        if capacity is None:
            return 0
        people = self.people.get(poi_id, ())
        first, last = begin // SLOT_MINUTES, max(begin, end - 1) // SLOT_MINUTES
        most = max(people[first : last + 1], default=0) + party
        live = LIVE_PERCENT.get(self.live.get(poi_id, Level.UNKNOWN), 0)
        if not (begin < self.now_minute + LIVE_FOR_MINUTES and self.now_minute < end):
            live = 0
        # Rounded up: one person more than fits is over the capacity.
        return max(-(-100 * most // capacity), live)

    def pieces(
        self, poi_id: str, windows: Sequence[tuple[int, int]], stay: int, party: int, *,
        quieter: bool = False,
    ) -> tuple[Piece, ...]:  # fmt: skip
        """Returns the windows cut by what a visit that begins then loses, the least loss first."""
        found: dict[int, list[tuple[int, int]]] = {}
        for earliest, latest in windows:
            edges = [*self._edges(earliest, latest, stay), latest + 1]
            for begin, following in pairwise(edges):
                loss = loss_at(self.filled(poi_id, begin, begin + stay, party), quieter=quieter)
                spans = found.setdefault(loss, [])
                if spans and spans[-1][1] + 1 == begin:
                    spans[-1] = (spans[-1][0], following - 1)
                else:
                    spans.append((begin, following - 1))
        return tuple(Piece(loss, tuple(found[loss])) for loss in sorted(found))

    def _edges(self, earliest: int, latest: int, stay: int) -> list[int]:
        """Returns the begins from which a visit covers other half hours than the minute before."""
        edges = {earliest}
        for slot in range(earliest // SLOT_MINUTES, (latest + stay) // SLOT_MINUTES + 1):
            edges |= {slot * SLOT_MINUTES, slot * SLOT_MINUTES + 1 - stay}
        edges |= {self.now_minute + LIVE_FOR_MINUTES, self.now_minute + 1 - stay}
        return sorted(edge for edge in edges if earliest <= edge <= latest)

    def note(
        self, poi_id: str, begin: int, end: int, windows: Sequence[tuple[int, int]], party: int
    ) -> CrowdNote | None:
        """Returns what to tell of a visit; None where nothing is known or all times are alike."""
        if self.of(poi_id).capacity is None:
            return None
        pieces = self.pieces(poi_id, windows, end - begin, party)
        quiet = pieces[0].windows if pieces and pieces[0].loss == 0 else ()
        if loss_at(self.filled(poi_id, begin, end, party)) == 0:
            worse = any(piece.loss for piece in pieces)
            return CrowdNote(CrowdLevel.QUIETER_TIME) if worse else None
        later = [earliest for earliest, _ in quiet if earliest > begin]
        return CrowdNote(CrowdLevel.FULL, min(later, default=None))


def loss_at(filled: int, *, quieter: bool = False) -> int:
    """Returns the percent of its score that a visit loses where a place is filled so far."""
    losses = QUIETER_LOSSES if quieter else LOSSES
    return next(loss for limit, loss in losses if filled <= limit) if filled else 0


def slots_of(begin: int, end: int) -> range:
    """Returns the half hours of a day that a visit touches, within those that are counted."""
    return range(max(0, begin // SLOT_MINUTES), min(SLOTS, max(begin, end - 1) // SLOT_MINUTES + 1))
