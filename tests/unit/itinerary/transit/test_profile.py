"""Earliest arrivals for every departure, and the way behind each of them."""

from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.transit.access import NEVER, Access
from services.itinerary.domain.transit.day import CHANGE_MINUTES, TransitDay
from services.itinerary.domain.transit.journey import journey
from services.itinerary.domain.transit.profile import profiles
from services.itinerary.domain.transit.timetable import Boarding, Call
from tests.unit.itinerary.transit.towns import accesses, day_of, days, earliest, run, town

FIRST, LAST = 0, 45


@given(days(), accesses())
def test_every_departure_gets_the_earliest_arrival_there_is(
    day: TransitDay, access: Access
) -> None:
    found = profiles(day, access, FIRST, LAST)
    for one in range(3):
        for other in range(3):
            for minute in range(FIRST, LAST + 1, 5):
                told = found.arrival(one, other, minute)
                assert told == earliest(day, access, one, other, minute), (one, other, minute)


@given(days(), accesses(), st.integers(FIRST, LAST))
def test_the_way_told_is_there_when_the_profile_says_and_can_be_taken(
    day: TransitDay, access: Access, minute: int
) -> None:
    found = profiles(day, access, FIRST, LAST)
    for one, other in ((0, 1), (1, 2), (2, 0)):
        way, told = journey(day, access, one, other, minute), found.arrival(one, other, minute)
        assert journey(day, access, one, other, minute, told) == way
        if way is None:
            assert told == NEVER
            continue
        assert way.arrive_minute == told
        clock = way.leave_minute
        assert clock >= minute
        for number, ride in enumerate(way.rides):
            calls, offset = day.runs[ride.run].calls, day.offsets[ride.run]
            on, off = (calls[call] for call in ride.calls)
            assert ride.calls[0] < ride.calls[1]
            assert (on.stop, on.depart_minute + offset) == (ride.from_stop, ride.depart_minute)
            assert (off.stop, off.arrive_minute + offset) == (ride.to_stop, ride.arrive_minute)
            assert ride.on is on.on
            assert ride.off is off.off
            assert ride.on.possible
            assert ride.off.possible
            clock += way.walks[number] + (CHANGE_MINUTES if number else 0)
            assert clock <= ride.depart_minute
            clock = ride.arrive_minute
        assert clock + way.walks[-1] == way.arrive_minute


@given(days(), accesses(), st.integers(FIRST, 80))
def test_leaving_at_the_last_departure_is_in_time_and_a_minute_later_is_not(
    day: TransitDay, access: Access, until: int
) -> None:
    found = profiles(day, access, FIRST, LAST)
    last = found.last_departure(0, 1, until)
    if last is None:
        assert all(found.arrival(0, 1, minute) > until for minute in range(FIRST, LAST + 1))
        return
    assert found.arrival(0, 1, last) <= until
    assert last == LAST or found.arrival(0, 1, last + 1) > until


TWO = Access((((0, 5),), ((1, 3),)), ((0, NEVER), (NEVER, 0)))


def test_a_bus_that_goes_twice_a_day_is_waited_for_and_missed() -> None:
    day = day_of(town(run((0, 600), (1, 640)), run((0, 900), (1, 940), run_id="r2")))
    found = profiles(day, TWO, 540, 960)
    assert found.arrival(0, 1, 595) == 643
    assert found.arrival(0, 1, 596) == 943  # five minutes of walk are not four
    assert found.arrival(0, 1, 896) == NEVER
    assert found.arrival(0, 1, 10_000) == NEVER
    assert found.last_departure(0, 1, 900) == 595
    assert found.last_departure(0, 1, 642) is None


def test_of_two_ways_that_are_there_together_the_one_with_fewer_rides_is_told() -> None:
    day = day_of(
        town(run((0, 600), (2, 610)), run((2, 615), (1, 640), run_id="r2"),
             run((0, 600), (3, 620), (1, 640), run_id="r3"))
    )  # fmt: skip
    way = journey(day, TWO, 0, 1, 500)
    assert way is not None
    assert [day.runs[ride.run].run_id for ride in way.rides] == ["r3"]
    assert (way.leave_minute, way.arrive_minute, way.walks) == (595, 643, (5, 3))


def test_two_minutes_are_needed_to_change_and_the_walk_to_another_pole() -> None:
    first = run((0, 600), (2, 610))
    for depart, walk, in_time in ((612, 0, True), (611, 0, False), (616, 4, True), (615, 4, False)):
        changes = [[(index, 0)] for index in range(5)]
        at = 2
        if walk:
            changes[2].append((3, walk))
            at = 3
        day = day_of(town(first, run((at, depart), (1, 640), run_id="r2")), changes)
        assert (journey(day, TWO, 0, 1, 500) is not None) is in_time, (depart, walk)
        assert (profiles(day, TWO, 500, 700).arrival(0, 1, 500) == 643) is in_time


def test_where_nobody_gets_on_or_off_the_bus_passes() -> None:
    for on, off in ((Boarding.NONE, Boarding.REGULAR), (Boarding.REGULAR, Boarding.NONE)):
        day = day_of(town(run(Call(0, 600, 600, on=on), Call(1, 640, 640, off=off))))
        assert journey(day, TWO, 0, 1, 500) is None
    day = day_of(town(run(Call(0, 600, 600, on=Boarding.CALL_AHEAD), Call(1, 640, 640))))
    way = journey(day, TWO, 0, 1, 500)
    assert way is not None
    assert way.rides[0].on is Boarding.CALL_AHEAD
