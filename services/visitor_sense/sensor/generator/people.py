"""Who is where in a simulated area: arrivals, paths between zones, dwell, staff, fixed devices.

Visitors come over the day with a peak before noon, enter at a gate, walk from zone to zone by the
chances below and leave. Dwell is log-normal per zone. Nothing here is measured at a real place.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

OPEN_MS = 8 * 3_600_000
WALK_MS = (120_000, 420_000)  # between two zones
PEAK_SHARE = 0.4  # of the opening hours until the peak of arrivals
STAFF_PER_VISITORS = 60
FIXED_PER_ZONE = 2
AWAY = "away"


@dataclass(frozen=True)
class Place:
    """A zone. dwell_s: median. spread: standard deviation of the logarithm. sensors: how many."""

    zone_id: str
    dwell_s: float
    spread: float
    sensors: int = 1


PLACES = (
    Place("main-gate", 420, 0.4),
    Place("shotengai", 1_200, 0.5, sensors=2),
    Place("karst-observatory", 1_500, 0.4),
    Place("karstar", 1_800, 0.45),
    Place("bus-center", 600, 0.5),
)
ENTRIES: Mapping[str, float] = {"main-gate": 0.6, "bus-center": 0.3, "karstar": 0.1}
NEXT: Mapping[str, Mapping[str, float]] = {
    "main-gate": {"shotengai": 0.7, "karst-observatory": 0.2, AWAY: 0.1},
    "shotengai": {"karst-observatory": 0.3, "bus-center": 0.3, "main-gate": 0.1, AWAY: 0.3},
    "karst-observatory": {"karstar": 0.5, "shotengai": 0.2, AWAY: 0.3},
    "karstar": {"karst-observatory": 0.2, "bus-center": 0.2, AWAY: 0.6},
    "bus-center": {"main-gate": 0.4, "shotengai": 0.3, AWAY: 0.3},
}


class Kind(StrEnum):
    """Who carries a device, or what it is."""

    VISITOR = "visitor"
    STAFF = "staff"
    FIXED = "fixed"


@dataclass(frozen=True)
class Stay:
    """A time in a zone, in milliseconds since opening."""

    zone_id: str
    begin_ms: int
    end_ms: int


@dataclass(frozen=True)
class Person:
    """A visitor, a member of staff or a fixed device, with all its stays in order."""

    kind: Kind
    stays: tuple[Stay, ...]


def make_people(visitors: int, chance: random.Random) -> list[Person]:
    """Makes visitors in order of arrival, then staff, then fixed devices."""
    arrivals = sorted(
        int(chance.triangular(0, OPEN_MS * 0.9, OPEN_MS * PEAK_SHARE)) for _ in range(visitors)
    )
    found = [Person(Kind.VISITOR, _path(begin, chance)) for begin in arrivals]
    for number in range(math.ceil(visitors / STAFF_PER_VISITORS)):
        place = PLACES[number % len(PLACES)]
        found.append(Person(Kind.STAFF, (Stay(place.zone_id, 0, OPEN_MS),)))
    for place in PLACES:
        always = Person(Kind.FIXED, (Stay(place.zone_id, 0, OPEN_MS),))
        found += [always] * FIXED_PER_ZONE
    return found


def _path(begin_ms: int, chance: random.Random) -> tuple[Stay, ...]:
    places = {place.zone_id: place for place in PLACES}
    zone_id, now_ms, stays = _choice(ENTRIES, chance), begin_ms, list[Stay]()
    while zone_id != AWAY and now_ms < OPEN_MS:
        place = places[zone_id]
        dwell_ms = 1_000 * place.dwell_s * math.exp(place.spread * chance.gauss(0, 1))
        end_ms = min(OPEN_MS, now_ms + round(dwell_ms))
        stays.append(Stay(zone_id, now_ms, end_ms))
        now_ms = end_ms + chance.randrange(*WALK_MS)
        zone_id = _choice(NEXT[zone_id], chance)
    return tuple(stays)


def _choice(chances: Mapping[str, float], chance: random.Random) -> str:
    names: Sequence[str] = tuple(chances)
    return chance.choices(names, weights=tuple(chances.values()))[0]
