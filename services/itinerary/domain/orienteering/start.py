"""Where a search starts: an order of somebody's, filled up greedily."""

from services.itinerary.domain.orienteering.anneal import (
    RATIO_POWER,
    Desk,
    copy_changed,
    energy,
    keep_best,
    value,
)
from services.itinerary.domain.orienteering.compiled import compiled
from services.itinerary.domain.orienteering.insertion import barred, in_rank
from services.itinerary.domain.orienteering.instance import RANKED, Instance, Ints, Tours
from services.itinerary.domain.orienteering.recreate import recreate_by_ratio
from services.itinerary.domain.orienteering.tours import clear, put, settle

READY, TOO_SHORT, NOT_POSSIBLE = range(3)


@compiled
def append(of: Instance, tours: Tours, day: int, node: int) -> bool:
    """Puts a visit at the end of a day. Says whether all rules are kept; if not, tours are lost."""
    at = tours.size[day] - 1
    if tours.where[node] >= 0 or barred(of, tours, node):
        return False
    if of.rules[RANKED] and not in_rank(of, tours, node, day, at):
        return False
    put(of, tours, day, at, node)
    return settle(of, tours, day, 1) == 0


@compiled
def start(of: Instance, desk: Desk, guide: float, nodes: Ints, days: Ints) -> int:
    """Lays visits out, each with its day and in order, and fills up. Returns READY or why not."""
    clear(of, desk.trial)
    for day in range(of.days.shape[0]):
        if settle(of, desk.trial, day, 1):
            return TOO_SHORT
    for index in range(nodes.shape[0]):
        if not append(of, desk.trial, days[index], nodes[index]):
            return NOT_POSSIBLE
    changed = desk.room[3]
    for day in range(of.days.shape[0]):
        changed[day] = 1
    desk.scores[1] = value(of, desk.trial)
    desk.scores[2] = 1e18
    keep_best(of, desk)
    if of.stops.shape[0] > 0:
        recreate_by_ratio(
            of,
            desk.trial,
            changed,
            desk.habits[RATIO_POWER],
            0.0,
            1.0,
            desk.room,
            desk.ratios,
            desk.chance,
        )
        keep_best(of, desk)
    copy_changed(desk.best, desk.trial, changed)
    copy_changed(desk.best, desk.now, changed)
    desk.scores[0] = energy(desk.trial, guide)
    return READY
