"""The best day by dynamic programming over sets of visits; for few candidates.

A label is (departure minute, travel minutes) at the last visit of a set; a label that is later and
longer than another of the same set and last visit can never end better, so it is dropped.
"""

from collections.abc import Iterable

from services.itinerary.domain.problem import (
    SCORE_UNIT,
    Order,
    Problem,
    Solution,
    next_start,
)

MAX_CANDIDATES = 8

# departure minute, travel minutes, order so far
Label = tuple[int, int, Order]
Layer = dict[tuple[int, int], list[Label]]  # (set of visits as bits, last visit) -> labels


def best_day(problem: Problem) -> Solution | None:
    """Returns the best feasible day that has every must-visit, and a lunch where there can be one;
    None when there is none.

    Errors: ValueError for more than MAX_CANDIDATES candidates.
    """
    if len(problem.candidates) > MAX_CANDIDATES:
        raise ValueError("too many candidates for the exact search")
    must = sum(1 << n for n, candidate in enumerate(problem.candidates) if candidate.must)
    best: tuple[bool, int, int, Order] | None = None
    for chosen, (clock, travel, order) in _all_labels(problem):
        if chosen & must != must:
            continue
        last = order[-1] if order else problem.start
        finish = problem.arrival(last, problem.end, clock)
        score = sum(problem.candidates[node].score for node in order)
        value = SCORE_UNIT * score - travel - problem.cost(last, problem.end)
        lunch = any(problem.candidates[node].lunch for node in order)
        key = (lunch, value, -finish, order)
        if finish <= problem.end_minute and (best is None or key[:3] > best[:3]):
            best = key
    return Solution(best[3], best[1], -best[2], proven_best=True) if best else None


def largest_feasible_sets(problem: Problem) -> list[tuple[int, ...]]:
    """Returns every feasible set of visits with the most members, each once, in order of index."""
    feasible = set()
    for chosen, (clock, _, order) in _all_labels(problem):
        last = order[-1] if order else problem.start
        if problem.arrival(last, problem.end, clock) <= problem.end_minute:
            feasible.add(chosen)
    size = max((chosen.bit_count() for chosen in feasible), default=0)
    largest = sorted(chosen for chosen in feasible if chosen.bit_count() == size)
    indices = range(len(problem.candidates))
    return [tuple(n for n in indices if chosen >> n & 1) for chosen in largest]


def _all_labels(problem: Problem) -> Iterable[tuple[int, Label]]:
    layer: Layer = {(0, problem.start): [(problem.start_minute, 0, ())]}
    while layer:
        following: Layer = {}
        for (chosen, last), labels in layer.items():
            for label in labels:
                yield chosen, label
                _extend(problem, chosen, last, label, following)
        layer = following


def _extend(problem: Problem, chosen: int, last: int, label: Label, following: Layer) -> None:
    clock, travel, order = label
    for node, candidate in enumerate(problem.candidates):
        if chosen >> node & 1 or not _fits(problem, order, node):
            continue
        begin = next_start(candidate.windows, problem.arrival(last, node, clock))
        if begin is None or begin + candidate.stay > problem.end_minute:
            continue
        way = travel + problem.cost(last, node)
        fresh = (begin + candidate.stay, way, (*order, node))
        _keep(following.setdefault((chosen | 1 << node, node), []), fresh)


def _keep(labels: list[Label], fresh: Label) -> None:
    if any(old[0] <= fresh[0] and old[1] <= fresh[1] for old in labels):
        return
    labels[:] = [old for old in labels if not (fresh[0] <= old[0] and fresh[1] <= old[1])]
    labels.append(fresh)


def _fits(problem: Problem, order: Order, node: int) -> bool:
    candidate = problem.candidates[node]
    if problem.budget_yen is not None:
        fee = sum(problem.candidates[other].fee_yen for other in order)
        if fee + candidate.fee_yen > problem.budget_yen:
            return False
    others = [problem.candidates[other] for other in order]
    if candidate.lunch and any(other.lunch for other in others):
        return False
    if not candidate.group:
        return True
    return not any(
        other.group == candidate.group and not (other.must and candidate.must) for other in others
    )
