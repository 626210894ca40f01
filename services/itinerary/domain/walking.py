"""How much a party walks on a day, and days that ask for less of it.

No walk at a stretch is longer than the party wants: such ways are not there at all. That the whole
day stays within its limit is seen when the day is found: the visit that makes one walk most for
what it is worth is given up, and the day is searched again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.itinerary.domain.problem import Problem
from services.itinerary.domain.transit.access import NEVER, Access

LEAST_STRETCH, MOST_STRETCH = 10, 90
LEAST_DAY, MOST_DAY = 10, 600


@dataclass(frozen=True)
class WalkingWish:
    """Most minutes on foot at a stretch and in the whole day; None for no limit."""

    stretch_minutes: int | None = None
    day_minutes: int | None = None


NO_LIMIT = WalkingWish()


def shortened(access: Access, wish: WalkingWish) -> Access:
    """Returns how one walks to and from transit stops where no walk is longer than wished for."""
    most = wish.stretch_minutes
    if most is None:
        return access
    return Access(
        tuple(tuple(near for near in stops if near[1] <= most) for stops in access.stops),
        tuple(tuple(way if way <= most else NEVER for way in row) for row in access.walks),
    )


def cut_off(whole: Access, short: Access, nodes: Sequence[int]) -> frozenset[int]:
    """Returns which of some nodes nothing but longer walks lead to, by their place in the list."""
    return frozenset(
        number for number, node in enumerate(nodes) if whole.stops[node] and not short.stops[node]
    )


def to_stops(access: Access, nodes: Sequence[int]) -> list[int]:
    """Returns the shortest walk from each node to a transit stop, NEVER where there is none."""
    return [min((walk for _, walk in access.stops[node]), default=NEVER) for node in nodes]


def most_walked(
    problem: Problem,
    order: Sequence[int],
    walked: Sequence[int],
    count: int,
    near: Sequence[int] = (),
) -> list[int]:
    """Returns the visits that make one walk most for their score, at most `count`, no must-visits.

    walked: minutes on foot of each leg of the day, one more than visits. near: walks to transit
    stops, for a day by bus.
    """
    path = [problem.start, *order, problem.end]
    costs: dict[int, float] = {}
    for number, node in enumerate(order):
        candidate = problem.candidates[node]
        if candidate.must:
            continue
        one, other = path[number], path[number + 2]
        both = walked[number] + walked[number + 1]
        without = problem.travel[one][other]
        if near:
            without = min(without, near[one] + near[other])
        costs[node] = max(0, both - without) / candidate.score
    return sorted(costs, key=lambda node: (-costs[node], node))[:count]
