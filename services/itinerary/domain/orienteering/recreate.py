"""Putting visits back in: in one pass by some order, or always the best for its effort."""

from services.itinerary.domain.orienteering.chance import below, share
from services.itinerary.domain.orienteering.compiled import compiled, inlined
from services.itinerary.domain.orienteering.insertion import barred, best_place, exact_place
from services.itinerary.domain.orienteering.instance import (
    RANKED,
    WORTH,
    Efforts,
    Instance,
    Ints,
    Tours,
)
from services.itinerary.domain.orienteering.tours import put


@inlined
def insert(
    of: Instance,
    tours: Tours,
    changed: Ints,
    node: int,
    shift_share: float,
    blink: float,
    chance: Ints,
) -> None:
    """Puts a visit in where it fits best, if it may come in."""
    if tours.where[node] < 0 and not barred(of, tours, node):
        day, position, _ = best_place(of, tours, node, -1, shift_share, blink, chance)
        if day >= 0:
            put(of, tours, day, position, node)
            changed[day] = 1


@compiled
def recreate_in_order(
    of: Instance,
    tours: Tours,
    changed: Ints,
    first: int,
    order: int,
    defer: float,
    shift_share: float,
    blink: float,
    room: Ints,
    chance: Ints,
) -> None:
    """Fills up in one pass over all candidates: `first`, then an order of the instance.

    order: its number, or one too many for a random one. defer: the share that has to wait for a
    second pass, so that passes differ. room[4, n]: scratch.
    """
    queue = room[0]
    count, ready = of.stops.shape[0], 0
    if order < of.orders.shape[0]:
        put_off = 0
        for index in range(count):
            node = of.orders[order, index]
            if tours.where[node] >= 0:
                continue
            if share(chance) < defer:
                room[1, put_off] = node
                put_off += 1
            else:
                queue[ready] = node
                ready += 1
        for index in range(put_off):
            queue[ready + index] = room[1, index]
        ready += put_off
    else:
        for node in range(count):
            if tours.where[node] < 0:
                other = below(chance, ready + 1)
                queue[ready] = queue[other]
                queue[other] = node
                ready += 1
    for index in range(-1, ready):
        node = first if index < 0 else queue[index]
        if node >= 0:
            insert(of, tours, changed, node, shift_share, blink, chance)


@compiled
def recreate_by_ratio(  # noqa: C901 - as best_place
    of: Instance,
    tours: Tours,
    changed: Ints,
    power: float,
    noise: float,
    shift_share: float,
    room: Ints,
    ratios: Efforts,
    chance: Ints,
) -> None:
    """Fills up with always the visit of the best worth ** power / effort, judged with noise.

    room[3, n]: for day, position and candidate; ratios[n].
    """
    alive = 0
    for node in range(of.stops.shape[0]):
        if tours.where[node] < 0 and not barred(of, tours, node):
            day, position, effort = exact_place(of, tours, node, -1, shift_share, chance)
            if day >= 0:
                room[0, alive], room[1, alive], room[2, alive] = day, position, node
                ratios[alive] = effort
                alive += 1
    while alive:
        best, chosen = -1.0, 0
        for index in range(alive):
            worth = float(of.stops[room[2, index], WORTH])
            ratio = worth**power / max(1.0, ratios[index]) * (1.0 + noise * share(chance))
            if ratio > best:
                best, chosen = ratio, index
        day, position, node = room[0, chosen], room[1, chosen], room[2, chosen]
        put(of, tours, day, position, node)
        changed[day] = 1
        kept = 0
        for index in range(alive):
            other = room[2, index]
            if other == node or barred(of, tours, other):
                continue
            # A rank put in on one day bounds where others fit on all days.
            if room[0, index] == day or of.rules[RANKED]:
                its_day, its_position, effort = exact_place(
                    of, tours, other, -1, shift_share, chance
                )
                if its_day < 0:
                    continue
            else:
                its_day, its_position, effort = room[0, index], room[1, index], ratios[index]
                new_day, new_position, new_effort = exact_place(
                    of, tours, other, day, shift_share, chance
                )
                if new_day >= 0 and new_effort < effort:
                    its_day, its_position, effort = new_day, new_position, new_effort
            room[0, kept], room[1, kept], room[2, kept] = its_day, its_position, other
            ratios[kept] = effort
            kept += 1
        alive = kept
