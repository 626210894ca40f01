"""Fees and fares of a party within its budget, by bus."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from services.itinerary.domain.fares import Fares, fares_of
from services.itinerary.domain.plan import DayPlan, PlanStatus
from services.itinerary.domain.poi import Fees
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.repair import cut
from services.itinerary.domain.transit.network import Network
from services.itinerary.domain.trip import Location, Party, TravelMode
from services.itinerary.domain.walking import WalkingWish
from services.itinerary.domain.why import ConflictKind, WhyOut
from tests.unit.itinerary.bus_samples import line_of, network, random_network, stop_at, with_bus
from tests.unit.itinerary.checker import faults
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import catalog, place, poi, random_catalog, random_trip, trip

STOPS = ("station", "cave", "farm", "station-again")
LINE = line_of((550, 580, 700, 730), (600, 640, 760, 790), (700, 740, 900, 940), line_id="loop")
# Where one gets on and off: to the cave, on to the farm, home from each.
WAYS = {("station", "cave"): 500, ("cave", "farm"): 900, ("farm", "station-again"): 300,
        ("cave", "station-again"): 500, ("station", "farm"): 1500}  # fmt: skip
AREA = catalog(
    [poi("cave", score=90, fees=Fees(1000, 1000, 500)), poi("farm", score=60)],
    [place("station"), place("cave", 20), place("farm", 20, 20)],
)


def loop(
    ways: dict[tuple[str, str], int], child_ways: dict[tuple[str, str], int] | None = None
) -> Network:
    stops = [stop_at(name) for name in STOPS]
    places = {f"stop-{name}": name for name in STOPS} | {"stop-station-again": "station"}
    found = network(stops, LINE, at_places=places, fares=_named(ways))
    children = _named(child_ways or {})
    return replace(found, child_fares=children, version=f"{found.version} {children}")


def _named(ways: dict[tuple[str, str], int]) -> dict[tuple[str, str, str], int]:
    return {("loop", f"stop-{one}", f"stop-{other}"): yen for (one, other), yen in ways.items()}


def planned(kept: Network, area: Catalog = AREA, **wishes: Any) -> DayPlan:
    wish = trip(**{"mode": TravelMode.BUS, **wishes})
    known = with_bus(area, kept, wish.visit_date)
    plan = plan_day(known, wish)
    assert faults(plan, wish, known) == []
    return plan


def visited(plan: DayPlan) -> list[str]:
    return [visit.poi_id for visit in plan.visits]


def test_adults_pay_and_children_as_far_as_anybody_knows() -> None:
    plan = planned(loop(WAYS, {("station", "cave"): 250}), party=Party(2, 1, 1, 1))
    assert visited(plan) == ["cave", "farm"]
    there, on, home = (leg.rides for leg in plan.legs)
    assert (there[0].fare_yen, there[0].child_fare_yen) == (500, 250)
    assert fares_of(there, plan.trip.party) == Fares(3 * 500 + 250)
    assert fares_of(on, plan.trip.party) == Fares(3 * 900, unknown=True)
    assert plan.fares == Fares(3 * (500 + 900 + 300) + 250, unknown=True)
    assert fares_of((*there, *on, *home), Party(1)) == Fares(1700)


def test_a_fare_nobody_knows_is_said_and_not_counted() -> None:
    plan = planned(loop({}), budget_yen=1000)
    assert visited(plan) == ["cave", "farm"]
    assert plan.fares == Fares(0, unknown=True)
    assert fares_of((), Party(1)) == Fares()


def test_fares_count_in_the_budget() -> None:
    """Cave and farm: 1,000 + 1,700; the cave alone 1,000 + 1,000; the farm alone 1,800."""
    assert visited(planned(loop(WAYS), budget_yen=2700)) == ["cave", "farm"]
    plan = planned(loop(WAYS), budget_yen=2699)
    assert visited(plan) == ["cave"]
    assert plan.total_fee_yen + plan.total_fare_yen == 2000
    assert [(left.poi_id, left.why) for left in plan.left_out] == [("farm", WhyOut.OVER_BUDGET)]
    assert visited(planned(loop(WAYS), budget_yen=1999)) == ["farm"]
    assert visited(planned(loop(WAYS), budget_yen=1799)) == []


def test_a_must_that_costs_too_much_with_the_way_is_a_conflict() -> None:
    plan = planned(loop(WAYS), budget_yen=1500, must_poi_ids=("cave",))
    assert plan.status is PlanStatus.CONFLICT
    [told] = plan.conflicts
    assert (told.kind, told.poi_ids) == (ConflictKind.BUDGET_TOO_SMALL, ("cave",))
    assert told.missing_yen == 500


def test_a_way_that_alone_costs_too_much_is_a_conflict_without_a_name() -> None:
    plan = planned(loop(WAYS), budget_yen=400, end=Location("cave"))
    [told] = plan.conflicts
    assert (told.kind, told.poi_ids, told.missing_yen) == (ConflictKind.BUDGET_TOO_SMALL, (), 100)


def test_a_way_that_costs_too_much_and_walks_too_far_is_told_as_both() -> None:
    inn = replace(AREA, places={**AREA.places, "inn": place("inn", 20, 1)})
    plan = planned(
        loop(WAYS), inn, budget_yen=400, end=Location("inn"), walking=WalkingWish(None, 10)
    )
    assert {each.kind: each.missing_yen for each in plan.conflicts} == {
        ConflictKind.BUDGET_TOO_SMALL: 100, ConflictKind.TOO_MUCH_WALKING: 0,
    }  # fmt: skip


def test_by_car_there_are_no_fares() -> None:
    plan = plan_day(AREA, trip(budget_yen=1000))
    assert visited(plan) == ["cave", "farm"] or visited(plan) == ["farm", "cave"]
    assert plan.fares == Fares()


def test_what_was_ridden_is_spent() -> None:
    known = with_bus(AREA, loop(WAYS), "2026-11-21")
    plan = planned(loop(WAYS))
    begun = cut(known, plan, plan.visits[0].start_minute)
    assert begun.remainder.spent_yen == 1000 + 500
    assert cut(known, plan, 0).remainder.spent_yen == 0


@pytest.mark.parametrize("seed", range(6))
def test_no_day_by_bus_goes_over_its_budget_unsaid(seed: int) -> None:
    random = Random(seed)
    for _ in range(6):
        area = random_catalog(random)
        buses = random_network(random, area.places, runs=80)
        ends = [run.calls for run in buses.timetable.runs]
        stops = buses.timetable.stops
        fares = {
            (run.line_id, stops[a.stop].stop_id, stops[b.stop].stop_id): random.randrange(9) * 100
            for run, calls in zip(buses.timetable.runs, ends, strict=True)
            for number, a in enumerate(calls) for b in calls[number + 1 :]
        }  # fmt: skip
        buses = replace(buses, fares=fares, version=repr(sorted(fares.items())) + buses.version)
        wish = replace(
            random_trip(random, area), mode=TravelMode.BUS, start=Location("station"),
            end=Location("station"), start_minute=500, end_minute=1300,
            budget_yen=random.choice([0, 700, 1500, 4000]),
        )  # fmt: skip
        known = with_bus(area, buses, wish.visit_date)
        plan = plan_day(known, wish)
        assert faults(plan, wish, known) == []
        told = any(each.kind is ConflictKind.BUDGET_TOO_SMALL for each in plan.conflicts)
        assert wish.budget_yen is not None
        assert told or plan.total_fee_yen + plan.total_fare_yen <= wish.budget_yen
