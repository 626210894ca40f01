"""Careless wishes in random areas: always a typed answer, never an infeasible plan.

Each of 192 requests is planned from end to end (without the worker process) and judged by
checker.py, which shares no code with the planner.
"""

from random import Random

import pytest

from services.itinerary.domain.day_search import run
from services.itinerary.domain.job import Job
from services.itinerary.domain.plan import DayPlan, PlanStatus
from services.itinerary.domain.planner import build_plan, job_of
from services.itinerary.domain.prepare import Catalog, prepare
from services.itinerary.domain.trip import TripRequest, check_trip
from services.itinerary.domain.why import ConflictKind, WhyOut
from tests.unit.itinerary.checker import faults
from tests.unit.itinerary.samples import random_catalog, random_trip

ITERATIONS = 12
BATCHES, PER_BATCH = 16, 12


def plan_day(known: Catalog, trip: TripRequest) -> DayPlan:
    prepared = prepare(known, trip)
    job = job_of(prepared)
    outcome = (
        run(Job(job.problem, job.seed, ITERATIONS, job.keep, job.spare_minutes)) if job else None
    )
    return build_plan(known, prepared, outcome)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_answer_is_typed_and_every_plan_is_feasible(batch: int) -> None:
    random = Random(batch)
    known = random_catalog(random)
    for number in range(PER_BATCH):
        trip = random_trip(random, known)
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
        known = random_catalog(random)
        for _ in range(PER_BATCH):
            trip = random_trip(random, known)
            prepared = prepare(known, trip)
            conflicts |= {conflict.kind for conflict in prepared.conflicts}
            reasons |= {rejection.why for rejection in prepared.rejections}
            planned += prepared.problem is not None
    assert conflicts >= {
        ConflictKind.START_AFTER_END, ConflictKind.END_OUT_OF_REACH, ConflictKind.MUST_AND_NEVER,
        ConflictKind.ESTIMATED_POINT_ON_FOOT, ConflictKind.MUST_VISIT_IMPOSSIBLE,
        ConflictKind.NO_POINT,
    }  # fmt: skip
    assert reasons >= set(WhyOut) - {WhyOut.TOO_FAR_ON_FOOT}
    assert planned > BATCHES * PER_BATCH // 3


def test_equal_requests_give_equal_plans() -> None:
    random = Random(5)
    known = random_catalog(random, 20)
    for _ in range(5):
        trip = random_trip(random, known)
        assert plan_day(known, trip) == plan_day(known, trip)


def test_two_thousand_pois_are_answered() -> None:
    known = random_catalog(Random(1), 2_000)
    trip = random_trip(Random(3), known)
    plan = plan_day(known, trip)
    assert len(plan.visits) + len(plan.left_out) == 2_000
    assert faults(plan, trip, known) == []
