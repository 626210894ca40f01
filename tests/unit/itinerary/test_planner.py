"""What a plan tells: times, slack, reasons in and out, conflicts."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.itinerary.domain.paths import Ease
from services.itinerary.domain.place import Closure, PointQuality
from services.itinerary.domain.plan import DayPlan, PlanStatus
from services.itinerary.domain.poi import Category, Fees, Interest, PoiStatus
from services.itinerary.domain.trip import Location, Pace, Party, TravelMode
from services.itinerary.domain.why import ConflictKind, WhyIn, WhyOut
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import catalog, place, poi, trip

STATION = place("station")


def reasons(plan: DayPlan, poi_id: str) -> list[WhyIn]:
    return [r.why for v in plan.visits if v.poi_id == poi_id for r in v.reasons]


def why_out(plan: DayPlan) -> dict[str, WhyOut]:
    return {left.poi_id: left.why for left in plan.left_out}


def test_the_party_leaves_later_rather_than_wait_at_a_closed_door() -> None:
    known = catalog([poi("cave", opening="11:00-17:00")], [STATION, place("cave", 10)])
    plan = plan_day(known, trip())
    [visit] = plan.visits
    assert visit.arrive_minute == visit.start_minute == 660
    assert plan.depart_minute == 660 - (plan.legs[0].arrive_minute - plan.legs[0].depart_minute)
    assert plan.finish_minute == plan.legs[-1].arrive_minute


def test_waiting_between_two_visits_is_told() -> None:
    known = catalog(
        [poi("early", opening="09:00-10:00"), poi("late", opening="13:00-17:00")],
        [STATION, place("early", 2), place("late", 2.5)],
    )
    visit = plan_day(known, trip()).visits[1]
    assert visit.poi_id == "late"
    assert visit.start_minute - visit.arrive_minute > 60
    assert visit.slack_minutes > visit.start_minute - visit.arrive_minute


def test_a_day_at_one_spot_needs_no_way_inside_it() -> None:
    known = catalog([poi("cave")], [STATION, place("cave")])
    plan = plan_day(known, trip())
    assert [leg.distance_m for leg in plan.legs] == [0, 0]
    assert plan.total_travel_minutes == 0


def test_reasons_for_being_in() -> None:
    known = catalog(
        [
            poi("asked", score=20),
            poi("liked", interests=(Interest.BATH,)),
            poi("famous", score=90),
            poi("hidden", hidden_spot=True),
            poi("near"),
        ],
        [STATION, *(place(name, 0.2) for name in ("asked", "liked", "famous", "hidden", "near"))],
    )
    plan = plan_day(known, trip(must_poi_ids=("asked",), interests=(Interest.BATH,)))
    assert reasons(plan, "asked")[0] is WhyIn.MUST_VISIT
    assert reasons(plan, "liked")[0] is WhyIn.INTEREST
    assert reasons(plan, "famous")[0] is WhyIn.HIGHLIGHT
    assert reasons(plan, "hidden")[0] is WhyIn.HIDDEN_SPOT
    assert reasons(plan, "near") == [WhyIn.ON_THE_WAY]


def test_reasons_for_being_out() -> None:
    flood = Closure("c", frozenset({"flooded"}), "flood", datetime(2026, 11, 1, tzinfo=UTC), None)
    known = catalog(
        [
            poi("flooded"), poi("monday", opening="Mo 09:00-17:00"),
            poi("evening", opening="17:00-22:00"), poi("long", stay_min_minutes=600,
            stay_max_minutes=600, opening="24/7"), poi("never"), poi("nowhere"),
            poi("dear", fees=Fees(9000, 0, 0)), poi("east", group="g"),
            poi("west", group="g", score=30),
            poi("booked", status=PoiStatus.RESERVATION_ONLY), poi("inn", category=Category.LODGING),
            poi("vague", opening=""), poi("dull", score=3), poi("far"),
        ],
        [STATION, place("nowhere", quality=None), place("far", 110, 0),
         *(place(p, 1) for p in ("flooded", "monday", "evening", "long", "never", "dear", "east",
                                 "west", "booked", "inn", "vague", "dull"))],
        [flood],
    )  # fmt: skip
    plan = plan_day(known, trip(never_poi_ids=("never",), budget_yen=5000))
    assert why_out(plan) == {
        "flooded": WhyOut.CLOSURE, "monday": WhyOut.CLOSED_THAT_DAY,
        "evening": WhyOut.CLOSED_AT_THAT_TIME, "long": WhyOut.NOT_ENOUGH_TIME,
        "never": WhyOut.NEVER_ASKED_FOR, "nowhere": WhyOut.NO_POINT, "dear": WhyOut.OVER_BUDGET,
        "west": WhyOut.SAME_AS_CHOSEN, "booked": WhyOut.RESERVATION_ONLY,
        "inn": WhyOut.NOT_A_VISIT, "vague": WhyOut.HOURS_UNKNOWN,
        "dull": WhyOut.NOT_WORTH_THE_WAY, "far": WhyOut.NOT_ENOUGH_TIME,
    }  # fmt: skip
    told = {left.poi_id: left for left in plan.left_out}
    assert told["flooded"].closure_reason == "flood"
    assert told["long"].missing_minutes > 100
    assert told["west"].same_as_poi_id == "east"


def test_what_needs_a_reservation_is_planned_when_asked_for() -> None:
    known = catalog([poi("dig", status=PoiStatus.RESERVATION_ONLY)], [STATION, place("dig", 1)])
    assert [v.poi_id for v in plan_day(known, trip(must_poi_ids=("dig",))).visits] == ["dig"]


def test_a_long_walk_is_offered_only_for_a_must_visit() -> None:
    known = catalog([poi("far", score=100, opening="24/7")], [STATION, place("far", 7)])
    wishes = trip(mode=TravelMode.FOOT, start_minute=360)
    assert why_out(plan_day(known, wishes)) == {"far": WhyOut.TOO_FAR_ON_FOOT}
    asked = plan_day(known, replace(wishes, must_poi_ids=("far",)))
    assert [visit.poi_id for visit in asked.visits] == ["far"]


def test_an_estimated_point_makes_the_way_longer_and_says_so() -> None:
    def minutes(quality: PointQuality, error_m: int) -> tuple[int, bool]:
        known = catalog([poi("cave")], [STATION, place("cave", 5, 0, quality, error_m)])
        leg = plan_day(known, trip()).legs[0]
        return leg.arrive_minute - leg.depart_minute, leg.from_estimated_point

    sure = minutes(PointQuality.SOURCE, 0)
    assert sure == (15, False)
    assert minutes(PointQuality.ESTIMATE, 1000) == (16, True)
    assert minutes(PointQuality.TOWN_CENTROID, 0) == (18, True)


@pytest.mark.parametrize(
    ("wishes", "kind", "missing"),
    [
        ({"start_minute": 600, "end_minute": 540}, ConflictKind.START_AFTER_END, 60),
        ({"end": Location("far"), "end_minute": 560}, ConflictKind.END_OUT_OF_REACH, 70),
        ({"end": Location("nowhere")}, ConflictKind.NO_POINT, 0),
        (
            {"end": Location("guess"), "mode": TravelMode.FOOT},
            ConflictKind.ESTIMATED_POINT_ON_FOOT, 0,
        ),
    ],
)  # fmt: skip
def test_a_day_without_a_way_is_a_conflict_and_not_an_error(
    wishes: dict[str, object], kind: ConflictKind, missing: int
) -> None:
    known = catalog(
        [poi("cave")],
        [STATION, place("cave"), place("far", 40), place("nowhere", quality=None),
         place("guess", quality=PointQuality.ESTIMATE, error_m=200)],
    )  # fmt: skip
    plan = plan_day(known, trip(**wishes))
    assert (plan.status, plan.visits, plan.legs) == (PlanStatus.CONFLICT, (), ())
    [conflict] = plan.conflicts
    assert conflict.kind is kind
    assert abs(conflict.missing_minutes - missing) <= 12
    assert len(plan.left_out) == 1


def test_a_must_visit_that_is_to_be_left_out_too() -> None:
    known = catalog([poi("cave")], [STATION, place("cave")])
    plan = plan_day(known, trip(must_poi_ids=("cave",), never_poi_ids=("cave",)))
    assert [c.kind for c in plan.conflicts] == [ConflictKind.MUST_AND_NEVER]
    assert plan.left_out[0].must_visit


def test_fees_are_those_of_the_whole_party() -> None:
    known = catalog([poi("cave", fees=Fees(1300, None, 700))], [STATION, place("cave")])
    family = plan_day(known, trip(party=Party(2, 0, 3, 1))).visits[0]
    assert (family.fee_yen, family.fee_unknown) == (4700, False)
    pupil = plan_day(known, trip(party=Party(1, 1))).visits[0]
    assert (pupil.fee_yen, pupil.fee_unknown) == (1300, True)


@pytest.mark.parametrize(("pace", "stay"), [(Pace.QUICK, 30), (Pace.NORMAL, 45),
                                            (Pace.UNHURRIED, 60)])  # fmt: skip
def test_the_pace_sets_the_stay(pace: Pace, stay: int) -> None:
    known = catalog([poi("cave")], [STATION, place("cave")])
    visit = plan_day(known, trip(pace=pace)).visits[0]
    assert visit.end_minute - visit.start_minute == stay


def test_an_interest_changes_the_choice() -> None:
    known = catalog(
        [
            poi("bath", interests=(Interest.BATH,), opening="09:00-10:00", score=40),
            poi("shrine", interests=(Interest.HISTORY,), opening="09:00-10:00", score=45),
        ],
        [STATION, place("bath"), place("shrine")],
    )
    chosen = [
        plan_day(known, trip(interests=(interest,))).visits[0].poi_id
        for interest in (Interest.BATH, Interest.HISTORY)
    ]
    assert chosen == ["bath", "shrine"]


def test_what_is_not_on_that_day_asks_nobody_to_look_for_the_way() -> None:
    """Fireworks of July are no question of where they are in November."""
    there = [STATION, place("cave", 1, 0, PointQuality.ESTIMATE, 300)]
    on_foot = trip(mode=TravelMode.FOOT)
    summer = catalog([poi("cave", opening="2026 Jul 25 17:00-21:30")], there)
    assert why_out(plan_day(summer, on_foot)) == {"cave": WhyOut.CLOSED_THAT_DAY}
    open_then = catalog([poi("cave")], there)
    assert why_out(plan_day(open_then, on_foot)) == {"cave": WhyOut.ESTIMATED_POINT_ON_FOOT}
    chair = trip(ease=Ease.WHEELCHAIR)
    assert why_out(plan_day(summer, chair)) == {"cave": WhyOut.CLOSED_THAT_DAY}
    assert why_out(plan_day(open_then, chair)) == {"cave": WhyOut.PATHS_UNKNOWN}
