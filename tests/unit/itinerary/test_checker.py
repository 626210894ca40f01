"""The judge itself: each way of spoiling a good plan is noticed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from services.itinerary.domain.place import PointQuality
from services.itinerary.domain.plan import DayPlan, PlannedVisit
from services.itinerary.domain.trip import TravelMode, TripRequest
from tests.unit.itinerary.checker import faults
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import catalog, place, poi, trip

KNOWN = catalog(
    [poi("cave", group="g", opening="10:00-17:00"), poi("pond", group="g", score=90), poi("hill")],
    [place("station"), place("cave", 3), place("pond", 1, 2), place("hill", 0, 5)],
)
WISHES = trip()
GOOD = plan_day(KNOWN, WISHES)


def first(plan: DayPlan, change: Callable[[PlannedVisit], PlannedVisit]) -> DayPlan:
    return replace(plan, visits=(change(plan.visits[0]), *plan.visits[1:]))


def spoiled() -> dict[str, tuple[DayPlan, TripRequest]]:
    visit, leg = GOOD.visits[0], GOOD.legs[0]
    last = GOOD.legs[-1]
    on_foot = replace(WISHES, mode=TravelMode.FOOT)
    guess = replace(visit.location, quality=PointQuality.ESTIMATE)
    return {
        "leaves too early": (GOOD, replace(WISHES, start_minute=leg.depart_minute + 1)),
        "comes back too late": (GOOD, replace(WISHES, end_minute=last.arrive_minute - 1)),
        "never asked for": (GOOD, replace(WISHES, never_poi_ids=(visit.poi_id,))),
        "must missing": (GOOD, replace(WISHES, must_poi_ids=("cave",))),
        "over budget": (first(GOOD, lambda v: replace(v, fee_yen=9)), WISHES),
        "too short a stay": (first(GOOD, lambda v: replace(v, end_minute=v.start_minute)), WISHES),
        "closed": (first(GOOD, lambda v: replace(
            v, start_minute=1500, end_minute=1545)), WISHES),
        "too fast": (replace(GOOD, legs=(replace(
            leg, depart_minute=leg.arrive_minute), *GOOD.legs[1:])), WISHES),
        "walks": (GOOD, on_foot),
        "guessed point": (first(GOOD, lambda v: replace(v, location=guess)), WISHES),
        "forgets a POI": (replace(GOOD, left_out=()), WISHES),
        "twice the same cave": (first(GOOD, lambda v: replace(v, poi_id="cave")), WISHES),
    }  # fmt: skip


def test_the_good_plan_is_good() -> None:
    assert faults(GOOD, WISHES, KNOWN) == []
    assert len(GOOD.visits) == 2


@pytest.mark.parametrize("name", spoiled())
def test_a_spoiled_plan_is_noticed(name: str) -> None:
    plan, wishes = spoiled()[name]
    assert faults(plan, wishes, KNOWN)
