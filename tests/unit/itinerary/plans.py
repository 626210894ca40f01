"""Planning from end to end without a worker process."""

from collections.abc import Sequence
from dataclasses import replace

from services.itinerary.domain.day_search import run
from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.prepare import Catalog, prepare
from services.itinerary.domain.spending import plans_of
from services.itinerary.domain.trip import TripRequest

ITERATIONS = 12


def plan_day(
    known: Catalog, trip: TripRequest, keep: Sequence[str] = (), kept_lunch: str = ""
) -> DayPlan:
    searches = plans_of(known, prepare(known, trip), keep, kept_lunch)
    try:
        job = next(searches)
        while True:
            job = searches.send(run(replace(job, iterations=ITERATIONS)))
    except StopIteration as found:
        plan: DayPlan = found.value
        return plan
