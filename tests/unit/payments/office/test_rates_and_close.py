"""Movements by tax rate and the sums of a close: whatever happens to a sale, its parts add up."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.payments.domain.close import (
    SAID_DATES,
    CashCount,
    ClosedTender,
    Movement,
    by_date,
    check_count,
    sum_up,
)
from services.payments.domain.ledger import EntryKind
from services.payments.domain.rates import movement_by_rate
from services.payments.domain.receipt import Item
from services.payments.domain.shop import Shop
from services.payments.domain.tender import Tender
from tests.unit.payments.sample import TODAY

SHOP = Shop(shop_place_id="shop-a", names={"ja": "試しの店"})

items = st.lists(
    st.builds(
        Item, name=st.just("品"), quantity=st.integers(1, 9),
        unit_amount_yen=st.integers(1, 5000), tax_rate_percent=st.sampled_from((10, 8, 0)),
    ), max_size=6,
)  # fmt: skip


@given(
    lines=items, cuts=st.lists(st.integers(1, 400), max_size=8), default=st.sampled_from((10, 8))
)
def test_refunds_to_the_last_yen_leave_nothing_at_any_rate(
    lines: list[Item], cuts: list[int], default: int
) -> None:
    total = sum(each.amount_yen for each in lines) or 1000
    sums = dict(movement_by_rate(EntryKind.CAPTURE, total, 0, lines, default))
    assert sum(sums.values()) == total
    left = total
    for cut in [*cuts, total]:
        amount = min(cut, left)
        if amount == 0:
            break
        parts = movement_by_rate(EntryKind.REFUND, amount, left, lines, default)
        assert sum(parts.values()) == -amount
        for rate, yen in parts.items():
            sums[rate] += yen
        left -= amount
    assert left == 0
    assert set(sums.values()) <= {0}


def movement(kind: EntryKind, amount_yen: int, before_yen: int = 0, **changes: object) -> Movement:
    usual = Movement(
        entry_id=f"e{amount_yen}", kind=kind, tender=Tender.CASH_RECORD, amount_yen=amount_yen,
        before_yen=before_yen, cash_yen=amount_yen if kind is EntryKind.CAPTURE else -amount_yen,
        business_date=TODAY, items=(),
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]  # the tests name fields


def test_a_close_sums_each_tender_and_rate_and_the_cash_of_a_card_refund() -> None:
    mixed = (
        Item(name="茶", quantity=1, unit_amount_yen=108, tax_rate_percent=8),
        Item(name="皿", quantity=1, unit_amount_yen=1100, tax_rate_percent=10),
    )
    figures = sum_up(
        [
            movement(EntryKind.CAPTURE, 1208, items=mixed),
            movement(EntryKind.CAPTURE, 500),
            movement(EntryKind.VOID, 500, before_yen=500),
            movement(EntryKind.CAPTURE, 3000, tender=Tender.CARD, cash_yen=0),
            movement(EntryKind.REFUND, 1000, before_yen=3000, tender=Tender.CARD, cash_yen=-1000,
                     business_date=TODAY.replace(day=20)),
        ], SHOP, TODAY,
    )  # fmt: skip
    assert [(line.tender, line.tax_rate_percent) for line in figures.lines] == [
        (Tender.CARD, 10), (Tender.CASH_RECORD, 10), (Tender.CASH_RECORD, 8),
    ]  # fmt: skip
    card, ten, eight = figures.lines
    assert (card.captured_yen, card.refunded_yen, card.net_yen, card.tax_yen) == (
        3000, 1000, 2000, 181,
    )  # fmt: skip
    assert (ten.captured_count, ten.captured_yen, ten.voided_yen, ten.net_yen) == (
        2,
        1600,
        500,
        1100,
    )
    assert (eight.net_yen, eight.tax_yen) == (108, 8)
    assert (figures.entry_count, figures.earlier_count) == (5, 1)
    assert figures.cash_yen == 1208 - 1000
    cash = [line.net_yen for line in figures.lines if line.tender is Tender.CASH_RECORD]
    assert sum(cash) == 1208
    assert figures.net_yen == 3208


def test_a_difference_needs_a_reason_and_a_count_has_bounds() -> None:
    figures = sum_up([movement(EntryKind.CAPTURE, 700)], SHOP, TODAY)
    fits = CashCount(float_yen=10_000, counted_yen=10_700)
    assert check_count(fits, figures) == 10_700
    short = CashCount(float_yen=10_000, counted_yen=10_600)
    with pytest.raises(InvalidFields) as caught:
        check_count(short, figures)
    assert caught.value.fields == (("reason", "the count differs by -100 yen: write why"),)
    assert check_count(replace(short, reason="釣銭の渡し間違い"), figures) == 10_700
    for bad in (CashCount(float_yen=-1, counted_yen=0), replace(fits, counted_yen=10**9)):
        with pytest.raises(InvalidFields):
            check_count(replace(bad, reason="x"), figures)
    with pytest.raises(InvalidFields):
        check_count(replace(short, reason="x" * 201), figures)


@given(
    sales=st.lists(
        st.tuples(
            st.integers(0, 3), st.sampled_from((Tender.CARD, Tender.CASH_RECORD)),
            st.integers(1, 9_000), st.sampled_from((10, 8, 0)), st.booleans(),
        ), max_size=12,
    )
)  # fmt: skip
def test_the_dates_of_a_close_add_up_to_the_close(
    sales: list[tuple[int, Tender, int, int, bool]],
) -> None:
    movements = []
    for back, tender, yen, rate, gone in sales:
        made = movement(
            EntryKind.CAPTURE, yen, tender=tender, business_date=TODAY - timedelta(days=back),
            items=(Item(name="品", quantity=1, unit_amount_yen=yen, tax_rate_percent=rate),),
        )  # fmt: skip
        movements.append(made)
        if gone:
            movements.append(replace(made, kind=EntryKind.VOID, before_yen=yen))
    dates = by_date(movements, SHOP, ())
    assert [each.business_date for each in dates] == sorted({m.business_date for m in movements})
    whole = sum_up(movements, SHOP, TODAY)
    assert sum(each.entry_count for each in dates) == whole.entry_count
    sums: Counter[tuple[Tender, int, str]] = Counter()
    for each in dates:
        for line in each.lines:
            for column in ("captured_count", "captured_yen", "voided_yen", "refunded_yen"):
                sums[line.tender, line.tax_rate_percent, column] += getattr(line, column)
    for line in whole.lines:
        for column in ("captured_count", "captured_yen", "voided_yen", "refunded_yen"):
            assert sums[line.tender, line.tax_rate_percent, column] == getattr(line, column)
    assert len(sums) == 4 * len(whole.lines)


def test_what_is_closed_so_far_stands_with_its_own_date() -> None:
    before = TODAY - timedelta(days=1)
    closed = [
        ClosedTender(business_date=day, tender=Tender.CARD, captured_yen=yen, voided_yen=0,
                     refunded_yen=0)
        for day, yen in ((before, 900), (TODAY, 70))
    ]  # fmt: skip
    found = by_date(
        [movement(EntryKind.CAPTURE, 70), movement(EntryKind.CAPTURE, 5, business_date=before)],
        SHOP, closed,
    )  # fmt: skip
    assert [(each.business_date, each.closed) for each in found] == [
        (before, (closed[0],)), (TODAY, (closed[1],)),
    ]  # fmt: skip


def test_a_shop_that_never_closed_says_its_newest_dates() -> None:
    movements = [
        movement(EntryKind.CAPTURE, 100, business_date=TODAY - timedelta(days=back))
        for back in range(SAID_DATES + 5)
    ]
    dates = by_date(movements, SHOP, ())
    assert len(dates) == SAID_DATES
    assert dates[-1].business_date == TODAY
    assert sum_up(movements, SHOP, TODAY).entry_count == SAID_DATES + 5
