"""The travel matrix of one day."""

from collections.abc import Sequence

from services.itinerary.domain.place import KnownPoint
from services.itinerary.domain.problem import UNREACHABLE, Candidate, Problem
from services.itinerary.domain.travel import MAX_WALK_MINUTES, travel_table
from services.itinerary.domain.trip import TravelMode, TripRequest


def day_problem(
    trip: TripRequest,
    start: KnownPoint,
    end: KnownPoint,
    candidates: Sequence[tuple[Candidate, KnownPoint]],
    spent_yen: int = 0,
) -> Problem:
    """Returns the day as numbers. A walk over MAX_WALK_MINUTES exists only for a must-visit, one
    longer than the party wants not even then.

    spent_yen: of the budget, by visits that are over.
    """
    points = [*(point for _, point in candidates), start, end]
    musts = [*(candidate.must for candidate, _ in candidates), False, False]
    last = len(points) - 1

    table = travel_table(points, trip.mode)

    most = trip.walking.stretch_minutes or UNREACHABLE

    def minutes(one: int, other: int) -> int:
        way = table[one][other]
        if trip.mode is TravelMode.FOOT and way > most:
            return UNREACHABLE
        if trip.mode is not TravelMode.FOOT or way <= MAX_WALK_MINUTES:
            return way
        allowed = musts[one] or musts[other] or (one, other) == (last - 1, last)
        return way if allowed else UNREACHABLE

    nodes = range(len(points))
    return Problem(
        tuple(candidate for candidate, _ in candidates),
        tuple(tuple(minutes(one, other) for other in nodes) for one in nodes),
        trip.start_minute,
        trip.end_minute,
        budget_left(trip, spent_yen),
    )


def budget_left(trip: TripRequest, spent_yen: int) -> int | None:
    """Returns what is left for fees, None for no limit."""
    return None if trip.budget_yen is None else max(0, trip.budget_yen - spent_yen)
