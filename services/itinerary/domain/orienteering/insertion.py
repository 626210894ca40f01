"""Where a visit fits best: one look per position, thanks to the latest arrivals kept."""

from services.itinerary.domain.orienteering.chance import share
from services.itinerary.domain.orienteering.compiled import compiled, inlined
from services.itinerary.domain.orienteering.instance import (
    ALL_FEES,
    ARRIVE,
    BUDGET,
    FEE,
    GROUP,
    LATEST,
    LEAST_IN,
    LEAST_OUT,
    LEAVE,
    MUST,
    NEED,
    NEVER,
    NODE,
    RANK,
    RANKED,
    STAY,
    TABLE_SLOTS,
    TAKEN,
    TRAVEL_PRICE,
    WORTH,
    Instance,
    Ints,
    Tours,
)
from services.itinerary.domain.orienteering.times import arrival, begin_at


@compiled
def mixed(of: Instance, tours: Tours, group: int) -> bool:
    """Says whether a visit of a group is no must, which bars all others."""
    for other in range(of.stops.shape[0]):
        if (
            of.stops[other, GROUP] == group
            and tours.where[other] >= 0
            and not of.stops[other, MUST]
        ):
            return True
    return False


@inlined
def barred(of: Instance, tours: Tours, node: int) -> bool:
    """Says whether budget, group or need keep a visit out, wherever it would be."""
    answer: bool = tours.sums[ALL_FEES] + of.stops[node, FEE] > of.rules[BUDGET]
    group = of.stops[node, GROUP]
    if group >= 0 and tours.sums[TAKEN + group] > 0 and not answer:
        answer = not of.stops[node, MUST] or mixed(of, tours, group)
    need = of.stops[node, NEED]
    return answer or (need >= 0 and tours.sums[TAKEN + need] > 0)


@compiled
def in_rank(of: Instance, tours: Tours, node: int, day: int, position: int) -> bool:
    """Says whether a visit before a position keeps the order of ranks over all days."""
    rank = of.stops[node, RANK]
    if rank < 0:
        return True
    for other_day in range(tours.size.shape[0]):
        for at in range(1, tours.size[other_day] - 1):
            other = of.stops[tours.plan[other_day, NODE, at], RANK]
            if other < 0 or other == rank:
                continue
            earlier = other_day < day or (other_day == day and at < position)
            if earlier != (other < rank):
                return False
    return True


@inlined
def best_place(  # noqa: C901, PLR0912 - one loop, where a call would cost more than its work
    of: Instance, tours: Tours, node: int, only: int, shift_share: float, blink: float, chance: Ints
) -> tuple[int, int, float]:
    """Returns day, position and effort of the least effort to fit a visit in; day -1 without any.

    only: the one day to look at, -1 for all. Effort: added cost + shift_share * what follows is put
    off. blink: the share of positions overlooked, so that greed does not always do the same.
    """
    best_day, best_position, best = -1, 0, 1e18
    stay, price = of.stops[node, STAY], of.rules[TRAVEL_PRICE]
    worth, timetables = of.stops[node, WORTH], of.rules[TABLE_SLOTS] > 0
    after_begin = stay + of.stops[node, LEAST_OUT]
    shortest = of.stops[node, LEAST_IN] + after_begin
    for day in range(tours.size.shape[0]):
        count = of.windows[day, node, 0]
        if count == 0 or (only >= 0 and day != only):
            continue
        opens, closes = of.windows[day, node, 1], of.windows[day, node, 2 * count]
        # Most positions fall here, without a look at who is before and after.
        soonest = opens + after_begin
        for position in range(1, tours.size[day]):
            left, limit = tours.plan[day, LEAVE, position - 1], tours.plan[day, LATEST, position]
            if limit < soonest or limit - left < shortest:
                continue
            if left > closes:
                break
            before, after = tours.plan[day, NODE, position - 1], tours.plan[day, NODE, position]
            added = of.cost[before, node] + of.cost[node, after] - of.cost[before, after]
            if added >= best or added * price >= worth:
                continue
            if timetables:
                # The table of a town is larger than a cache: most positions fall without it.
                soon = max(opens, left + of.least[before, node])
                if soon > closes or soon + stay + of.least[node, after] > limit:
                    continue
            begin = arrival(of, day, before, node, left)
            if count == 1:
                if begin > closes:
                    continue
                begin = max(begin, opens)
            else:
                begin = begin_at(of, day, node, begin)
                if begin == NEVER:
                    continue
            reached = arrival(of, day, node, after, begin + stay)
            if reached > limit:
                continue
            effort = added + shift_share * max(0, reached - tours.plan[day, ARRIVE, position])
            if effort >= best or (blink > 0.0 and share(chance) < blink):
                continue
            if of.rules[RANKED] and not in_rank(of, tours, node, day, position):
                continue
            best_day, best_position, best = day, position, effort
    return best_day, best_position, best


@compiled
def exact_place(
    of: Instance, tours: Tours, node: int, only: int, shift_share: float, chance: Ints
) -> tuple[int, int, float]:
    """As best_place, overlooking nothing; called, where copies of it would be compiled for long."""
    return best_place(of, tours, node, only, shift_share, 0.0, chance)
