"""Days of a party that are about alike: a full one shares its sights with an empty one.

The search takes everything on one day where that spares a way, and the next day stays empty. Few
would want that: a party is there on both. So where a day has much more than another, a run of its
visits is moved, as long as the days together are worth nearly the same.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from itertools import accumulate

from services.itinerary.domain.away import OtherDay, away_of, days_beside, told_as_they_are
from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.sojourn import DayAsked, Days, Offered, for_day, gain
from services.itinerary.domain.why import ConflictKind

UNEVEN = 0.25  # of the time of a day: that much more at sights than on another one
MOST_LOSS = 0.05  # of what all days are worth together


def evened(
    days: Sequence[Offered], plans: Sequence[DayPlan], may_go_on: Callable[[], bool] = lambda: True
) -> Days:
    """Gives days to plan again, takes the plan of each, and returns all days, more even or as they
    were. may_go_on: whether there is time for another look."""
    found = list(plans)
    for _ in days[1:]:
        better = yield from _once(days, found, may_go_on)
        if better is None:
            break
        found = better
    if found == [*plans]:
        return found
    return [
        told_as_they_are(plan, away_of(day.catalog.pois, days_beside(found, number)))
        for number, (day, plan) in enumerate(zip(days, found, strict=True))
    ]


def _once(
    days: Sequence[Offered], plans: Sequence[DayPlan], may_go_on: Callable[[], bool]
) -> Generator[DayAsked, DayPlan, list[DayPlan] | None]:
    able = [number for number, day in enumerate(days) if day.prepared.problem is not None]
    if len(able) < 2:
        return None
    full = max(able, key=lambda number: load(plans[number]))
    spare = min(able, key=lambda number: load(plans[number]))
    if load(plans[full]) - load(plans[spare]) <= UNEVEN:
        return None
    for moved in _runs(plans[full], plans[spare]):
        if not may_go_on():
            return None
        tried = yield from _moved(days, plans, full, spare, moved)
        if _is_as_good(tried, plans) and _spread(tried, able) < _spread(plans, able):
            return tried
    return None


def load(plan: DayPlan) -> float:
    """Returns which part of the time of a day a party is at its sights."""
    return _minutes(plan) / max(1, plan.trip.end_minute - plan.trip.start_minute)


def _minutes(plan: DayPlan) -> int:
    return sum(visit.end_minute - visit.start_minute for visit in plan.visits)


def _spread(plans: Sequence[DayPlan], able: Sequence[int]) -> float:
    loads = [load(plans[number]) for number in able]
    return max(loads) - min(loads)


def _runs(full: DayPlan, spare: DayPlan) -> list[frozenset[str]]:
    """Returns what may be moved: the last visits of a day, or the first ones, which lie near one
    another; as many as leave both days about as long."""
    wanted = (_minutes(full) - _minutes(spare)) / 2
    found = []
    for visits in (full.visits[::-1], full.visits):
        sums = [*accumulate(visit.end_minute - visit.start_minute for visit in visits)][:-1]
        if sums:
            count = min(range(len(sums)), key=lambda n: abs(sums[n] - wanted)) + 1
            found.append(frozenset(visit.poi_id for visit in visits[:count]))
    return list(dict.fromkeys(found))


def _moved(
    days: Sequence[Offered], plans: Sequence[DayPlan], full: int, spare: int, moved: frozenset[str]
) -> Generator[DayAsked, DayPlan, list[DayPlan]]:
    """Plans two of the days again, the spare one with what is moved, and returns all."""
    musts = {number: [*plans[number].trip.must_ids] for number in (full, spare)}
    musts[spare] += [poi_id for poi_id in musts[full] if poi_id in moved]
    musts[full] = [poi_id for poi_id in musts[full] if poi_id not in moved]
    made = list(plans)
    kept = tuple(each.poi_id for each in plans[full].visits if each.poi_id not in moved)
    for number in (spare, full):
        beside = days_beside(made, number)
        if number == spare:
            date = plans[full].trip.visit_date
            beside = [OtherDay(date, kept) if day.visit_date == date else day for day in beside]
        away = away_of(days[number].catalog.pois, beside, musts[number])
        plan = yield DayAsked(number, for_day(days[number].trip, musts[number]), away)
        made[number] = _said_as_before(plan, plans)
    return made


def _said_as_before(plan: DayPlan, plans: Sequence[DayPlan]) -> DayPlan:
    """Returns a plan that still says of an impossible must-visit that it is so on all days."""
    nowhere = {
        poi_id
        for each in plans
        for conflict in each.conflicts
        if conflict.kind is ConflictKind.ON_NO_DAY
        for poi_id in conflict.poi_ids
    }
    conflicts = tuple(
        replace(each, kind=ConflictKind.ON_NO_DAY)
        if each.kind is ConflictKind.MUST_VISIT_IMPOSSIBLE and nowhere.issuperset(each.poi_ids)
        else each
        for each in plan.conflicts
    )
    return replace(plan, conflicts=conflicts)


def _is_as_good(tried: Sequence[DayPlan], plans: Sequence[DayPlan]) -> bool:
    (musts, conflicts, value), (had, had_conflicts, had_value) = gain(tried), gain(plans)
    return (
        musts >= had
        and conflicts >= had_conflicts
        and value >= had_value - MOST_LOSS * abs(had_value)
    )
