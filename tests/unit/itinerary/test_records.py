"""Records and requests: what is refused, and what the models say."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.itinerary.domain.place import KnownPoint, Point, PointQuality
from services.itinerary.domain.poi import Fees, Interest, PoiStatus, check_poi
from services.itinerary.domain.score import score_for
from services.itinerary.domain.travel import distance_m, travel_minutes, travel_table
from services.itinerary.domain.trip import Location, Party, TravelMode, check_trip
from tests.unit.itinerary.samples import poi, trip


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"poi_id": "Ä", "place_id": "Ä"}, "BAD_ID"), ({"place_id": "../x"}, "BAD_ID"),
        ({"stay_min_minutes": 0}, "BAD_STAY"), ({"stay_max_minutes": 1441}, "BAD_STAY"),
        ({"stay_min_minutes": 61}, "BAD_STAY"), ({"score": -1}, "BAD_SCORE"),
        ({"last_entry": "16:75"}, "BAD_LAST_ENTRY"), ({"last_entry": "１６:30"}, "BAD_LAST_ENTRY"),
        ({"last_entry": "-٤٥min"}, "BAD_LAST_ENTRY"),
        ({"opening": "never"}, "BAD_OPENING"),
        ({"fees": Fees(10**7)}, "BAD_FEE"), ({"phone": "0" * 601}, "TEXT_TOO_LONG"),
    ],
)  # fmt: skip
def test_unusable_records(change: dict[str, Any], reason: str) -> None:
    errors, warnings = check_poi(7, poi("cave", **change))
    assert [(e.row, e.reason) for e in errors] == [(7, reason)]
    assert warnings == []


def test_odd_records_are_loaded_with_a_remark() -> None:
    odd = poi("cave", opening="", fees=Fees(), stay_max_minutes=900, source="")
    errors, warnings = check_poi(1, odd)
    assert errors == []
    assert [w.reason for w in warnings] == [
        "HOURS_UNKNOWN",
        "FEE_UNKNOWN",
        "LONG_STAY",
        "NO_SOURCE",
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"visit_date": "21 November"}, "visit_date"),
        ({"visit_date": "20261121"}, "visit_date"), ({"visit_date": "1999-12-31"}, "visit_date"),
        ({"start_minute": -1}, "start_minute"), ({"end_minute": 1801}, "end_minute"),
        ({"start": Location()}, "start"), ({"end": Location(point=Point(0, 181))}, "end"),
        ({"party": Party(0)}, "party"), ({"party": Party(501)}, "party"),
        ({"party": Party(2, -1)}, "party"), ({"must_poi_ids": tuple("abcdefghi")}, "must_poi_ids"),
        ({"never_poi_ids": ("x",) * 1001}, "never_poi_ids"),
        ({"budget_yen": -1}, "budget_amount_yen"),
    ],
)  # fmt: skip
def test_requests_that_cannot_be_read(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        check_trip(trip(**change))
    assert [name for name, _ in refused.value.fields] == [field]


def test_a_contradiction_is_readable() -> None:
    check_trip(trip(start_minute=1200, end_minute=60))


def test_the_score_model_as_documented() -> None:
    plain = poi("cave", score=40, interests=(Interest.CAVE, Interest.NATURE))
    assert score_for(plain, ()) == 40
    assert score_for(plain, (Interest.CAVE,)) == 60
    assert score_for(plain, (Interest.CAVE, Interest.NATURE, Interest.FOOD)) == 70
    assert score_for(replace(plain, hidden_spot=True), ()) == 44
    assert score_for(replace(plain, status=PoiStatus.CHECK_BEFORE_USE), ()) == 32
    assert score_for(replace(plain, score=0), (Interest.CAVE,)) == 0


def test_distances_and_times_against_published_ones() -> None:
    cave, pond = Point(34.228111, 131.303472), Point(34.25498, 131.24618)
    shin_yamaguchi = Point(34.093255, 131.39657)
    assert distance_m(cave, pond) == pytest.approx(6060, abs=30)
    known = [KnownPoint(p, PointQuality.SOURCE) for p in (cave, pond, shin_yamaguchi)]
    # Published: about 15 min by car to the pond; 43 min by bus to Shin-Yamaguchi.
    assert 14 <= travel_minutes(known[0], known[1], TravelMode.CAR) <= 18
    assert 34 <= travel_minutes(known[0], known[2], TravelMode.CAR) <= 45
    assert travel_minutes(known[0], known[0], TravelMode.CAR) == 0
    # 300 m from the bus center to the main entrance are published as 5 to 8 minutes on foot.
    near = KnownPoint(Point(34.228111 - 300 / 111_200, 131.303472), PointQuality.SOURCE)
    assert 5 <= travel_minutes(known[0], near, TravelMode.FOOT) <= 8


def known_points() -> st.SearchStrategy[KnownPoint]:
    point = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
    return st.builds(KnownPoint, point, st.sampled_from(PointQuality), st.sampled_from([0, 0, 500]))


@given(st.lists(known_points(), max_size=5), st.sampled_from([TravelMode.CAR, TravelMode.FOOT]),
       st.integers(0, 6))  # fmt: skip
def test_a_table_of_ways_says_what_each_way_says(
    points: list[KnownPoint], mode: TravelMode, again: int
) -> None:
    both = [*points, *points[:1]]  # the same point twice, too
    table = travel_table(both, mode, again)
    assert travel_table(both, mode, again) == table  # remembered, and not written into
    for row, one in enumerate(points):
        for column, other in enumerate(points):
            alone = 0 if row == column else travel_minutes(one, other, mode)
            assert table[row][column] == alone
    if points:
        assert table[0][len(points)] == travel_minutes(points[0], points[0], mode)
