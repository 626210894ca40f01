"""Figures of KPIs from events: what other pages tell, added up, and nothing finer."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.day_sales import Cell
from services.insights.domain.fact import Dimension, Kind, Slice
from services.insights.domain.figures import HOME, Breakdown, DaySums, breakdown
from services.insights.domain.kpi import Certainty, Figure, Measure
from services.insights.domain.kpi_measures import DayEntries, Sums, foreign, from_events
from services.insights.domain.rollup import Measures, roll_up
from tests.unit.insights.made import ON, dated, fact

Day = dict[str, int]
days = st.dictionaries(st.sampled_from(["JP", "KR", "TW", "US", "ZZ", ""]), st.integers(0, 60))


def entries(by_origin: Day) -> DayEntries:
    """Who went in; "" stands for those who were not asked."""
    asked = {origin: n for origin, n in by_origin.items() if origin}
    return DayEntries(sum(by_origin.values()), asked)


def test_who_was_asked_is_known_and_who_was_not_may_be_from_abroad() -> None:
    assert foreign(entries({"JP": 50, "KR": 20, "TW": 15})) == (35, 35)
    assert foreign(entries({"JP": 50, "KR": 20, "": 30})) == (20, 50)
    assert foreign(entries({"": 30})) == (0, 30)
    assert foreign(entries({})) == (0, 0)


def test_small_countries_hide_one_another_and_are_abroad_all_the_same() -> None:
    assert foreign(entries({"JP": 50, "KR": 7, "TW": 8})) == (15, 15)


def test_where_japan_itself_is_withheld_nothing_of_it_is_told() -> None:
    # 4 from Japan take the 40 from Taiwan along: who knows the rule could tell them otherwise.
    assert foreign(entries({"JP": 4, "KR": 9, "TW": 40})) == (0, 53)
    assert foreign(entries({"JP": 4, "KR": 30, "TW": 40})) == (40, 74)


def test_a_day_that_tells_nothing_leaves_everything_open() -> None:
    assert foreign(entries({"KR": 5})) == (0, 5)


@given(days)
def test_the_span_holds_the_truth(by_origin: Day) -> None:
    least, most = foreign(entries(by_origin))
    asked = sum(n for origin, n in by_origin.items() if origin not in {"JP", ""})
    assert 0 <= least <= asked
    assert asked + by_origin.get("", 0) <= most


def page_of(by_origin: Day) -> tuple[int, Breakdown]:
    """What the page of a day tells of who went in: all of them, and the split by origin."""
    sums: DaySums = roll_up(
        dated(
            *(
                fact(
                    Kind.ADMITTED, persons=persons,
                    slices=(Slice(Dimension.ORIGIN, origin),) if origin else (),
                )
                for origin, persons in by_origin.items()
            )
        )
    ).days  # fmt: skip
    told = breakdown(sums, Kind.ADMITTED, Dimension.ORIGIN, {}, persons=True)
    return sum(by_origin.values()), told


def read_off(admitted: int, told: Breakdown) -> tuple[int, int]:
    """What a reader with nothing but that page can say of people from abroad."""
    if told.withheld:
        return 0, admitted
    shown = {cell.value: cell.count for cell in told.cells if not cell.withheld}
    hidden = told.n - sum(shown.values())
    abroad = sum(count for origin, count in shown.items() if origin != HOME)
    open_ = hidden if any(c.withheld and c.value == HOME for c in told.cells) else 0
    return abroad + hidden - open_, abroad + hidden + admitted - told.n


@given(days)
def test_a_day_says_what_a_reader_of_its_page_can_say(by_origin: Day) -> None:
    assert foreign(entries(by_origin)) == read_off(*page_of(by_origin))


@given(st.lists(days, min_size=1, max_size=40))
def test_a_book_read_every_day_says_no_more_than_the_pages(each_day: list[Day]) -> None:
    # Editions frozen day after day differ by what the page of one day tells, nothing else.
    first = date(2026, 4, 1)
    on = {first + timedelta(days=n): day for n, day in enumerate(each_day)}
    before = (0, 0)
    for until, day in on.items():
        known = {d: entries(one) for d, one in on.items() if d <= until}
        sums = Sums({}, known, {Kind.ADMITTED: first})
        found = from_events(sums, first, until)[Measure.FOREIGN_ENTRIES]
        now = sum(f.value for f in found.values()), sum(f.high for f in found.values())
        assert (now[0] - before[0], now[1] - before[1]) == read_off(*page_of(day))
        before = now


def test_months_add_their_days_up() -> None:
    months = {
        ("2026-05", Kind.SCAN): Measures(7), ("2026-05", Kind.CAPTURED): Measures(1, 900),
        ("2026-05", Kind.REFUNDED): Measures(1, 200), ("2026-05", Kind.PLANNED): Measures(1),
        ("2026-05", Kind.ADMITTED): Measures(2, 0, 9), ("2026-05", Kind.ANSWERED): Measures(27),
    }  # fmt: skip
    first = date(2026, 4, 1)
    begins = dict.fromkeys((kind for _month, kind in months), first)
    three = dict.fromkeys("abc", 300)
    one = {"a": 900}
    sales = {
        date(2026, 4, 3): Cell(three, three), date(2026, 4, 4): Cell({"a": -9}, {}),
        date(2026, 5, 3): Cell(three, three), date(2026, 5, 4): Cell({}, {}),
        date(2026, 5, 5): Cell(dict.fromkeys("abc", -200), three),
    }  # fmt: skip
    found = from_events(Sums(months, {}, begins, sales), first, date(2026, 5, 31))
    assert found[Measure.GUIDE_VIEWS] == {
        "2026-04": Figure(0, 0, Certainty.EXACT), "2026-05": Figure(7, 7, Certainty.EXACT),
    }  # fmt: skip
    # Takings are those of days that may be told; a month with another day is no whole one.
    assert found[Measure.TAKINGS] == {
        "2026-04": Figure(900, 900, Certainty.EXACT, 0, untold_days=1),
        "2026-05": Figure(300, 300, Certainty.EXACT),
    }  # fmt: skip
    sales |= {
        date(2026, 5, 6): Cell(one, one),
        date(2026, 5, 7): Cell(three, {"a": 98, "b": 1, "c": 1}),
    }
    found = from_events(Sums(months, {}, begins, sales), first, date(2026, 5, 31))
    assert found[Measure.TAKINGS]["2026-05"] == Figure(300, 300, Certainty.EXACT, 0, untold_days=2)
    assert found[Measure.PLANS]["2026-05"].value == 1
    assert found[Measure.ENTRIES]["2026-05"].value == 9
    assert found[Measure.SURVEY_REPLIES]["2026-05"] == Figure(20, 29, Certainty.BOUNDED)


def test_what_nobody_could_count_yet_is_not_nothing() -> None:
    # The guide is read since April, the gates count since the middle of June.
    begins = {Kind.SCAN: date(2026, 4, 1), Kind.ADMITTED: date(2026, 6, 15)}
    found = from_events(Sums(begins=begins), date(2026, 4, 1), date(2026, 7, 3))
    assert {month: each.months for month, each in found[Measure.GUIDE_VIEWS].items()} == {
        "2026-04": 1, "2026-05": 1, "2026-06": 1, "2026-07": 0,
    }  # fmt: skip
    assert {month: each.months for month, each in found[Measure.ENTRIES].items()} == {
        "2026-06": 0, "2026-07": 0,
    }  # fmt: skip
    assert found[Measure.TAKINGS] == {}


def test_one_day_of_march_does_not_make_a_month() -> None:
    begins = {Kind.SCAN: ON}
    found = from_events(Sums(begins=begins), ON, date(2027, 3, 1))[Measure.GUIDE_VIEWS]
    assert (found["2027-02"].months, found["2027-03"].months) == (1, 0)
