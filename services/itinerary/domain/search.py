"""The search of one day: proven best for few candidates, the orienteering search for many.

The budget is a number of iterations, so equal problems and seeds give equal days on every machine;
a clock can only stop the search early, and the answer then says so.
"""

import numpy as np

from services.itinerary.domain.bus_problem import BusProblem
from services.itinerary.domain.exact import MAX_CANDIDATES, best_day
from services.itinerary.domain.orienteering.compiled import COMPILED
from services.itinerary.domain.orienteering.engine import Limit, ShouldStop, never, search
from services.itinerary.domain.orienteering.problem import (
    Day,
    Stop,
    Timetable,
    TourProblem,
    instance_of,
)
from services.itinerary.domain.problem import SCORE_UNIT, Order, Problem, Solution, schedule

# Of a hundred made-up days by car 84 % are the best that is known. So they are with 3,000 of the
# habits for long searches, in nearly twice the time (decision 0091).
ITERATIONS = 2000 if COMPILED else 160

__all__ = ["ITERATIONS", "ShouldStop", "never", "solve"]


def solve(
    problem: Problem,
    *,
    first: Order = (),
    seed: int = 0,
    iterations: int = ITERATIONS,
    exact: bool = True,
    should_stop: ShouldStop = never,
) -> Solution:
    """Returns a good feasible day that has every must-visit; proven best for few candidates.

    first: a feasible order with all must-visits to start from. exact: prove the best where the
    candidates are few. Errors: ValueError when first is not feasible.
    """
    if schedule(problem, first) is None:
        raise ValueError("the search needs a feasible day to start from")
    if exact and len(problem.candidates) <= MAX_CANDIDATES:
        proven = best_day(problem)
        if proven is not None:
            return proven
    instance = instance_of(as_tour(problem))
    found = search(instance, Limit(iterations), seed=seed, first=(first,), should_stop=should_stop)
    planned = schedule(problem, found.tours[0])
    if planned is None:
        raise RuntimeError("a day in the search is always feasible")
    return Solution(
        found.tours[0], found.value, planned[1], proven_best=False,
        stopped_early=found.stopped_early,
    )  # fmt: skip


def as_tour(problem: Problem) -> TourProblem:
    """Returns a day as a tour of one day: a point of score pays SCORE_UNIT minutes of travel."""
    groups = sorted({candidate.group for candidate in problem.candidates} - {""})
    number = {group: index for index, group in enumerate(groups)} | {"": -1}
    stops = tuple(
        Stop(
            worth=SCORE_UNIT * candidate.score,
            stay=candidate.stay,
            windows=(candidate.windows,),
            fee=candidate.fee_yen,
            group=number[candidate.group],
            must=candidate.must,
            need=0 if candidate.lunch else -1,
        )
        for candidate in problem.candidates
    )
    day = Day(problem.start, problem.end, problem.start_minute, problem.end_minute)
    table, cost = None, None
    if isinstance(problem, BusProblem):
        cost = problem.ways(range(len(problem.travel)))
        table = Timetable(
            problem.arrivals[None], problem.first, least=cost, rows=problem.places,
            slots=problem.slots, spare=problem.spare, in_order=True,
        )  # fmt: skip
    return TourProblem(
        stops, (day,), np.array(problem.travel, np.int32), table, cost, problem.budget_yen,
        travel_price=1,
    )  # fmt: skip
