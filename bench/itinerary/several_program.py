"""The program that plans days of Mine together and one after another: JSON lines in and out.

In: number, mode ("car", "bus"), few (sights that the area has left, none for all). Out: together,
in_turn (values of all days), days, visits of both, twice (sights visited twice), together_ms,
in_turn_ms (computing of this thread); even (value of the days once they are evened), even_ms,
uneven, even_uneven (how much more of its time the fullest day is at sights than the emptiest).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from bench.itinerary import lines
from bench.itinerary.mine import Mine
from services.itinerary.domain.day_search import run
from services.itinerary.domain.deal_search import deal
from services.itinerary.domain.evened import evened, load
from services.itinerary.domain.job import Deal, Dealt
from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.poi import NOT_A_VISIT, Interest
from services.itinerary.domain.prepare import Catalog, prepare
from services.itinerary.domain.problem import SCORE_UNIT
from services.itinerary.domain.score import EFFORT
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
from services.itinerary.domain.trip import (
    Location,
    Pace,
    Party,
    TravelMode,
    TripRequest,
    usual_lunch,
)

FIRST = date(2026, 11, 1)  # no sight of Mine is in season for less than a week then
STARTS = ("parking-city", "bus-center", "michinoeki-ofuku", "michinoeki-mito", "karstar")
BUS_STARTS = ("bus-center", "st-shin-yamaguchi", "st-mine")


@cache
def _mine() -> Mine:
    return Mine()


def wishes(number: int, mode: TravelMode) -> list[TripRequest]:
    """Returns the wishes of a made-up party for two to four days in a row."""
    random = Random(f"{mode} {number}")
    starts = BUS_STARTS if mode is TravelMode.BUS else STARTS
    first, home, inn = FIRST + timedelta(days=random.randrange(28)), *random.choices(starts, k=2)
    count = 2 + number % 3
    liked = tuple(random.sample(list(Interest), random.randrange(4)))
    pace = random.choice(list(Pace))
    found = []
    for day in range(count):
        begin, end = random.choice([540, 570, 600]), random.choice([960, 1020, 1080])
        found.append(
            TripRequest(
                visit_date=(first + timedelta(days=day)).isoformat(),
                start=Location(inn if day else home),
                end=Location(inn if day < count - 1 else home),
                start_minute=begin + 180 * (day == 0 and random.random() < 0.5),
                end_minute=end - 240 * (day == count - 1 and random.random() < 0.5),
                mode=mode, party=Party(2), interests=liked, pace=pace, seed=number,
            )
        )  # fmt: skip
    return [replace(one, lunch=usual_lunch(one.start_minute, one.end_minute)) for one in found]


def solve(asked: dict[str, Any]) -> dict[str, Any]:
    """Answers one line."""
    mode = TravelMode(asked["mode"])
    days = [
        (_mine().on(trip.day, by_bus=mode is TravelMode.BUS), trip)
        for trip in wishes(asked["number"], mode)
    ]
    if asked.get("few"):
        days = _with_few(days, asked["number"], asked["few"])
    together, together_ms = _timed(days, deal)
    began = time.thread_time()
    even = _answered(found := offered(days), evened(found, together))
    even_ms = 1000 * (time.thread_time() - began)
    in_turn, in_turn_ms = _timed(days, _nothing)
    every = [visit.poi_id for plan in together for visit in plan.visits]
    return {
        "together": sum(map(value, together)), "in_turn": sum(map(value, in_turn)),
        "days": len(days), "visits": len(every),
        "visits_in_turn": sum(len(plan.visits) for plan in in_turn),
        "twice": len(every) - len(set(every)),
        "together_ms": together_ms, "in_turn_ms": in_turn_ms,
        "even": sum(map(value, even)), "even_ms": even_ms, "uneven": _uneven(together),
        "even_uneven": _uneven(even),
    }  # fmt: skip


def _with_few(
    days: list[tuple[Catalog, TripRequest]], number: int, few: int
) -> list[tuple[Catalog, TripRequest]]:
    """Returns days in an area that has few sights."""
    visits = [p for p in days[0][0].pois.values() if p.category not in NOT_A_VISIT and p.score]
    kept = {each.poi_id for each in Random(number).sample(visits, few)}
    others = {each.poi_id for each in visits} - kept
    return [
        (replace(known, pois={i: p for i, p in known.pois.items() if i not in others}), trip)
        for known, trip in days
    ]


def _uneven(plans: Sequence[DayPlan]) -> float:
    loads = [*map(load, plans)]
    return max(loads) - min(loads)


def value(plan: DayPlan) -> int:
    """Returns what a day is worth: what the search maximizes."""
    score = sum(max(1, visit.score - EFFORT[plan.trip.pace]) for visit in plan.visits)
    return SCORE_UNIT * score - plan.total_travel_minutes


def _nothing(asked: Deal) -> Dealt:
    return Dealt(tuple(() for _ in asked.days))


def _timed(
    days: Sequence[tuple[Catalog, TripRequest]], how: Callable[[Deal], Dealt]
) -> tuple[list[DayPlan], float]:
    began = time.thread_time()
    found = offered(days)
    question, names = deal_of(found)
    dealt = how(question)
    plans = _answered(found, dealt_out(found, names, dealt))
    if any(dealt.days):
        plans = better(plans, _answered(found, in_turn(found, names)))
    return plans, 1000 * (time.thread_time() - began)


def _answered(found: Sequence[Offered], asking: Days) -> list[DayPlan]:
    try:
        asked = next(asking)
        while True:
            catalog = replace(found[asked.number].catalog, away=asked.away)
            asked = asking.send(_planned(catalog, asked.trip))
    except StopIteration as planned:
        plans: list[DayPlan] = planned.value
        return plans


def _planned(catalog: Catalog, trip: TripRequest) -> DayPlan:
    searches = plans_of(catalog, prepare(catalog, trip))
    try:
        job = next(searches)
        while True:
            job = searches.send(run(job))
    except StopIteration as found:
        plan: DayPlan = found.value
        return plan


if __name__ == "__main__":
    lines.serve(solve)
