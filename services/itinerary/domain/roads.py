"""Ways as a routing engine knows them, laid over the estimates of travel.py.

An engine leads to the road next to a point. Where its way is shorter than the straight line, the
rest is taken at the pace of an estimate; so is the possible error of both points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from services.itinerary.domain.place import KnownPoint, Point
from services.itinerary.domain.travel import METERS_PER_MINUTE, PARKING_MINUTES, distance_m
from services.itinerary.domain.trip import TravelMode


@dataclass(frozen=True)
class RoadWay:
    """What an engine tells of one way."""

    seconds: int
    meters: int


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
        if not way.seconds and not more:
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
