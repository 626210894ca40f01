"""Parts of a split sale: whatever is paid, refused or taken back, rates agree to the yen."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields, Refusal
from services.payments.domain.errors import (
    SplitAmountTooLarge,
    SplitBooksMixed,
    SplitPartUnderWay,
    SplitSaleEnded,
    SplitSaleOpen,
    TooManyParts,
)
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment, State, changed, order_of, start_void
from services.payments.domain.provider import DONE, UNANSWERED, Answer, Outcome
from services.payments.domain.receipt import Item
from services.payments.domain.settle import settle
from services.payments.domain.split_sale import (
    MAX_PARTS,
    GiveBack,
    SplitSale,
    SplitState,
    Void,
    check_opening,
    way_back,
)
from tests.unit.payments.sample import ID, NOW, TODAY, fresh

REFUSED = Answer(Outcome.REFUSED, reason="insufficient_funds")


def item(yen: int, rate: int = 10, quantity: int = 1) -> Item:
    return Item(name="品", quantity=quantity, unit_amount_yen=yen, tax_rate_percent=rate)


def sale(total_yen: int, *items: Item, parts: tuple[Payment, ...] = ()) -> SplitSale:
    return SplitSale(
        area="mine", split_sale_id=ID, shop_place_id="shop-a", total_yen=total_yen, items=items,
        opened_by="clerk-1", clerk_id="", business_date=TODAY, create_time=NOW, parts=parts,
    )  # fmt: skip


def part(of: SplitSale, amount_yen: int, answer: Answer = DONE, **changes: Any) -> Payment:
    """A part after its provider's answer, with its share of each rate."""
    begun = fresh(amount_yen, items=of.share_of(amount_yen, 10), split_sale_id=ID, **changes)
    return settle(begun, order_of(begun).key, answer, NOW).payment


BASKETS = st.lists(
    st.builds(item, st.integers(1, 9_000), st.sampled_from([0, 8, 10]), st.integers(1, 9)),
    min_size=1, max_size=6,
).filter(lambda items: sum(each.amount_yen for each in items) > 1)  # fmt: skip


@given(items=BASKETS, data=st.data())
def test_shares_of_parts_sum_to_the_basket_whatever_was_refused_or_taken_back_between(
    items: list[Item], data: st.DataObject
) -> None:
    total_yen = sum(each.amount_yen for each in items)
    split = sale(total_yen, *items)
    while split.state is SplitState.OPEN:
        tries = len(split.parts)
        amount_yen = split.open_yen if tries > 6 else data.draw(st.integers(1, split.open_yen))
        answer = DONE if tries > 4 else data.draw(st.sampled_from([DONE, REFUSED]))
        made = part(split, amount_yen, answer)
        assert sum(each.amount_yen for each in made.items) == amount_yen
        assert all(each.amount_yen > 0 for each in made.items)
        if answer is DONE and tries < 4 and data.draw(st.booleans()):
            begun = start_void(made, key=ID, now=NOW, today=TODAY)
            made = settle(begun, ID, DONE, NOW).payment
        split = split.with_part(made)
    sold: dict[int, int] = {}
    paid: dict[int, int] = {}
    for each in items:
        sold[each.tax_rate_percent] = sold.get(each.tax_rate_percent, 0) + each.amount_yen
    for captured in (each for each in split.parts if each.state is State.CAPTURED):
        for line in captured.items:
            paid[line.tax_rate_percent] = paid.get(line.tax_rate_percent, 0) + line.amount_yen
    assert paid == sold
    assert (split.captured_yen, split.open_yen) == (total_yen, 0)


def test_a_sale_without_lines_is_shared_at_the_shop_s_own_rate() -> None:
    shared = sale(3000).share_of(1000, 8)
    assert [(each.tax_rate_percent, each.amount_yen) for each in shared] == [(8, 1000)]


def test_what_was_declined_is_open_again_and_what_is_not_known_is_not() -> None:
    split = sale(3000)
    split = split.with_part(part(split, 1000))
    split = split.with_part(part(split, 2000, REFUSED))
    assert (split.state, split.captured_yen, split.open_yen) == (SplitState.OPEN, 1000, 2000)
    split = split.with_part(part(split, 1500, UNANSWERED))
    assert (split.under_way_yen, split.open_yen, split.held_yen) == (1500, 500, 2500)
    split = split.with_part(part(split, 500))
    assert split.state is SplitState.OPEN


@pytest.mark.parametrize(
    ("changes", "amount_yen", "refusal"),
    [
        ({}, 2001, SplitAmountTooLarge),
        ({"practice": False}, 2000, SplitBooksMixed),
        ({"give_back_time": NOW}, 2000, SplitSaleEnded),
    ],
)
def test_a_part_that_does_not_fit_is_refused(
    changes: dict[str, Any], amount_yen: int, refusal: type[Refusal]
) -> None:
    split = sale(3000)
    split = split.with_part(part(split, 1000))
    practice = changes.pop("practice", True)
    split.check_part(2000, TODAY, practice=True, waited=True)
    with pytest.raises(refusal):
        replace(split, **changes).check_part(amount_yen, TODAY, practice=practice, waited=False)


