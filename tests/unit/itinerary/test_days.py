"""Dates, wall clocks and holidays."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.calendar import (
    instant,
    is_japanese_holiday,
    japanese_holiday,
    minute_of_day,
)

TOKYO = "Asia/Tokyo"


def test_wall_clock_minutes_become_instants() -> None:
    assert instant(date(2026, 11, 21), 9 * 60, TOKYO) == datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    assert instant(date(2026, 11, 21), 25 * 60, TOKYO) == datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    # Clocks go back in Berlin at 03:00 on 25 October 2026: wall clock, not elapsed time.
    assert instant(date(2026, 10, 25), 9 * 60, "Europe/Berlin").hour == 8


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 2879))
def test_instants_turn_back_into_the_same_minute(day: date, minute: int) -> None:
    assert minute_of_day(instant(day, minute, TOKYO), day, TOKYO) == minute


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 5, 3), "憲法記念日"),
        (date(2026, 5, 6), "振替休日"),
        (date(2026, 9, 22), "国民の休日"),
        (date(2027, 3, 22), "振替休日"),  # 春分の日 falls on a Sunday
        (date(2021, 7, 23), "スポーツの日"),  # moved for the Olympic Games
        (date(2019, 5, 1), "天皇の即位の日"),
        (date(2026, 2, 12), ""),
        (date(2026, 12, 31), ""),
    ],
)
def test_holidays_with_substitution(day: date, name: str) -> None:
    assert name in japanese_holiday(day)
    assert is_japanese_holiday(day) == (name != "")
