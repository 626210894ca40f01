"""Sales paid by several tenders, against a real database and a provider that misbehaves."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from kit.ids import new_id
from kit.pure.errors import InvalidFields, Refusal
from kit.requests import RequestIdReused
from services.payments.app import (
    change,
    invoices,
    reads,
    refund,
    shops,
    split_sale,
    take,
    tax_free,
)
from services.payments.app.deps import Deps
from services.payments.app.office import books, close
from services.payments.app.units import SplitOpening
from services.payments.domain.close import SaleCounts
from services.payments.domain.errors import (
    ShopNotYours,
    SplitAmountTooLarge,
    SplitBooksMixed,
    SplitPartUnderWay,
    SplitSaleOpen,
    TaxFreeNotPossible,
    UnknownSplitSale,
)
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment, State
from services.payments.domain.receipt import Item, receipt_number
from services.payments.domain.split_sale import SplitSale, SplitState
from services.payments.domain.tender import Tender
from tests.service.payments.conftest import (
    AREA,
    CLERK,
    SHOP,
    Simulator,
    key,
    sale,
)
from tests.service.payments.test_take import resolved, sound

PRACTICE = replace(SHOP, shop_place_id="shop-p", practice=True)
BASKET = (
    Item(name="まんじゅう", quantity=3, unit_amount_yen=433, tax_rate_percent=8),
    Item(name="湯のみ", quantity=1, unit_amount_yen=1700, tax_rate_percent=10),
)
TOTAL_YEN = 2999


@pytest.fixture(autouse=True)
async def practicing(deps: Deps) -> None:
    """A shop where cash and cards are both practice, so that they may pay together."""
    await shops.configure_shops(deps, key(), AREA, [PRACTICE])


async def opened(
    deps: Deps, total_yen: int = TOTAL_YEN, items: Sequence[Item] = BASKET, shop: str = "shop-p"
) -> SplitSale:
    wanted = SplitOpening(shop_place_id=shop, total_yen=total_yen, items=items)
    return await split_sale.open_split_sale(deps, key(), CLERK, wanted)


async def pay(
    deps: Deps, split: SplitSale, amount_yen: int, tender: Tender = Tender.CARD, **more: Any
) -> Payment:
    wanted = sale(
        amount_yen, tender, shop_place_id=split.shop_place_id, split_sale_id=split.split_sale_id,
        **more,
    )  # fmt: skip
    return (await take.take_payment(deps, key(), CLERK, wanted)).payment


async def seen(deps: Deps, split: SplitSale) -> SplitSale:
    return (await split_sale.read_split_sale(deps, CLERK, split.split_sale_id))[0]


async def paid(deps: Deps, **more: Any) -> tuple[SplitSale, Payment, Payment]:
    """A sale of which 1,000 yen were paid in cash and the rest by card."""
    split = await opened(deps, **more)
    cash = await pay(deps, split, 1000, Tender.CASH_RECORD)
    card = await pay(deps, split, TOTAL_YEN - 1000)
    return await seen(deps, split), cash, card


async def given_back(deps: Deps, split: SplitSale, clerk_id: str = "") -> SplitSale:
    return await split_sale.give_back(deps, key(), CLERK, split.split_sale_id, clerk_id)


async def test_cash_and_card_make_one_sale_with_one_receipt(deps: Deps) -> None:
    split, cash, card = await paid(deps)
    assert (split.state, split.captured_yen, split.open_yen) == (SplitState.PAID, TOTAL_YEN, 0)
    for part in (cash, card):
        receipt = await reads.read_receipt(deps, CLERK, part.payment_id)
        assert receipt.split == split
        rates = [(each.tax_rate_percent, each.amount_yen, each.tax_yen)
                 for each in receipt.rate_totals]  # fmt: skip
        assert rates == [(10, 1700, 154), (8, 1299, 96)]
    await sound(deps)


async def test_the_day_has_each_part_under_its_tender_and_the_sale_once(deps: Deps) -> None:
    split = await opened(deps, shop="shop-a")
    await pay(deps, split, 1000, Tender.CASH_RECORD)
    await pay(deps, split, TOTAL_YEN - 1000, gateway="other_device")
    day = split.business_date.isoformat()
    content, count = await books.export_journal(deps, CLERK, "shop-a", day, day, "utf-8")
    receipt = receipt_number(split.split_sale_id, day)
    assert (count, content.decode().count(f"分割会計 {receipt},")) == (2, 4)  # two rates each
    report = await close.read_day(deps, CLERK, "shop-a", "")
    sums: dict[int, int] = {}
    tenders: dict[Tender, int] = {}
    for line in report.figures.lines:
        rate, tender = line.tax_rate_percent, line.tender
        sums[rate] = sums.get(rate, 0) + line.captured_yen
        tenders[tender] = tenders.get(tender, 0) + line.captured_yen
    assert sums == {10: 1700, 8: 1299}
    assert tenders == {Tender.CASH_RECORD: 1000, Tender.CARD: 1999}
    assert report.figures.cash_yen == 1000
    totals = await reads.read_totals(deps, CLERK, day="", shop_place_id="shop-a")
    assert (len(totals.rows), totals.sales[False].kept) == (2, 1)
    await given_back(deps, split)
    report = await close.read_day(deps, CLERK, "shop-a", "")
    assert {line.net_yen for line in report.figures.lines} == {0}
    totals = await reads.read_totals(deps, CLERK, day="", shop_place_id="shop-a")
    assert totals.sales[False] == SaleCounts(kept=0, refunded=0, canceled=1)


async def test_a_declined_card_leaves_its_amount_open_for_another_way(deps: Deps) -> None:
    split = await opened(deps, 10_901, ())
    await pay(deps, split, 1000, Tender.CASH_RECORD)
    refused = await pay(deps, split, 9901)
    assert refused.state is State.DECLINED
    split = await seen(deps, split)
    assert (split.state, split.captured_yen, split.open_yen) == (SplitState.OPEN, 1000, 9901)
    with pytest.raises(SplitSaleOpen):
        await reads.read_receipt(deps, CLERK, split.parts[0].payment_id)
    await pay(deps, split, 9901, Tender.CASH_RECORD)
    assert (await seen(deps, split)).state is SplitState.PAID


async def test_parts_at_the_same_moment_never_pay_more_than_the_total(
    deps: Deps, simulator: Simulator
) -> None:
    split = await opened(deps)
    answers = await asyncio.gather(
        *(pay(deps, split, 1000) for _ in range(8)), return_exceptions=True
    )
    taken = [each for each in answers if isinstance(each, Payment)]
    assert len(taken) == 2
    assert all(isinstance(each, Payment | SplitAmountTooLarge) for each in answers)
    assert len(simulator.charges()) == 2
    assert (await seen(deps, split)).open_yen == TOTAL_YEN - 2000


async def test_the_same_tap_is_one_part_and_the_same_opening_is_one_sale(deps: Deps) -> None:
    wanted = SplitOpening(shop_place_id="shop-p", total_yen=3000, items=())
    first = await split_sale.open_split_sale(deps, key("open-1"), CLERK, wanted)
    again = await split_sale.open_split_sale(deps, key("open-1"), CLERK, wanted)
    assert first == again
    tap = sale(1000, Tender.CASH_RECORD, shop_place_id="shop-p", split_sale_id=first.split_sale_id)
    one = await take.take_payment(deps, key("part-1"), CLERK, tap)
    two = await take.take_payment(deps, key("part-1"), CLERK, tap)
    assert (one.payment, two.repeated) == (two.payment, True)
    assert (await seen(deps, first)).open_yen == 2000
    with pytest.raises(RequestIdReused):
        await take.take_payment(deps, key("part-1", b"other"), CLERK, tap)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"items": BASKET}, InvalidFields),
        ({"capture_at_once": False}, InvalidFields),
        ({"split_sale_id": "x"}, InvalidFields),
        ({"split_sale_id": new_id()}, UnknownSplitSale),
        ({"shop_place_id": "shop-a"}, ShopNotYours),
        ({"amount_yen": TOTAL_YEN + 1}, SplitAmountTooLarge),
    ],
)
async def test_what_no_part_can_be_changes_nothing(
    deps: Deps, changes: dict[str, Any], refusal: type[Refusal]
) -> None:
    split = await opened(deps)
    usual = sale(TOTAL_YEN, shop_place_id="shop-p", split_sale_id=split.split_sale_id)
    with pytest.raises(refusal):
        await take.take_payment(deps, key(), CLERK, msgspec.structs.replace(usual, **changes))
    assert (await seen(deps, split)).parts == ()


async def test_practice_and_real_money_do_not_pay_together(deps: Deps) -> None:
    split = await opened(deps, shop="shop-a")
    await pay(deps, split, 1000, Tender.CASH_RECORD)
    with pytest.raises(SplitBooksMixed):
        await pay(deps, split, 500)


async def test_cash_that_waited_joins_when_the_other_parts_are_known(
    deps: Deps, simulator: Simulator
) -> None:
    split = await opened(deps)
    simulator.order("time_out_after")
    unheard = await pay(deps, split, 1000)
    assert unheard.state is State.UNKNOWN
    minute = timedelta(minutes=1)
    with pytest.raises(SplitPartUnderWay):
        await pay(deps, split, 1999, Tender.CASH_RECORD, waited=minute)
    await resolved(deps, unheard)
    await pay(deps, split, 1999, Tender.CASH_RECORD, waited=minute)
    assert (await seen(deps, split)).state is SplitState.PAID


async def test_a_refund_goes_to_the_part_that_was_chosen_with_its_own_slip(deps: Deps) -> None:
    split = await opened(deps)
    cash = await pay(deps, split, 1000, Tender.CASH_RECORD)
    wanted = (deps, key(), CLERK, cash.payment_id, 500, RefundChannel.CASH, "割れていた")
    with pytest.raises(SplitSaleOpen):
        await refund.refund_payment(*wanted)
    card = await pay(deps, split, TOTAL_YEN - 1000)
    done = await refund.refund_payment(*wanted)
    slip = await invoices.read_return_invoice(deps, CLERK, done.refund_id)
    assert sum(each.amount_yen for each in slip.rate_totals) == 500
    assert (slip.split, slip.payment.payment_id) == (await seen(deps, split), cash.payment_id)
    rest = await refund.refund_payment(
        deps, key(), CLERK, card.payment_id, TOTAL_YEN - 1000, RefundChannel.PROVIDER, "返品"
    )
    more = await refund.refund_payment(
        deps, key(), CLERK, cash.payment_id, 500, RefundChannel.CASH, "返品"
    )
    went_back: dict[int, int] = {}
    for each in (done, rest, more):
        for line in (await invoices.read_return_invoice(deps, CLERK, each.refund_id)).rate_totals:
            rate = line.tax_rate_percent
            went_back[rate] = went_back.get(rate, 0) + line.amount_yen
    assert went_back == {10: 1700, 8: 1299}
    # The one receipt of the sale leads to the slips of all its parts, whichever part's link it is.
    receipt = await reads.read_receipt(deps, CLERK, card.payment_id)
    _, linked = await invoices.read_linked_receipt(deps, AREA, receipt.link_secret)
    assert [each.refund_id for each in linked] == [e.refund_id for e in (done, rest, more)]
    opened_slip = await invoices.read_linked_return_invoice(
        deps, AREA, receipt.link_secret, done.refund_id
    )
    assert opened_slip.rate_totals == slip.rate_totals


async def test_a_part_taken_back_opens_the_sale_for_another_way(deps: Deps) -> None:
    split, _cash, card = await paid(deps)
    await change.void_payment(deps, key(), CLERK, card.payment_id)
    assert (await seen(deps, split)).open_yen == 1999
    await pay(deps, split, 1999, Tender.CODE_PAYMENT)
    receipt = await reads.read_receipt(deps, CLERK, split.parts[0].payment_id)
    assert receipt.split is not None
    assert receipt.split.state is SplitState.PAID


async def test_a_part_is_no_tax_free_sale(deps: Deps) -> None:
    free = replace(PRACTICE, tax_free=True)
    await shops.configure_shops(deps, key(), AREA, [free])
    _split, cash, _card = await paid(deps)
    with pytest.raises(TaxFreeNotPossible):
        await tax_free.record_tax_free(deps, key(), CLERK, cash.payment_id, "record-0001", {})
