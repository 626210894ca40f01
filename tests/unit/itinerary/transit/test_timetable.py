"""On which dates runs go, after midnight too, and where one can change."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.place import Point
from services.itinerary.domain.transit.day import CHANGE_WALK_M, changes_of, transit_day
from services.itinerary.domain.transit.timetable import Service, TransitStop
from services.itinerary.domain.travel import distance_m
from tests.unit.itinerary.transit.towns import DAILY, DAY, day_of, run, stop, town

TUESDAYS = Service(
    "福岡火", frozenset({1}), date(2026, 10, 1), date(2027, 3, 31),
    added=frozenset({date(2027, 4, 2)}), removed=frozenset({date(2026, 11, 3)}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "runs"),
    [
        (date(2026, 9, 29), False),  # a Tuesday before it begins
        (date(2026, 10, 6), True),
        (date(2026, 10, 7), False),
        (date(2026, 11, 3), False),  # 文化の日
        (date(2027, 3, 30), True),
        (date(2027, 4, 2), True),  # added, on a Friday after its end
        (date(2027, 4, 6), False),
    ],
)
def test_a_service_runs_on_its_weekdays_in_its_period_but_for_its_exceptions(
    day: date,
    runs: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    assert TUESDAYS.runs_on(day) is runs
    timetable = town(run((0, 600), (1, 640), service="福岡火"), services=(TUESDAYS,))
    assert bool(timetable.runs_on(day)) is runs
    assert timetable.valid_until == date(2027, 4, 2)


def test_an_added_date_is_stronger_than_a_removed_one_and_nothing_runs_without_any() -> None:
    both = Service("x", added=frozenset({DAY}), removed=frozenset({DAY}))
    assert both.runs_on(DAY)
    assert not Service("x").runs_on(DAY)
    assert town(services=(Service("x"),)).valid_until is None


def test_a_run_after_midnight_belongs_to_its_date_and_is_met_in_the_morning_after() -> None:
    late = run((0, 1430), (1, 1450), (2, 1470))
    day = day_of(town(late, services=(Service("daily", added=frozenset({DAY})),)))
    assert [hop.depart_minute for hop in day.hops] == [1430, 1450]
    after = transit_day(
        town(late, services=(Service("daily", added=frozenset({DAY})),)), DAY + timedelta(days=1)
    )
    assert [hop.depart_minute for hop in after.hops] == [-10, 10]
    third = transit_day(town(late, services=(DAILY,)), DAY)
    assert [hop.depart_minute for hop in third.hops] == [-10, 10, 1430, 1450]


def test_poles_of_one_station_and_neighbors_are_changed_between_and_what_is_nowhere_is_not() -> (
    None
):
    akiyoshi = Point(34.2297, 131.3033)
    stops = [
        TransitStop("a", "秋芳洞", akiyoshi, "hub"),
        TransitStop("b", "秋芳洞", Point(34.2297, 131.3093), "hub"),  # half a kilometer away
        TransitStop("c", "広谷", Point(34.2310, 131.3033)),
        TransitStop("d", "遠く", Point(34.2510, 131.3033)),
        stop(4),
        TransitStop("e", "秋芳洞", None, "hub"),
    ]
    found = changes_of(stops)
    assert [[other for other, _ in each] for each in found] == [
        [0, 1, 2], [0, 1], [0, 2], [3], [4], [5],
    ]  # fmt: skip
    assert dict(found[0])[1] == 10
    assert all(dict(each)[index] == 0 for index, each in enumerate(found))


@given(st.lists(st.tuples(st.floats(-89, 89), st.floats(-179.9, 179.9),
                          st.integers(0, 600), st.integers(0, 600)), max_size=6))  # fmt: skip
def test_the_grid_misses_nobody_near(drawn: list[tuple[float, float, int, int]]) -> None:
    points = []
    for latitude, longitude, north_m, east_m in drawn:
        points.append(Point(latitude, longitude))
        points.append(
            Point(min(89.9, latitude + north_m / 111_200), min(180, longitude + east_m / 111_200))
        )
    found = changes_of([TransitStop(str(n), "", point) for n, point in enumerate(points)])
    for one, other in product(range(len(points)), repeat=2):
        near = one == other or distance_m(points[one], points[other]) <= CHANGE_WALK_M
        assert (other in dict(found[one])) is near
