"""Whether two measures go together: right ends, and honest where days resemble each other."""

import random
from datetime import date, timedelta
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from services.insights.domain.query.days import DayKind, day_kind
from services.insights.domain.query.related import LEAST_DAYS, Together, ranked, related

FIRST = date(2026, 1, 5)


def days(values: list[float]) -> dict[date, float]:
    return {FIRST + timedelta(days=n): value for n, value in enumerate(values)}


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=40))
def test_ranks_are_those_of_the_library(values: list[int]) -> None:
    assert ranked([float(each) for each in values]) == pytest.approx(list(rankdata(values)))


@given(st.integers())
def test_the_coefficient_is_that_of_the_library(seed: int) -> None:
    noise = random.Random(seed)
    one = [noise.random() for _ in range(40)]
    other = [value + noise.random() for value in one]
    found = related(days(one), days(other)).all_days
    assert found
    assert found.value == pytest.approx(spearmanr(one, other).statistic)
    assert found.low <= found.value <= found.high


def test_too_few_days_or_a_measure_that_never_changes_say_nothing() -> None:
    few = days([float(n) for n in range(LEAST_DAYS - 1)])
    assert related(few, few).all_days is None
    same, other = days([3.0] * 60), days([float(n) for n in range(60)])
    assert related(same, other).all_days is None


def test_days_that_only_one_tells_are_left_out() -> None:
    one = days([float(n) for n in range(30)])
    other = {on: value for on, value in one.items() if value >= 5}
    assert len(related(one, other).points) == 25


def test_weekends_alone_make_nothing_go_together() -> None:
    """Both are fuller on days off and have nothing else in common."""
    noise = random.Random(7)
    dates = [FIRST + timedelta(days=n) for n in range(200)]
    off = {on: 100.0 * (day_kind(on) is not DayKind.WORKDAY) for on in dates}
    one = {on: off[on] + noise.gauss(0, 10) for on in dates}
    other = {on: off[on] + noise.gauss(0, 10) for on in dates}
    found = related(one, other)
    assert found.all_days
    assert found.all_days.together is Together.RISE
    assert found.within_kinds
    assert found.within_kinds.together is Together.UNCLEAR


def test_the_way_is_told() -> None:
    noise = random.Random(3)
    one = [noise.gauss(0, 1) for _ in range(150)]
    found = related(days(one), days([-each + noise.gauss(0, 0.5) for each in one]))
    assert found.all_days
    assert found.all_days.together is Together.FALL


def drifting(noise: random.Random, count: int) -> list[float]:
    """A series of which each day resembles the one before."""
    value, found = 0.0, []
    for _ in range(count):
        value = 0.8 * value + noise.gauss(0, 1)
        found.append(value)
    return found


def test_two_that_drift_on_their_own_are_seldom_said_to_go_together() -> None:
    """At 90 % about one in ten may be; with every day taken as independent it is two in five."""
    noise = random.Random(11)
    pairs = [(drifting(noise, 120), drifting(noise, 120)) for _ in range(300)]
    said = [related(days(one), days(other)).all_days for one, other in pairs]
    wrong = fmean(each is not None and each.together is not Together.UNCLEAR for each in said)
    assert wrong < 0.16
