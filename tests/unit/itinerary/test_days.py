"""Dates and wall clocks."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.calendar import instant, minute_of_day

TOKYO = "Asia/Tokyo"


def test_wall_clock_minutes_become_instants() -> None:
    assert instant(date(2026, 11, 21), 9 * 60, TOKYO) == datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    assert instant(date(2026, 11, 21), 25 * 60, TOKYO) == datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    # Clocks go back in Berlin at 03:00 on 25 October 2026: wall clock, not elapsed time.
    assert instant(date(2026, 10, 25), 9 * 60, "Europe/Berlin").hour == 8


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 2879))
def test_instants_turn_back_into_the_same_minute(day: date, minute: int) -> None:
    assert minute_of_day(instant(day, minute, TOKYO), day, TOKYO) == minute
