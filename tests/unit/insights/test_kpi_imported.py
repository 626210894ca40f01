"""A KPI that takes its figures from a file: month by month, and what was entered where none is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.insights.domain.kpi import (
    Certainty,
    Figure,
    KpiSettings,
    Measure,
    Series,
    Unit,
    checked,
    months_of,
)
from services.insights.domain.kpi_book import Book, Frame, KeptKpi, Kpi, kpi_of
from services.insights.domain.kpi_edition import corrections
from services.insights.domain.kpi_imported import ImportedMonth, beside_entered, from_import

NIGHTS = Series("宿泊客延数", "美祢市")
YEAR = months_of(2025)


def told(
    month: str, value: int | None = 10, number: int = 3, note: str = "table 2"
) -> ImportedMonth:
    return ImportedMonth(month, value, note, number, "Mori", "2026-05-03T04:30:00+00:00")


def entered(value: int) -> Figure:
    return Figure(value, value, Certainty.ENTERED, 1, "Sato", "2026-04-01T00:00:00+00:00", "paper")


def kpi(figures: dict[str, Figure], settings: KpiSettings | None = None) -> Kpi:
    kept = KeptKpi("stays", settings or KpiSettings({"en": "Stays"}, Unit.NIGHTS), 1)
    return kpi_of(kept, figures, 2025, YEAR, 2026)


def test_a_month_says_of_which_import_it_is_and_a_year_adds_up() -> None:
    figures = from_import(NIGHTS, [told(month) for month in YEAR[:3]], "2026-05")
    found = kpi(figures)
    assert found.figure == Figure(
        30, 30, Certainty.IMPORTED, 3, "Mori", "2026-05-03T04:30:00+00:00", "table 2",
        import_number=3,
    )  # fmt: skip
    assert [each.figure.value if each.figure else None for each in found.months][:4] == [
        10, 10, 10, None,
    ]  # fmt: skip


def test_a_year_is_signed_by_its_last_correction_and_names_all_it_rests_on() -> None:
    corrected = replace(told(YEAR[0], 11, 4, "corrected"), kept_time="2026-05-09T00:00:00+00:00")
    figures = from_import(NIGHTS, [corrected, told(YEAR[1]), told(YEAR[2])], "2026-05")
    found = kpi(figures).figure
    assert found is not None
    assert (found.value, found.import_number) == (31, 4)
    assert found.entered_time == "2026-05-09T00:00:00+00:00"
    assert found.source_note == "corrected / table 2"


def test_what_a_file_leaves_open_is_no_zero() -> None:
    figures = from_import(NIGHTS, [told(YEAR[0], None), told(YEAR[1], 0)], "2026-05")
    assert {month: each.value for month, each in figures.items()} == {YEAR[1]: 0}


def test_only_the_months_that_were_chosen_are_taken_and_none_of_the_future() -> None:
    months = [told(month) for month in ("2025-03", "2025-04", "2025-05", "2025-06")]
    some = replace(NIGHTS, first_month="2025-04", last_month="2025-05")
    assert set(from_import(some, months, "2026-05")) == {"2025-04", "2025-05"}
    assert set(from_import(replace(some, last_month=""), months, "2025-05")) == {
        "2025-04", "2025-05",
    }  # fmt: skip


@given(st.integers(0, 12))
def test_a_year_that_was_entered_holds_until_all_of_its_months_are_imported(count: int) -> None:
    imported = from_import(NIGHTS, [told(month) for month in YEAR[:count]], "2026-05")
    found = kpi(beside_entered(imported, {"2025": entered(500), "2024": entered(400)}))
    assert found.figure is not None
    assert found.figure.value == (120 if count == 12 else 500)
    assert [each.period for each in found.years] == ["2024", "2025"]


def test_a_month_that_is_imported_comes_before_the_one_that_was_entered() -> None:
    imported = from_import(NIGHTS, [told(YEAR[0])], "2026-05")
    both = beside_entered(imported, {YEAR[0]: entered(99), YEAR[1]: entered(7)})
    found = kpi(both).figure
    assert found is not None
    assert found.value == 17
    assert found.months == 2


def book(figures: dict[str, Figure]) -> Book:
    return Book(2025, "2025-04-01", "2026-03-31", "", (kpi(figures),), 0, Frame(), demo=False)


def test_an_import_that_corrects_another_is_a_correction_of_the_book() -> None:
    first = book(from_import(NIGHTS, [told(YEAR[0])], "2026-05"))
    again = book(from_import(NIGHTS, [told(YEAR[0], 12, 4)], "2026-05"))
    (one,) = corrections(first, again)
    assert (one.what, one.before and one.before.value, one.after and one.after.value) == (
        "figure", 10, 12,
    )  # fmt: skip
    other = book(from_import(NIGHTS, [told(YEAR[0], 10, 4, "table 5")], "2026-05"))
    assert [each.what for each in corrections(first, other)] == ["source"]
    # The same file again says nothing new.
    same = book(from_import(NIGHTS, [told(YEAR[0], 10, 4)], "2026-05"))
    assert list(corrections(first, same)) == []


@pytest.mark.parametrize(
    ("series", "measure", "field"),
    [
        (NIGHTS, Measure.ENTRIES, "series"),
        (replace(NIGHTS, first_month="2025"), Measure.HAND, "series.first_month"),
        (replace(NIGHTS, last_month="2025-13"), Measure.HAND, "series.last_month"),
        (replace(NIGHTS, first_month="2025-05", last_month="2025-04"), Measure.HAND,
         "series.last_month"),
    ],
)  # fmt: skip
def test_a_source_that_makes_no_sense_is_refused(
    series: Series, measure: Measure, field: str
) -> None:
    unit = Unit.PERSONS if measure is Measure.ENTRIES else Unit.NIGHTS
    with pytest.raises(InvalidFields) as caught:
        checked(KpiSettings({"en": "Stays"}, unit, measure, series=series))
    assert [name for name, _text in caught.value.fields] == [field]
    assert checked(KpiSettings({"en": "Stays"}, Unit.NIGHTS, series=NIGHTS)).series == NIGHTS
