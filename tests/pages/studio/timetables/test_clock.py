"""Times and dates as people type them: read as meant, or refused; never taken for another one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.edge.studio.timetables import clock

MINUTES = st.integers(0, clock.MOST_MINUTES - 1)


@given(MINUTES)
def test_every_way_of_writing_a_time_is_the_same_time(minutes: int) -> None:
    hours, rest = divmod(minutes, 60)
    ways = (f"{hours}:{rest:02d}", f"{hours:02d}{rest:02d}", f"{hours}{rest:02d}",
            f" {hours}：{rest:02d} ", f"{hours}時{rest:02d}分", f"{hours}.{rest:02d}")  # fmt: skip
    assert {clock.read_minutes(each) for each in ways} == {minutes}
    assert clock.read_minutes(clock.show(minutes)) == minutes


@pytest.mark.parametrize("typed", ["", "  ", "レ", "↓", "-", "||", "ー"])
def test_where_a_bus_drives_past(typed: str) -> None:
    assert clock.read_minutes(typed) == clock.NEVER
    assert clock.show(clock.NEVER) == ""


@pytest.mark.parametrize(
    "typed", ["8", "8:60", "860", "48:00", "8:5", "-8:37", "x", "12345", "٨:٣٧"]
)
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        clock.read_minutes(typed)


def test_a_full_width_time_is_a_time() -> None:
    assert clock.read_minutes("８：３７") == 517
    assert clock.read_minutes("0837") == 517


@given(MINUTES, st.integers(-3_000, 3_000))
def test_a_shifted_time_is_that_much_later_or_stays(minutes: int, by: int) -> None:
    moved = clock.read_minutes(clock.shifted(clock.show(minutes), by))
    assert moved in {minutes + by, minutes}
    assert (moved == minutes + by) == (0 <= minutes + by < clock.MOST_MINUTES)


@pytest.mark.parametrize("typed", ["", "レ", "soon"])
def test_what_is_no_time_is_not_shifted(typed: str) -> None:
    assert clock.shifted(typed, 60) == typed


@given(st.dates())
def test_dates_are_read_as_they_are_written_in_japan(day: object) -> None:
    written = str(day)
    year, month, date = (int(each) for each in written.split("-"))
    for typed in (written, f"{year:04d}/{month}/{date}", f"{year:04d}年{month}月{date}日"):
        assert clock.read_date(typed) == written
    assert clock.is_day(written)


@pytest.mark.parametrize("typed", ["2026-02-30", "31.12.2026", "12/31", "soon", "2026-13-01"])
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        clock.read_date(typed)


def test_dates_one_after_another() -> None:
    typed = "2027-01-01, 2026/12/31　2026-12-31"
    assert clock.read_dates(typed) == ["2026-12-31", "2027-01-01"]
    assert clock.read_dates("") == []
    with pytest.raises(ValueError, match=r".*"):
        clock.read_dates(" ".join(f"{year}-01-01" for year in range(1900, 2001)))


@pytest.mark.parametrize(
    ("text", "is_day"),
    [("2026", True), ("2026-11", True), ("2026-11-31", False), ("2026-1", False), ("", False)],
)
def test_of_when_something_is(text: str, is_day: bool) -> None:  # noqa: FBT001
    assert clock.is_day(text) is is_day
