"""Other days than the one that is kept: what to ask the search for, and which answers differ.

Two at most, so that three stand side by side. First other places, then another pace. Where these
lead to much the same places, as in a valley with one bus, days at another time follow: home
earlier, begun later. A day that is much the same as one that stands there already is none.
"""

from collections.abc import Generator, Iterator
from dataclasses import replace
from enum import StrEnum

from services.itinerary.domain.plan import DayPlan, PlanStatus
from services.itinerary.domain.trip import LAST_START_MINUTE, Pace, TripRequest

MOST = 2  # beside the kept day
MOST_ALIKE_PERCENT = 60  # of the places of two days, that are in both of them
OTHER_TIME_MINUTES = 60  # by which another day begins later or ends earlier
LEAST_WORTH_PERCENT = 25  # of the score of the kept day
SHORT_PERCENT = 60  # of the length of the kept day, for one that is home earlier
LATER_MINUTES = 120
OTHER_STAY_PERCENT = 130  # of what is stayed in the shorter one of two days at the same places


class DayKind(StrEnum):
    """How a proposed day differs from the kept one."""

    OTHER_PLACES = "other_places"
    CALM = "calm"
    FULL = "full"
    HOME_EARLIER = "home_earlier"
    LATER = "later"


Proposals = Generator[TripRequest, DayPlan, list[tuple[DayKind, DayPlan]]]


def proposed(plan: DayPlan) -> Proposals:
    """Gives trips to plan, takes the plan of each, and returns those that are other days."""
    found: list[tuple[DayKind, DayPlan]] = []
    for kind, trips in _kinds(plan):
        standing = [plan, *(each for _, each in found)]
        tried = []
        for trip in trips:
            other = yield trip
            tried.append(other)
            if _is_one(plan, other) and all(elsewhere(each, other) for each in standing):
                found.append((kind, other))
                break
        else:
            second = (
                other for other in tried
                if _is_one(plan, other) and all(otherwise(each, other, kind) for each in standing)
            )  # fmt: skip
            found += [(kind, other) for other in [*second][:1]]
        if len(found) == MOST:
            break
    return found


def _kinds(plan: DayPlan) -> Iterator[tuple[DayKind, list[TripRequest]]]:
    """Gives kinds of days, each with the trips to try for it in turn.

    Must-visits and fixed times stay: they are the party's own. A stay that was changed by hand
    stays too.
    """
    trip = plan.trip
    free = [visit for visit in plan.visits if visit.poi_id not in trip.must_ids]
    yield DayKind.OTHER_PLACES, [_without(trip, [visit.poi_id for visit in free])]
    paced = DayKind.CALM if trip.pace is not Pace.UNHURRIED else DayKind.FULL
    at_pace = replace(trip, pace=Pace.UNHURRIED if paced is DayKind.CALM else Pace.QUICK)
    lesser = sorted(free, key=lambda visit: (visit.score, visit.poi_id))[: (len(free) + 1) // 2]
    yield paced, [at_pace, _without(at_pace, [visit.poi_id for visit in lesser])]
    length = plan.finish_minute - plan.depart_minute
    early = plan.depart_minute + length * SHORT_PERCENT // 100
    yield DayKind.HOME_EARLIER, [replace(trip, end_minute=max(trip.start_minute + 1, early))]
    later = plan.depart_minute + LATER_MINUTES
    if later < min(trip.end_minute, LAST_START_MINUTE):
        yield DayKind.LATER, [replace(trip, start_minute=later)]


def _without(trip: TripRequest, poi_ids: list[str]) -> TripRequest:
    """Returns the trip of a party that would rather see others than these."""
    return replace(trip, less_poi_ids=tuple(dict.fromkeys((*trip.less_poi_ids, *poi_ids))))


def _is_one(plan: DayPlan, other: DayPlan) -> bool:
    """Tells whether a day can stand beside the kept one: not empty, not a conflict more, and not
    poor beside it."""
    worse = other.status is PlanStatus.CONFLICT and plan.status is not PlanStatus.CONFLICT
    worth = other.total_score * 100 >= plan.total_score * LEAST_WORTH_PERCENT
    return bool(other.visits) and worth and not worse


def elsewhere(plan: DayPlan, other: DayPlan) -> bool:
    """Tells whether two days are at other places for the most part."""
    one, two = ({visit.poi_id for visit in each.visits} for each in (plan, other))
    return len(one & two) * 100 <= len(one | two) * MOST_ALIKE_PERCENT


def otherwise(plan: DayPlan, other: DayPlan, kind: DayKind) -> bool:
    """Tells whether a day of a kind is another one though it may be at the same places: with other
    stays where its pace is another one, an hour apart where its time is."""
    if elsewhere(plan, other):
        return True
    if kind in (DayKind.CALM, DayKind.FULL):
        short, long = sorted((_stays(plan, other), _stays(other, plan)))
        return long * 100 >= short * OTHER_STAY_PERCENT
    if kind is DayKind.HOME_EARLIER:
        return other.finish_minute + OTHER_TIME_MINUTES <= plan.finish_minute
    if kind is DayKind.LATER:
        return other.depart_minute >= plan.depart_minute + OTHER_TIME_MINUTES
    return False


def _stays(plan: DayPlan, other: DayPlan) -> int:
    """Returns how long a day stays at the places that another one visits too."""
    both = {visit.poi_id for visit in other.visits}
    return sum(v.end_minute - v.start_minute for v in plan.visits if v.poi_id in both)
