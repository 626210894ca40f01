"""Opening hours against dates worked out by hand from printed calendars."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.calendar import (
    MINUTES_PER_DAY,
    OpeningError,
    OpeningHours,
    Span,
    without,
)
from tests.examples import share

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 12, 31))


def is_open(text: str, day: date) -> bool:
    return bool(OpeningHours.parse(text).on(day).spans)


def spans(text: str, day: date) -> list[tuple[int, int]]:
    return [(s.open_minute, s.close_minute) for s in OpeningHours.parse(text).on(day).spans]


def test_third_tuesday_closes_in_each_of_the_twelve_months_of_2026() -> None:
    third_tuesdays = [
        date(2026, month, day)
        for month, day in enumerate([20, 17, 17, 21, 19, 16, 21, 18, 15, 20, 17, 15], start=1)
    ]
    days_of_year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    closed = [day for day in days_of_year if not is_open("09:00-17:00; Tu[3] off", day)]
    assert closed == third_tuesdays


def test_last_weekday_of_a_month() -> None:
    assert not is_open("09:00-17:00; We[-1] off", date(2026, 2, 25))
    assert is_open("09:00-17:00; We[-1] off", date(2026, 2, 18))
    assert not is_open("09:00-17:00; Mo[-1] off", date(2026, 3, 30))


def test_a_closed_monday_moves_to_tuesday_when_it_is_a_holiday() -> None:
    text = "09:00-17:00; Mo off (PH: next day)"
    assert not is_open(text, date(2026, 11, 16))
    assert is_open(text, date(2026, 11, 23))  # 勤労感謝の日
    assert not is_open(text, date(2026, 11, 24))
    assert is_open(text, date(2026, 11, 17))


def test_golden_week_shows_the_two_kinds_of_moving() -> None:
    # 2026: 4 May (Mon), 5 May (Tue) and 6 May (Wed, 振替休日) are holidays.
    next_day = "09:00-17:00; Mo off (PH: next day)"
    workday = "09:00-17:00; Mo off (PH: next workday)"
    week = [date(2026, 5, day) for day in range(4, 9)]
    assert [is_open(next_day, day) for day in week] == [True, False, True, True, True]
    assert [is_open(workday, day) for day in week] == [True, True, True, False, True]


def test_next_workday_passes_over_a_weekend() -> None:
    # 3 November 2028 is a Friday and a holiday.
    text = "09:00-17:00; Fr off (PH: next workday)"
    assert [is_open(text, date(2028, 11, day)) for day in (3, 4, 5, 6, 7)] == [
        True, True, True, False, True,
    ]  # fmt: skip


def test_new_year_closing_passes_the_turn_of_the_year() -> None:
    text = "09:00-17:00; Dec 28-Jan 04 off"
    days = [date(2026, 12, 27) + timedelta(days=n) for n in range(10)]
    assert [is_open(text, day) for day in days] == [True] + [False] * 8 + [True]


def test_seasons_cover_all_twelve_months() -> None:
    text = "Mar-Nov 08:30-18:30; Dec-Feb 08:30-17:30"
    closing = [spans(text, date(2026, month, 28))[0][1] for month in range(1, 13)]
    assert closing == [1050, 1050, *[1110] * 9, 1050]
    assert spans(text, date(2028, 2, 29)) == [(510, 1050)]


def test_second_wednesday_except_in_january_and_august() -> None:
    text = "08:30-18:00; Feb-Jul,Sep-Dec We[2] off"
    seconds = [14, 11, 11, 8, 13, 10, 8, 12, 9, 14, 11, 9]
    opened = [is_open(text, date(2026, m, day)) for m, day in enumerate(seconds, start=1)]
    assert opened == [m in (1, 8) for m in range(1, 13)]


def test_holidays_have_hours_of_their_own() -> None:
    text = "11:00-15:00; Sa,Su,PH 11:00-20:00"
    assert spans(text, date(2026, 11, 20)) == [(660, 900)]
    assert spans(text, date(2026, 11, 21)) == [(660, 1200)]
    assert spans(text, date(2026, 11, 3)) == [(660, 1200)]  # 文化の日, a Tuesday


def test_a_part_of_one_day_can_be_closed() -> None:
    text = "24/7; 2026 Feb 11 08:00-15:00 off"
    assert spans(text, date(2026, 2, 11)) == [(0, 480), (900, 1440)]
    assert spans(text, date(2027, 2, 11)) == [(0, 1440)]


def test_single_dates_open_and_all_others_are_closed() -> None:
    text = "2025 Feb 16,2026 Feb 11 09:30-13:00"
    opened = [date(2025, 2, 16) + timedelta(days=n) for n in range(720)]
    assert [day for day in opened if is_open(text, day)] == [date(2025, 2, 16), date(2026, 2, 11)]


def test_two_spans_a_day_and_a_span_past_midnight() -> None:
    assert spans("13:00-15:00,10:00-12:00", date(2026, 5, 1)) == [(600, 720), (780, 900)]
    assert spans("18:00-02:00", date(2026, 5, 1)) == [(1080, 1560)]
    assert spans("00:00-00:00", date(2026, 5, 1)) == [(0, 1440)]


def test_the_rule_that_decided_is_told() -> None:
    hours = OpeningHours.parse("09:00-17:00; Mo off (PH: next day)").on(date(2026, 11, 24))
    assert hours.decided_by == "Mo off (PH: next day)"
    assert OpeningHours.parse("Jul-Sep 10:00-16:00").on(date(2026, 1, 5)).decided_by == ""


@pytest.mark.parametrize(
    "text",
    ["", ";", "always", "9-17", "09:00-17:00 off off", "25:00-26:00", "09:60-10:00", "Mo[6] off",
     "09:00-12:00,11:00-13:00", "Foo 09:00-10:00", "Feb 30 off", "2026 Mar 1-2025 Mar 1 off",
     "2026 Feb 3-Mar off (PH: next day)", "09:00-17:00;", "off (PH: next day)", "Mo", "Mo,, off x",
     "09:00-17:00" + " " * 500,
     "０９:００-１７:００", "09:00-1٧:00", "2026 Feb ２ off", "２０２６ Feb 2 off"],
)  # fmt: skip
def test_text_that_is_not_opening_hours_is_refused(text: str) -> None:
    with pytest.raises(OpeningError):
        OpeningHours.parse(text)


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        hours = OpeningHours.parse(text)
    except OpeningError:
        return
    hours.on(date(2026, 2, 11))


@share(20)
@given(DAYS, st.integers(0, 6))
def test_a_moved_closing_day_closes_once_a_week_on_average(start: date, weekday: int) -> None:
    """Moving changes the day, never the number of closed days, but for the two edges."""
    name = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")[weekday]
    span = [start + timedelta(days=n) for n in range(140)]
    hours = OpeningHours.parse(f"09:00-17:00; {name} off (PH: next day)")
    closed = sum(not hours.on(day).spans for day in span)
    assert 19 <= closed <= 21


SPANS = st.builds(
    lambda a, b: Span(min(a, b), max(a, b) + 1),
    st.integers(0, MINUTES_PER_DAY), st.integers(0, MINUTES_PER_DAY),
)  # fmt: skip


@given(SPANS, st.lists(SPANS, max_size=4), st.integers(0, MINUTES_PER_DAY))
def test_cutting_holes_keeps_exactly_the_other_minutes(
    span: Span, holes: list[Span], minute: int
) -> None:
    def inside(one: Span) -> bool:
        return one.open_minute <= minute < one.close_minute

    left = without((span,), tuple(holes))
    assert any(map(inside, left)) == (inside(span) and not any(map(inside, holes)))