def test_refused_parts_of_the_other_book_do_not_bind_the_sale() -> None:
    split = sale(3000)
    split = split.with_part(part(split, 1000, REFUSED))
    split.check_part(1000, TODAY, practice=False, waited=False)


def test_a_part_that_waited_does_not_meet_one_that_is_not_known() -> None:
    split = sale(3000)
    split = split.with_part(part(split, 1000, UNANSWERED))
    with pytest.raises(SplitPartUnderWay):
        split.check_part(2000, TODAY, practice=True, waited=True)
    split.check_part(2000, TODAY, practice=True, waited=False)


def test_the_table_of_parts_has_an_end() -> None:
    split = sale(3000)
    refused = part(split, 1000, REFUSED)
    full = replace(split, parts=(refused,) * MAX_PARTS)
    with pytest.raises(TooManyParts):
        full.check_part(1000, TODAY, practice=True, waited=False)


def test_half_a_sale_is_not_refunded_part_by_part() -> None:
    split = sale(3000)
    split = split.with_part(part(split, 1000))
    with pytest.raises(SplitSaleOpen):
        split.check_refund()
    split.with_part(part(split, 2000)).check_refund()
    replace(split, give_back_time=NOW).check_refund()


def test_given_back_is_over_when_no_part_holds_anything() -> None:
    split = sale(3000)
    kept = part(split, 1000)
    begun = start_void(kept, key=ID, now=NOW, today=TODAY)
    back = replace(split.with_part(kept), give_back_time=NOW)
    assert (back.state, back.held_yen, back.open_yen) == (SplitState.GIVING_BACK, 1000, 0)
    waiting = replace(back, parts=(begun,))
    assert waiting.state is SplitState.GIVING_BACK
    gone = replace(back, parts=(settle(begun, ID, DONE, NOW).payment,))
    assert (gone.state, gone.was_paid) == (SplitState.GIVEN_BACK, False)


def test_a_part_whose_cancellation_is_not_known_pays_for_nothing_and_is_not_open_either() -> None:
    """Neither "paid", nor an amount to be taken again: the provider alone knows."""
    split = sale(3000)
    split = split.with_part(part(split, 1000))
    kept = part(split, 2000)
    split = split.with_part(kept)
    assert split.state is SplitState.PAID
    asked = start_void(kept, key=ID, now=NOW, today=TODAY)
    silent = settle(asked, ID, UNANSWERED, NOW).payment
    for void in (asked, silent):
        assert void.is_being_voided
        begun = replace(split, parts=(split.parts[0], void))
        assert begun.state is SplitState.OPEN
        assert (begun.captured_yen, begun.under_way_yen, begun.open_yen) == (1000, 2000, 0)
        with pytest.raises(SplitSaleOpen):
            begun.check_refund()
        with pytest.raises(SplitAmountTooLarge):
            begun.check_part(1, TODAY, practice=True, waited=False)
    for answer, state, open_yen in (
        (DONE, SplitState.OPEN, 2000), (REFUSED, SplitState.PAID, 0),
    ):  # fmt: skip
        told = settle(silent, ID, answer, NOW).payment
        assert not told.is_being_voided
        after = replace(split, parts=(split.parts[0], told))
        assert (after.state, after.open_yen) == (state, open_yen)


@pytest.mark.parametrize("total_yen", [0, 1, 10_000_000])
def test_what_cannot_be_split_is_not_opened(total_yen: int) -> None:
    with pytest.raises(InvalidFields):
        check_opening(total_yen, ())


def test_lines_that_sum_to_something_else_are_not_opened() -> None:
    assert check_opening(300, [item(100, quantity=3)])
    with pytest.raises(InvalidFields):
        check_opening(301, [item(100, quantity=3)])


def test_the_way_back_is_a_void_on_the_day_and_a_refund_after_it() -> None:
    kept = part(sale(3000), 1000)
    assert way_back(kept, TODAY, provider_refunds=True) == Void()
    later = TODAY + timedelta(days=1)
    assert way_back(kept, later, provider_refunds=True) == GiveBack(1000, RefundChannel.PROVIDER)
    assert way_back(kept, TODAY, provider_refunds=False) == GiveBack(1000, RefundChannel.CASH)
    some = changed(kept, refunded_yen=300)
    assert way_back(some, TODAY, provider_refunds=True) == GiveBack(700, RefundChannel.PROVIDER)


def test_nothing_is_asked_twice_of_what_is_under_way_or_over() -> None:
    kept = part(sale(3000), 1000)
    for settled in (
        changed(kept, reserved_yen=1000),
        changed(kept, refunded_yen=1000),
        start_void(kept, key=ID, now=NOW, today=TODAY),
        part(sale(3000), 1000, UNANSWERED),
        part(sale(3000), 1000, REFUSED),
    ):
        assert way_back(settled, TODAY, provider_refunds=True) is None


def test_a_part_that_waits_for_its_customer_waits_no_longer() -> None:
    at_terminal = part(sale(3000), 1000, Answer(Outcome.IN_PROGRESS, provider_ref="t-1"))
    assert way_back(at_terminal, TODAY, provider_refunds=True) == Void()
