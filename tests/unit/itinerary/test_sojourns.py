"""Days planned together: what they share, what each says, and which wishes can be read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.itinerary.domain.away import (
    OtherDay,
    Together,
    away_of,
    overlapping,
    told_as_they_are,
)
from services.itinerary.domain.job import Deal, Dealt
from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.score import EFFORT
from services.itinerary.domain.sojourn import MOST_DAYS, check_days
from services.itinerary.domain.trip import Location, LunchWish, TravelMode, TripRequest, VisitWish
from services.itinerary.domain.why import ConflictKind, WhyOut
from tests.examples import share
from tests.unit.itinerary.bus_samples import random_network, with_bus
from tests.unit.itinerary.checker import faults
from tests.unit.itinerary.plans import plan_day, plan_days
from tests.unit.itinerary.samples import catalog, place, poi, random_catalog, random_trip, trip

FIRST = date(2026, 11, 21)  # a Saturday
STATION = place("station")


def on_days(wishes: TripRequest, count: int) -> list[TripRequest]:
    """The same wishes on days that follow one another."""
    return [
        replace(wishes, visit_date=(FIRST + timedelta(days=number)).isoformat())
        for number in range(count)
    ]


def in_one(known: Catalog, trips: Sequence[TripRequest]) -> list[tuple[Catalog, TripRequest]]:
    return [(known, each) for each in trips]


def visited(plan: DayPlan) -> list[str]:
    return [visit.poi_id for visit in plan.visits]


def why(plan: DayPlan, poi_id: str) -> WhyOut | None:
    return next((left.why for left in plan.left_out if left.poi_id == poi_id), None)


def nothing_dealt(asked: Deal) -> Dealt:
    return Dealt(tuple(() for _ in asked.days))


def random_days(
    random: Random, count: int, mode: TravelMode
) -> tuple[Catalog, list[tuple[Catalog, TripRequest]]]:
    """Careless wishes for days that start and end anywhere, at any time of the day."""
    area = random_catalog(random)
    buses = random_network(random, area.places, runs=40)
    wishes = replace(
        random_trip(random, area), mode=mode, start=Location("station"), end=Location("station")
    )
    days = []
    for each in on_days(wishes, count):
        begin = random.randrange(360, 720)
        one = replace(each, start_minute=begin, end_minute=begin + random.randrange(0, 600))
        if random.random() < 0.3:
            one = replace(one, end=random_trip(random, area).end)
        one = replace(one, lunch=random.choice([None, LunchWish()]))
        days.append((with_bus(area, buses, one.visit_date), one))
    return area, days


@share(16)
@given(st.integers(0, 10**6), st.integers(2, MOST_DAYS), st.sampled_from(TravelMode))
def test_no_sight_is_visited_twice_and_every_day_holds(
    seed: int, count: int, mode: TravelMode
) -> None:
    area, days = random_days(Random(seed), count, mode)
    plans = plan_days(days)
    every = [poi_id for plan in plans for poi_id in visited(plan)]
    assert len(every) == len(set(every))
    musts = days[0][1].must_ids
    groups = [area.pois[poi_id].group for poi_id in every if poi_id not in musts]
    all_groups = [area.pois[poi_id].group for poi_id in every]
    assert not any(group and all_groups.count(group) > 1 for group in groups)
    for plan, (known, _) in zip(plans, days, strict=True):
        assert faults(plan, plan.trip, known) == []
    named = {poi_id for plan in plans for each in plan.conflicts for poi_id in each.poi_ids}
    general = any(not each.poi_ids for plan in plans for each in plan.conflicts)
    assert general or set(musts) <= {*every, *named}
    assert sorted(m for plan in plans for m in plan.trip.must_ids) == sorted(musts)


@share(16)
@given(st.integers(0, 10**6), st.sampled_from(TravelMode))
def test_what_another_day_has_is_named_with_that_day(seed: int, mode: TravelMode) -> None:
    area, days = random_days(Random(seed), 3, mode)
    plans = plan_days(days)
    has = {poi_id: plan.trip.visit_date for plan in plans for poi_id in visited(plan)}
    group_of = {area.pois[poi_id].group: day for poi_id, day in has.items()}
    for plan in plans:
        for left in plan.left_out:
            if left.why is WhyOut.ANOTHER_DAY:
                group = area.pois[left.poi_id].group
                day = has.get(left.poi_id) or (group_of.get(group, "") if group else "")
                assert left.other_date == day
                assert left.other_date != plan.trip.visit_date
            else:
                assert left.other_date == ""
            if left.poi_id in has:
                assert left.why in (WhyOut.ANOTHER_DAY, WhyOut.NEVER_ASKED_FOR)


def test_the_same_wishes_give_the_same_days() -> None:
    for seed in range(3):
        _, days = random_days(Random(seed), 3, TravelMode.CAR)
        assert plan_days(days) == plan_days(days)


def gain(plans: Sequence[DayPlan]) -> tuple[int, int, int]:
    """Must-visits, conflicts, and the value of days, by the words of the README."""
    visits = [(plan.trip, visit) for plan in plans for visit in plan.visits]
    return (
        sum(visit.poi_id in trip.must_ids for trip, visit in visits),
        -sum(len(plan.conflicts) for plan in plans),
        sum(4 * max(1, visit.score - EFFORT[trip.pace]) for trip, visit in visits)
        - sum(leg.arrive_minute - leg.depart_minute for plan in plans for leg in plan.legs),
    )


@share(16)
@given(st.integers(0, 10**6), st.integers(2, MOST_DAYS), st.sampled_from(TravelMode))
def test_nobody_loses_by_planning_days_together(seed: int, count: int, mode: TravelMode) -> None:
    _, days = random_days(Random(seed), count, mode)
    together, in_turn = plan_days(days, evenly=False), plan_days(days, nothing_dealt, evenly=False)
    assert gain(together) >= gain(in_turn)


def test_a_must_visit_that_needs_the_time_to_spare_is_kept() -> None:
    """Dealt out alone, two of these days would have a must-visit less, and a lunch less."""
    for seed, mode in ((234, TravelMode.CAR), (270, TravelMode.CAR)):
        _, days = random_days(Random(seed), 2, mode)
        alone = gain(plan_days(days, in_turn_too=False, evenly=False))
        assert gain(plan_days(days, evenly=False)) > alone


def test_what_is_open_on_one_day_only_is_visited_on_that_day() -> None:
    """Searched one after the other the first day would take what the second cannot do without."""
    known = catalog(
        [poi("any", stay_min_minutes=300, stay_max_minutes=300, score=60),
         poi("saturday", opening="Sa 09:00-17:00", stay_min_minutes=300, stay_max_minutes=300)],
        [STATION, place("any", 2), place("saturday", 2)],
    )  # fmt: skip
    days = in_one(known, on_days(trip(), 2))
    assert [visited(plan) for plan in plan_days(days)] == [["saturday"], ["any"]]
    assert [visited(plan) for plan in plan_days(days, nothing_dealt)] == [["any"], []]


def test_each_day_starts_and_ends_where_the_party_sleeps() -> None:
    known = catalog(
        [poi("north", score=40), poi("south", score=60)],
        [STATION, place("inn", 20), place("north", 21), place("south", -20)],
    )
    first, second = on_days(trip(end_minute=765), 2)  # too short for both
    first = replace(first, end=Location("inn"))
    second = replace(second, start=Location("inn"), end=Location("inn"))
    assert [visited(p) for p in plan_days(in_one(known, [first, second]))] == [["south"], ["north"]]


def test_a_day_that_cannot_be_planned_leaves_the_others_alone() -> None:
    known = catalog([poi("cave")], [STATION, place("cave", 2)])
    first, second = on_days(trip(must_poi_ids=("cave",)), 2)
    broken, whole = plan_days(in_one(known, [replace(first, end_minute=0), second]))
    assert [conflict.kind for conflict in broken.conflicts] == [ConflictKind.START_AFTER_END]
    assert visited(whole) == ["cave"]
    assert why(broken, "cave") is WhyOut.ANOTHER_DAY


def test_a_must_visit_is_asked_of_one_day() -> None:
    known = catalog(
        [poi("monday", opening="Mo 09:00-17:00", score=20), poi("cave"), poi("other", score=30)],
        [STATION, place("monday", 2), place("cave", 3), place("other", 4)],
    )
    wishes = trip(must_poi_ids=("monday", "cave"))
    plans = plan_days(in_one(known, on_days(wishes, 3)))
    assert "monday" in visited(plans[2])
    assert plans[2].trip.must_poi_ids[:1] == ("monday",)
    assert sum("cave" in plan.trip.must_poi_ids for plan in plans) == 1
    assert not any(plan.conflicts for plan in plans)


def test_a_must_visit_that_is_closed_on_all_days_is_one_conflict() -> None:
    known = catalog(
        [poi("friday", opening="Fr 09:00-17:00"), poi("cave")],
        [STATION, place("friday", 2), place("cave", 3)],
    )
    plans = plan_days(in_one(known, on_days(trip(must_poi_ids=("friday",)), 3)))
    [conflict] = [each for plan in plans for each in plan.conflicts]
    assert conflict.kind is ConflictKind.ON_NO_DAY
    assert (conflict.poi_ids, conflict.why_out) == (("friday",), WhyOut.CLOSED_THAT_DAY)


def test_a_visit_at_a_given_time_is_on_one_day() -> None:
    known = catalog([poi("cave"), poi("bath")], [STATION, place("cave", 2), place("bath", 3)])
    wishes = trip(visit_wishes=(VisitWish("cave", 45, 660), VisitWish("bath", 40)))
    plans = plan_days(in_one(known, on_days(wishes, 2)))
    [cave] = [visit for plan in plans for visit in plan.visits if visit.poi_id == "cave"]
    assert (cave.start_minute, cave.end_minute) == (660, 705)
    assert [len(plan.trip.visit_wishes) for plan in plans].count(1) == 1
    assert all(VisitWish("bath", 40) in plan.trip.visit_wishes for plan in plans)


def test_two_ways_into_one_cave_are_not_for_two_days() -> None:
    known = catalog(
        [poi("front", group="cave"), poi("back", group="cave", score=40)],
        [STATION, place("front", 2), place("back", 3)],
    )
    first, second = plan_days(in_one(known, on_days(trip(), 2)))
    full, empty = (first, second) if first.visits else (second, first)
    assert visited(full) == ["front"]
    assert visited(empty) == []
    assert {left.other_date for left in empty.left_out} == {full.trip.visit_date}


def test_what_a_day_was_dealt_and_does_not_take_is_offered_again() -> None:
    """The deal knows nothing of lunches, crowds and fares: what it says is no promise."""
    known = catalog([poi("cave")], [STATION, place("cave", 2)])
    first, second = on_days(trip(), 2)
    second = replace(second, end_minute=560)  # too short for it
    told: list[tuple[int, Any]] = []
    plans = plan_days(
        in_one(known, [first, second]), lambda _: Dealt(((), (0,))), told, in_turn_too=False
    )  # fmt: skip
    assert told == [(0, {"cave": "2026-11-22"}), (1, {}), (0, {})]
    assert visited(plans[0]) == ["cave"]
    assert why(plans[1], "cave") is WhyOut.ANOTHER_DAY  # whatever it could not do itself


def test_what_no_day_has_any_more_names_no_day() -> None:
    known = catalog([poi("cave")], [STATION, place("cave", 2)])
    plan = plan_day(replace(known, away={"cave": "2026-11-22"}), trip())
    [left] = plan.left_out
    assert (left.why, left.other_date) == (WhyOut.ANOTHER_DAY, "2026-11-22")
    [left] = told_as_they_are(plan, {}).left_out
    assert (left.why, left.other_date) == (WhyOut.ANOTHER_DAY, "")
    [left] = told_as_they_are(plan, {"cave": "2026-11-25"}).left_out
    assert left.other_date == "2026-11-25"


def test_a_must_visit_that_another_day_has_is_told() -> None:
    known = catalog([poi("cave")], [STATION, place("cave", 2)])
    plan = plan_day(
        replace(known, away={"cave": "2026-11-22"}), trip(must_poi_ids=("cave",))
    )  # fmt: skip
    [conflict] = plan.conflicts
    assert conflict.kind is ConflictKind.MUST_VISIT_IMPOSSIBLE
    assert conflict.why_out is WhyOut.ANOTHER_DAY


def test_other_ways_in_do_not_bar_a_must_visit() -> None:
    pois = {each.poi_id: each for each in (poi("front", group="g"), poi("back", group="g"))}
    days = [OtherDay("2026-11-22", ("front", "gone"), "two")]
    assert away_of(pois, days) == {
        "front": "2026-11-22", "back": "2026-11-22", "gone": "2026-11-22",
    }  # fmt: skip
    assert away_of(pois, days, ("front", "back")) == {"front": "2026-11-22", "gone": "2026-11-22"}
    together = Together("all", (OtherDay("2026-11-21", ("x",), "one"), *days))
    assert together.beside("one") == days


def test_days_do_not_overlap_beyond_midnight() -> None:
    beside = [
        OtherDay("2026-11-22", (), "two", 540, 1020),
        OtherDay("2026-11-20", (), "", 600, 1800),
    ]
    today = trip(start_minute=360, end_minute=1980)  # from when the day before ends
    assert overlapping(today, beside) == ""
    assert overlapping(replace(today, end_minute=1981), beside) == "2026-11-22"
    assert overlapping(replace(today, start_minute=359), beside) == "2026-11-20"


def test_days_that_can_be_read() -> None:
    check_days(on_days(trip(), 2))
    check_days(on_days(trip(), 4))
    check_days([trip(), trip(visit_date="2026-12-04")])
    late = trip(end_minute=1800)
    check_days([late, trip(visit_date="2026-11-22", start_minute=360)])
    check_days([late, trip(visit_date="2026-11-23", start_minute=0)])


@pytest.mark.parametrize(
    ("trips", "field"),
    [
        ([trip()], "later_days"),
        (on_days(trip(), 5), "later_days"),
        ([trip(), trip()], "later_days[0].visit_date"),
        ([trip(), trip(visit_date="2026-11-20")], "later_days[0].visit_date"),
        ([trip(), trip(visit_date="2026-12-05")], "later_days[0].visit_date"),
        ([trip(), trip(visit_date="2026-11-23"), trip(visit_date="2026-11-22")],
         "later_days[1].visit_date"),
        ([trip(), trip(visit_date="tomorrow")], "later_days[0].visit_date"),
        ([trip(), trip(visit_date="2026-11-22", start_minute=-1)], "later_days[0].start_minute"),
        ([trip(end_minute=1800), trip(visit_date="2026-11-22", start_minute=359)],
         "later_days[0].start_minute"),
        ([trip(visit_date=""), trip(visit_date="2026-11-22")], "visit_date"),
    ],
)  # fmt: skip
def test_days_that_cannot(trips: list[TripRequest], field: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        check_days(trips)
    assert [name for name, _ in refused.value.fields] == [field]
