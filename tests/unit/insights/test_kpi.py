"""KPIs: what may be set, fiscal years, figures of a book, what the past makes likely."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.insights.domain import kpi as rules
from services.insights.domain.kpi import Certainty, Figure, KpiSettings, Measure, Point, Unit
from services.insights.domain.kpi_book import KeptKpi, Kpi, kpi_of
from services.insights.domain.kpi_trend import Range, likely

RUNNING = 2026


def settings(**more: Any) -> KpiSettings:
    return KpiSettings(**({"names": {"en": "Nights"}, "unit": Unit.NIGHTS} | more))


def entered(value: int, **more: Any) -> Figure:
    return Figure(value, value, Certainty.ENTERED, entered_by="Mori", **more)


def in_book(figures: dict[str, Figure], year: int = 2026, **more: Any) -> Kpi:
    begun = rules.months_of(year)[:4]
    return kpi_of(KeptKpi("nights", settings(**more), 1), figures, year, begun, RUNNING)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"names": {}}, "names"),
        ({"names": {"ko": "숙박"}}, "names"),
        ({"names": {"en": "two\nlines"}}, "names"),
        ({"names": {"en": "x" * 81}}, "names"),
        ({"names": {"en": "Nights", "EN": "Nights"}}, "names"),
        ({"unit": None}, "unit"),
        ({"measure": Measure.TAKINGS}, "unit"),
        ({"owner": "a\tb"}, "owner"),
        ({"definition": "x" * 401}, "definition"),
        ({"definition": "a\0b"}, "definition"),
        ({"definition": "a\u202eb"}, "definition"),  # turns what comes after it around
        ({"definition": "a\uffffb"}, "definition"),  # no character: spreadsheets refuse it
        ({"owner": "a\u2028b"}, "owner"),
        ({"names": {"en": "\u2066Nights"}}, "names"),
        ({"names": {f"{a}{b}": "x" for a in "abcde" for b in "nopq"}}, "names"),
        ({"baseline": Point(1999, 1)}, "baseline"),
        ({"baseline": Point(2020, -1)}, "baseline"),
        ({"target": Point(2030, 10**15 + 1)}, "target"),
        ({"baseline": Point(2020, 1), "target": Point(2020, 2)}, "target"),
    ],
)
def test_settings_that_cannot_be_used_are_named(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        rules.checked(settings(**given))
    assert field in dict(caught.value.fields)


def test_settings_are_kept_without_blanks() -> None:
    kept = rules.checked(settings(names={"en": " Nights ", "ja": "  "}, owner=" PR "))
    assert (kept.names, kept.owner) == ({"en": "Nights"}, "PR")


def test_the_wide_blank_between_names_is_a_blank() -> None:
    kept = rules.checked(settings(owner="観光課　森", definition="宿　の数\n県の統計"))
    assert (kept.owner, kept.definition) == ("観光課　森", "宿　の数\n県の統計")


@pytest.mark.parametrize("kpi_id", ["", "a", "A1", "1a", "a-b", "a" * 41, "あい", "a\n"])
def test_an_id_is_a_short_word(kpi_id: str) -> None:
    with pytest.raises(InvalidFields):
        rules.check_id(kpi_id)
    rules.check_id("nights_2")


@given(st.dates(date(2000, 4, 1), date(2099, 3, 31)))
def test_each_date_is_in_one_month_of_its_fiscal_year(on: date) -> None:
    year = rules.year_of(on)
    first, last = rules.dates_of(year)
    assert first <= on <= last
    assert f"{on:%Y-%m}" in rules.months_of(year)
    assert rules.year_of_period(f"{on:%Y-%m}") == rules.year_of_period(str(year)) == year


@pytest.mark.parametrize("period", ["", "1999", "26", "2026-13", "2026-00", "2026-5", "2026-05-01",
                                    "2000-01", "2026\n"])  # fmt: skip
def test_what_is_no_year_or_month_is_told(period: str) -> None:
    assert rules.year_of_period(period) is None


def test_a_fiscal_year_begins_in_april() -> None:
    assert rules.months_of(2026)[0] == "2026-04"
    assert rules.months_of(2026)[-1] == "2027-03"
    assert rules.first_day("2026") == date(2026, 4, 1)


def test_a_year_is_the_sum_of_its_months_until_it_is_entered_itself() -> None:
    months = {"2026-04": entered(10), "2026-06": entered(20, source_note="survey")}
    found = in_book(months)
    assert found.figure
    assert (found.figure.value, found.figure.months) == (30, 2)
    assert found.figure.source_note == "survey"
    assert [each.period for each in found.months] == ["2026-04", "2026-05", "2026-06", "2026-07"]
    assert found.months[1].figure is None
    whole = in_book(months | {"2026": entered(100)})
    assert whole.figure
    assert (whole.figure.value, whole.figure.months) == (100, 12)


def test_january_belongs_to_the_year_before() -> None:
    found = in_book({"2027-01": entered(5), "2025-12": entered(7)})
    assert [(each.period, each.figure and each.figure.value) for each in found.years] == [
        ("2025", 7), ("2026", 5),
    ]  # fmt: skip


def test_years_after_the_book_are_not_in_it() -> None:
    found = in_book({"2027": entered(9), "2025": entered(8)})
    assert [each.period for each in found.years] == ["2025"]
    assert found.figure is None


def test_months_with_a_span_make_a_year_with_one() -> None:
    months = {
        "2026-04": Figure(10, 12, Certainty.BOUNDED), "2026-05": Figure(5, 5, Certainty.EXACT),
    }  # fmt: skip
    found = in_book(months).figure
    assert found == Figure(15, 17, Certainty.BOUNDED, 2)


def test_progress_is_the_share_of_the_way() -> None:
    way: dict[str, Any] = {"baseline": Point(2017, 100), "target": Point(2027, 300)}
    assert in_book({"2026": entered(150)}, **way).progress == 0.25
    assert in_book({"2026": entered(50)}, **way).progress == -0.25
    falling: dict[str, Any] = {"baseline": Point(2017, 300), "target": Point(2027, 100)}
    assert in_book({"2026": entered(200)}, **falling).progress == 0.5
    level: dict[str, Any] = {"baseline": Point(2017, 100), "target": Point(2027, 100)}
    assert in_book({"2026": entered(100)}, **level).progress is None
    assert in_book({}, **way).progress is None
    assert in_book({"2026": entered(1)}).progress is None


def test_a_few_months_are_no_fall_behind_the_baseline() -> None:
    way: dict[str, Any] = {"baseline": Point(2017, 625), "target": Point(2030, 1_570)}
    assert in_book({"2026-04": entered(42)}, **way).progress is None
    # What has passed the baseline before the year is whole has come at least that far.
    assert in_book({"2026-04": entered(814)}, **way).progress == 0.2
    falling: dict[str, Any] = {"baseline": Point(2017, 1_570), "target": Point(2030, 625)}
    assert in_book({"2026-04": entered(42)}, **falling).progress is None


def test_a_year_that_runs_makes_nothing_likely() -> None:
    past = {str(year): entered(value) for year, value in ((2023, 100), (2024, 110), (2025, 120))}
    aim: dict[str, Any] = {"target": Point(2030, 500)}
    assert in_book(past | {"2026": entered(1)}, **aim).likely == in_book(past, **aim).likely
    months = {month: entered(1) for month in rules.months_of(2026)}
    assert in_book(past | months, **aim).likely == in_book(past, **aim).likely


def test_a_year_with_a_month_that_is_not_whole_is_not_whole() -> None:
    months = {m: Figure(5, 5, Certainty.EXACT) for m in rules.months_of(2025)}
    months["2025-04"] = Figure(2, 2, Certainty.EXACT, months=0)
    found = in_book(months, 2025, target=Point(2030, 500), unit=Unit.DAYS, measure=Measure.PLANS)
    assert found.figure
    assert (found.figure.value, found.figure.months) == (57, 11)


@pytest.mark.parametrize(("period", "last"), [("2026", "2027-03-31"), ("2026-12", "2026-12-31"),
                                              ("2028-02", "2028-02-29")])  # fmt: skip
def test_a_period_ends_on_its_last_day(period: str, last: str) -> None:
    assert rules.last_day(period) == date.fromisoformat(last)


def test_the_baseline_is_the_first_year_of_what_is_entered_by_hand() -> None:
    found = in_book({"2026": entered(5)}, baseline=Point(2017, 3))
    assert [each.period for each in found.years] == ["2017", "2026"]
    counted = in_book(
        {"2026-04": Figure(5, 5, Certainty.EXACT)}, baseline=Point(2017, 3),
        unit=Unit.DAYS, measure=Measure.PLANS,
    )  # fmt: skip
    assert [each.period for each in counted.years] == ["2026"]


def test_fewer_than_three_whole_years_make_nothing_likely() -> None:
    assert likely({2020: 1, 2021: 2}, 2022) is None
    assert likely({2020: 1, 2021: 2, 2023: 3}, 2022) is None  # what came later says nothing


def test_a_straight_past_leaves_no_doubt() -> None:
    assert likely({2020: 100, 2021: 110, 2022: 120}, 2025) == Range(150, 150, 3)


def test_the_span_is_that_of_a_textbook() -> None:
    # y = 1, 3, 2, 4 at x = 1..4: slope 0.8, residual variance 0.9; at x = 5 the line says 4.5,
    # t(0.9; 2) = 1.886, error sqrt(0.9 * (1 + 1/4 + 2.5**2 / 5)) = 1.5; 4.5 ± 2.829.
    found = likely({2001: 1000, 2002: 3000, 2003: 2000, 2004: 4000}, 2005)
    assert found
    assert (found.low, found.high) == pytest.approx((1671, 7329), abs=2)


@given(st.dictionaries(st.integers(2000, 2030), st.integers(0, 10**9), max_size=20))
def test_a_span_is_never_below_nothing(past: dict[int, int]) -> None:
    found = likely(past, 2031)
    assert (found is None) is (len(past) < 3)
    if found:
        assert 0 <= found.low <= found.high
