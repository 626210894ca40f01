"""Planning from end to end without a worker process."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from services.itinerary.domain.away import Away
from services.itinerary.domain.day_search import run
from services.itinerary.domain.deal_search import deal
from services.itinerary.domain.evened import evened
from services.itinerary.domain.job import Deal, Dealt
from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.prepare import Catalog, Remainder, prepare
from services.itinerary.domain.sojourn import (
    Days,
    Offered,
    better,
    deal_of,
    dealt_out,
    in_turn,
    offered,
)
from services.itinerary.domain.spending import plans_of
from services.itinerary.domain.trip import TripRequest

ITERATIONS = 12


def plan_day(
    known: Catalog,
    trip: TripRequest,
    keep: Sequence[str] = (),
    kept_lunch: str = "",
    done: Remainder | None = None,
) -> DayPlan:
    searches = plans_of(known, prepare(known, trip, done), keep, kept_lunch)
    try:
        job = next(searches)
        while True:
            job = searches.send(run(replace(job, iterations=ITERATIONS)))
    except StopIteration as found:
        plan: DayPlan = found.value
        return plan


def quickly(asked: Deal) -> Dealt:
    return deal(replace(asked, iterations=ITERATIONS))


def plan_days(
    days: Sequence[tuple[Catalog, TripRequest]],
    how: Callable[[Deal], Dealt] = quickly,
    told: list[tuple[int, Away]] | None = None,
    *,
    in_turn_too: bool = True,
    evenly: bool = True,
) -> list[DayPlan]:
    """Plans days together. told: gets each day that is planned, with what others have."""
    found = offered(days)
    question, names = deal_of(found)
    dealt = how(question)
    plans = _answered(found, dealt_out(found, names, dealt), told)
    if in_turn_too and any(dealt.days):
        plans = better(plans, _answered(found, in_turn(found, names), told))
    return _answered(found, evened(found, plans), told) if evenly else plans


def _answered(
    found: Sequence[Offered], asking: Days, told: list[tuple[int, Away]] | None
) -> list[DayPlan]:
    try:
        asked = next(asking)
        while True:
            if told is not None:
                told.append((asked.number, asked.away))
            known = replace(found[asked.number].catalog, away=asked.away)
            asked = asking.send(plan_day(known, asked.trip))
    except StopIteration as planned:
        plans: list[DayPlan] = planned.value
        return plans
