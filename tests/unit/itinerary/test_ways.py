"""How long ways take on foot, by cycle and by car, level and uphill: factors and what follows."""

from dataclasses import replace
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.heights import climb_m, with_heights
from services.itinerary.domain.matrix import day_problem
from services.itinerary.domain.place import KnownPoint, Point, PointQuality
from services.itinerary.domain.problem import UNREACHABLE, Candidate
from services.itinerary.domain.travel import MAX_CYCLE_MINUTES, travel_minutes, travel_table
from services.itinerary.domain.trip import Location, TravelMode
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import catalog, place, poi, trip

CAR, FOOT, CYCLE = TravelMode.CAR, TravelMode.FOOT, TravelMode.CYCLE
ON_ONES_OWN = [CAR, FOOT, CYCLE]


def at(km_north: float, height_m: int | None = None) -> KnownPoint:
    location = place("p", km_north).location
    assert location
    return replace(location, height_m=height_m)


def test_a_level_way_by_cycle_is_that_of_the_factors() -> None:
    # 5 km straight are 7 km of road: 29 minutes at 14.5 km/h, and two to unlock and to lock.
    assert travel_minutes(at(0), at(5), CYCLE) == ceil(7 / 14.5 * 60) + 2 == 31
    assert travel_minutes(at(0), at(0), CYCLE) == 0
    # 50 m are walked: a cycle is not unlocked for a minute.
    assert travel_minutes(at(0), at(0.05), CYCLE) == travel_minutes(at(0), at(0.05), FOOT) == 1


@pytest.mark.parametrize(("mode", "more"), [(CAR, 0), (FOOT, 15), (CYCLE, 15)])
def test_a_climb_takes_a_minute_for_ten_meters_and_a_descent_gains_nothing(
    mode: TravelMode, more: int
) -> None:
    level = travel_minutes(at(0), at(4), mode)
    low, high = at(0, 80), at(4, 230)
    assert travel_minutes(low, high, mode) == level + more
    assert travel_minutes(high, low, mode) == level
    # One height alone says nothing.
    assert travel_minutes(at(0), high, mode) == travel_minutes(low, at(4), mode) == level


def test_an_elevator_is_no_way_of_no_minutes() -> None:
    assert travel_minutes(at(0, 100), at(0, 180), FOOT) == 8
    assert travel_minutes(at(0, 180), at(0, 100), FOOT) == 0


def test_a_table_has_the_climb_one_way_only() -> None:
    low, high = at(0, 80), at(4, 230)
    for mode in (FOOT, CYCLE):
        there, back = (travel_table([low, high], mode)[n][1 - n] for n in (0, 1))
        assert there == back + 15
    assert travel_table([low, high], CAR)[0][1] == travel_table([low, high], CAR)[1][0]
    # What is remembered of two points is not that of the same points with other heights.
    flat = [replace(each, height_m=None) for each in (low, high)]
    assert travel_table(flat, FOOT, 2)[0][1] == travel_table([low, high], FOOT, 2)[1][0]
    assert travel_table([low, high], FOOT, 2)[0][1] == travel_table(flat, FOOT, 2)[0][1] + 15


def points() -> st.SearchStrategy[KnownPoint]:
    near = st.builds(Point, st.floats(34.1, 34.4), st.floats(131.1, 131.4))
    heights = st.one_of(st.none(), st.integers(-100, 1000))
    errors = st.sampled_from([0, 0, 300, 1000])
    return st.builds(KnownPoint, near, st.just(PointQuality.SOURCE), errors, heights)


@given(points(), points())
def test_no_cycle_is_slower_than_feet(one: KnownPoint, other: KnownPoint) -> None:
    assert 0 <= travel_minutes(one, other, CYCLE) <= travel_minutes(one, other, FOOT)


@given(points(), points(), st.sampled_from(ON_ONES_OWN))
def test_heights_only_ever_add_and_only_uphill(
    one: KnownPoint, other: KnownPoint, mode: TravelMode
) -> None:
    level = travel_minutes(
        replace(one, height_m=None), replace(other, height_m=None), mode
    )  # fmt: skip
    there, back = travel_minutes(one, other, mode), travel_minutes(other, one, mode)
    assert level <= min(there, back)
    assert min(there, back) == level
    if (climb := climb_m(one, other)) is not None and climb > 0:
        assert back == level
        assert there <= level + ceil(climb / 10)


@given(points(), points(), points(), st.sampled_from(ON_ONES_OWN))
def test_a_detour_over_a_third_place_gains_nothing(
    one: KnownPoint, two: KnownPoint, three: KnownPoint, mode: TravelMode
) -> None:
    """But for what a height in between tells: without it a climb between the others is not known.
    Rounding to meters may cost a minute."""
    if two.height_m is None:
        one = replace(one, height_m=None)
    direct = travel_minutes(one, three, mode)
    assert direct <= travel_minutes(one, two, mode) + travel_minutes(two, three, mode) + 1


@given(st.lists(points(), max_size=6), st.sampled_from(ON_ONES_OWN), st.integers(0, 7))
def test_a_table_with_heights_says_what_each_way_says(
    known: list[KnownPoint], mode: TravelMode, again: int
) -> None:
    table = travel_table(known, mode, again)
    assert travel_table(known, mode, again) == table
    for row, one in enumerate(known):
        for column, other in enumerate(known):
            assert table[row][column] == (row != column and travel_minutes(one, other, mode))


def test_nobody_is_sent_on_a_longer_way_by_cycle_than_an_hour_but_to_a_must() -> None:
    far, start = at(12), at(0)
    assert travel_minutes(start, far, CYCLE) > MAX_CYCLE_MINUTES
    wish = trip(mode=CYCLE)
    for must in (False, True):
        candidate = Candidate(50, 30, ((0, 1000),), must=must)
        problem = day_problem(wish, start, start, [(candidate, far)])
        assert (problem.travel[1][0] < UNREACHABLE) is must


def test_a_place_has_the_height_of_what_is_there() -> None:
    pois = [
        poi("annex", place_id="peak", elevation_m=90), poi("peak", elevation_m=425),
        poi("lake", place_id="shore", elevation_m=0), poi("inn"),
    ]  # fmt: skip
    places = {each.place_id: each for each in (place("peak"), place("shore", 1), place("inn", 2),
                                               place("pointless", quality=None))}  # fmt: skip
    known = with_heights(places, pois)
    heights = {name: each.location and each.location.height_m for name, each in known.items()}
    assert heights == {"peak": 425, "shore": 0, "inn": None, "pointless": None}
    assert with_heights(places, [poi("inn")]) is places


@pytest.mark.parametrize("mode", [CAR, CYCLE])
def test_nobody_goes_from_a_place_to_itself(mode: TravelMode) -> None:
    """However roughly it is known where the place lies; another one at an equal point is away."""
    rough = [place(name, quality=PointQuality.ESTIMATE, error_m=200) for name in ("hub", "other")]
    known = catalog([poi("hub"), poi("other")], rough)
    there = {"start": Location("hub"), "end": Location("hub")}
    plan = plan_day(known, trip(mode=mode, own_cycle=True, **there))
    assert {visit.poi_id for visit in plan.visits} == {"hub", "other"}
    for leg in plan.legs:
        stays = leg.from_place_id == leg.to_place_id
        assert (leg.arrive_minute == leg.depart_minute) is stays, leg
        assert not (stays and leg.distance_m)
