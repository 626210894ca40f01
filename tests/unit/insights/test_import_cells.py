"""Cells as people type them: months, years of an era, numbers, signs instead of numbers."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.imported.cells import (
    BadCell,
    State,
    YearSaid,
    month_of,
    number_of,
    year_of,
    year_within,
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2025年4月", (2025, 4)), ("２０２５年４月分", (2025, 4)), ("令和7年4月", (2025, 4)),
        ("令和元年5月", (2019, 5)), ("平成31年4月", (2019, 4)), ("昭和63年12月", (1988, 12)),
        ("R7.4", (2025, 4)), ("R7/4", (2025, 4)), ("H31.4", (2019, 4)), ("2025/4", (2025, 4)),
        ("2025/4/1", (2025, 4)), ("2025-04-01", (2025, 4)), ("202504", (2025, 4)),
        ("令和7年度1月", (2026, 1)), ("令和7年度4月", (2025, 4)), ("4月", (None, 4)),
        (" ４ 月 分", (None, 4)), ("Apr", (None, 4)), ("September", (None, 9)), ("13月", None),
        ("4", None), ("", None), ("計", None), ("令和", None), ("1899年4月", None),
    ],
)  # fmt: skip
def test_months(text: str, told: tuple[int | None, int] | None) -> None:
    assert month_of(text) == told


def test_a_bare_number_is_a_month_only_where_months_are_expected() -> None:
    assert month_of("4", bare=True) == (None, 4)
    assert month_of("04", bare=True) == (None, 4)
    assert month_of("0", bare=True) is None
    assert month_of("13", bare=True) is None


def test_an_era_goes_on() -> None:
    assert month_of("8年1月", before=2025) == (2026, 1)
    assert month_of("8年1月") is None
    assert year_of("8年", 2025) == YearSaid(2026, fiscal=False)
    assert year_of("元年", None) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("令和7年度", (2025, True)), ("令和7年", (2025, False)), ("2025", (2025, False)),
        ("2025年度", (2025, True)), ("R7", (2025, False)), ("FY2025", (2025, True)), ("12", None),
        ("平成元年", (1989, False)), ("3年間", None), ("計", None),
    ],
)  # fmt: skip
def test_years(text: str, told: tuple[int, bool] | None) -> None:
    assert year_of(text) == (YearSaid(told[0], fiscal=told[1]) if told else None)


def test_the_year_of_a_title_is_found_within_it() -> None:
    assert year_within("観光客入込数（令和７年度）") == YearSaid(2025, fiscal=True)
    assert year_within("3年間の推移 2024年度") == YearSaid(2024, fiscal=True)
    assert year_within("単位：人") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234", "1234"), ("１２，３４５", "12345"), ("1 234", "1234"), ("12.5", "12.5"), ("0", "0"),
     ("1,234人", "1234"), ("¥500", "500"), ("30泊", "30")],
)  # fmt: skip
def test_numbers(text: str, number: str) -> None:
    assert number_of(text) == (State.NUMBER, Decimal(number))


@pytest.mark.parametrize(
    ("text", "state"),
    [("", "blank"), ("　", "blank"), ("x", "withheld"), ("Ｘ", "withheld"), ("…", "unknown"),
     ("不明", "unknown"), ("休館", "unknown"), ("閉鎖", "unknown"), ("－", "dash"),
     ("-", "dash"), ("―", "dash"), ("ー", "dash")],
)  # fmt: skip
def test_signs(text: str, state: str) -> None:
    assert number_of(text) == (State(state), Decimal(0))


@pytest.mark.parametrize(
    ("text", "reason"),
    [("▲5", "NEGATIVE"), ("-5", "NEGATIVE"), ("△1,000", "NEGATIVE"), ("約100", "NOT_A_NUMBER"),
     ("1,23", "NOT_A_NUMBER"), ("12,5", "NOT_A_NUMBER"), ("=A1", "FORMULA"), ("＝A1", "FORMULA"),
     ("#DIV/0!", "NOT_A_NUMBER"), ("9" * 25, "TOO_LARGE"), ("(5)", "NOT_A_NUMBER"),
     ("1e9", "NOT_A_NUMBER"), ("٣", "NOT_A_NUMBER")],
)  # fmt: skip
def test_what_is_neither_is_told(text: str, reason: str) -> None:
    with pytest.raises(BadCell, match=reason):
        number_of(text)


@given(st.text(max_size=20))
def test_no_cell_breaks_the_reading(text: str) -> None:
    month_of(text, bare=True, before=2025)
    year_of(text, 2025)
    year_within(text)
    try:
        state, number = number_of(text)
    except BadCell:
        return
    assert number >= 0
    assert number == 0 or state is State.NUMBER


@given(st.integers(0, 10**12), st.booleans(), st.booleans())
def test_a_number_is_read_as_it_was_written(number: int, commas: Any, wide: Any) -> None:
    text = f"{number:,}" if commas else str(number)
    if wide:
        text = text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789,"})
    assert number_of(text) == (State.NUMBER, Decimal(number))


@given(st.integers(1990, 2060), st.integers(1, 12), st.sampled_from(["R{}.{}", "令和{}年{}月"]))
def test_a_month_of_an_era_is_read_as_it_was_written(year: int, month: int, form: str) -> None:
    era = year - 2018
    told = month_of(form.format(era, month))
    assert told == ((year, month) if era >= 1 else None)
