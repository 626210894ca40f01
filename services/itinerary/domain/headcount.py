"""How many people a plan sends where and when: counted by party size, per POI and half hour.

Nothing else of a plan is in a count, and a count is a sum over plans. A plan that nobody has
touched in the GIVEN_UP_DAYS before its day is taken as given up and counts no longer.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from services.itinerary.domain.crowd import slots_of
from services.itinerary.domain.plan import DayPlan

GIVEN_UP_DAYS = 14

Headcount = Mapping[tuple[str, int], int]  # POI and half hour after midnight -> people


def headcount_of(plan: DayPlan) -> dict[tuple[str, int], int]:
    """Returns the people that a plan has at POIs in each half hour of its day."""
    size = plan.trip.party.size
    return {
        (visit.poi_id, slot): size
        for visit in plan.visits
        for slot in slots_of(visit.start_minute, visit.end_minute)
    }


def counted_since(day: date) -> date:
    """Returns the first day on which a plan for `day` must have been touched to count."""
    return day - timedelta(days=GIVEN_UP_DAYS)
