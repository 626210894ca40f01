"""Answers to questions: right where nothing is withheld, and never telling more than the days."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.insights.domain.day_sales import cell_of
from services.insights.domain.fact import Dimension, Fact, Kind, Slice
from services.insights.domain.query import told
from services.insights.domain.query.answer import Answer, Cell, answer
from services.insights.domain.query.asked import (
    COLUMNS,
    OF_DAYS,
    SPLITS,
    By,
    Compare,
    Measure,
    Question,
    checked,
)
from services.insights.domain.query.days import ALL_DAYS, DayFilter, DayKind, Rain, day_kind
from services.insights.domain.query.sensed import Sensed, SensedHour
from services.insights.domain.query.table import Span
from services.insights.domain.query.told import DayData
from services.insights.domain.rollup import roll_up
from services.insights.domain.span import DaySpan
from services.insights.domain.weather import WeatherClass
from tests.unit.insights.made import TOKYO, dated, fact

FIRST = date(2026, 5, 1)  # a Friday before a row of holidays
LAST = FIRST + timedelta(days=13)
SPAN = DaySpan(FIRST, LAST)
Counts = Mapping[str, int]


def at(on: date, hour: int = 12) -> datetime:
    return datetime(on.year, on.month, on.day, hour, tzinfo=TOKYO)


def kept(*facts: Fact) -> dict[date, DayData]:
    """Facts as the store tells them: sums by day."""
    rolled = roll_up(dated(*facts))
    dates = {key.occur_date for key in rolled.days}
    return {
        on: DayData(
            {key: n for key, n in rolled.days.items() if key.occur_date == on},
            {key: n for key, n in rolled.hours.items() if key.occur_date == on},
            sales_told=cell_of(rolled.days, on).public,
        )
        for on in dates
    }


def pages(on: date, asked: Counts, *, served: str = "ja", hour: int = 12) -> list[Fact]:
    """Pages asked for in languages; all but those of `served` got another one."""
    return [
        fact(
            Kind.SCAN, at(on, hour), count=n,
            slices=(
                Slice(Dimension.ASKED, tag), Slice(Dimension.SERVED, served),
                *((Slice(Dimension.MISSED, tag),) if tag != served else ()),
            ),
        )
        for tag, n in asked.items() if n
    ]  # fmt: skip


def entries(on: date, origins: Counts, *, hour: int = 12) -> list[Fact]:
    """Parties at a gate; "" stands for those whom nobody asked."""
    return [
        fact(
            Kind.ADMITTED, at(on, hour), persons=n,
            slices=(
                Slice(Dimension.SHOP, "gate-a"),
                *((Slice(Dimension.ORIGIN, origin),) if origin else ()),
            ),
        )
        for origin, n in origins.items() if n
    ]  # fmt: skip


def sales(on: date, shops: Counts) -> list[Fact]:
    return [
        fact(Kind.CAPTURED, at(on), amount_yen=yen, slices=(Slice(Dimension.SHOP, shop),))
        for shop, yen in shops.items()
    ]


def ask(measure: Measure, by: By, days: Mapping[date, DayData], **more: object) -> Answer:
    question = Question(measure, SPAN, by, **more)  # type: ignore[arg-type] # by name
    return answer(checked(question, LAST), days, FIRST)


def figures(found: Answer, column: str = "") -> dict[str, tuple[int, int]]:
    cells = {row.value: row.cells.get(column, Cell()).figure for row in found.rows}
    return {value: (figure.low, figure.high) for value, figure in cells.items()}


def test_days_are_added_up_by_weekday_and_by_kind() -> None:
    days = kept(*(each for n in range(14) for each in pages(FIRST + timedelta(days=n), {"ja": 20})))
    by_weekday = ask(Measure.PAGES, By.WEEKDAY, days)
    assert figures(by_weekday) == {str(n): (40, 40) for n in range(1, 8)}
    assert {row.cells[""].days for row in by_weekday.rows} == {2}
    by_kind = ask(Measure.PAGES, By.DAY_KIND, days)
    # 3 May is a Sunday and Constitution Day; 4, 5 and 6 are holidays as well; then 10 May.
    assert figures(by_kind) == {"holiday": (100, 100), "saturday": (40, 40), "workday": (140, 140)}
    assert by_kind.whole.figure == Span(280, 280)
    weekends = ask(Measure.PAGES, By.DAY, days, only=DayFilter(weekdays=frozenset({6, 7})))
    assert set(figures(weekends)) == {"2026-05-02", "2026-05-03", "2026-05-09", "2026-05-10"}
    workdays = ask(
        Measure.PAGES, By.MONTH, days, only=DayFilter(kinds=frozenset({DayKind.WORKDAY}))
    )
    assert figures(workdays) == {"2026-05-01": (140, 140)}


def test_a_substitute_holiday_is_a_holiday() -> None:
    assert day_kind(date(2026, 5, 6)) is DayKind.HOLIDAY  # 振替休日 of 3 May
    assert day_kind(date(2026, 5, 7)) is DayKind.WORKDAY
    assert day_kind(date(2026, 5, 9)) is DayKind.SATURDAY


def test_what_a_day_withholds_makes_a_span() -> None:
    days = kept(
        *pages(FIRST, {"ja": 100, "ko": 40}), *pages(LAST, {"ja": 90, "ko": 8, "fr": 7}),
    )  # fmt: skip
    found = figures(ask(Measure.PAGES, By.LANGUAGE_ASKED, days))
    # On the last day Korean and French hide one another: 15 pages, of either.
    assert found == {"ja": (190, 190), "ko": (40, 55), "fr": (0, 15)}


def test_a_day_that_tells_no_language_leaves_all_of_it_open() -> None:
    days = kept(*pages(FIRST, {"ja": 100, "ko": 40}), *pages(LAST, {"ko": 8}))
    found = figures(ask(Measure.PAGES, By.LANGUAGE_ASKED, days))
    assert found == {"ja": (100, 108), "ko": (40, 48)}
    assert ask(Measure.PAGES, By.LANGUAGE_ASKED, days).whole.figure == Span(148, 148)


def test_a_running_day_is_split_by_nobody() -> None:
    read, gone_in = {"ja": 90, "ko": 40}, {"JP": 50, "KR": 20, "": 5}
    days = kept(*pages(FIRST, read), *entries(FIRST, gone_in))
    days[LAST] = replace(kept(*pages(LAST, read), *entries(LAST, gone_in))[LAST], over=False)
    found = ask(Measure.PAGES, By.LANGUAGE_ASKED, days)
    assert figures(found) == {"ja": (90, 220), "ko": (40, 170)}
    assert found.whole.figure == Span(260, 260)
    assert figures(ask(Measure.ENTRIES, By.ORIGIN, days))["KR"] == (20, 95)


def test_the_whole_of_what_was_missed_is_what_was_missed() -> None:
    days = kept(*pages(FIRST, {"ja": 100, "ko": 40}), *pages(LAST, {"ja": 90, "ko": 3}))
    found = ask(Measure.PAGES, By.LANGUAGE_MISSED, days)
    assert found.whole.figure == Span(43, 43)
    # Three on the last day are told of no language, so Korean may have all of them.
    assert figures(found) == {"ko": (40, 43)}


def test_who_was_not_asked_stands_in_a_row_of_its_own() -> None:
    days = kept(*entries(FIRST, {"JP": 50, "KR": 20, "": 30}))
    assert figures(ask(Measure.ENTRIES, By.ORIGIN, days)) == {
        "": (30, 30), "JP": (50, 50), "KR": (20, 20),
    }  # fmt: skip
    small = kept(*entries(FIRST, {"JP": 4, "": 30}))
    assert figures(ask(Measure.ENTRIES, By.ORIGIN, small)) == {}


def test_hours_of_few_people_hide_one_another() -> None:
    days = kept(
        *entries(FIRST, {"": 40}, hour=10), *entries(FIRST, {"": 6}, hour=9),
        *entries(FIRST, {"": 25}, hour=16),
    )  # fmt: skip
    found = figures(ask(Measure.ENTRIES, By.HOUR, days))
    assert found == {"9": (0, 31), "10": (40, 40), "16": (0, 31)}
    assert [row.value for row in ask(Measure.ENTRIES, By.HOUR, days).rows] == ["9", "10", "16"]
    # Pages are things and told exactly.
    read = kept(*pages(FIRST, {"ja": 3}, hour=8), *pages(FIRST, {"ja": 50}, hour=9))
    assert figures(ask(Measure.PAGES, By.HOUR, read)) == {"8": (3, 3), "9": (50, 50)}


def test_two_looks_at_a_running_day_tell_no_hour_of_few_people() -> None:
    """At noon hour 11 hides the six of hour 9, in the evening hour 10 does, which noon told."""
    looks = []
    for evening in (12, 40):
        (data,) = kept(
            *entries(FIRST, {"": 6}, hour=9), *entries(FIRST, {"": 20}, hour=10),
            *entries(FIRST, {"": evening}, hour=11),
        ).values()  # fmt: skip
        looks.append(ask(Measure.ENTRIES, By.HOUR, {FIRST: replace(data, over=False)}))
    assert [figures(look) for look in looks] == [{}, {}]
    assert [look.whole.figure.low for look in looks] == [38, 66]


def test_a_day_of_too_few_shops_is_in_no_figure_and_is_counted_as_left_out() -> None:
    days = kept(
        *sales(FIRST, {"a": 1000, "b": 2000, "c": 3000}), *sales(LAST, {"a": 1000, "b": 900}),
        *sales(FIRST + timedelta(days=1), {"a": 9000, "b": 500, "c": 500}),
    )  # fmt: skip
    days = {on: DayData(sales_told=True) for on in SPAN.days()} | days  # nothing may be told
    found = ask(Measure.TAKINGS, By.MONTH, days)
    assert found.rows[0].cells[""] == Cell(Span(6000, 6000), days=14, told_days=12)
    assert ask(Measure.SALES, By.NOTHING, days).whole == Cell(Span(3, 3), 14, 12)


def test_columns_stand_beside_one_another() -> None:
    days = kept(*pages(FIRST, {"ja": 30}, hour=9), *pages(LAST, {"ja": 50}, hour=9))
    found = ask(Measure.PAGES, By.HOUR, days, then_by=By.WEEKDAY)
    assert found.columns == tuple("1234567")
    assert figures(found, "4") == {"9": (50, 50)}
    assert figures(found, "5") == {"9": (30, 30)}
    assert found.rows[0].cells["1"] == Cell(Span(0, 0), 2, 2)


def test_the_year_before_is_the_same_days_of_the_week() -> None:
    question = Question(Measure.PAGES, SPAN, compare=Compare.YEAR_BEFORE)
    other = question.other
    assert other
    assert [day.isoweekday() for day in other.days()] == [day.isoweekday() for day in SPAN.days()]
    before = Question(Measure.PAGES, SPAN, compare=Compare.SPAN_BEFORE).other
    assert before == DaySpan(date(2026, 4, 17), date(2026, 4, 30))
    days = kept(*pages(LAST, {"ja": 30}), *pages(date(2026, 4, 20), {"ja": 20, "ko": 60}))
    asked = Question(Measure.PAGES, SPAN, By.LANGUAGE_ASKED, compare=Compare.SPAN_BEFORE)
    found = answer(asked, days, date(2026, 4, 1))
    assert found.other == Cell(Span(80, 80), 14, 14)
    assert {row.value: row.other and row.other.figure for row in found.rows} == {
        "ja": Span(20, 20), "ko": Span(60, 60),
    }  # fmt: skip
    assert figures(found)["ko"] == (0, 0)


def test_days_before_the_first_event_are_in_no_group() -> None:
    days = kept(*pages(LAST, {"ja": 30}))
    assert answer(Question(Measure.PAGES, SPAN), days, LAST).whole == Cell(Span(30, 30), 1, 1)
    assert answer(Question(Measure.PAGES, SPAN), days, None).whole == Cell()


def test_days_to_come_are_left_out() -> None:
    assert checked(Question(Measure.PAGES, SPAN), FIRST).span == DaySpan(FIRST, FIRST)
    with pytest.raises(InvalidFields, match="from_date"):
        checked(Question(Measure.PAGES, SPAN), FIRST - timedelta(days=1))


@pytest.mark.parametrize(
    ("question", "field"),
    [
        (Question(Measure.TAKINGS, SPAN, By.HOUR), "by"),
        (Question(Measure.PLANS, SPAN, By.ORIGIN), "by"),
        (Question(Measure.PAGES, SPAN, By.DAY, By.STOP), "then_by"),
        (Question(Measure.PAGES, SPAN, By.MONTH, By.MONTH), "then_by"),
        (Question(Measure.PAGES, SPAN, By.WEEK, compare=Compare.YEAR_BEFORE), "compare"),
        (Question(Measure.PAGES, SPAN, By.HOUR, By.MONTH, compare=Compare.SPAN_BEFORE), "compare"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_names_its_field(question: Question, field: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        checked(question, LAST)
    assert [name for name, _ in caught.value.fields] == [field]


def test_days_are_told_apart_by_their_rain() -> None:
    days = kept(*(each for n in range(3) for each in pages(FIRST + timedelta(days=n), {"ja": 20})))
    weather = {
        FIRST: (WeatherClass.DRY, WeatherClass.HOT), LAST: (WeatherClass.HEAVY_RAIN,),
        FIRST + timedelta(days=1): (WeatherClass.RAIN,),
    }  # fmt: skip
    question = Question(Measure.PAGES, SPAN, By.RAIN)
    found = answer(question, days, FIRST, weather)
    assert {row.value: row.cells[""] for row in found.rows} == {
        "dry": Cell(Span(20, 20), 1, 1), "rain": Cell(Span(20, 20), 1, 1),
        "heavy_rain": Cell(Span(0, 0), 1, 1), "unknown": Cell(Span(20, 20), 11, 11),
    }  # fmt: skip
    assert [row.value for row in found.rows] == ["dry", "rain", "heavy_rain", "unknown"]
    wet = DayFilter(rain=frozenset({Rain.RAIN, Rain.HEAVY_RAIN}))
    only = answer(Question(Measure.PAGES, SPAN, only=wet), days, FIRST, weather)
    assert only.whole == Cell(Span(20, 20), 2, 2)


def sensed(zone: str, hour: int, low: int, high: int, kind: Sensed = Sensed.VISITORS) -> SensedHour:
    return SensedHour(zone, hour, Span(low, high), kind)


def test_hours_of_sensors_are_added_up_with_their_intervals() -> None:
    days = {
        FIRST: DayData(
            sensed=(sensed("a", 9, 40, 60), sensed("a", 10, 90, 120), sensed("b", 9, 10, 20))
        ),
        LAST: DayData(sensed=(sensed("a", 9, 50, 70), sensed("a", 9, 5, 9, Sensed.DEVICES))),
    }  # fmt: skip
    by_hour = ask(Measure.VISITORS, By.HOUR, days)
    assert figures(by_hour) == {"9": (100, 150), "10": (90, 120)}
    # Ten o'clock was counted on one of the days, and on no other there is a figure at all.
    assert [row.cells[""].told_days for row in by_hour.rows] == [2, 1]
    assert by_hour.whole == Cell(Span(190, 270), 14, 2)
    assert figures(ask(Measure.VISITORS, By.ZONE, days)) == {"a": (180, 250), "b": (10, 20)}
    assert ask(Measure.DEVICES, By.NOTHING, days).whole == Cell(Span(5, 9), 14, 1)


# What follows holds the promise: answers are made of what the pages of days tell.

LANGUAGES, ORIGINS = ("ja", "ko", "en", "fr"), ("", "JP", "KR", "TW")
few = st.integers(0, 14)
worlds = st.lists(
    st.tuples(
        st.fixed_dictionaries(dict.fromkeys(LANGUAGES, few)),
        st.fixed_dictionaries(dict.fromkeys(ORIGINS, few)),
        st.fixed_dictionaries(dict.fromkeys((9, 10, 16), few)),
    ),
    min_size=1, max_size=3,
)  # fmt: skip
World = list[tuple[dict[str, int], dict[str, int], dict[int, int]]]


def world(days: World) -> dict[date, DayData]:
    made: list[Fact] = []
    for n, (languages, origins, by_hour) in enumerate(days):
        on = FIRST + timedelta(days=n)
        made += pages(on, languages)
        made += entries(on, origins, hour=8)
        made += [each for hour, k in by_hour.items() for each in entries(on, {"": k}, hour=hour)]
    return kept(*made)


def questions() -> Iterator[Question]:
    """Every question there is about people, over several spans and kinds of days."""
    spans = [DaySpan(FIRST, FIRST + timedelta(days=n)) for n in range(3)]
    only = [ALL_DAYS, DayFilter(weekdays=frozenset({5, 7})), DayFilter(kinds=frozenset(DayKind))]
    for measure in (Measure.PAGES, Measure.ENTRIES):
        ways = product(OF_DAYS | SPLITS[measure], COLUMNS, spans, only, Compare)
        for by, then_by, span, which, compare in ways:
            try:
                yield checked(Question(measure, span, by, then_by, which, compare), LAST)
            except InvalidFields:
                continue


QUESTIONS = tuple(questions())


def looks(days: Mapping[date, DayData]) -> list[object]:
    """All that the pages of days tell of people, day by day, and the hours at the gates."""
    tables = (
        (Measure.PAGES, By.LANGUAGE_ASKED), (Measure.PAGES, By.LANGUAGE_MISSED),
        (Measure.ENTRIES, By.ORIGIN), (Measure.ENTRIES, By.HOUR),
    )  # fmt: skip
    return [
        (on, told.split(measure, by, data, on), told.whole(measure, data, on))
        for on, data in sorted(days.items()) for measure, by in tables
    ]  # fmt: skip


@settings(max_examples=60)
@given(worlds, st.data())
def test_two_worlds_whose_days_look_the_same_have_the_same_answers(
    days: World, data: st.DataObject
) -> None:
    """Somebody is moved from one withheld value to another; no question may notice."""
    here = world(days)
    n = data.draw(st.integers(0, len(days) - 1))
    which = data.draw(st.integers(0, 2))
    values = sorted(days[n][which], key=str)
    giver, taker = data.draw(st.permutations(values))[:2]
    moved: Any = [tuple(dict(each) for each in day) for day in days]
    moved[n][which][giver] -= 1
    moved[n][which][taker] += 1
    assume(moved[n][which][giver] >= 0)
    there = world(moved)
    assume(looks(here) == looks(there))  # else it was told: not what this is about
    for question in QUESTIONS:
        assert answer(question, here, FIRST) == answer(question, there, FIRST)


@settings(max_examples=40)
@given(worlds)
def test_every_answer_holds_the_truth(days: World) -> None:
    here = world(days)
    found = answer(Question(Measure.PAGES, SPAN, By.LANGUAGE_ASKED), here, FIRST)
    for row in found.rows:
        truth = sum(languages[row.value] for languages, _, _ in days)
        assert row.cells[""].figure.low <= truth <= row.cells[""].figure.high
    found = answer(Question(Measure.ENTRIES, SPAN, By.ORIGIN), here, FIRST)
    for row in found.rows:
        truth = sum(origins[row.value] for _, origins, _ in days)
        truth += 0 if row.value else sum(k for _, _, by_hour in days for k in by_hour.values())
        assert row.cells[""].figure.low <= truth <= row.cells[""].figure.high
