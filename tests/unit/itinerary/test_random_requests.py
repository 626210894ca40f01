"""Careless wishes in random areas: always a typed answer, never an infeasible plan.

Each of 192 requests is planned from end to end (without the worker process) and judged by
checker.py, which shares no code with the planner.
"""

from dataclasses import replace
from random import Random

import pytest

from services.itinerary.domain.plan import PlanStatus
from services.itinerary.domain.trip import Location, TravelMode, check_trip
from services.itinerary.domain.why import ConflictKind, WhyOut
from tests.unit.itinerary.bus_samples import random_network, with_bus
from tests.unit.itinerary.checker import faults
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import random_catalog, random_crowd, random_trip

BATCHES, PER_BATCH = 16, 12


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_answer_is_typed_and_every_plan_is_feasible(batch: int) -> None:
    random = Random(batch)
    area = random_catalog(random)
    buses = random_network(random, area.places)
    for number in range(PER_BATCH):
        trip = random_trip(random, area)
        known = with_bus(area, buses, trip.visit_date, past_midnight=trip.ends_after_midnight)
        check_trip(trip)
        plan = plan_day(known, trip)
        assert faults(plan, trip, known) == [], (batch, number, trip)
        assert (plan.status is PlanStatus.CONFLICT) == bool(plan.conflicts)
        for conflict in plan.conflicts:
            assert conflict.missing_minutes >= 0
            if conflict.kind is ConflictKind.MUST_VISIT_IMPOSSIBLE:
                assert conflict.why_out is not None


def test_all_kinds_of_contradictions_came_up() -> None:
    """The random requests above would prove nothing if they were all easy."""
    conflicts: set[ConflictKind] = set()
    reasons: set[WhyOut] = set()
    planned = 0
    for batch in range(BATCHES):
        random = Random(batch)
        area = random_catalog(random)
        buses = random_network(random, area.places)
        for _ in range(PER_BATCH):
            trip = random_trip(random, area)
            plan = plan_day(
                with_bus(area, buses, trip.visit_date, past_midnight=trip.ends_after_midnight), trip
            )
            conflicts |= {conflict.kind for conflict in plan.conflicts}
            reasons |= {left.why for left in plan.left_out}
            planned += bool(plan.legs)
    assert conflicts >= {
        ConflictKind.START_AFTER_END, ConflictKind.END_OUT_OF_REACH, ConflictKind.MUST_AND_NEVER,
        ConflictKind.ESTIMATED_POINT_ON_FOOT, ConflictKind.MUST_VISIT_IMPOSSIBLE,
        ConflictKind.NO_POINT, ConflictKind.NO_BUS, ConflictKind.NO_LUNCH,
        ConflictKind.TOO_MUCH_WALKING,
    }  # fmt: skip
    assert reasons >= set(WhyOut) - {
        WhyOut.TOO_FAR_ON_FOOT, WhyOut.CROWDED, WhyOut.ANOTHER_DAY, WhyOut.TOO_FAR_BY_CYCLE,
    }  # fmt: skip
    assert planned > BATCHES * PER_BATCH // 3


@pytest.mark.parametrize("batch", range(4))
def test_days_by_bus_in_a_valley_with_many_lines_are_feasible(batch: int) -> None:
    random = Random(100 + batch)
    rides = 0
    for _ in range(12):
        area = random_catalog(random)
        buses = random_network(random, area.places, runs=80)
        wishes = random_trip(random, area)
        wishes = replace(
            wishes, mode=TravelMode.BUS, start=Location("station"), end=Location("station"),
            start_minute=random.randrange(400, 700), end_minute=random.randrange(1000, 1500),
        )  # fmt: skip
        plan = plan_day(
            known := with_bus(
                area, buses, wishes.visit_date, past_midnight=wishes.ends_after_midnight
            ),
            wishes,
        )
        assert faults(plan, wishes, known) == [], wishes
        rides += sum(len(leg.rides) for leg in plan.legs)
    assert rides > 10


def test_equal_requests_give_equal_plans() -> None:
    random = Random(5)
    area = random_catalog(random, 20)
    buses = random_network(random, area.places)
    for _ in range(5):
        trip = random_trip(random, area)
        known = with_bus(area, buses, trip.visit_date, past_midnight=trip.ends_after_midnight)
        assert plan_day(known, trip) == plan_day(known, trip)


@pytest.mark.parametrize("batch", range(6))
def test_days_that_go_around_crowds_are_feasible_and_settled(batch: int) -> None:
    random = Random(700 + batch)
    area = random_catalog(random)
    buses = random_network(random, area.places)
    for _ in range(PER_BATCH):
        trip = replace(random_trip(random, area), quieter=random.random() < 0.3)
        known = replace(with_bus(area, buses, trip.visit_date),
                        crowd=random_crowd(random, list(area.pois)))  # fmt: skip
        plan = plan_day(known, trip)
        assert faults(plan, trip, known) == [], trip
        assert plan_day(known, trip) == plan


def test_two_thousand_pois_are_answered() -> None:
    area = random_catalog(Random(1), 2_000)
    trip = random_trip(Random(3), area)
    known = with_bus(area, random_network(Random(2), area.places), trip.visit_date)
    plan = plan_day(known, trip)
    assert len(plan.visits) + len(plan.left_out) == 2_000
    assert faults(plan, trip, known) == []
