"""Other days than the one that is kept: what to ask the search for."""

from dataclasses import replace
from enum import StrEnum

from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.trip import Pace, TripRequest


class DayKind(StrEnum):
    """How a proposed day differs from the kept one."""

    OTHER_PLACES = "other_places"
    CALM = "calm"
    FULL = "full"


def other_trips(plan: DayPlan) -> dict[DayKind, TripRequest]:
    """Returns two trips that lead to other days than a plan: to other places, and at another pace.

    Must-visits and fixed times stay: they are the party's own. A stay that was changed by hand
    stays too.
    """
    trip = plan.trip
    free = [visit.poi_id for visit in plan.visits if visit.poi_id not in trip.must_ids]
    less = tuple(dict.fromkeys((*trip.less_poi_ids, *free)))
    paced = DayKind.CALM if trip.pace is not Pace.UNHURRIED else DayKind.FULL
    pace = Pace.UNHURRIED if paced is DayKind.CALM else Pace.QUICK
    return {
        DayKind.OTHER_PLACES: replace(trip, less_poi_ids=less),
        paced: replace(trip, pace=pace),
    }


def differs(plan: DayPlan, other: DayPlan) -> bool:
    """Tells whether another day visits something else, or not all of the same."""
    one, two = ({visit.poi_id for visit in each.visits} for each in (plan, other))
    return bool(other.visits) and one != two
