"""A day that a closure has hit: what has begun stays, what need not move does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.itinerary.domain.day_search import run
from services.itinerary.domain.place import Closure
from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.planner import build_plan, job_of
from services.itinerary.domain.prepare import Catalog, prepare
from services.itinerary.domain.repair import cut, effects_on, joined
from services.itinerary.domain.why import WhyIn
from tests.unit.itinerary.checker import faults
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import catalog, place, poi, trip

NAMES = ("a", "b", "c", "d", "e")
KNOWN = catalog(
    [poi(name, stay_min_minutes=80, stay_max_minutes=80) for name in NAMES],
    [place("station"), *(place(name, n, n % 2) for n, name in enumerate(NAMES))],
)
MIDNIGHT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def shut(place_id: str, begin: int = 0, end: int | None = None) -> Closure:
    until = None if end is None else MIDNIGHT + timedelta(minutes=end)
    return Closure(
        "c1", frozenset({place_id}), "rockfall", MIDNIGHT + timedelta(minutes=begin), until
    )


def repair(plan: DayPlan, known: Catalog, minute: int) -> DayPlan:
    begun = cut(known, plan, minute)
    prepared = prepare(known, begun.trip, begun.remainder)
    job = job_of(prepared, keep=begun.keep_poi_ids)
    return joined(plan, begun, build_plan(known, prepared, run(job) if job else None))


def ids(plan: DayPlan) -> list[str]:
    return [visit.poi_id for visit in plan.visits]


def test_only_closures_during_a_visit_hit_it() -> None:
    plan = plan_day(KNOWN, trip())
    second = plan.visits[1]
    assert [e.poi_id for e in effects_on(plan, [shut(second.place_id)])] == [second.poi_id]
    assert not effects_on(plan, [shut("elsewhere")])
    assert not effects_on(plan, [shut(second.place_id, second.end_minute)])
    assert not effects_on(plan, [shut(second.place_id, 0, second.arrive_minute)])
    assert effects_on(plan, [shut(second.place_id, second.end_minute - 1)])
    # One that ends within the minute of the arrival shuts that minute, as it does when planning.
    late = shut(second.place_id, 0, second.arrive_minute)
    half = timedelta(seconds=30)
    assert late.until_time is not None
    assert effects_on(plan, [replace(late, until_time=late.until_time + half)])


def test_before_the_day_the_closed_one_is_replaced_and_the_order_kept() -> None:
    plan = plan_day(KNOWN, trip())
    victim = plan.visits[1].poi_id
    known = replace(KNOWN, closures=[shut(victim)])
    fixed = repair(plan, known, -5000)
    rest = [poi_id for poi_id in ids(plan) if poi_id != victim]
    assert [poi_id for poi_id in ids(fixed) if poi_id in rest] == rest
    assert victim not in ids(fixed)
    assert not effects_on(fixed, known.closures)
    assert faults(fixed, trip(), known) == []


def test_during_the_day_begun_visits_stay_as_they_are() -> None:
    plan = plan_day(KNOWN, trip())
    now = plan.visits[1].start_minute + 10
    victim = plan.visits[2].poi_id
    fixed = repair(plan, replace(KNOWN, closures=[shut(victim, now)]), now)
    assert ids(fixed)[:2] == ids(plan)[:2]
    assert fixed.visits[0].start_minute == plan.visits[0].start_minute
    assert fixed.visits[0].reasons[-1].why is WhyIn.ALREADY_BEGUN
    assert victim not in ids(fixed)
    assert fixed.legs[2].depart_minute >= plan.visits[1].end_minute
    assert len(fixed.legs) == len(fixed.visits) + 1


def test_a_late_party_gets_a_shorter_rest_of_the_day() -> None:
    plan = plan_day(KNOWN, trip())
    late = plan.visits[0].end_minute + 150
    begun = cut(KNOWN, plan, plan.visits[0].start_minute)
    begun = replace(begun, remainder=replace(begun.remainder, minute=late))
    prepared = prepare(KNOWN, begun.trip, begun.remainder)
    job = job_of(prepared, keep=begun.keep_poi_ids)
    assert job
    fixed = joined(plan, begun, build_plan(KNOWN, prepared, run(job)))
    assert len(fixed.visits) < len(plan.visits)
    assert fixed.legs[1].depart_minute >= late
    assert fixed.finish_minute <= trip().end_minute
