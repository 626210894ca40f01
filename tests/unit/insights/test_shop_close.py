"""Sums of a shop's closes beside those counted here: what differs shows, what is late waits."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.shop_close import Counted, HeardClose, ShopClose, compare_shop

MOMENT = datetime(2026, 5, 3, 9, tzinfo=UTC)
CAPTURED = ("card", "captured_yen")
yen = st.integers(0, 10_000)


def compared(closed_yen: int, counted_yen: int, after_yen: int = 0, near_yen: int = 0) -> ShopClose:
    close = HeardClose(number=1, close_time=MOMENT, closed={CAPTURED: closed_yen})
    counted = Counted(
        tender="card", measure="captured_yen", yen=counted_yen, after_yen=after_yen,
        near_yen=near_yen,
    )  # fmt: skip
    return compare_shop("shop-a", {}, close, [counted])


@given(closed=yen, after=yen, off=st.integers(-500, 500))
def test_only_what_came_after_the_close_may_be_missing_in_it(
    closed: int, after: int, off: int
) -> None:
    found = compared(closed, closed + after + off, after_yen=after)
    assert found.agrees is (off == 0)
    assert found.waiting_yen == after + off


@given(closed=yen, after=yen, near=yen, part=st.sampled_from((0, 1)))
def test_a_sale_of_the_same_moment_may_be_on_either_side(
    closed: int, after: int, near: int, part: int
) -> None:
    total = closed + after + near
    assert compared(closed + part * near, total, after_yen=after, near_yen=near).agrees
    assert not compared(closed, total + 1, after_yen=after, near_yen=near).agrees
    assert not compared(closed + near + 1, total, after_yen=after, near_yen=near).agrees


def test_each_side_may_know_a_tender_alone_and_zeros_are_no_row() -> None:
    close = HeardClose(
        number=3, close_time=MOMENT, closed={CAPTURED: 500, ("card", "voided_yen"): 0}
    )
    found = compare_shop(
        "shop-a", {}, close, [Counted(tender="id", measure="captured_yen", yen=70)]
    )
    assert [(each.tender, each.counted_yen, each.closed_yen) for each in found.sums] == [
        ("card", 0, 500), ("id", 70, 0),
    ]  # fmt: skip
    assert not found.agrees


def test_while_no_close_was_heard_nothing_agrees() -> None:
    found = compare_shop("a", {}, None, [Counted(tender="id", measure="refunded_yen", yen=70)])
    assert (found.agrees, found.waiting_yen) == (False, -70)
    assert not compare_shop("a", {}, None, []).agrees
