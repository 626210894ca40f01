"""Random days as numbers, and the plain truth about them by trying everything."""

from collections.abc import Iterator
from itertools import permutations

from hypothesis import strategies as st

from services.itinerary.domain.problem import Candidate, Problem

START, END = 540, 1020


@st.composite
def windows(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """One to three disjoint windows of a day."""
    edges = sorted(draw(st.lists(st.integers(480, 1080), min_size=2, max_size=6, unique=True)))
    pairs = [(edges[n], edges[n + 1]) for n in range(0, len(edges) - 1, 2)]
    return tuple(pairs)


@st.composite
def problems(
    draw: st.DrawFn, max_candidates: int = 7, *, musts: bool = False, budget: bool = True
) -> Problem:
    """A day with points on a plane: travel is Manhattan distance, so that no detour is shorter."""
    count = draw(st.integers(0, max_candidates))
    points = draw(
        st.lists(
            st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=count + 2,
            max_size=count + 2,
        )
    )  # fmt: skip
    candidates = tuple(
        Candidate(
            score=draw(st.integers(1, 100)),
            stay=draw(st.integers(5, 150)),
            windows=draw(windows()),
            fee_yen=draw(st.sampled_from([0, 300, 1300])),
            group=draw(st.sampled_from(["", "", "cave"])),
            must=musts and draw(st.booleans()),
        )
        for _ in range(count)
    )
    travel = tuple(tuple(abs(a[0] - b[0]) + abs(a[1] - b[1]) for b in points) for a in points)
    limit = draw(st.sampled_from([None, 0, 1500, 2600])) if budget else None
    end = draw(st.integers(START + 130, END))
    return Problem(candidates, travel, START, end, limit)


def all_days(problem: Problem) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Yields (value, minus finish, order) of every feasible day, written without the engine."""
    nodes = range(len(problem.candidates))
    for size in range(len(problem.candidates) + 1):
        for order in permutations(nodes, size):
            if (day := _try(problem, order)) is not None:
                yield (*day, order)


def _try(problem: Problem, order: tuple[int, ...]) -> tuple[int, int] | None:
    candidates = [problem.candidates[node] for node in order]
    if problem.budget_yen is not None and sum(c.fee_yen for c in candidates) > problem.budget_yen:
        return None
    for one in range(len(order)):
        for other in range(one):
            a, b = candidates[one], candidates[other]
            if a.group and a.group == b.group and not (a.must and b.must):
                return None
    here, minute, travel, score = len(problem.candidates), problem.start_minute, 0, 0
    for node, candidate in zip(order, candidates, strict=True):
        travel += problem.travel[here][node]
        minute += problem.travel[here][node]
        fitting = [max(minute, opens) for opens, last in candidate.windows if minute <= last]
        if not fitting:
            return None
        minute = min(fitting) + candidate.stay
        score += candidate.score
        here = node
    back = problem.travel[here][len(problem.candidates) + 1]
    if minute + back > problem.end_minute:
        return None
    return 4 * score - travel - back, -(minute + back)


def best_by_trying(problem: Problem) -> tuple[int, int] | None:
    """Returns (value, minus finish) of the best day with all must-visits; None without one."""
    musts = {node for node, candidate in enumerate(problem.candidates) if candidate.must}
    days = [(value, end) for value, end, order in all_days(problem) if musts <= set(order)]
    return max(days, default=None)
