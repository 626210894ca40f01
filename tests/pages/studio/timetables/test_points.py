"""Points as people paste them from maps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.edge.studio.timetables import points

NORTH, EAST = 34.2281, 131.3034


@pytest.mark.parametrize(
    "typed",
    ["34.2281, 131.3034", "34.2281 131.3034", "(34.2281,131.3034)", "34.2281 , 131.3034",
     "３４．２２８１、１３１．３０３４",
     "131.3034, 34.2281", "34.2281N, 131.3034E", "北緯34.2281度, 東経131.3034度",
     "34°13'41.16\"N 131°18'12.24\"E"],
)  # fmt: skip
def test_one_field_with_both(typed: str) -> None:
    assert points.read_pair(typed) == pytest.approx((NORTH, EAST), abs=1e-6)
    assert points.read(typed, "") == points.read_pair(typed)


def test_two_fields_with_one_each() -> None:
    assert points.read("34.2281", " 131.3034 ") == (NORTH, EAST)
    assert points.read("131.3034", "34.2281") == (NORTH, EAST)
    assert points.read("-33.86", "151.21") == (-33.86, 151.21)
    assert points.read("33.86S", "151.21E") == (-33.86, 151.21)


@pytest.mark.parametrize(
    "typed", ["", "34.2281", "34.2281, ", "a, b", "134, 231", "nan, nan", "inf, 1", "1, 2, 3"]
)
def test_what_is_no_point_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        points.read_pair(typed)


COORDINATE = st.tuples(st.floats(-89, 89), st.floats(91, 180))


@given(COORDINATE)
def test_what_is_written_is_read_again_whichever_way_round(point: tuple[float, float]) -> None:
    latitude, longitude = point
    read = points.read_pair(f"{latitude:.6f}, {longitude:.6f}")
    assert read == pytest.approx(point, abs=1e-6)
    assert points.read_pair(f"{longitude:.6f} {latitude:.6f}") == read


@given(COORDINATE, COORDINATE)
def test_distances_are_alike_both_ways(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    assert points.distance_m(one, other) == pytest.approx(points.distance_m(other, one))
    assert points.distance_m(one, one) == 0


def test_a_known_distance() -> None:
    cave, station = (34.228111, 131.303472), (34.093255, 131.39657)
    assert points.distance_m(cave, station) == pytest.approx(17_300, rel=0.01)
