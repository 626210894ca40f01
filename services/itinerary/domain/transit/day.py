"""One date of a timetable as a scan wants it: every hop from one call to the next, by departure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from math import cos, radians

from services.itinerary.domain.place import KnownPoint, Point, PointQuality
from services.itinerary.domain.transit.timetable import (
    MINUTES_OF_A_DAY,
    Run,
    Timetable,
    TransitStop,
)
from services.itinerary.domain.travel import EARTH_RADIUS_M, distance_m, travel_minutes
from services.itinerary.domain.trip import LAST_END_MINUTE, TravelMode

CHANGE_MINUTES = 2  # between arriving and the next departure, also at the same pole
CHANGE_WALK_M = 400  # as the crow flies; farther poles are no place to change
DEGREE_M = radians(1) * EARTH_RADIUS_M


@dataclass(frozen=True, slots=True)
class Hop:
    """A run from one call to the next one.

    run: index in TransitDay.runs. call: index of the earlier call. Minutes after midnight of the
    day asked for; those of the day before's runs may be negative.
    """

    depart_minute: int
    arrive_minute: int
    from_stop: int
    to_stop: int
    run: int
    call: int
    boards: bool
    alights: bool


@dataclass(frozen=True)
class TransitDay:
    """What runs on one date. changes: for each transit stop those one may walk to, with minutes;
    itself among them with 0. offset: minutes to add to the calls of each run."""

    day: date
    stops: Sequence[TransitStop]
    runs: Sequence[Run]
    offsets: Sequence[int]
    changes: Sequence[Sequence[tuple[int, int]]]

    @cached_property
    def hops(self) -> list[Hop]:
        """By departure; the hops of one run in their order, also where a feed gives one minute to
        several calls."""
        found = [hop for index in range(len(self.runs)) for hop in self._hops_of(index)]
        found.sort(key=lambda hop: (hop.depart_minute, hop.arrive_minute, hop.run, hop.call))
        return found

    def date_of(self, run: int) -> date:
        """Returns the date a run belongs to: of the day, or of the one before or after it."""
        return self.day + timedelta(days=self.offsets[run] // MINUTES_OF_A_DAY)

    def _hops_of(self, index: int) -> Iterator[Hop]:
        offset = self.offsets[index]
        for call, (one, other) in enumerate(pairwise(self.runs[index].calls)):
            yield Hop(
                one.depart_minute + offset, other.arrive_minute + offset, one.stop, other.stop,
                index, call, one.on.possible, other.off.possible,
            )  # fmt: skip


def transit_day(
    timetable: Timetable,
    day: date,
    changes: Sequence[Sequence[tuple[int, int]]] | None = None,
    *,
    past_midnight: bool = False,
) -> TransitDay:
    """Returns what runs on a date, with what is still on its way from the day before.

    changes: of changes_of(timetable.stops), where somebody has them already.
    past_midnight: with the early runs of the next day, for whoever is still under way then.
    """
    today, before = timetable.runs_on(day), timetable.running_at_midnight(day)
    after: list[Run] = []
    if past_midnight:
        until = LAST_END_MINUTE - MINUTES_OF_A_DAY
        after = timetable.running_before(day + timedelta(days=1), until)
    return TransitDay(
        day, timetable.stops, [*today, *before, *after],
        [0] * len(today) + [-MINUTES_OF_A_DAY] * len(before) + [MINUTES_OF_A_DAY] * len(after),
        changes_of(timetable.stops) if changes is None else changes,
    )  # fmt: skip


def walk_minutes(one: Point, other: Point) -> int:
    """Returns the estimated walk between two published points in whole minutes, rounded up."""
    start, end = KnownPoint(one, PointQuality.SOURCE), KnownPoint(other, PointQuality.SOURCE)
    return travel_minutes(start, end, TravelMode.FOOT)


def changes_of(stops: Sequence[TransitStop]) -> list[list[tuple[int, int]]]:
    """Returns for each transit stop where one may change to, and the walk there in minutes.

    To itself; to the poles of the same station; to what lies within CHANGE_WALK_M. A pole whose
    point nobody knows is changed at only in itself.
    """
    near, stations = _Grid(stops), _stations(stops)
    found: list[list[tuple[int, int]]] = []
    for one, stop in enumerate(stops):
        reached = {one: 0}
        if stop.point is not None:
            for other in {*near.around(stop.point), *stations.get(stop.station_id, ())} - {one}:
                point = stops[other].point
                if point is None:
                    continue
                together = stop.station_id and stop.station_id == stops[other].station_id
                if together or distance_m(stop.point, point) <= CHANGE_WALK_M:
                    reached[other] = max(1, walk_minutes(stop.point, point))
        found.append(sorted(reached.items()))
    return found


def _stations(stops: Sequence[TransitStop]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index, stop in enumerate(stops):
        if stop.station_id:
            found.setdefault(stop.station_id, []).append(index)
    return found


class _Grid:
    """Cells at least CHANGE_WALK_M high and wide, also where meridians are closest together: what
    is near lies in the same cell or one beside it."""

    def __init__(self, stops: Sequence[TransitStop]) -> None:
        points = [(index, stop.point) for index, stop in enumerate(stops) if stop.point]
        farthest = max((abs(point.latitude) for _, point in points), default=0.0)
        self._height = CHANGE_WALK_M / DEGREE_M
        self._width = self._height / max(0.01, cos(radians(min(89.0, farthest + self._height))))
        self._cells: dict[tuple[int, int], list[int]] = {}
        for index, point in points:
            self._cells.setdefault(self._cell(point), []).append(index)

    def around(self, point: Point) -> Iterator[int]:
        """Gives what lies in the cell of a point and in the eight around it."""
        row, column = self._cell(point)
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                yield from self._cells.get((row + down, column + right), ())

    def _cell(self, point: Point) -> tuple[int, int]:
        return int(point.latitude // self._height), int(point.longitude // self._width)
