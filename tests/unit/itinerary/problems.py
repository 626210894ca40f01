"""Random days as numbers, and the plain truth about them by trying everything."""

from collections.abc import Iterator
from itertools import permutations

import numpy as np
from hypothesis import strategies as st

from services.itinerary.domain.bus_problem import BusProblem
from services.itinerary.domain.problem import Candidate, Problem

START, END = 540, 1020
NEVER = 1_000_000


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


@st.composite
def bus_problems(draw: st.DrawFn, max_candidates: int = 5, *, musts: bool = False) -> BusProblem:
    """A day with a few departures between some places; all else is walked, or cannot be."""
    plain = draw(problems(max_candidates, musts=musts))
    nodes = range(len(plain.travel))
    span = END - START + 1
    arrivals = np.full((len(nodes), len(nodes), span), NEVER, np.int32)
    shortest = np.array(plain.travel, np.int32)
    legs = st.tuples(
        st.sampled_from(nodes), st.sampled_from(nodes), st.integers(0, span - 1), st.integers(1, 60)
    )
    for one, other, slot, took in draw(st.lists(legs, max_size=24)):
        if one != other:
            row = arrivals[one, other, : slot + 1]
            np.minimum(row, START + slot + took, out=row)
            shortest[one, other] = min(shortest[one, other], took)
    slow = draw(st.sampled_from([1, 4, NEVER]))
    walks = tuple(tuple(min(NEVER, way * slow) for way in row) for row in plain.travel)
    shortest = np.minimum(shortest, np.array(walks, np.int32))
    return BusProblem(
        plain.candidates,
        walks,
        START,
        plain.end_minute,
        plain.budget_yen,
        START,
        arrivals,
        shortest,
        tuple(nodes),
        span,
    )


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
        travel += _cost(problem, here, node)
        minute = _there(problem, here, node, minute)
        fitting = [max(minute, opens) for opens, last in candidate.windows if minute <= last]
        if not fitting:
            return None
        minute = min(fitting) + candidate.stay
        score += candidate.score
        here = node
    end = len(problem.candidates) + 1
    finish = _there(problem, here, end, minute)
    if finish > problem.end_minute:
        return None
    return 4 * score - travel - _cost(problem, here, end), -finish


def _there(problem: Problem, here: int, there: int, leave: int) -> int:
    walked = leave + problem.travel[here][there]
    if not isinstance(problem, BusProblem):
        return walked
    later = problem.arrivals[here, there, max(0, leave - problem.first) :]
    return min(walked, *map(int, later)) if later.size else walked


def _cost(problem: Problem, here: int, there: int) -> int:
    if not isinstance(problem, BusProblem):
        return problem.travel[here][there]
    return int(problem.shortest[here, there])


def best_by_trying(problem: Problem) -> tuple[int, int] | None:
    """Returns (value, minus finish) of the best day with all must-visits; None without one."""
    musts = {node for node, candidate in enumerate(problem.candidates) if candidate.must}
    days = [(value, end) for value, end, order in all_days(problem) if musts <= set(order)]
    return max(days, default=None)
