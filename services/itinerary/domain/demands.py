"""Must-visits that contradict each other or the day: found, named, and the most of them kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from services.itinerary.domain.exact import best_day, largest_feasible_sets
from services.itinerary.domain.problem import Order, Problem
from services.itinerary.domain.why import ConflictKind

EXTRA_MINUTES = 2880  # how much longer a day is imagined to say by how much it is too short


@dataclass(frozen=True)
class Clash:
    """Candidates that cannot all be visited. Each alone can."""

    kind: ConflictKind
    candidates: tuple[int, ...]
    missing_minutes: int = 0
    missing_yen: int = 0


@dataclass(frozen=True)
class Demands:
    """What can be done about the must-visits.

    kept: the most valuable of the largest sets that are possible. first: an order of exactly them.
    """

    kept: tuple[int, ...]
    first: Order
    clashes: tuple[Clash, ...]


def settle_demands(problem: Problem) -> Demands:
    """Returns which must-visits can be kept together, and who clashes with whom."""
    musts = [node for node, candidate in enumerate(problem.candidates) if candidate.must]
    if not musts:
        return Demands((), (), ())
    sets = [[musts[n] for n in chosen] for chosen in largest_feasible_sets(_only(problem, musts))]
    kept = max(sets, key=lambda chosen: sum(problem.candidates[node].score for node in chosen))
    order = _order(problem, kept)
    if order is None:
        raise RuntimeError("a feasible set has an order")
    clashes = () if len(kept) == len(musts) else _clashes(problem, musts, kept)
    return Demands(tuple(kept), order, clashes)


def _clashes(problem: Problem, musts: Sequence[int], kept: Sequence[int]) -> tuple[Clash, ...]:
    """Returns the pairs that clash, and all of them where a pair does not say what was dropped."""
    pairs = [pair for pair in combinations(musts, 2) if _order(problem, pair) is None]
    found = [_clash(problem, ConflictKind.MUST_VISITS_CLASH, pair) for pair in pairs]
    if {*musts} - {*kept} - {node for pair in pairs for node in pair}:
        found.append(_clash(problem, ConflictKind.TOO_MANY_MUST_VISITS, tuple(musts)))
    return tuple(found)


def _clash(problem: Problem, kind: ConflictKind, nodes: tuple[int, ...]) -> Clash:
    fee = sum(problem.candidates[node].fee_yen for node in nodes)
    if problem.budget_yen is not None and fee > problem.budget_yen:
        missing_yen = fee - problem.budget_yen
        return Clash(ConflictKind.BUDGET_TOO_SMALL, nodes, missing_yen=missing_yen)
    longer = replace(problem, end_minute=problem.end_minute + EXTRA_MINUTES)
    found = best_day(_only(longer, nodes))
    missing = max(0, found.finish - problem.end_minute) if found else 0
    return Clash(kind, nodes, missing_minutes=missing)


def _order(problem: Problem, nodes: Sequence[int]) -> Order | None:
    found = best_day(_only(problem, nodes))
    return tuple(nodes[n] for n in found.order) if found else None


def _only(problem: Problem, nodes: Sequence[int]) -> Problem:
    """Returns the problem with these candidates and no others, all of them must-visits."""
    picked = [*nodes, problem.start, problem.end]
    return replace(
        problem,
        candidates=tuple(replace(problem.candidates[node], must=True) for node in nodes),
        travel=tuple(tuple(problem.travel[one][other] for other in picked) for one in picked),
    )
