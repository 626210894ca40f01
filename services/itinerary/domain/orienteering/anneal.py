"""The loop: take visits out, fill up, keep what is better or, while warm, a little worse.

Ruin and recreate after Schrimpf et al. (2000) with the strings of Christiaens and Vanden Berghe
(2020); acceptance by simulated annealing. What is accepted is judged by worth less a small share of
the way, since short tours have room for more; what is kept as the best is judged by its value
alone.
"""

from math import log
from typing import NamedTuple

import numpy as np

from services.itinerary.domain.orienteering.chance import below, share
from services.itinerary.domain.orienteering.compiled import compiled, inlined
from services.itinerary.domain.orienteering.instance import (
    ALL_COST,
    ALL_WORTH,
    ARRIVE,
    GROUP,
    NEED,
    TRAVEL_PRICE,
    Efforts,
    Instance,
    Ints,
    Tours,
    empty_tours,
)
from services.itinerary.domain.orienteering.recreate import recreate_by_ratio, recreate_in_order
from services.itinerary.domain.orienteering.ruin import (
    mend_changed,
    ruin_poor,
    ruin_scattered,
    ruin_strings,
)
from services.itinerary.domain.orienteering.tours import copy_day, copy_rest

# Places in Desk.habits. Shares are of all iterations; what is neither strings nor scattered are
# visits that give little for their time.
(
    STRINGS_SHARE, SCATTERED_SHARE, LONGEST_STRING, MOST_STRINGS, MOST_SCATTERED, MOST_POOR,
    RATIO_SHARE, RATIO_POWER, RATIO_NOISE,  # filling up with always the best next, which is dear
    DEFERRED, BLINK,  # in one pass: candidates put off, positions overlooked
    SEED_FIRST,  # how often what a ruin was made around comes first
    SHIFT, SHIFTED,  # how much a delay of what follows counts, and how often it does
) = range(14)  # fmt: skip


class Desk(NamedTuple):
    """What a search works on. scores: energy of now, then value, cost and finish of best.

    room[4, max(n, d)] and ratios[n]: scratch. chance: state of the random numbers. habits: see
    above.
    """

    now: Tours
    trial: Tours
    best: Tours
    scores: Efforts
    room: Ints
    ratios: Efforts
    chance: Ints
    habits: Efforts


def desk_for(of: Instance, chance: Ints, habits: Efforts) -> Desk:
    """Returns a desk with nothing on it."""
    days, count = len(of.days), len(of.stops)
    groups = int(of.stops[:, (GROUP, NEED)].max(initial=-1)) + 1
    now, trial, best = (empty_tours(of, groups) for _ in range(3))
    room = np.zeros((4, max(count, days)), np.int64)
    return Desk(now, trial, best, np.zeros(3), room, np.zeros(count), chance, habits)


@inlined
def value(of: Instance, tours: Tours) -> int:
    """Returns what is maximized."""
    gained: int = tours.sums[ALL_WORTH] - of.rules[TRAVEL_PRICE] * tours.sums[ALL_COST]
    return gained


@inlined
def energy(tours: Tours, guide: float) -> float:
    """Returns what acceptance is judged by. guide: worth of a unit of cost."""
    judged: float = tours.sums[ALL_WORTH] - guide * tours.sums[ALL_COST]
    return judged


@compiled
def finish(tours: Tours) -> int:
    """Returns the arrivals at the ends of all days, added up."""
    total = 0
    for day in range(tours.size.shape[0]):
        total += tours.plan[day, ARRIVE, tours.size[day] - 1]
    return total


@compiled
def copy_changed(source: Tours, target: Tours, changed: Ints) -> None:
    """Makes target as source, which differs in the days marked."""
    for day in range(source.size.shape[0]):
        if changed[day]:
            copy_day(source, target, day)
    copy_rest(source, target)


@compiled
def keep_best(of: Instance, desk: Desk) -> None:
    """Keeps the trial if it is better than the best: by value, then by the earlier end."""
    gained = value(of, desk.trial)
    if gained < desk.scores[1]:
        return
    ended = finish(desk.trial)
    if gained > desk.scores[1] or ended < desk.scores[2]:
        desk.scores[1], desk.scores[2] = gained, ended
        for day in range(desk.best.size.shape[0]):
            copy_day(desk.trial, desk.best, day)
        copy_rest(desk.trial, desk.best)


@compiled
def ruin(of: Instance, desk: Desk, changed: Ints) -> int:
    """Takes visits out of the trial. Returns a candidate to begin with, -1 for none."""
    chance, habits, first = desk.chance, desk.habits, -1
    pick = share(chance)
    if pick < habits[STRINGS_SHARE]:
        longest, most = int(habits[LONGEST_STRING]), int(habits[MOST_STRINGS])
        seed = ruin_strings(of, desk.trial, changed, longest, most, chance)
        if share(chance) < habits[SEED_FIRST]:
            first = seed
    elif pick < habits[STRINGS_SHARE] + habits[SCATTERED_SHARE]:
        count = 1 + below(chance, int(habits[MOST_SCATTERED]))
        ruin_scattered(of, desk.trial, changed, count, chance)
    else:
        ruin_poor(of, desk.trial, changed, 1 + below(chance, int(habits[MOST_POOR])), chance)
    mend_changed(of, desk.trial, changed)
    return first


@compiled
def recreate(of: Instance, desk: Desk, changed: Ints, first: int) -> None:
    """Fills the trial up in one of several ways."""
    chance, habits = desk.chance, desk.habits
    shift = habits[SHIFT] if share(chance) < habits[SHIFTED] else 0.0
    if share(chance) < habits[RATIO_SHARE]:
        recreate_by_ratio(
            of, desk.trial, changed, habits[RATIO_POWER], habits[RATIO_NOISE], shift, desk.room,
            desk.ratios, chance,
        )  # fmt: skip
    else:
        order = below(chance, of.orders.shape[0] + 1)
        recreate_in_order(
            of, desk.trial, changed, first, order, habits[DEFERRED], shift, habits[BLINK],
            desk.room, chance,
        )  # fmt: skip


@compiled
def anneal(of: Instance, desk: Desk, guide: float, warmth: float, iterations: int) -> None:
    """Runs iterations. warmth: the temperature, in worth.

    now and trial are equal between iterations, with all times right.
    """
    changed = desk.room[3]
    for _ in range(iterations):
        for day in range(of.days.shape[0]):
            changed[day] = 0
        first = ruin(of, desk, changed)
        recreate(of, desk, changed, first)
        fresh = energy(desk.trial, guide)
        if fresh > desk.scores[0] + warmth * log(share(desk.chance)):
            copy_changed(desk.trial, desk.now, changed)
            desk.scores[0] = fresh
            keep_best(of, desk)
        else:
            copy_changed(desk.now, desk.trial, changed)
