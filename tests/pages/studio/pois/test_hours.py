"""Opening hours as rows: what people type, and the same in the notation and back."""

import csv
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.home import ROOT
from services.edge.studio.pois import hours
from services.edge.studio.pois.hours import Row
from services.itinerary.domain.calendar import OpeningHours

DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(800)]
ODD = (
    "08:00-12:00,13:00-17:00; Mo,Tu[3],PH off", "Feb 28-Mar 31 09:00-17:00", "18:00-02:00",
    "2026 Nov 03-2026 Nov 05 10:00-16:00", "24/7; 2026 Feb 11 08:00-15:00 off",
    "10:00-15:00; Sa,Su,PH 10:00-20:00; Tu[3] off", "Fr-Mo 09:00-12:00", "Mo[-1],Tu off",
    "09:00-17:00; Th off (PH: next workday)", "PH 09:00-17:00", "Dec-Feb Sa 24/7",
)  # fmt: skip

days = st.lists(st.sampled_from([*hours.WEEKDAYS, hours.HOLIDAY]), unique=True).map(tuple)
dates = st.sampled_from(
    [("", ""), ("3/1", "11/30"), ("12/28", "1/4"), ("7/20", ""), ("2026-11-03", "2026-11-05")]
)
times = st.sampled_from(["9:00-17:00", "8:30-12:00, 13:00-17:30", "0:00-24:00", "18:00-26:00"])
rows = st.builds(
    lambda dates, days, nth, kind, times: Row(dates[0], dates[1], days, nth, kind, times),
    dates,
    days,
    st.sampled_from(hours.NTHS),
    st.sampled_from(hours.KINDS),
    st.one_of(st.just(""), times),
)


def same(one: str, other: str) -> bool:
    left, right = OpeningHours.parse(one), OpeningHours.parse(other)
    return all(left.on(day).spans == right.on(day).spans for day in DAYS)


@given(st.lists(rows, min_size=1, max_size=5))
def test_what_rows_say_can_be_read_again(typed: list[Row]) -> None:
    text, wrong = hours.write(typed)
    if wrong or not text:
        return
    again = hours.read(text)
    assert again is not None or len(typed) > 3
    if again is not None:
        written, faults = hours.write(again)
        assert not faults
        assert same(text, written)


@pytest.mark.parametrize("text", ODD)
def test_a_notation_becomes_rows_that_mean_the_same(text: str) -> None:
    found = hours.read(text)
    assert found is not None
    written, wrong = hours.write(found)
    assert not wrong
    assert same(text, written)


def test_all_hours_of_the_default_area_are_rows() -> None:
    with (ROOT / "data/mine/pois.csv").open(encoding="utf-8-sig") as file:
        texts = {row["opening"] for row in csv.DictReader(file)} - {""}
    for text in texts:
        found = hours.read(text)
        assert found is not None, text
        assert same(text, hours.write(found)[0]), text


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        (Row(times="9:00-17:00"), "09:00-17:00"),
        (Row(times="９時〜１７時"), "09:00-17:00"),
        (Row(times="9:00~12:00、13:00~17:00"), "09:00-12:00,13:00-17:00"),
        (Row(times="24時間"), "24/7"),
        (Row("3月", "11月", times="9:00-17:00"), "Mar-Nov 09:00-17:00"),
        (Row("3/1", "11/30", times="9:00-17:00"), "Mar-Nov 09:00-17:00"),
        (Row("2/1", "2/28", times="9:00-17:00"), "Feb 01-Feb 28 09:00-17:00"),
        (Row("12/28", "1/4", kind=hours.CLOSED), "Dec 28-Jan 04 off"),
        (Row("2026年11月3日", "11/5", times="10-16時"), "2026 Nov 03-2026 Nov 05 10:00-16:00"),
        (Row(days=("Mo",), kind=hours.NEXT_DAY), "Mo off (PH: next day)"),
        (Row(days=("Tu",), nth="3", kind=hours.CLOSED), "Tu[3] off"),
        (Row(days=hours.WEEKDAYS, times="9:00-17:00"), "09:00-17:00"),
        (Row(days=("Mo", "Tu", "We", "Sa", "PH"), times="9:00-17:00"), "Mo-We,Sa,PH 09:00-17:00"),
        (Row("2/11", kind=hours.CLOSED, times="8:00-15:00"), "Feb 11 08:00-15:00 off"),
        (Row(), ""),
    ],
)  # fmt: skip
def test_how_people_write(typed: Row, written: str) -> None:
    assert hours.write([typed]) == (written, {})
    assert not written or OpeningHours.parse(written)


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        (Row(times="nine to five"), "times"), (Row(days=("Mo",)), "times"),
        (Row(times="9:70-17:00"), "times"), (Row("13/1", times="9:00-17:00"), "first"),
        (Row("2/30", times="9:00-17:00"), "first"), (Row("", "3/1", times="9:00-17:00"), "first"),
        (Row("3/1", "soon", times="9:00-17:00"), "last"),
        (Row("2026-11-05", "2026-11-03", times="9:00-17:00"), "last"),
        (Row("3/1", "2026-11-03", times="9:00-17:00"), "last"),
        (Row(kind=hours.CLOSED), "days"), (Row(nth="3", times="9:00-17:00"), "days"),
        (Row(days=("Mo",), kind=hours.NEXT_DAY, times="9:00-12:00"), "times"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_part(typed: Row, part: str) -> None:
    assert hours.write([Row(times="9:00-17:00"), typed])[1] == {1: part}


@pytest.mark.parametrize(
    "text", ["sunrise-sunset", "Mo 09:00-17:00 open", "; ".join(["Mo off"] * 15), "week 1 off"]
)
def test_what_rows_cannot_say_stays_a_notation(text: str) -> None:
    assert hours.read(text) is None
