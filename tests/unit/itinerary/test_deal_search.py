"""Dealing sights out: one problem of several days, judged by another program."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.itinerary.judge import faults
from services.itinerary.domain import deal_search
from services.itinerary.domain.deal_search import MOST_STOPS, _most_worth, _parts, deal, tours_of
from services.itinerary.domain.job import Deal, Job
from services.itinerary.domain.orienteering.engine import Found, Limit, search
from services.itinerary.domain.orienteering.problem import TourProblem, instance_of
from services.itinerary.domain.poi import Category
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.problem import Candidate, Problem
from services.itinerary.domain.sojourn import deal_of, offered
from services.itinerary.domain.transit.timetable import Call, Run
from services.itinerary.domain.trip import Location, LunchWish, TravelMode, TripRequest
from tests.examples import share
from tests.unit.itinerary.bus_samples import EVERY_DAY, network, random_network, stop_at, with_bus
from tests.unit.itinerary.samples import catalog, place, poi, random_catalog, random_trip, trip

Days = list[tuple[Catalog, TripRequest]]


def asked_of(days: Days) -> Deal:
    return deal_of(offered(days))[0]


def problem_of(asked: Deal) -> TourProblem:
    parts = _parts(asked)
    return tours_of(parts, _most_worth(parts))


def found_in(problem: TourProblem) -> Found:
    return search(instance_of(problem), Limit(iterations=12))


def random_days(random: Random, mode: TravelMode) -> Days:
    area = random_catalog(random)
    buses = random_network(random, area.places, runs=40)
    wishes = random_trip(random, area)
    wishes = replace(wishes, mode=mode, start=Location("station"), end=Location("station"))
    found = []
    for number in range(random.randrange(2, 5)):
        day = (date(2026, 11, 21) + timedelta(days=number)).isoformat()
        begin = random.randrange(400, 800)
        one = replace(
            wishes, visit_date=day, start_minute=begin, end_minute=begin + random.randrange(600)
        )
        found.append((with_bus(area, buses, day), one))
    return found


@share(24)
@given(st.integers(0, 10**6), st.sampled_from(TravelMode))
def test_tours_keep_all_rules_of_the_problem(seed: int, mode: TravelMode) -> None:
    asked = asked_of(random_days(Random(seed), mode))
    if not _parts(asked):
        assert deal(asked).days == tuple(() for _ in asked.days)
        return
    problem = problem_of(asked)
    assert faults(problem, found_in(problem).tours) == []


@share(24)
@given(st.integers(0, 10**6), st.sampled_from(TravelMode))
def test_every_sight_goes_to_a_day_on_which_it_is_one(seed: int, mode: TravelMode) -> None:
    asked = replace(asked_of(random_days(Random(seed), mode)), iterations=12)
    dealt = deal(asked)
    assert len(dealt.days) == len(asked.days)
    every = [sight for day in dealt.days for sight in day]
    assert len(every) == len(set(every))
    for day, sights in zip(dealt.days, asked.sights, strict=True):
        assert {*day} <= {*sights}
    assert deal(asked) == dealt


def test_by_bus_each_day_has_its_own_timetable() -> None:
    """The run to the cave goes on Saturdays, so the only day it can be for is Saturday."""
    known = catalog(
        [poi("cave"), poi("bath", score=45)],
        [place("station"), place("cave", 9), place("bath", -9)],
    )
    saturdays = replace(EVERY_DAY, service_id="sat", weekdays=frozenset({5}))
    runs = [
        Run(f"{service}-{one}", service, service, "終点",
            (Call(one, leave, leave), Call(other, leave + 30, leave + 30)))
        for service, sight in (("sat", 1), ("daily", 2))
        for one, other, leave in ((0, sight, 600), (sight, 0, 900))
    ]  # fmt: skip
    buses = network(
        [stop_at("station"), stop_at("cave"), stop_at("bath")], runs,
        services=(EVERY_DAY, saturdays),
    )  # fmt: skip
    days = [
        (with_bus(known, buses, day), trip(visit_date=day, mode=TravelMode.BUS))
        for day in ("2026-11-20", "2026-11-21")
    ]
    asked = asked_of(days)
    friday, saturday = deal(asked).days
    bath, cave = 0, 1
    assert friday == (bath,)
    assert saturday == (cave,)


def test_a_coarse_timetable_still_gets_every_day_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deal_search, "MOST_ARRIVALS", 2_000)
    for seed in range(12):
        asked = asked_of(random_days(Random(seed), TravelMode.BUS))
        if _parts(asked):
            problem = problem_of(asked)
            assert problem.timetable is not None
            assert problem.timetable.step > 1
            assert faults(problem, found_in(problem).tours) == []


def test_the_one_bus_home_is_not_lost_between_two_departures_of_a_coarse_timetable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deal_search, "MOST_ARRIVALS", 2_000)
    known = catalog([poi("cave")], [place("station"), place("cave", 9), place("inn", 12)])
    run = Run("only", "red", "daily", "終点", (Call(0, 551, 551), Call(1, 600, 600)))
    buses = network([stop_at("station"), stop_at("inn")], [run])
    days = [
        (
            with_bus(known, buses, day),
            trip(visit_date=day, mode=TravelMode.BUS, start_minute=begin, end=Location("inn")),
        )
        for day, begin in (("2026-11-20", 540), ("2026-11-21", 550))
    ]
    asked = asked_of(days)
    table = problem_of(asked).timetable
    assert table is not None
    assert (551 - table.begins) // table.step == (
        550 - table.begins
    ) // table.step  # no slot between
    assert deal(asked).days == ((), ())


def test_days_are_dealt_a_lunch_each_by_car_and_none_by_bus() -> None:
    """A place to eat is no lunch twice, so one of the days has a break."""
    eatery = poi("noodles", category=Category.FOOD, score=30)
    known = catalog(
        [poi("cave"), eatery, poi("pond")],
        [place("station"), place("cave", 2), place("noodles", 3), place("pond", 4)],
    )
    buses = network([stop_at("station")], [])
    asked = {}
    for mode in (TravelMode.CAR, TravelMode.BUS):
        wishes = [
            trip(mode=mode, visit_date=day, lunch=LunchWish())
            for day in ("2026-11-21", "2026-11-22")
        ]
        asked[mode] = asked_of([(with_bus(known, buses, each.visit_date), each) for each in wishes])
    assert not any(job and job.meals for job in asked[TravelMode.BUS].days)
    by_car = problem_of(asked[TravelMode.CAR])
    assert [day.ends for day in by_car.days] == [1020 - 15] * 2  # time to spare
    needs = [stop.need for stop in by_car.stops]
    assert needs.count(-1) == 3
    assert needs.count(0) == needs.count(1) > 1
    tours = found_in(by_car).tours
    assert faults(by_car, tours) == []
    assert [sum(by_car.stops[node].need >= 0 for node in tour) for tour in tours] == [1, 1]
    dealt = deal(replace(asked[TravelMode.CAR], iterations=12)).days
    assert sorted(sight for day in dealt for sight in day) == [0, 1, 2]


def test_what_is_worth_most_is_searched_where_there_is_too_much() -> None:
    sights = range(MOST_STOPS + 20)
    candidates = tuple(Candidate(1 + sight, 30, ((540, 900),), must=sight == 3) for sight in sights)
    nodes = len(candidates) + 2
    travel = tuple(tuple(5 for _ in range(nodes)) for _ in range(nodes))
    job = Job(Problem(candidates, travel, 540, 1020))
    asked = Deal((job, None), (tuple(sights), ()))
    chosen = _most_worth(_parts(asked))
    assert chosen == [3, *range(21, MOST_STOPS + 20)]
    first, none = deal(replace(asked, iterations=3)).days
    assert 3 in first
    assert none == ()


def test_budgets_of_all_days_are_one_purse_for_the_deal() -> None:
    known = catalog([poi("cave")], [place("station"), place("cave", 2)])
    wishes: Sequence[TripRequest] = [trip(budget_yen=700), trip(visit_date="2026-11-22")]
    assert problem_of(asked_of([(known, each) for each in wishes])).budget is None
    wishes = [replace(each, budget_yen=700) for each in wishes]
    assert problem_of(asked_of([(known, each) for each in wishes])).budget == 1400
