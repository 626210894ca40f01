"""An independent judge of tours.

Written from the words of `problem.py` alone; it calls nothing of the search.
"""

from collections.abc import Sequence
from itertools import pairwise

from services.itinerary.domain.orienteering.problem import Stop, TourProblem

Tours = Sequence[Sequence[int]]


def faults(problem: TourProblem, tours: Tours) -> list[str]:
    """Returns every rule that tours break, in words."""
    found = [] if len(tours) == len(problem.days) else ["another number of days"]
    flat = [node for tour in tours for node in tour]
    if len(set(flat)) != len(flat):
        found.append("a stop twice")
    stops = [problem.stops[node] for node in flat]
    found += ["a stop never to be visited" for stop in stops if stop.never]
    if problem.budget is not None and sum(stop.fee for stop in stops) > problem.budget:
        found.append("over the budget")
    found += _groups(stops)
    ranks = [stop.rank for stop in stops if stop.rank >= 0]
    if ranks != sorted(ranks):
        found.append("ranks out of order")
    for day, tour in enumerate(tours):
        found += _day(problem, day, tour)
    return found


def _groups(stops: Sequence[Stop]) -> list[str]:
    found = []
    for group in {stop.group for stop in stops if stop.group >= 0}:
        inside = [stop for stop in stops if stop.group == group]
        if len(inside) > 1 and not all(stop.must for stop in inside):
            found.append(f"group {group} twice")
    needs = [stop.need for stop in stops if stop.need >= 0]
    return found + [f"need {need} twice" for need in {*needs} if needs.count(need) > 1]


def _day(problem: TourProblem, day: int, tour: Sequence[int]) -> list[str]:
    of, here = problem.days[day], problem.days[day].first
    clock = of.begins
    for node in tour:
        begin = begin_of(problem, day, node, there_at(problem, day, here, node, clock))
        if begin is None:
            return [f"day {day}: stop {node} is closed"]
        clock, here = begin + problem.stops[node].stay, node
    late = there_at(problem, day, here, of.last, clock) > of.ends
    return [f"day {day} ends late"] if late else []


def there_at(problem: TourProblem, day: int, here: int, there: int, leave: int) -> int:
    """Returns the earliest arrival: on one's own, or by any later departure of the timetable."""
    arrivals = [leave + int(problem.way[here, there])]
    table = problem.timetable
    if table is not None:
        rows = range(len(problem.way)) if table.rows is None else table.rows
        row = table.arrivals[problem.days[day].kind, rows[here], rows[there]][: table.slots]
        spare = table.spare if there == problem.days[day].last else 0
        for slot, reached in enumerate(row[spare:]):
            if table.begins + slot * table.step >= leave:
                arrivals.append(int(reached))
    return min(arrivals)


def begin_of(problem: TourProblem, day: int, node: int, reached: int) -> int | None:
    """Returns when a visit begins that one is there for at a time; None when it is closed."""
    stop = problem.stops[node]
    if stop.pinned is not None:
        pinned_day, minute = stop.pinned
        inside = any(opens <= minute <= closes for opens, closes in stop.windows[day])
        return minute if pinned_day == day and inside and reached <= minute else None
    fitting = [max(reached, opens) for opens, closes in stop.windows[day] if reached <= closes]
    return min(fitting, default=None)


def value_of(problem: TourProblem, tours: Tours) -> int:
    """Returns the worth of visits less the price of travel."""
    cost = problem.way if problem.cost is None else problem.cost
    value = 0
    for of, tour in zip(problem.days, tours, strict=True):
        path = [of.first, *tour, of.last]
        way = sum(int(cost[one, other]) for one, other in pairwise(path))
        value += sum(problem.stops[node].worth for node in tour) - problem.travel_price * way
    return value
