"""By how much what is left out of a day would overrun it."""

from collections.abc import Sequence

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
    gaps = _gaps(problem, order)
    nodes = (node for node in range(len(problem.candidates)) if node not in order)
    return {node: _least_over(problem, gaps, node) for node in nodes}


def overrun(problem: Problem, order: Order, node: int) -> int | None:
    """Returns the fewest minutes by which adding a visit to a feasible day would overrun it.

    0 when it fits; None when it is closed whenever the party could be there.
    """
    return _least_over(problem, _gaps(problem, order), node)


def _gaps(problem: Problem, order: Order) -> list[tuple[int, int, int, int]]:
    """Returns where a visit may be added: after which node, from when on, before which, and by when
    one has to be there. Errors: ValueError for a day that is not feasible."""
    planned, latest = schedule(problem, order), latest_starts(problem, order)
    if planned is None or latest is None:
        raise ValueError("the day is not feasible")
    stays = (problem.candidates[node].stay for node in order)
    leave = [problem.start_minute, *map(sum, zip(planned[0], stays, strict=True))]
    path, bounds = [problem.start, *order, problem.end], [*latest, problem.end_minute]
    return list(zip(path[:-1], leave, path[1:], bounds, strict=True))


def _least_over(
    problem: Problem, gaps: Sequence[tuple[int, int, int, int]], node: int
) -> int | None:
    candidate, best = problem.candidates[node], None
    for before, clock, after, bound in gaps:
        begin = next_start(candidate.windows, problem.arrival(before, node, clock))
        if begin is not None:
            over = problem.arrival(node, after, begin + candidate.stay) - bound
            if over < UNREACHABLE // 2 and (best is None or over < best):
                best = max(0, over)
    return best
