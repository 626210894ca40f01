"""Ways of a road network laid over estimates."""

from dataclasses import replace
from math import ceil

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.itinerary.domain.matrix import day_problem
from services.itinerary.domain.place import KnownPoint, Point, PointQuality
from services.itinerary.domain.problem import UNREACHABLE, Candidate
from services.itinerary.domain.roads import (
    LONGEST_M,
    LONGEST_S,
    NO_ROADS,
    Measured,
    Roads,
    RoadWay,
    way_as_told,
)
from services.itinerary.domain.travel import distance_m, travel_minutes, travel_table
from services.itinerary.domain.trip import TravelMode
from tests.unit.itinerary.samples import trip

CAR, FOOT, CYCLE = TravelMode.CAR, TravelMode.FOOT, TravelMode.CYCLE
ONE, OTHER = Point(34.225, 131.303), Point(34.240, 131.303)  # 1,668 m apart
HERE, THERE = (KnownPoint(point, PointQuality.SOURCE) for point in (ONE, OTHER))
ROUGH = KnownPoint(OTHER, PointQuality.ADJACENT)  # 300 m

latitudes = st.floats(34.0, 34.5)
longitudes = st.floats(131.0, 131.5)
points = st.builds(Point, latitudes, longitudes)
known = st.builds(KnownPoint, points, st.sampled_from([PointQuality.SOURCE, PointQuality.ESTIMATE]))
road_ways = st.builds(RoadWay, st.integers(0, 20_000), st.integers(0, 200_000))


def told(seconds: int, meters: int) -> Roads:
    return Roads({(ONE, OTHER): RoadWay(seconds, meters)})


numbers = st.none() | st.floats() | st.integers(-(2**70), 2**70).map(float)


@given(numbers, numbers, st.sampled_from([CAR, FOOT, CYCLE]))
def test_whatever_an_engine_tells_a_day_can_be_written_down(
    seconds: float | None, meters: float | None, mode: TravelMode
) -> None:
    way = way_as_told(seconds, meters, mode)
    if way is None:
        return
    assert 0 <= way.seconds <= LONGEST_S
    assert 0 <= way.meters <= LONGEST_M
    far = KnownPoint(Point(-34.2, -49.0), PointQuality.ESTIMATE)
    found = Roads({(ONE, far.point): way}).measured(HERE, far, mode)
    assert found is not None
    assert found.minutes < UNREACHABLE
    assert found.meters < 2**31


@pytest.mark.parametrize(
    ("seconds", "meters"),
    [(1e308, 0), (LONGEST_S + 1, 0), (-1, 0), (60, -1), (LONGEST_S, LONGEST_M + 1),
     (float("nan"), 0), (60, float("inf")), (None, 0), (60, None)],
)  # fmt: skip
def test_a_way_that_nobody_can_go_is_none(seconds: float | None, meters: float | None) -> None:
    assert way_as_told(seconds, meters, CAR) is None


def test_a_way_that_is_too_fast_is_none() -> None:
    assert way_as_told(0, 2_500, CAR) == RoadWay(0, 2_500)  # a minute is nothing to such a way
    assert way_as_told(0, 5_000, CAR) is None
    assert way_as_told(3600, 120_000, CAR) == RoadWay(3600, 120_000)
    assert way_as_told(3600, 250_000, CAR) is None
    assert way_as_told(3600, 60_000, FOOT) == RoadWay(3600, 60_000)  # a ferry
    assert way_as_told(3600, 100_000, FOOT) is None


def test_minutes_are_rounded_up_and_a_car_is_parked() -> None:
    roads = told(241, 2400)
    assert roads.measured(HERE, THERE, CAR) == Measured(5 + 4, 2400)
    assert roads.measured(HERE, THERE, FOOT) == Measured(5, 2400)
    assert roads.measured(HERE, THERE, CYCLE) == Measured(5 + 2, 2400)
    assert roads.measured(THERE, HERE, CAR) is None, "another way, which nobody told"


def test_what_the_road_leaves_open_is_estimated() -> None:
    """The road ends 668 m before the place."""
    straight = round(distance_m(ONE, OTHER))
    found = told(600, 1000).measured(HERE, THERE, FOOT)
    assert found == Measured(ceil(10 + (straight - 1000) / 75), straight)


def test_a_point_that_may_be_elsewhere_takes_longer() -> None:
    assert told(240, 2400).measured(HERE, ROUGH, FOOT) == Measured(4 + 4, 2700)


def test_an_engine_has_counted_the_climb_already() -> None:
    low, high = replace(HERE, height_m=90), replace(THERE, height_m=240)
    assert told(241, 2400).measured(low, high, CYCLE) == Measured(5 + 2, 2400)
    assert travel_table([low, high], CYCLE)[0][1] > travel_table([HERE, THERE], CYCLE)[0][1]


def test_equal_points_are_no_way() -> None:
    assert Roads({(ONE, ONE): RoadWay(0, 0)}).measured(HERE, HERE, CAR) == Measured(0, 0)


def test_a_way_that_takes_no_time_still_has_its_length() -> None:
    straight = round(distance_m(ONE, OTHER))
    found = Roads({(ONE, OTHER): RoadWay(0, straight + 100)}).measured(HERE, THERE, CAR)
    assert found is not None
    assert found.meters == straight + 100
    assert found.minutes > 0  # whoever comes by car parks it


@given(known, known, road_ways, st.sampled_from([CAR, FOOT, CYCLE]))
def test_nobody_is_there_sooner_than_the_engine_says(
    one: KnownPoint, other: KnownPoint, way: RoadWay, mode: TravelMode
) -> None:
    assume(one.point != other.point)  # from there to there is no way, whatever an engine says
    found = Roads({(one.point, other.point): way}).measured(one, other, mode)
    assert found is not None
    assert found.minutes * 60 >= way.seconds
    assert found.meters >= way.meters
    assert found.meters >= round(distance_m(one.point, other.point))
    slower = RoadWay(way.seconds + 300, way.meters)
    later = Roads({(one.point, other.point): slower}).measured(one, other, mode)
    assert later is not None
    assert later.minutes == found.minutes + 5 or not found.minutes


@given(st.lists(known, min_size=2, max_size=6, unique=True), st.data())
def test_what_is_not_told_stays_an_estimate(some: list[KnownPoint], data: st.DataObject) -> None:
    pairs = [(one.point, other.point) for one in some for other in some if one is not other]
    ways = data.draw(st.dictionaries(st.sampled_from(pairs), road_ways, max_size=5))
    table = travel_table(some, CAR)
    Roads(ways).lay_over(table, some, CAR)
    for one, row in zip(some, table, strict=True):
        for other, minutes in zip(some, row, strict=True):
            if one is other:
                assert minutes == 0
            elif (one.point, other.point) not in ways:
                assert minutes == travel_minutes(one, other, CAR)


def test_a_day_is_searched_on_roads_and_long_walks_stay_barred() -> None:
    candidate = (Candidate(50, 30, ((0, 1439),)), THERE)
    asked = trip(mode=FOOT, start_minute=540, end_minute=1000)
    plain = day_problem(asked, HERE, HERE, [candidate])
    roads = Roads({(ONE, OTHER): RoadWay(1200, 1700), (OTHER, ONE): RoadWay(6000, 7000)})
    found = day_problem(asked, HERE, HERE, [candidate], roads=roads)
    assert plain.travel[1][0] == plain.travel[0][1]
    assert found.travel[1][0] == 20
    assert found.travel[0][1] == UNREACHABLE, "more than ninety minutes on foot"
    assert day_problem(asked, HERE, HERE, [candidate], roads=NO_ROADS) == plain
