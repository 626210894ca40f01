"""A kept order under new conditions: as much of it as still works, and no more is moved."""

from collections.abc import Iterable, Sequence

from services.itinerary.domain.problem import Order, Problem, schedule, value_of

NO_TWINS: tuple[tuple[int, int], ...] = ()


def nearest(
    problem: Problem, keep: Order, lunches: Sequence[tuple[int, int]] = NO_TWINS
) -> Order | None:
    """Returns the order of a kept day that still works, with every must-visit; None for none.

    Visits are dropped one by one, those of least worth first, and never a must-visit; must-visits
    that are not in it are put where they cost least. Kept visits stay in their order.

    lunches: candidates one of which should be in too, each with the visit it is instead of; those
    that come first are better. Where none can be, the day has none.
    """
    musts = [node for node, candidate in enumerate(problem.candidates) if candidate.must]
    order: Order | None = keep
    while order is not None:
        found = _with(problem, order, [node for node in musts if node not in order])
        found = _with_lunch(problem, found, lunches) if found is not None and lunches else found
        if found is not None:
            return found
        order = _without_one(problem, order)
    return nearest(problem, keep) if lunches else None


def _with_lunch(problem: Problem, order: Order, lunches: Sequence[tuple[int, int]]) -> Order | None:
    """Returns the order with a lunch: at one of its visits, else at another place; None for none.

    A place to eat goes before a break wherever it is.
    """
    if any(problem.candidates[node].lunch for node in order):
        return order
    for lunch, visit in lunches:
        if visit in order and not problem.candidates[visit].must:
            eaten = tuple(lunch if node == visit else node for node in order)
            found: Order | None = eaten if _allowed(problem, eaten) else None
        else:
            found = _inserted(problem, order, lunch)
        if found is not None:
            return found
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
    free = [node for node in free if not problem.candidates[node].lunch] or free
    if not free:
        return None
    shorter = [tuple(other for other in order if other != node) for node in free]
    worth = {one: problem.candidates[node].score for one, node in zip(shorter, free, strict=True)}
    return min(shorter, key=lambda one: (not _allowed(problem, one), worth[one]))


def _allowed(problem: Problem, order: Order) -> bool:
    """Tells whether an order keeps times, budget, groups and the one lunch."""
    visits = [problem.candidates[node] for node in order]
    if sum(visit.lunch for visit in visits) > 1:
        return False
    if problem.budget_yen is not None and sum(v.fee_yen for v in visits) > problem.budget_yen:
        return False
    groups = [visit.group for visit in visits if visit.group]
    doubled = {group for group in groups if groups.count(group) > 1}
    if any(visit.group in doubled and not visit.must for visit in visits):
        return False
    return schedule(problem, order) is not None
