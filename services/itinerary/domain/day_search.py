"""The part of planning that takes long: numbers in, numbers out, so that a worker can do it."""

from dataclasses import replace

from services.itinerary.domain import search
from services.itinerary.domain.demands import settle_demands
from services.itinerary.domain.job import Job, Outcome
from services.itinerary.domain.problem import (
    UNREACHABLE,
    Order,
    Problem,
    latest_starts,
    next_start,
    schedule,
)


def run(job: Job, should_stop: search.ShouldStop = search.never) -> Outcome:
    """Searches a day. Equal jobs give equal outcomes unless should_stop stops them early."""
    if job.keep and schedule(job.problem, job.keep) is not None:
        solution = search.solve(job.problem, first=job.keep, iterations=0, exact=False)
        return Outcome(solution, (), _missing(job.problem, solution.order))
    demands, problem = settle_demands(job.problem), job.problem
    tight = replace(problem, end_minute=problem.end_minute - job.spare_minutes)
    if schedule(tight, demands.first) is not None:
        problem = tight
    kept = frozenset(demands.kept)
    problem = replace(
        problem,
        candidates=tuple(
            replace(candidate, must=node in kept)
            for node, candidate in enumerate(problem.candidates)
        ),
    )
    solution = search.solve(
        problem, first=demands.first, seed=job.seed, iterations=job.iterations or search.ITERATIONS,
        should_stop=should_stop,
    )  # fmt: skip
    return Outcome(solution, demands.clashes, _missing(problem, solution.order))


def _missing(problem: Problem, order: Order) -> dict[int, int | None]:
    nodes = (node for node in range(len(problem.candidates)) if node not in order)
    return {node: overrun(problem, order, node) for node in nodes}


def overrun(problem: Problem, order: Order, node: int) -> int | None:
    """Returns the fewest minutes by which adding a visit to a feasible day would overrun it.

    0 when it fits; None when it is closed whenever the party could be there.
    """
    planned, latest = schedule(problem, order), latest_starts(problem, order)
    if planned is None or latest is None:
        raise ValueError("the day is not feasible")
    candidate, path = problem.candidates[node], [problem.start, *order, problem.end]
    bounds = [*latest, problem.end_minute]
    clock, best = problem.start_minute, None
    for position, bound in enumerate(bounds):
        before, after = path[position], path[position + 1]
        begin = next_start(candidate.windows, clock + problem.travel[before][node])
        if begin is not None:
            over = begin + candidate.stay + problem.travel[node][after] - bound
            if over < UNREACHABLE // 2 and (best is None or over < best):
                best = max(0, over)
        if position < len(order):
            clock = planned[0][position] + problem.candidates[after].stay
    return best
