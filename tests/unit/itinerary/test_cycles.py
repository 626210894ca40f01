"""Days by cycle: rented ones are fetched and brought back while that is open; what contradicts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from services.itinerary.domain.paths import Ease, Paths, Wheelchair
from services.itinerary.domain.place import Closure, PointQuality
from services.itinerary.domain.plan import Conflict, DayPlan, PlanStatus
from services.itinerary.domain.poi import Category, Poi
from services.itinerary.domain.repair import cut, effects_on, joined
from services.itinerary.domain.trip import Location, TravelMode, TripRequest, check_trip
from services.itinerary.domain.walking import WalkingWish
from services.itinerary.domain.why import ConflictKind, WhyOut
from tests.unit.itinerary.bus_samples import random_network, with_bus
from tests.unit.itinerary.checker import faults
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import (
    catalog,
    place,
    poi,
    random_catalog,
    random_trip,
    with_cycles,
)
from tests.unit.itinerary.samples import trip as wished

RENTAL_CLOSED = ConflictKind.CYCLE_RENTAL_CLOSED
PLACES = [
    place("station"), place("hub", 2, quality=PointQuality.ESTIMATE, error_m=300), place("far", 9),
    place("cave", 4), place("farm", 3, 2, PointQuality.ESTIMATE, 300),
    place("nowhere", quality=None),
]  # fmt: skip


def rents(name: str, opening: str = "08:30-17:00", **more: Any) -> Poi:
    return poi(name, category=Category.TRANSPORT, score=0, opening=opening, cycle_rental=True,
               phone="0837-62-0115", **more)  # fmt: skip


SIGHTS = [poi("cave", score=90), poi("farm")]


def area(*pois: Poi, closures: Sequence[Closure] = ()) -> Any:
    return catalog([*SIGHTS, *pois], PLACES, closures)


def by_cycle(**wishes: Any) -> TripRequest:
    wish = wished(**{"mode": TravelMode.CYCLE, "end_minute": 1200, **wishes})
    check_trip(wish)
    return wish


def planned(known: Any, **wishes: Any) -> DayPlan:
    wish = by_cycle(**wishes)
    plan = plan_day(known, wish)
    assert faults(plan, wish, known) == []
    return plan


def shut(place_id: str, begin: int, end: int | None = None) -> Closure:
    """A closure on 21 November, hours in Japan."""

    def at(hour: int) -> datetime:
        return datetime(2026, 11, 20 if hour < 9 else 21, (hour - 9) % 24, tzinfo=UTC)

    until = at(end) if end else None
    return Closure("c", frozenset({place_id}), "flood", at(begin), until)


def test_a_rented_cycle_is_fetched_and_brought_back_while_that_is_open() -> None:
    plan = planned(area(rents("hub", "10:00-14:00")))
    assert plan.rental
    assert (plan.rental.poi_id, plan.rental.back_minute) == ("hub", 840)
    assert (plan.start.place_id, plan.end.place_id) == ("hub", "hub")
    assert plan.depart_minute >= 600
    assert plan.finish_minute <= 840
    assert plan.status is PlanStatus.PLANNED
    assert {visit.poi_id for visit in plan.visits} == {"cave", "farm"}
    assert plan.rental.phone == "0837-62-0115"
    assert plan.walked == (0, 0, 0)


def test_the_last_hour_at_which_one_is_handed_out_is_kept() -> None:
    known = area(rents("hub", "08:30-17:00", last_entry="15:00"))
    assert planned(known).rental
    plan = planned(known, start_minute=901)
    assert [(each.kind, each.why_out) for each in plan.conflicts] == [
        (RENTAL_CLOSED, WhyOut.CLOSED_AT_THAT_TIME)
    ]


def test_a_break_at_noon_is_gone_around() -> None:
    known = area(rents("hub", "09:00-12:00,13:00-17:00"))
    assert planned(known, start_minute=740).depart_minute >= 780
    assert planned(known, start_minute=540, end_minute=750).finish_minute <= 720


def test_the_nearest_open_place_rents_the_cycles() -> None:
    known = area(rents("hub"), rents("far"))
    assert rented(planned(known)) == "hub"
    assert rented(planned(known, start=Location("far"), end=Location("cave"))) == "far"
    # Nobody knows where that start is: any will do, always the same.
    assert rented(planned(known, start=Location("nowhere"))) == "far"
    plan = planned(known, start=Location("cave"))
    assert plan.rental
    assert plan.rental.from_start_m == pytest.approx(2000, abs=5)
    monday = area(rents("hub", "09:00-17:00; Sa off"), rents("far"))
    assert rented(planned(monday)) == "far"


def rented(plan: DayPlan) -> str:
    return plan.rental.poi_id if plan.rental else ""


def test_where_none_is_known_or_wanted_the_day_begins_where_it_wishes() -> None:
    for plan in (
        planned(area()), planned(area(rents("hub")), own_cycle=True),
        planned(area(rents("nowhere"))),  # a rental place that nobody could lead to
    ):  # fmt: skip
        assert (plan.start.place_id, plan.rental) == ("station", None)
        assert plan.status is PlanStatus.PLANNED
        assert plan.visits
    # On other days nothing is rented.
    assert planned(area(rents("hub")), mode=TravelMode.CAR).rental is None


def test_hours_that_nobody_knows_bound_nothing() -> None:
    plan = planned(area(rents("hub", "")))
    assert plan.rental
    assert (plan.rental.spans, plan.rental.back_minute) == ((), None)
    assert plan.start.place_id == "hub"


@pytest.mark.parametrize(
    ("hub", "closures", "why"),
    [
        (rents("hub", "09:00-17:00; Sa off"), [], WhyOut.CLOSED_THAT_DAY),
        (rents("hub"), [shut("hub", 7)], WhyOut.CLOSURE),
        (rents("hub", "06:00-08:30"), [], WhyOut.CLOSED_AT_THAT_TIME),
    ],
)
def test_a_closed_rental_place_is_a_conflict_and_the_day_is_one_on_ones_own(
    hub: Poi, closures: list[Closure], why: WhyOut
) -> None:
    plan = planned(area(hub, closures=closures))
    assert [(each.kind, each.poi_ids, each.why_out) for each in plan.conflicts] == [
        (RENTAL_CLOSED, ("hub",), why)
    ]
    assert plan.conflicts[0].closure_reason == ("flood" if closures else "")
    assert (plan.start.place_id, plan.rental) == ("station", None)
    assert plan.visits


def test_a_rental_place_that_closes_before_the_first_sight_opens_leaves_an_empty_day() -> None:
    known = catalog([poi("cave", opening="18:00-21:00"), rents("hub")], PLACES)
    plan = planned(known, end_minute=1300)
    assert (rented(plan), plan.visits, plan.status) == ("hub", (), PlanStatus.PLANNED)
    assert plan.left_out[0].why is WhyOut.CLOSED_AT_THAT_TIME
    must = planned(known, end_minute=1300, must_poi_ids=("cave",))
    assert must.conflicts == (
        Conflict(
            ConflictKind.MUST_VISIT_IMPOSSIBLE, ("cave",), WhyOut.CLOSED_AT_THAT_TIME
        ),
    )  # fmt: skip


def test_a_wheelchair_and_a_cycle_contradict_each_other_and_the_closest_day_is_told() -> None:
    easy = poi("cave", paths=Paths(Wheelchair.YES))
    plan = planned(catalog([easy, rents("hub")], PLACES), ease=Ease.WHEELCHAIR)
    assert [each.kind for each in plan.conflicts] == [ConflictKind.WHEELCHAIR_BY_CYCLE]
    assert [visit.poi_id for visit in plan.visits] == ["cave"]


def test_by_cycle_one_follows_roads_to_what_is_known_roughly_and_walks_count_for_nothing() -> None:
    plan = planned(area(rents("hub")), walking=WalkingWish(10, 10))
    assert {visit.poi_id for visit in plan.visits} == {"cave", "farm"}
    assert any(leg.from_estimated_point for leg in plan.legs)
    no_point = planned(area(), start=Location("nowhere"))
    assert [each.kind for each in no_point.conflicts] == [ConflictKind.NO_POINT]


def test_too_far_is_told_as_what_it_is() -> None:
    plan = planned(catalog([poi("far")], [*PLACES[:1], place("far", 14)]))
    assert plan.left_out[0].why is WhyOut.TOO_FAR_BY_CYCLE


def test_cycles_go_back_to_where_they_are_from_whatever_is_nearer_by_then() -> None:
    known = area(rents("hub"), rents("far"))
    plan = planned(known)
    under_way = plan.visits[0].start_minute
    begun = cut(known, plan, under_way)
    assert begun.remainder.left
    rest = plan_day(known, begun.trip, done=begun.remainder)
    assert joined(plan, begun, rest).end.place_id == "hub"
    # The place has closed for the day: the cycle goes there all the same, and that is said.
    flooded = replace(known, closures=[shut("hub", 8)])
    rest = plan_day(flooded, begun.trip, done=begun.remainder)
    assert (rented(rest), rest.end.place_id) == ("hub", "hub")
    assert [each.kind for each in rest.conflicts] == [RENTAL_CLOSED]
    # It closes earlier than it used to: the day ends in time.
    early = replace(known, closures=[shut("hub", 15)])
    rest = plan_day(early, begun.trip, done=begun.remainder)
    assert rest.finish_minute <= 900
    assert rest.status is PlanStatus.PLANNED


def test_before_anybody_has_left_another_place_may_rent_the_cycles() -> None:
    known = area(rents("hub"), rents("far"))
    plan = planned(known)
    begun = cut(replace(known, closures=[shut("hub", 7)]), plan, 0)
    assert not begun.remainder.left
    rest = plan_day(replace(known, closures=[shut("hub", 7)]), begun.trip, done=begun.remainder)
    assert rented(rest) == "far"


def test_a_closure_where_the_cycles_are_from_hits_a_kept_day() -> None:
    plan = planned(area(rents("hub")))
    assert [each.poi_id for each in effects_on(plan, [shut("hub", 7)])] == ["hub"]
    assert effects_on(plan, [shut("hub", 10, 11)]) == ()  # the party is elsewhere meanwhile
    assert effects_on(plan, [shut("station", 7)]) == ()
    told = replace(plan, conflicts=(Conflict(RENTAL_CLOSED, ("hub",)),))
    assert effects_on(told, [shut("hub", 7)]) == ()  # a repair would offer nothing more


@pytest.mark.parametrize("batch", range(12))
def test_days_by_cycle_in_careless_areas_are_typed_and_feasible(batch: int) -> None:
    random = Random(900 + batch)
    known = with_cycles(random, random_catalog(random))
    for number in range(10):
        wish = replace(
            random_trip(random, known), mode=TravelMode.CYCLE, own_cycle=random.random() < 0.3
        )
        plan = plan_day(known, wish)
        assert faults(plan, wish, known) == [], (batch, number, wish)
        assert (plan.status is PlanStatus.CONFLICT) == bool(plan.conflicts)
        for begun in (cut(known, plan, minute) for minute in (0, 600, 800)):
            rest = plan_day(known, begun.trip, done=begun.remainder)
            if plan.rental and begun.remainder.left:
                assert rented(rest) == plan.rental.poi_id
                assert rest.end.place_id == plan.rental.place_id


@pytest.mark.parametrize("batch", range(4))
def test_days_on_foot_and_by_bus_with_heights_are_feasible(batch: int) -> None:
    random = Random(950 + batch)
    known = with_cycles(random, random_catalog(random))
    buses = random_network(random, known.places, runs=40)
    for mode in (TravelMode.FOOT, TravelMode.BUS):
        for _ in range(6):
            wish = replace(random_trip(random, known), mode=mode, start=Location("station"))
            area = with_bus(known, buses, wish.visit_date, past_midnight=wish.ends_after_midnight)
            plan = plan_day(area, wish)
            assert faults(plan, wish, area) == [], wish
            walks = [leg for leg in plan.legs if not leg.rides and leg.climb_m is not None]
            assert all(leg.distance_m for leg in walks if leg.walked_minutes), wish
