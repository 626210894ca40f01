"""Arrivals: as many as were asked for, when they were asked for, and nobody waits for anybody."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.arrivals import STEADY, Shape, due_times, expected, per_second

SHARES = st.lists(st.floats(0.001, 0.999).map(lambda x: round(x, 3)), max_size=6, unique=True).map(
    sorted
)


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    inner = draw(SHARES)
    places = [0.0, *inner, 1.0]
    factors = draw(
        st.lists(st.floats(0, 10), min_size=len(places), max_size=len(places)).filter(
            lambda found: max(found) > 0.01
        )
    )
    return Shape(tuple(zip(places, factors, strict=True)))


RATES, LENGTHS = st.floats(0.1, 50), st.integers(5, 60)


@given(shapes(), RATES, LENGTHS, st.integers(0, 99))
def test_as_many_come_as_were_asked_for(
    shape: Shape, per_s: float, seconds: int, seed: int
) -> None:
    times = due_times(per_s, shape, seconds, str(seed))
    assert abs(len(times) - expected(per_s, shape, seconds)) <= 1
    assert times == sorted(times)
    assert all(0 <= at <= seconds for at in times)
    assert sum(per_second(times, seconds)) == len(times)


@given(shapes(), RATES, LENGTHS, st.floats(0, 1))
def test_no_stretch_gets_more_or_less_than_its_share(
    shape: Shape, per_s: float, seconds: int, until: float
) -> None:
    times = due_times(per_s, shape, seconds, "any")
    came = sum(1 for at in times if at <= until * seconds)
    assert abs(came - per_s * seconds * shape.area(until)) <= 1 + 1e-6 * len(times)


@given(shapes(), st.floats(0, 1))
def test_the_share_of_an_area_leads_back_to_it(shape: Shape, until: float) -> None:
    area = shape.area(until)
    assert shape.area(shape.share_of(area)) == pytest.approx(area, abs=1e-6)


def test_the_same_seed_gives_the_same_times_and_another_one_others() -> None:
    one, again = (due_times(5, Shape(), 10, "a") for _ in range(2))
    assert one == again
    assert due_times(5, Shape(), 10, "b") != one


def test_a_steady_rate_is_even_and_never_in_step() -> None:
    times = due_times(10, Shape(STEADY), 60, "steady")
    assert len(times) == 600
    assert all(9 <= each <= 11 for each in per_second(times, 60))
    gaps = {round(after - before, 3) for before, after in pairwise(times)}
    assert len(gaps) > 100  # else all would knock at once, second after second


def test_two_buses_bring_ten_times_as_many() -> None:
    from loadtests import days  # noqa: PLC0415 - what is asked of one file

    shape = days.find("bus_arrives").shape
    assert shape.factor(0) == pytest.approx(shape.factor(0.5) / 10)
    calm = [share / 1000 for share in range(1001) if shape.factor(share / 1000) < 0.1001]
    full = [share / 1000 for share in range(1001) if shape.factor(share / 1000) > 0.9999]
    rises = min(full) - max(share for share in calm if share < min(full))
    assert rises * 600 <= 60, "within a minute, when run for ten"
    assert max(full) - min(full) >= 0.4, "held"
    assert max(calm) == 1, "and ebbing away"


@pytest.mark.parametrize(
    "points",
    [
        (), ((0, 1),), ((0.1, 1), (1, 1)), ((0, 1), (0.9, 1)), ((0, 1), (0.6, 1), (0.5, 1), (1, 1)),
        ((0, 1), (0.5, 1), (0.5, 2), (1, 1)), ((0, -1), (1, 1)), ((0, float("inf")), (1, 1)),
    ],
)  # fmt: skip
def test_what_is_no_shape_is_refused(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match=r"shape|factor"):
        Shape(points)


def test_nobody_comes_where_nobody_is_asked_for() -> None:
    assert due_times(0.0, Shape(), 10, "none") == []
    assert due_times(5.0, Shape(((0, 0), (1, 0))), 10, "none") == []
