"""Ways as a routing engine knows them, laid over the estimates of travel.py.

An engine leads to the road next to a point. Where its way is shorter than the straight line, the
rest is taken at the pace of an estimate; so is the possible error of both points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, isfinite

from services.itinerary.domain.place import KnownPoint, Point
from services.itinerary.domain.travel import METERS_PER_MINUTE, PARKING_MINUTES, distance_m
from services.itinerary.domain.trip import TravelMode

LONGEST_S, LONGEST_M = 48 * 3600, 5_000_000  # beyond any way of a day
# Who walks or cycles may take a ferry.
FASTEST_M_PER_S = {TravelMode.CAR: 45, TravelMode.FOOT: 20, TravelMode.CYCLE: 20}


@dataclass(frozen=True)
class RoadWay:
    """What an engine tells of one way."""

    seconds: int
    meters: int


def way_as_told(seconds: float | None, meters: float | None, mode: TravelMode) -> RoadWay | None:
    """Returns a way as an engine tells it; None for none, and for one that nobody can go: a day
    with such a way could not be written down, or would have people where they cannot be."""
    if seconds is None or meters is None or not (isfinite(seconds) and isfinite(meters)):
        return None
    if not (0 <= seconds <= LONGEST_S and 0 <= meters <= LONGEST_M):
        return None
    if meters > FASTEST_M_PER_S[mode] * (seconds + 60):  # a minute, for short ways are rounded
        return None
    return RoadWay(round(seconds), round(meters))


@dataclass(frozen=True)
class Measured:
    """A way of a plan on the road network: whole minutes, with parking; meters."""

    minutes: int
    meters: int


@dataclass(frozen=True)
class Roads:
    """Ways by car or on foot, by the points they lead from and to; what is missing is estimated."""

    ways: Mapping[tuple[Point, Point], RoadWay] = field(default_factory=dict)

    def measured(self, one: KnownPoint, other: KnownPoint, mode: TravelMode) -> Measured | None:
        """Returns the way from one point to another; None where no engine knows it."""
        way = self.ways.get((one.point, other.point))
        if way is None:
            return None
        straight = round(distance_m(one.point, other.point))
        more = max(0, straight - way.meters) + one.allowance_m + other.allowance_m
        if not way.seconds and not way.meters and not more:
            return Measured(0, 0)
        minutes = ceil(way.seconds / 60 + more / METERS_PER_MINUTE[mode])
        return Measured(minutes + PARKING_MINUTES[mode], way.meters + more)

    def lay_over(
        self, table: list[list[int]], points: Sequence[KnownPoint], mode: TravelMode
    ) -> None:
        """Writes what is known into a table of minutes between all points."""
        if not self.ways:
            return
        for one, row in zip(points, table, strict=True):
            for number, other in enumerate(points):
                if other is not one and (found := self.measured(one, other, mode)):
                    row[number] = found.minutes


NO_ROADS = Roads()
