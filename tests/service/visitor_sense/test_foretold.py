"""Hours to come: nothing before enough is known, better than last week, intervals that hold."""

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.sense.forecast import PLACES, simulated
from kit.pure.public_holidays import is_public_holiday
from services.visitor_sense.app import forecasts
from services.visitor_sense.domain import day
from services.visitor_sense.domain import forecast as rules
from services.visitor_sense.domain.forecast import (
    LEAST_DAYS,
    LEVEL_MOST,
    Forecast,
    NotYet,
    _kind,
    _run,
    forecast,
    local_hour,
)
from tests.examples import share

FIRST = date(2026, 1, 5)
YEAR = simulated(PLACES[0], FIRST, 120, 3)


def at(days: int, hour: int = 0) -> datetime:
    return day.midnight_of(FIRST + timedelta(days=days)) + timedelta(hours=hour)


def before(now: datetime) -> dict[datetime, float]:
    return {hour: value for hour, value in YEAR.items() if hour < now}


@pytest.fixture(scope="module")
def found() -> Forecast:
    return forecast(before(at(100)), at(100))


def test_too_few_days_say_how_many_there_are() -> None:
    assert forecast({}, at(3)) == Forecast(0, NotYet.TOO_FEW_DAYS)
    few = forecast(before(at(LEAST_DAYS - 1)), at(LEAST_DAYS - 1))
    assert few == Forecast(LEAST_DAYS - 1, NotYet.TOO_FEW_DAYS)
    assert forecasts.LEAST_DAYS == LEAST_DAYS


def test_days_without_weeks_to_be_judged_by_are_not_enough() -> None:
    now = at(100)
    old = {hour: value for hour, value in YEAR.items() if hour < at(60)}
    assert forecast(old, now).reason is NotYet.TOO_FEW_HOURS


def test_what_last_week_tells_as_well_is_not_foretold() -> None:
    same = {at(days, hour): 40.0 for days in range(60) for hour in range(8, 18)}
    told = forecast(same, at(60))
    assert told.reason is NotYet.NO_BETTER_THAN_LAST_WEEK
    assert told.judged is not None
    assert told.judged.plain_error_share == 0.0
    assert told.hours == ()


def test_it_beats_the_plain_guess_on_weeks_it_has_not_seen(found: Forecast) -> None:
    assert found.reason is None
    assert found.judged is not None
    assert found.judged.error_share < 0.8 * found.judged.plain_error_share
    assert 0.8 <= found.judged.coverage <= 1.0
    truth = [YEAR[one.hour] for one in found.hours]
    errors = sum(abs(one.estimate - value) for one, value in zip(found.hours, truth, strict=True))
    plain = sum(
        abs(YEAR[one.hour - timedelta(days=7)] - value)
        for one, value in zip(found.hours, truth, strict=True)
    )
    assert errors < plain


def test_seven_days_of_open_hours_with_intervals(found: Forecast) -> None:
    assert [one.hour for one in found.hours] == sorted(one.hour for one in found.hours)
    assert len(found.hours) == 7 * 10
    assert {local_hour(one.hour) for one in found.hours} == set(range(8, 18))
    assert all(0 <= one.low <= one.estimate <= one.high < math.inf for one in found.hours)


def test_the_morning_moves_the_rest_of_its_day_and_no_other() -> None:
    now = at(100, 13)
    usual = forecast(before(at(100)) | {at(100, h): YEAR[at(100, h)] for h in range(8, 13)}, now)
    busy = {at(100, h): 3 * YEAR[at(100, h)] for h in range(8, 13)}
    more = forecast(before(at(100)) | busy, now)
    today = len([one for one in usual.hours if one.hour < at(101)])
    assert today == 5
    for one, other in zip(usual.hours[:today], more.hours[:today], strict=True):
        assert other.estimate > 1.3 * one.estimate
        assert other.estimate < LEVEL_MOST * 2 * one.estimate
    for one, other in zip(usual.hours[today:], more.hours[today:], strict=True):
        assert other.estimate < 1.3 * one.estimate


def test_no_week_is_judged_by_what_it_taught(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = list[tuple[datetime, datetime]]()

    class Noted(rules._Model):
        def __init__(self, known: Mapping[datetime, float], until: datetime) -> None:
            seen.append((max(known), until))
            super().__init__(known, until)

    monkeypatch.setattr(rules, "_Model", Noted)
    told = forecast(before(at(100)), at(100))
    assert told.judged is not None
    assert len(seen) >= 5  # four weeks or more, and what is told
    assert all(newest < until for newest, until in seen)


def test_nothing_after_now_is_looked_at() -> None:
    known, now = before(at(90)), at(90)
    later = known | {at(90 + days, hour): 9_999.0 for days in range(3) for hour in range(8, 18)}
    first = [one.estimate for one in forecast(known, now).hours]
    cut = {hour: value for hour, value in later.items() if hour < now}
    assert [one.estimate for one in forecast(cut, now).hours] == first


def test_holidays_of_japan_and_runs_of_days_off() -> None:
    assert is_public_holiday(date(2026, 5, 6))  # 振替休日
    assert is_public_holiday(date(2026, 9, 22))  # 国民の休日
    assert not is_public_holiday(date(2026, 5, 7))
    assert [_kind(date(2026, 5, number)) for number in (1, 2, 3, 7)] == [
        "working", "saturday", "off", "working",
    ]  # fmt: skip
    assert [_run(date(2026, 5, number)) for number in (1, 2, 6, 7, 9)] == [0, 5, 5, 0, 2]


@share(4)
@given(st.integers(0, 2**32), st.integers(45, 70), st.floats(0, 400))
def test_any_history_gives_sane_figures_or_a_reason(seed: int, days: int, mean: float) -> None:
    chance = np.random.default_rng(seed)
    known = {
        at(number, hour): float(chance.poisson(mean))
        for number in range(days) for hour in range(24) if chance.random() < 0.6
    }  # fmt: skip
    told = forecast(known, at(days, int(chance.integers(24))))
    assert (told.reason is None) is bool(told.hours)
    for one in told.hours:
        assert 0 <= one.low <= one.estimate <= one.high < math.inf


def test_what_is_foretold_below_ten_is_withheld() -> None:
    assert forecasts._figure(9.4, 0.0, 30.0) is None
    assert forecasts._figure(9.6, 2.5, 30.2) == (10, 2, 31)
    assert forecasts._figure(12.0, 12.9, 11.0) == (12, 12, 12)
