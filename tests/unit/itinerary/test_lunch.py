"""Lunch: one in its time, at a place to eat where that can be, else a break that says so."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.itinerary.domain.day_filled import MOST_COST
from services.itinerary.domain.day_search import run
from services.itinerary.domain.job import Job
from services.itinerary.domain.meals import Meal, serves_food, with_meals
from services.itinerary.domain.place import Closure
from services.itinerary.domain.plan import DayPlan, InReason, PlannedVisit
from services.itinerary.domain.planner import build_plan, job_of
from services.itinerary.domain.poi import Category, Interest
from services.itinerary.domain.prepare import Catalog, prepare
from services.itinerary.domain.problem import Problem
from services.itinerary.domain.repair import cut, joined
from services.itinerary.domain.trip import (
    LunchWish,
    Pace,
    TripRequest,
    VisitWish,
    check_trip,
    usual_lunch,
)
from services.itinerary.domain.why import ConflictKind, WhyIn
from tests.examples import share
from tests.unit.itinerary.checker import faults
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.problems import all_days, problems
from tests.unit.itinerary.samples import catalog, place, poi, trip

LUNCH = LunchWish()


def area(*closures: Closure, **inn: Any) -> Catalog:
    """Two sights, an inn with noodles, and a roadside station an hour away."""
    return catalog(
        [
            poi("cave", score=90), poi("pond", score=70, opening="24/7"),
            poi("inn", category=Category.FOOD, score=30, **inn),
            poi("station-food", category=Category.ROADSIDE_STATION, score=30, opening="24/7"),
        ],
        [place("station"), place("cave", 2), place("pond", 4), place("inn", 3, 1),
         place("station-food", -24)],
        closures,
    )  # fmt: skip


def wished(**more: Any) -> TripRequest:
    return trip(**{"lunch": LUNCH, **more})


def lunch_of(plan: DayPlan) -> PlannedVisit:
    [visit] = [visit for visit in plan.visits if visit.is_lunch]
    return visit


def planned(known: Catalog, asked: TripRequest, **kept: Any) -> DayPlan:
    plan = plan_day(known, asked, **kept)
    assert faults(plan, asked, known) == []
    return plan


def shut(poi_id: str) -> Closure:
    return Closure("c1", frozenset({poi_id}), "flood", datetime(2026, 11, 20, tzinfo=UTC), None)


def test_lunch_is_at_an_open_place_to_eat_in_its_time() -> None:
    visit = lunch_of(planned(area(), wished()))
    assert (visit.poi_id, visit.pause_minutes) == ("inn", 0)
    assert 660 <= visit.start_minute <= 810
    assert visit.reasons[0] == InReason(WhyIn.LUNCH)


def test_a_day_that_wishes_for_no_lunch_has_none() -> None:
    plan = planned(area(), wished(lunch=None))
    assert not any(visit.is_lunch for visit in plan.visits)
    assert plan.lunch_poi_id == ""


@pytest.mark.parametrize("opening", ["17:00-22:00", "09:00-11:00", "Mo 09:00-17:00", ""])
def test_where_nothing_is_open_the_next_place_to_eat_is_taken(opening: str) -> None:
    assert lunch_of(planned(area(opening=opening), wished())).poi_id == "station-food"


@pytest.mark.parametrize(("pace", "rest"), [(Pace.QUICK, 30), (Pace.NORMAL, 40),
                                            (Pace.UNHURRIED, 45)])  # fmt: skip
def test_where_none_is_open_the_party_rests_with_what_it_brought(pace: Pace, rest: int) -> None:
    known = area(opening="Mo 09:00-17:00")
    plan = planned(known, wished(never_poi_ids=("station-food",), pace=pace))
    visit = lunch_of(plan)
    assert visit.poi_id in ("cave", "pond")
    assert visit.pause_minutes == rest
    assert visit.leave_minute == visit.end_minute + rest
    assert 660 <= visit.end_minute <= 810
    assert InReason(WhyIn.LUNCH) not in visit.reasons
    assert plan.conflicts == ()


def test_nobody_gives_up_the_cave_for_noodles() -> None:
    known = area(opening="09:00-17:00")
    places = {**known.places, "inn": place("inn", 60), "station-food": place("station-food", -200)}
    plan = planned(replace(known, places=places), wished(end_minute=900))
    assert {visit.poi_id for visit in plan.visits} == {"cave", "pond"}
    assert lunch_of(plan).pause_minutes == 40


def test_a_must_that_serves_food_is_the_lunch() -> None:
    plan = planned(area(), wished(must_poi_ids=("inn", "cave")))
    assert lunch_of(plan).poi_id == "inn"
    assert sum(visit.poi_id == "inn" for visit in plan.visits) == 1
    fixed = (VisitWish("inn", 0, 900),)
    assert lunch_of(planned(area(), wished(visit_wishes=fixed))).poi_id != "inn"
    fixed = (VisitWish("inn", 0, 700),)
    assert lunch_of(planned(area(), wished(visit_wishes=fixed))).start_minute == 700


def test_a_stay_of_the_partys_own_is_long_enough_to_eat() -> None:
    asked = wished(visit_wishes=(VisitWish("inn", 45),), never_poi_ids=("station-food",))
    visit = lunch_of(planned(area(), asked))
    assert visit.end_minute - visit.start_minute == 45
    assert not serves_food(poi("kiosk", category=Category.FOOD, stay_min_minutes=5,
                               stay_max_minutes=15))  # fmt: skip
    assert serves_food(poi("farm", interests=(Interest.FOOD,)))
    assert not serves_food(poi("cave"))


def test_a_window_of_the_partys_own_holds() -> None:
    visit = lunch_of(planned(area(), wished(lunch=LunchWish(840, 870))))
    assert visit.start_minute == 840


def test_a_lunch_that_cannot_be_is_told_with_what_is_missing() -> None:
    plan = planned(area(), wished(lunch=LunchWish(1100, 1200)))
    assert [each.kind for each in plan.conflicts] == [ConflictKind.NO_LUNCH]
    assert plan.visits
    short = wished(start_minute=600, end_minute=760, visit_wishes=(VisitWish("cave", 60, 660),))
    plan = planned(area(), short)
    [told] = plan.conflicts
    assert told.kind is ConflictKind.NO_LUNCH
    longer = replace(short, end_minute=760 + told.missing_minutes)
    assert lunch_of(planned(area(), longer)).poi_id == "inn"


def test_time_to_spare_gives_way_to_a_lunch() -> None:
    known = area(opening="09:00-12:10")
    # Back from the inn after 12:16, which leaves less than the quarter of an hour to spare.
    asked = wished(start_minute=650, end_minute=745, must_poi_ids=(), lunch=LunchWish(680, 730),
                   never_poi_ids=("cave", "pond", "station-food"))  # fmt: skip
    assert lunch_of(planned(known, asked)).poi_id == "inn"


def test_a_kept_day_keeps_its_lunch_where_it_is() -> None:
    known, asked = area(), wished()
    before = planned(known, asked)
    order = [visit.poi_id for visit in before.visits]
    after = planned(known, asked, keep=order, kept_lunch=before.lunch_poi_id)
    assert after.visits == before.visits


def test_a_lunch_that_closes_is_had_elsewhere_and_nothing_else_is_lost() -> None:
    asked = wished()
    before = planned(area(), asked)
    order = [visit.poi_id for visit in before.visits]
    known = area(shut("inn"))
    after = planned(known, asked, keep=order, kept_lunch="inn")
    assert lunch_of(after).poi_id != "inn"
    assert {"cave", "pond"} <= {visit.poi_id for visit in after.visits}


def test_a_lunch_wished_for_later_comes_into_a_kept_day() -> None:
    before = planned(area(), wished(lunch=None, never_poi_ids=("inn", "station-food")))
    order = [visit.poi_id for visit in before.visits]
    after = planned(area(), wished(), keep=order)
    assert lunch_of(after).poi_id == "inn"
    assert [v.poi_id for v in after.visits if v.poi_id in order] == order
    resting = planned(area(), wished(never_poi_ids=("inn", "station-food")), keep=order)
    assert lunch_of(resting).pause_minutes == 40
    assert [visit.poi_id for visit in resting.visits] == order


def rest_of(plan: DayPlan, known: Catalog, minute: int) -> DayPlan:
    begun = cut(known, plan, minute)
    prepared = prepare(known, begun.trip, begun.remainder)
    job = job_of(prepared, keep=begun.keep_poi_ids, kept_lunch=plan.lunch_poi_id)
    return joined(plan, begun, build_plan(known, prepared, run(job) if job else None))


@pytest.mark.parametrize("served", [True, False])
def test_who_has_eaten_does_not_eat_again(served: bool) -> None:  # noqa: FBT001 - a case
    known = area()
    asked = wished() if served else wished(never_poi_ids=("inn", "station-food"))
    plan = planned(known, asked)
    visit = lunch_of(plan)
    later = rest_of(plan, known, visit.start_minute)
    assert lunch_of(later).poi_id == visit.poi_id
    assert later.legs[plan.visits.index(visit) + 1].depart_minute >= visit.leave_minute
    earlier = rest_of(plan, known, visit.start_minute - 1)
    assert lunch_of(earlier).poi_id == visit.poi_id


def test_after_lunch_time_nobody_is_told_that_there_is_none() -> None:
    known = area()
    plan = replace(planned(known, wished(lunch=None)), trip=wished())
    assert rest_of(plan, known, 830).conflicts == ()
    assert lunch_of(rest_of(plan, known, 600))


def test_whose_day_has_a_lunch_without_saying_so() -> None:
    assert usual_lunch(540, 1020) == usual_lunch(690, 810) == LUNCH
    assert usual_lunch(691, 1020) is usual_lunch(540, 809) is None


@pytest.mark.parametrize("window", [(-1, 700), (700, 729), (900, 700), (1790, 1900)])
def test_windows_nobody_could_eat_in_are_refused(window: tuple[int, int]) -> None:
    with pytest.raises(InvalidFields, match="lunch"):
        check_trip(wished(lunch=LunchWish(*window)))
    check_trip(wished(lunch=LunchWish(0, 30)))


@share(30)
@given(problems(3), st.data())
def test_a_lunch_is_missed_only_where_no_day_has_one(problem: Problem, data: st.DataObject) -> None:
    """As good as by trying every day that there is, with the ways to have lunch as visits."""
    meals = tuple(
        Meal(node, ((660, 780),), 30, data.draw(st.sampled_from([0, 30])))
        for node in range(len(problem.candidates))
    )
    outcome = run(Job(problem, meals=meals))
    if outcome.times is None:
        return
    places = [meal for meal in meals if not meal.pause]
    breaks = [meal for meal in meals if meal.pause]
    best = {
        kind: best_of(with_meals(problem, ways), len(problem.candidates))
        for kind, ways in (("place", places), ("break", breaks))
    }
    found = outcome.lunch
    assert (found is not None) == (best["place"][0] or best["break"][0])
    kind = "break" if found and found.pause else "place"
    assert outcome.solution.value == best[kind][1]
    if kind == "break" and best["place"][0]:
        assert best["break"][1] - best["place"][1] > MOST_COST


def best_of(problem: Problem, count: int) -> tuple[bool, int]:
    days = [
        (any(node >= count for node in order), value)
        for value, _, order in all_days(problem)
        if sum(node >= count for node in order) < 2
    ]
    return max(days, default=(False, 0))
