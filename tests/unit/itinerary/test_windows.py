"""From calendars and closures to the minutes at which a visit may begin."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.place import Closure
from services.itinerary.domain.why import WhyOut
from services.itinerary.domain.windows import DayAccess, day_access
from tests.examples import share
from tests.unit.itinerary.samples import poi

SATURDAY = date(2026, 11, 21)
MIDNIGHT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # in Tokyo


def access(opening: str, stay: int, *closures: Closure, last_entry: str = "") -> DayAccess:
    sample = poi("cave", opening=opening, last_entry=last_entry)
    return day_access(sample, SATURDAY, stay, closures, "Asia/Tokyo")


def closure(begin: int, end: int | None, place_id: str = "cave") -> Closure:
    until = None if end is None else MIDNIGHT + timedelta(minutes=end)
    return Closure("c", frozenset({place_id}), "flood", MIDNIGHT + timedelta(minutes=begin), until)


def test_a_visit_must_be_over_at_closing_time() -> None:
    assert access("09:00-17:00", 60).windows == ((540, 960),)


def test_the_last_entry_bounds_the_start_and_not_the_end() -> None:
    assert access("08:30-18:30", 40, last_entry="-60min").windows == ((510, 1050),)
    assert access("08:30-18:30", 90, last_entry="-60min").windows == ((510, 1020),)
    assert access("09:00-17:00", 10, last_entry="16:30").windows == ((540, 990),)


def test_two_spans_give_two_windows() -> None:
    assert access("10:00-12:00,13:00-15:00", 60).windows == ((600, 660), (780, 840))


def test_a_span_shorter_than_the_stay_gives_none() -> None:
    found = access("10:00-11:00,13:00-15:00", 61)
    assert found.windows == ((780, 839),)
    assert access("10:00-11:00", 61).why is WhyOut.CLOSED_AT_THAT_TIME


def test_a_closed_day_and_unknown_hours_are_told_apart() -> None:
    assert access("Mo-Fr 09:00-17:00", 30).why is WhyOut.CLOSED_THAT_DAY
    assert access("", 30).why is WhyOut.HOURS_UNKNOWN


def test_a_closure_of_the_whole_day() -> None:
    found = access("09:00-17:00", 30, closure(-600, None))
    assert (found.windows, found.why, found.closure_reason) == ((), WhyOut.CLOSURE, "flood")


def test_a_closure_at_noon_splits_the_day_and_leaves_by_noon() -> None:
    found = access("09:00-17:00", 30, closure(720, 780))
    assert found.windows == ((540, 690), (780, 990))
    assert found.why is None
    assert [(s.open_minute, s.close_minute) for s in found.spans] == [(540, 720), (780, 1020)]


def test_the_last_entry_of_a_split_day_stays_that_of_the_calendar() -> None:
    found = access("09:00-17:00", 30, closure(720, 780), last_entry="-60min")
    assert found.windows == ((540, 690), (780, 960))


def test_closures_of_other_places_and_other_hours_do_nothing() -> None:
    plain = access("09:00-17:00", 30)
    for other in (closure(0, None, "pond"), closure(1020, 1100), closure(0, 540)):
        assert access("09:00-17:00", 30, other) == plain


def test_a_closure_that_ends_within_a_minute_shuts_that_minute() -> None:
    odd = replace(closure(600, None), until_time=MIDNIGHT + timedelta(minutes=659, seconds=30))
    assert access("09:00-17:00", 30, odd).windows == ((540, 570), (660, 990))


@share(50)
@given(st.integers(0, 1400), st.integers(1, 600), st.integers(5, 200))
def test_no_window_lets_a_visit_overlap_a_closure(begin: int, length: int, stay: int) -> None:
    found = access("09:00-12:00,13:00-17:00", stay, closure(begin, begin + length))
    for earliest, latest in found.windows:
        assert earliest <= latest
        for start in (earliest, latest):
            assert start + stay <= begin or start >= begin + length
            assert start >= 540
            assert start + stay <= 1020
