"""A kept order under new conditions: as much of it as still works, and no more is moved."""

from collections.abc import Iterable

from services.itinerary.domain.problem import Order, Problem, schedule, value_of


def nearest(problem: Problem, keep: Order) -> Order | None:
    """Returns the order of a kept day that still works, with every must-visit; None for none.

    Visits are dropped one by one, those of least worth first, and never a must-visit; must-visits
    that are not in it are put where they cost least. Kept visits stay in their order.
    """
    musts = [node for node, candidate in enumerate(problem.candidates) if candidate.must]
    order: Order | None = keep
    while order is not None:
        found = _with(problem, order, [node for node in musts if node not in order])
        if found is not None:
            return found
        order = _without_one(problem, order)
    return None


def _with(problem: Problem, order: Order, missing: Iterable[int]) -> Order | None:
    """Returns a feasible order with some visits more, each at its best place; None for none."""
    if not _allowed(problem, order):
        return None
    best: Order | None = order
    for node in missing:
        best = _inserted(problem, best, node) if best is not None else None
    return best


def _inserted(problem: Problem, order: Order, node: int) -> Order | None:
    tried = [(*order[:place], node, *order[place:]) for place in range(len(order) + 1)]
    fitting = [each for each in tried if _allowed(problem, each)]
    return max(fitting, key=lambda each: value_of(problem, each), default=None)


def _without_one(problem: Problem, order: Order) -> Order | None:
    """Returns the order without the visit that is missed least: one whose leaving makes the day
    work again before others, of these the one of least worth. None where only must-visits are
    left."""
    free = [node for node in order if not problem.candidates[node].must]
    if not free:
        return None
    shorter = [tuple(other for other in order if other != node) for node in free]
    worth = {one: problem.candidates[node].score for one, node in zip(shorter, free, strict=True)}
    return min(shorter, key=lambda one: (not _allowed(problem, one), worth[one]))


def _allowed(problem: Problem, order: Order) -> bool:
    """Tells whether an order keeps times, budget and groups."""
    visits = [problem.candidates[node] for node in order]
    if problem.budget_yen is not None and sum(v.fee_yen for v in visits) > problem.budget_yen:
        return False
    groups = [visit.group for visit in visits if visit.group]
    doubled = {group for group in groups if groups.count(group) > 1}
    if any(visit.group in doubled and not visit.must for visit in visits):
        return False
    return schedule(problem, order) is not None
