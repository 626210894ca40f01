"""When one is where on a searched day: what is found by a worker and told to people."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.itinerary.domain.problem import Problem, latest_starts, schedule
from services.itinerary.domain.transit.journey import Journey


@dataclass(frozen=True)
class VisitTimes:
    """One visit. latest_minute: the last begin that leaves everything after it possible.

    detour_minutes: how much longer the way is through it.
    """

    arrive_minute: int
    begin_minute: int
    end_minute: int
    latest_minute: int
    detour_minutes: int


@dataclass(frozen=True)
class LegTimes:
    """One move. By bus: the journey, and the next one for whoever misses its first ride; None where
    there is none, and for a walk or a drive."""

    depart_minute: int
    arrive_minute: int
    journey: Journey | None = None
    missed: Journey | None = None


@dataclass(frozen=True)
class DayTimes:
    """All of a day. legs: one more than visits."""

    visits: tuple[VisitTimes, ...]
    legs: tuple[LegTimes, ...]


def times_of(problem: Problem, order: Sequence[int]) -> DayTimes:
    """Returns when one is where, the first departure put off rather than waiting at a closed door.

    Errors: ValueError when the order is not feasible.
    """
    planned, latest = schedule(problem, order), latest_starts(problem, order)
    if planned is None or latest is None:
        raise ValueError("the day is not feasible")
    visits, legs = [], []
    here, clock = problem.start, problem.start_minute
    for position, (node, begin) in enumerate(zip(order, planned[0], strict=True)):
        until = begin if position == 0 else problem.arrival(here, node, clock)
        legs.append(_leg(problem, here, node, clock, until))
        after = order[position + 1] if position + 1 < len(order) else problem.end
        detour = problem.cost(here, node) + problem.cost(node, after) - problem.cost(here, after)
        end = begin + problem.candidates[node].stay
        visits.append(VisitTimes(legs[-1].arrive_minute, begin, end, latest[position], detour))
        here, clock = node, end
    home = problem.arrival(here, problem.end, clock)
    legs.append(_leg(problem, here, problem.end, clock, home))
    return DayTimes(tuple(visits), tuple(legs))


def _leg(problem: Problem, here: int, there: int, clock: int, until: int) -> LegTimes:
    """Returns the move that leaves as late as it can and is there by a minute."""
    depart = max(clock, problem.departure(here, there, until))
    return LegTimes(depart, min(until, problem.arrival(here, there, depart)))
