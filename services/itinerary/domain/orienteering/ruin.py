"""Taking visits out: strings around a place, scattered ones, those that give little."""

from services.itinerary.domain.orienteering.chance import below, share
from services.itinerary.domain.orienteering.compiled import compiled
from services.itinerary.domain.orienteering.instance import (
    NODE,
    STAY,
    VISITS,
    WORTH,
    Instance,
    Ints,
    Tours,
)
from services.itinerary.domain.orienteering.tours import mend, take


@compiled
def position_of(tours: Tours, node: int) -> int:
    """Returns the position of a visit in its day."""
    day = tours.where[node]
    for at in range(1, tours.size[day] - 1):
        if tours.plan[day, NODE, at] == node:
            return at
    return 0


@compiled
def ruin_strings(
    of: Instance, tours: Tours, changed: Ints, longest: int, strings: int, chance: Ints
) -> int:
    """Takes out strings of visits around one candidate (Christiaens and Vanden Berghe 2020).

    strings: how many at most, each of up to `longest` visits, from days in the candidate's
    neighborhood. Marks the days in changed, leaves their times wrong and returns the candidate.
    """
    seed = below(chance, of.stops.shape[0])
    if tours.sums[VISITS] == 0:
        return seed
    left = 1 + below(chance, strings)
    for index in range(-1, of.near.shape[1]):
        node = seed if index < 0 else of.near[seed, index]
        day = tours.where[node]
        if day < 0 or (changed[day] and share(chance) < 0.7):
            continue
        inner = tours.size[day] - 2
        length = 1 + below(chance, min(inner, longest))
        at = position_of(tours, node)
        lowest, highest = max(1, at - length + 1), min(at, inner - length + 1)
        begin = lowest + below(chance, highest - lowest + 1)
        kept = 0
        if length > 1 and length < inner and share(chance) < 0.5:
            # A string with a hole: some visits in its middle stay.
            while kept < inner - length and share(chance) < 0.5:
                kept += 1
        if kept and begin + length + kept - 1 <= inner:
            hole = below(chance, length)
            take(of, tours, day, begin + hole + kept, begin + length + kept)
            if hole:
                take(of, tours, day, begin, begin + hole)
        else:
            take(of, tours, day, begin, begin + length)
        changed[day] = 1
        left -= 1
        if left == 0:
            break
    return seed


@compiled
def ruin_scattered(of: Instance, tours: Tours, changed: Ints, count: int, chance: Ints) -> int:
    """Takes out visits here and there. Returns the last of them."""
    node = 0
    for _ in range(count):
        visits = tours.sums[VISITS]
        if visits == 0:
            break
        index, day = below(chance, visits), 0
        while index >= tours.size[day] - 2:
            index -= tours.size[day] - 2
            day += 1
        node = tours.plan[day, NODE, index + 1]
        take(of, tours, day, index + 1, index + 2)
        changed[day] = 1
    return node


@compiled
def ruin_poor(of: Instance, tours: Tours, changed: Ints, count: int, chance: Ints) -> int:
    """Takes out visits that give little for the time they take, judged with noise."""
    worst_node = 0
    for _ in range(count):
        worst, worst_day, worst_at = 1e18, -1, 0
        for day in range(tours.size.shape[0]):
            for at in range(1, tours.size[day] - 1):
                node = tours.plan[day, NODE, at]
                before, after = tours.plan[day, NODE, at - 1], tours.plan[day, NODE, at + 1]
                trouble = (
                    of.stops[node, STAY]
                    + of.way[before, node]
                    + of.way[node, after]
                    - of.way[before, after]
                )
                ratio = of.stops[node, WORTH] / max(1, trouble) * (0.3 + share(chance))
                if ratio < worst:
                    worst, worst_day, worst_at = ratio, day, at
        if worst_day < 0:
            break
        worst_node = tours.plan[worst_day, NODE, worst_at]
        take(of, tours, worst_day, worst_at, worst_at + 1)
        changed[worst_day] = 1
    return worst_node


@compiled
def mend_changed(of: Instance, tours: Tours, changed: Ints) -> None:
    """Renews the times of the days marked."""
    for day in range(changed.size):
        if changed[day]:
            mend(of, tours, day)
