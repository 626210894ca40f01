"""A day by bus as numbers: its times, the exact search and the long search on it."""

from dataclasses import replace
from itertools import product

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.bus import unpacked
from services.itinerary.domain.bus_problem import BusProblem, timed
from services.itinerary.domain.exact import best_day
from services.itinerary.domain.job import BusQuestion
from services.itinerary.domain.problem import Problem, latest_starts, schedule, value_of
from services.itinerary.domain.search import solve
from services.itinerary.domain.transit.access import NEVER, Access
from services.itinerary.domain.transit.day import TransitDay
from tests.examples import share
from tests.unit.itinerary.problems import END, START, best_by_trying, bus_problems
from tests.unit.itinerary.transit.towns import accesses, day_of, days, earliest, run, town


@share(30)
@given(bus_problems(5, musts=True))
def test_the_best_day_is_the_best_of_all_days(problem: BusProblem) -> None:
    found, truth = best_day(problem), best_by_trying(problem)
    assert (found is None) == (truth is None)
    if found and truth:
        assert (found.value, -found.finish) == truth
        assert value_of(problem, found.order) == found.value


@share(15)
@given(bus_problems(6))
def test_the_long_search_finds_feasible_days_and_mostly_the_best(problem: BusProblem) -> None:
    if schedule(problem, ()) is None:
        return
    found, truth = solve(problem, exact=False, iterations=60), best_by_trying(problem)
    assert truth
    planned = schedule(problem, found.order)
    assert planned is not None
    assert (planned[1], value_of(problem, found.order)) == (found.finish, found.value)
    assert found.value <= truth[0]


@share(30)
@given(bus_problems(4), st.data())
def test_the_last_departure_is_in_time_and_no_later_one_is(
    problem: BusProblem, data: st.DataObject
) -> None:
    nodes = range(len(problem.travel))
    here, there = data.draw(st.sampled_from(nodes)), data.draw(st.sampled_from(nodes))
    limit = data.draw(st.integers(START, END + 60))
    leave = problem.departure(here, there, limit)
    fitting = [m for m in range(START, END + 61) if problem.arrival(here, there, m) <= limit]
    if fitting:
        assert leave == max(fitting)
    else:
        assert leave < START


@share(20)
@given(bus_problems(4))
def test_the_latest_starts_leave_the_rest_possible(problem: BusProblem) -> None:
    best = best_day(problem)
    if best is None:
        return
    latest = latest_starts(problem, best.order)
    planned = schedule(problem, best.order)
    assert latest is not None
    assert planned is not None
    assert all(start <= limit for start, limit in zip(planned[0], latest, strict=True))


@share(20)
@given(bus_problems(4), st.integers(1, 40))
def test_time_to_spare_is_only_asked_for_before_a_ride_home(
    problem: BusProblem, spare: int
) -> None:
    early = problem.leaving_early(spare)
    for here, leave in product(range(len(problem.travel)), (START, START + 77, END)):
        walked = leave + problem.travel[here][problem.end]
        slot = leave + spare - START
        ridden = problem.arrivals[here, problem.end, slot:].tolist()
        arrival = min(early.arrival(here, problem.end, leave), NEVER)
        assert arrival == min(walked, *ridden, NEVER)
        for there in range(len(problem.candidates)):
            assert early.arrival(here, there, leave) == problem.arrival(here, there, leave)


@share(20)
@given(days(), accesses(4))
def test_the_table_of_a_day_is_what_trying_every_ride_finds(
    day: TransitDay, access: Access
) -> None:
    plain = Problem((), (), 0, 60)
    nodes = tuple(range(4))
    problem = timed(plain, BusQuestion(repr((day, access)), access, nodes, b""), day)
    problem = replace(problem, travel=access.walks)
    for one, other in product(range(4), repeat=2):
        for leave in (0, 7, 31, 60):
            assert min(problem.arrival(one, other, leave), NEVER) == min(
                earliest(day, access, one, other, leave), NEVER
            )
        there = {minute: earliest(day, access, one, other, minute) for minute in range(61)}
        took = [arrive - leave for leave, arrive in there.items() if arrive < NEVER]
        assert problem.cost(one, other) == min(took, default=NEVER)


def test_what_is_asked_again_is_not_scanned_again() -> None:
    day = day_of(town(run((0, 600), (1, 640))))
    access = Access((((0, 5),), ((1, 3),)), ((0, NEVER), (NEVER, 0)))
    plain = Problem((), access.walks, 545, 700)

    def asked(key: str, today: TransitDay) -> BusProblem:
        return timed(plain, BusQuestion(key, access, (0, 1), b""), today)

    first = asked("same", day)
    again = asked("same", day_of(town()))
    other = asked("other", day_of(town()))
    assert first.arrival(0, 1, 590) == again.arrival(0, 1, 590) == 643
    assert other.arrival(0, 1, 590) >= NEVER


def test_a_packed_day_is_read_once_and_is_the_same() -> None:
    day = day_of(town(run((0, 600), (1, 640))))
    packed = msgspec.msgpack.encode(day)
    assert list(unpacked("a day", packed).runs) == list(day.runs)
    assert unpacked("a day", b"") is unpacked("a day", packed)
