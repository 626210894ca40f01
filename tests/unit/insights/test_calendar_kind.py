"""Kinds of days by rule: every date has one of three, and the others only where their rule
holds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.calendar_kind import DayKind, calendar_day

FIRST_THREE = {DayKind.WORKDAY, DayKind.WEEKEND, DayKind.HOLIDAY}
DATES = st.dates(date(1990, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("2026-01-01", "holiday new_year"), ("2026-01-02", "workday new_year"),
        ("2026-12-28", "workday"), ("2026-12-29", "workday new_year"),
        ("2026-08-12", "workday"), ("2026-08-13", "workday obon"),
        ("2026-08-15", "weekend obon"), ("2026-08-17", "workday"),
        ("2026-09-22", "holiday long_weekend"),  # between two holidays
        ("2026-09-19", "weekend long_weekend"), ("2026-05-06", "holiday long_weekend"),
        ("2026-11-21", "weekend long_weekend"), ("2026-11-22", "weekend long_weekend"),
        ("2026-11-23", "holiday long_weekend"), ("2026-11-28", "weekend"),
        ("2026-04-29", "holiday"), ("2026-11-03", "holiday"),
    ],
)  # fmt: skip
def test_days_whose_kind_everybody_knows(text: str, kinds: str) -> None:
    assert " ".join(calendar_day(date.fromisoformat(text)).kinds) == kinds


def test_a_holiday_has_its_name_in_two_languages() -> None:
    day = calendar_day(date(2026, 8, 11))
    assert day.names == {"ja": "山の日", "en": "Mountain Day"}
    assert day.weekday == 1
    assert calendar_day(date(2026, 8, 12)).names == {}


@given(DATES)
def test_every_date_is_one_of_three(on: date) -> None:
    day = calendar_day(on)
    assert len(FIRST_THREE.intersection(day.kinds)) == 1
    assert bool(day.names) == (DayKind.HOLIDAY in day.kinds)
    assert (DayKind.WORKDAY in day.kinds) <= (on.weekday() < 5)


@given(DATES)
def test_a_long_weekend_is_three_days_off_in_a_row(on: date) -> None:
    off = [DayKind.WORKDAY not in calendar_day(on + timedelta(days=n)).kinds for n in range(-2, 3)]
    in_a_row = any(all(off[at : at + 3]) for at in range(3))
    assert (DayKind.LONG_WEEKEND in calendar_day(on).kinds) == in_a_row
