"""The day that leans away from crowds, beside the plain one. Only workers search it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from services.itinerary.domain.leaning import Leaning, Offer, within
from services.itinerary.domain.meals import Windows
from services.itinerary.domain.problem import (
    Candidate,
    Order,
    Problem,
    Solution,
    schedule,
    value_of,
)

Solve = Callable[[Problem, Order], Solution]


@dataclass(frozen=True)
class Leaned:
    """solution: with the value by the plain scores. windows: by node, when its visit may begin so
    that it stays where there is room."""

    solution: Solution
    windows: dict[int, Windows]


@dataclass(frozen=True)
class _Split:
    """A problem with a candidate for each offer. nodes: of the plain problem."""

    problem: Problem
    nodes: tuple[int, ...]
    first: Order


def lean(
    problem: Problem, leaning: Leaning, plain: Solution, first: Order, solve: Solve
) -> Leaned | None:
    """Returns the day that leans; None where the plain one stands.

    first: a feasible order of all must-visits. solve: searches from such an order on.
    """
    if plain.value <= 0 or not (leaning.always or _in_the_way(problem, leaning, plain.order)):
        return None
    least = plain.value * leaning.least_percent
    # Asked for half as much, or for nothing but room, the search may find a day that is better for
    # all and costs this party less.
    asked = (leaning, leaning.milder(problem.candidates), leaning.unraised(problem.candidates))
    for each in dict.fromkeys(asked):
        split = _split(problem, each, first)
        found = solve(split.problem, split.first)
        order = tuple(split.nodes[node] for node in found.order)
        value = value_of(problem, order)
        if 100 * value < least or _has_lunch(problem, order) < _has_lunch(problem, plain.order):
            continue
        windows = {split.nodes[n]: split.problem.candidates[n].windows for n in found.order}
        solution = replace(found, order=order, value=value, proven_best=False)
        return Leaned(solution, windows)
    return None


def held(problem: Problem, windows: dict[int, Windows]) -> Problem:
    """Returns a problem in which visits begin in these windows only."""
    candidates = tuple(
        replace(candidate, windows=windows.get(node, candidate.windows))
        for node, candidate in enumerate(problem.candidates)
    )
    return replace(problem, candidates=candidates)


def _in_the_way(problem: Problem, leaning: Leaning, order: Sequence[int]) -> bool:
    """Tells whether a visit begins when its place would be over its capacity."""
    planned = schedule(problem, order)
    if planned is None:
        raise RuntimeError("a day that was found is feasible")
    offers = dict(leaning.offers)
    return any(
        offer.loss and _begins_in(offer.windows, begin)
        for node, begin in zip(order, planned[0], strict=True)
        for offer in offers.get(node, ())
    )


def _has_lunch(problem: Problem, order: Sequence[int]) -> bool:
    return any(problem.candidates[node].lunch for node in order)


def _begins_in(windows: Windows, begin: int) -> bool:
    return any(earliest <= begin <= latest for earliest, latest in windows)


def _split(problem: Problem, leaning: Leaning, first: Order) -> _Split:
    offers = dict(leaning.offers)
    nodes: list[int] = []
    candidates: list[Candidate] = []
    for node, candidate in enumerate(problem.candidates):
        for each in _candidates(node, candidate, offers.get(node)):
            nodes.append(node)
            candidates.append(each)
    fresh = tuple(nodes.index(node) for node in first)
    split = replace(problem.only(nodes), candidates=tuple(candidates))
    return _Split(_musts_held(split, nodes, offers, fresh), tuple(nodes), fresh)


def _candidates(node: int, candidate: Candidate, offers: Sequence[Offer] | None) -> list[Candidate]:
    # Two musts of one group do not bar one another, so a must is not split.
    if offers is None or candidate.must:
        return [candidate]
    group = candidate.group or f"\0{node}"
    # Whoever gave a candidate up before this search has left it fewer windows, or none.
    left = (within(offer, candidate.windows) for offer in offers)
    split = [
        replace(candidate, score=offer.score, windows=offer.windows, group=group)
        for offer in left
        if offer.windows
    ]
    return split or [candidate]


def _musts_held(
    split: Problem, nodes: Sequence[int], offers: dict[int, tuple[Offer, ...]], first: Order
) -> Problem:
    """Returns the problem with must-visits at their quietest times, where all of them still fit."""
    for node in first:
        of = offers.get(nodes[node])
        if of is None or not any(offer.loss for offer in of):
            continue
        quieter = held(split, {node: within(of[0], split.candidates[node].windows).windows})
        if schedule(quieter, first) is not None:
            split = quieter
    return split
