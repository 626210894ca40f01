"""By how much what is left out of a day would overrun it."""

from services.itinerary.domain.problem import (
    UNREACHABLE,
    Order,
    Problem,
    latest_starts,
    next_start,
    schedule,
)


def missing_minutes(problem: Problem, order: Order) -> dict[int, int | None]:
    """Returns the overrun of each candidate that is not in a feasible day."""
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
        begin = next_start(candidate.windows, problem.arrival(before, node, clock))
        if begin is not None:
            over = problem.arrival(node, after, begin + candidate.stay) - bound
            if over < UNREACHABLE // 2 and (best is None or over < best):
                best = max(0, over)
        if position < len(order):
            clock = planned[0][position] + problem.candidates[after].stay
    return best
