"""Planning from end to end without a worker process."""

from collections.abc import Sequence
from dataclasses import replace

from services.itinerary.domain.day_search import run
from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.planner import build_plan, job_of
from services.itinerary.domain.prepare import Catalog, prepare
from services.itinerary.domain.trip import TripRequest

ITERATIONS = 12


def plan_day(
    known: Catalog, trip: TripRequest, keep: Sequence[str] = (), kept_lunch: str = ""
) -> DayPlan:
    prepared = prepare(known, trip)
    job = job_of(prepared, keep=keep, kept_lunch=kept_lunch)
    outcome = run(replace(job, iterations=ITERATIONS)) if job else None
    return build_plan(known, prepared, outcome)
