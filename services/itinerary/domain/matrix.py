"""The travel matrix of one day."""

from collections.abc import Sequence

from services.itinerary.domain.place import KnownPoint
from services.itinerary.domain.problem import UNREACHABLE, Candidate, Problem
from services.itinerary.domain.roads import NO_ROADS, Roads
from services.itinerary.domain.travel import (
    MAX_CYCLE_MINUTES,
    MAX_WALK_MINUTES,
    travel_table,
)
from services.itinerary.domain.trip import TravelMode, TripRequest


def day_problem(
    trip: TripRequest,
    start: KnownPoint,
    end: KnownPoint,
    candidates: Sequence[tuple[Candidate, KnownPoint]],
    spent_yen: int = 0,
    roads: Roads = NO_ROADS,
) -> Problem:
    """Returns the day as numbers. A walk over MAX_WALK_MINUTES, or a way over MAX_CYCLE_MINUTES,
    exists only for a must-visit, a walk longer than the party wants not even then.

    spent_yen: of the budget, by visits that are over. roads: ways that need no estimate.
    """
    points = [*(point for _, point in candidates), start, end]
    table = travel_table(points, trip.mode, again=len(candidates))
    roads.lay_over(table, points, trip.mode)
    _stay_put(table, points)
    musts = [candidate.must for candidate, _ in candidates]
    if trip.mode is TravelMode.FOOT:
        wished = trip.walking.stretch_minutes or UNREACHABLE
        _forbid_long_ways(table, musts, MAX_WALK_MINUTES, wished)
    elif trip.mode is TravelMode.CYCLE:
        _forbid_long_ways(table, musts, MAX_CYCLE_MINUTES, UNREACHABLE)
    return Problem(
        tuple(candidate for candidate, _ in candidates),
        tuple(tuple(row) for row in table),
        trip.start_minute,
        trip.end_minute,
        budget_left(trip, spent_yen),
    )


def _stay_put(table: list[list[int]], points: Sequence[KnownPoint]) -> None:
    """Takes away the ways from the start and to the end, the last two points, where a visit is at
    the very same place: wherever that lies, nobody has to get there."""
    for end in (len(points) - 2, len(points) - 1):
        for visit, point in enumerate(points[:-2]):
            if point is points[end]:  # equal ones may be two places in the middle of one town
                table[end][visit] = table[visit][end] = 0


def _forbid_long_ways(table: list[list[int]], musts: Sequence[bool], usual: int, most: int) -> None:
    """Takes ways over `most` minutes away, and those over `usual` unless they lead to or from a
    must-visit, or from the start to the end, the last two rows."""
    allowed, direct = [*musts, False, False], table[-2][-1]
    for one, row in enumerate(table):
        for other, way in enumerate(row):
            longest = most if allowed[one] or allowed[other] else min(most, usual)
            if way > longest:
                row[other] = UNREACHABLE
    table[-2][-1] = direct if direct <= most else UNREACHABLE


def budget_left(trip: TripRequest, spent_yen: int) -> int | None:
    """Returns what is left for fees, None for no limit."""
    return None if trip.budget_yen is None else max(0, trip.budget_yen - spent_yen)
