"""Receipts against an independent calculation in decimals."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.payments.domain.receipt import (
    Item,
    check_items,
    rate_totals,
    receipt_number,
    tax_inside,
)
from services.payments.domain.shop import Rounding

MODES = {
    Rounding.DOWN: ROUND_FLOOR,
    Rounding.UP: ROUND_CEILING,
    Rounding.HALF_UP: ROUND_HALF_UP,
}
ITEMS = st.lists(
    st.builds(
        Item,
        name=st.just("饅頭"),
        quantity=st.integers(1, 20),
        unit_amount_yen=st.integers(1, 5000),
        tax_rate_percent=st.sampled_from([0, 8, 10]),
    ),
    min_size=1,
    max_size=12,
)


@given(items=ITEMS, rounding=st.sampled_from(Rounding))
def test_tax_is_rounded_once_per_rate_and_never_per_line(
    items: list[Item], rounding: Rounding
) -> None:
    total_yen = sum(item.quantity * item.unit_amount_yen for item in items)
    totals = rate_totals(items, total_yen, 10, rounding)
    assert sum(total.amount_yen for total in totals) == total_yen
    for total in totals:
        rate = Decimal(total.tax_rate_percent)
        lines = [i for i in items if i.tax_rate_percent == total.tax_rate_percent]
        amount = sum(Decimal(i.quantity) * i.unit_amount_yen for i in lines)
        exact = amount * rate / (100 + rate)
        assert total.amount_yen == amount
        assert total.tax_yen == int(exact.quantize(Decimal(1), rounding=MODES[rounding]))


def test_an_example_where_rounding_per_line_would_be_wrong() -> None:
    items = [Item(name="a", quantity=1, unit_amount_yen=105, tax_rate_percent=8)] * 3
    (total,) = rate_totals(items, 315, 10, Rounding.DOWN)
    assert (total.amount_yen, total.tax_yen) == (315, 23)  # per line it would be 3 x 7 = 21


@given(items=ITEMS, share=st.floats(0.01, 1))
def test_a_partial_capture_reduces_all_rates_in_proportion(items: list[Item], share: float) -> None:
    sold_yen = sum(item.amount_yen for item in items)
    captured_yen = max(1, int(sold_yen * share))
    totals = rate_totals(items, captured_yen, 10, Rounding.DOWN)
    assert sum(total.amount_yen for total in totals) == captured_yen
    for total in totals:
        sold = sum(i.amount_yen for i in items if i.tax_rate_percent == total.tax_rate_percent)
        assert abs(total.amount_yen - sold * captured_yen / sold_yen) <= 3


def test_without_lines_the_shop_s_own_rate_holds() -> None:
    (total,) = rate_totals((), 1080, 8, Rounding.DOWN)
    assert (total.tax_rate_percent, total.amount_yen, total.tax_yen) == (8, 1080, 80)
    assert rate_totals((), 0, 8, Rounding.DOWN) == ()


@pytest.mark.parametrize(
    ("rounding", "tax_yen"), [(Rounding.DOWN, 118), (Rounding.UP, 119), (Rounding.HALF_UP, 118)]
)
def test_the_fraction_of_an_admission(rounding: Rounding, tax_yen: int) -> None:
    assert tax_inside(1300, 10, rounding) == tax_yen  # 118.18


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": 0}, "items[0].quantity"),
        ({"quantity": 1000}, "items[0].quantity"),
        ({"unit_amount_yen": 0}, "items[0].unit_amount_yen"),
        ({"tax_rate_percent": 5}, "items[0].tax_rate_percent"),
        ({"name": " "}, "items[0].name"),
        ({"name": "x" * 81}, "items[0].name"),
        ({"unit_amount_yen": 99}, "items"),
    ],
)
def test_lines_that_cannot_be_used_are_named(change: dict[str, int | str], field: str) -> None:
    usual: dict[str, int | str] = {
        "name": "饅頭", "quantity": 1, "unit_amount_yen": 100, "tax_rate_percent": 8
    }  # fmt: skip
    with pytest.raises(InvalidFields) as refused:
        check_items([Item(**{**usual, **change})], 100)  # type: ignore[arg-type]
    assert refused.value.fields[0][0] == field


def test_too_many_lines_are_refused() -> None:
    line = Item(name="a", quantity=1, unit_amount_yen=1, tax_rate_percent=10)
    with pytest.raises(InvalidFields):
        check_items([line] * 201, 201)


def test_a_receipt_number_is_short_and_readable() -> None:
    number = receipt_number("01a1fccb-e75c-71cb-8454-dd531a63b538", "2026-11-21")
    assert number == "20261121-ACD67D9R"
