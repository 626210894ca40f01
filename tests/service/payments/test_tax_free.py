"""Tax-free sales and return invoices against the real database and the real simulator."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from services.payments.app import change, invoices, reads, refund, shops, tax_free
from services.payments.app.deps import Deps
from services.payments.app.who import Who
from services.payments.domain.errors import (
    AmountTooLarge,
    ShopNotYours,
    TaxFreeNotPossible,
    UnknownPayment,
    UnknownTaxFreeSale,
    WrongState,
)
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment, changed
from services.payments.domain.receipt import Item
from services.payments.domain.refund import Refund, RefundState
from services.payments.domain.tax_free import TaxFreeSale, TaxFreeState
from services.payments.domain.tender import Tender
from services.payments.store import areas
from tests.service.payments.conftest import AREA, CLERK, SHOP, Simulator, key, taken

NOWHERE = "01a1fccb-e75c-71cb-8454-dd531a63b538"
STRANGER = Who(area=AREA, principal="clerk-2", shops=frozenset({"gate-a"}), device=False)


@pytest.fixture
async def selling(deps: Deps) -> Deps:
    """The test shop may sell tax-free, and is registered."""
    shop = replace(SHOP, tax_free=True, registration_number="T7000012050002")
    await shops.configure_shops(deps, key(), AREA, [shop])
    return deps


async def recorded(deps: Deps, payment: Payment, record: str, request_id: str = "") -> TaxFreeSale:
    return await tax_free.record_tax_free(
        deps, key(request_id), CLERK, payment.payment_id, record, {}
    )


async def confirmed(deps: Deps, sale: TaxFreeSale, *, yes: bool = True) -> TaxFreeSale:
    return await tax_free.settle_tax_free(
        deps, key(), CLERK, sale.tax_free_sale_id, confirmed=yes,
        confirm_date=sale.sale_date.isoformat(),
    )  # fmt: skip


async def tax_back(
    deps: Deps, sale: TaxFreeSale, channel: RefundChannel = RefundChannel.PROVIDER,
    request_id: str = "",
) -> Refund:  # fmt: skip
    done, _ = await tax_free.refund_tax_free(
        deps, key(request_id), CLERK, sale.tax_free_sale_id, channel
    )
    return done


async def back(deps: Deps, payment: Payment, amount_yen: int) -> Refund:
    return await refund.refund_payment(
        deps, key(), CLERK, payment.payment_id, amount_yen, RefundChannel.CASH, "broken"
    )


async def test_a_tax_free_sale_from_till_to_airport(selling: Deps, simulator: Simulator) -> None:
    payment = await taken(selling, 11_000)
    sale = await recorded(selling, payment, "PR-1")
    with pytest.raises(WrongState):
        await tax_back(selling, sale)
    assert (await confirmed(selling, sale)).state is TaxFreeState.CONFIRMED
    done = await tax_back(selling, sale)
    assert (done.state, done.amount_yen) == (RefundState.REFUNDED, 1_000)
    assert simulator.charges()[payment.payment_id]["refunded_yen"] == 1_000
    with pytest.raises(WrongState):
        await tax_back(selling, sale)
    # What is left of the price may still come back, and not a yen more.
    with pytest.raises(AmountTooLarge):
        await back(selling, payment, 10_001)
    assert (await back(selling, payment, 10_000)).state is RefundState.REFUNDED
    assert (await reads.prove_ledger(selling, CLERK)).sound
    page = await tax_free.list_tax_free(
        selling, CLERK, shop_place_id="shop-a", payment_id="", page_size=0, page_token=""
    )
    assert [each.refund_id for each in page.sales] == [done.refund_id]


async def test_repeats_do_nothing_twice(selling: Deps) -> None:
    payment = await taken(selling, 11_000)
    sales = await asyncio.gather(
        *(recorded(selling, payment, "PR-1", "record-once") for _ in range(8))
    )
    assert len({each.tax_free_sale_id for each in sales}) == 1
    sale = sales[0]
    await confirmed(selling, sale)
    refunds = await asyncio.gather(
        *(tax_back(selling, sale, request_id="refund-once") for _ in range(8))
    )
    assert len({each.refund_id for each in refunds}) == 1
    stored, _ = await reads.get_payment(selling, CLERK, payment.payment_id)
    assert (stored.refunded_yen, stored.reserved_yen) == (1_000, 0)


async def test_two_who_ask_at_once_get_the_tax_once(selling: Deps) -> None:
    payment = await taken(selling, 11_000)
    sale = await confirmed(selling, await recorded(selling, payment, "PR-1"))
    answers = await asyncio.gather(
        *(tax_back(selling, sale) for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(each, Refund) for each in answers) == 1
    # Under way it is the first refund that bars the others; afterwards the record itself.
    assert all(isinstance(each, Refund | WrongState) for each in answers), answers
    stored, _ = await reads.get_payment(selling, CLERK, payment.payment_id)
    assert stored.refunded_yen == 1_000


async def test_a_refused_refund_may_be_made_in_cash(selling: Deps, simulator: Simulator) -> None:
    payment = await taken(selling, 11_000)
    sale = await confirmed(selling, await recorded(selling, payment, "PR-1"))
    simulator.order("decline")
    assert (await tax_back(selling, sale)).state is RefundState.DECLINED
    assert (await tax_back(selling, sale, RefundChannel.CASH)).state is RefundState.REFUNDED


async def test_one_record_to_a_sale_and_one_sale_to_a_record(selling: Deps) -> None:
    first, second = await taken(selling, 11_000), await taken(selling, 11_000)
    await recorded(selling, first, "PR-1")
    for payment, record in ((first, "PR-2"), (second, "PR-1")):
        with pytest.raises(TaxFreeNotPossible):
            await recorded(selling, payment, record)
    await recorded(selling, second, "PR-2")


async def test_goods_that_came_back_end_the_record(selling: Deps) -> None:
    payment = await taken(selling, 11_000)
    sale = await recorded(selling, payment, "PR-1")
    await back(selling, payment, 100)
    with pytest.raises(TaxFreeNotPossible):
        await confirmed(selling, sale)
    voided = await taken(selling, 11_000)
    held = await confirmed(selling, await recorded(selling, voided, "PR-2"))
    await change.void_payment(selling, key(), CLERK, voided.payment_id)
    with pytest.raises(TaxFreeNotPossible):
        await tax_back(selling, held)


async def test_who_may_not_and_what_is_not_there(selling: Deps) -> None:
    payment = await taken(selling, 11_000)
    sale = await recorded(selling, payment, "PR-1")
    with pytest.raises(ShopNotYours):
        await tax_free.refund_tax_free(
            selling, key(), STRANGER, sale.tax_free_sale_id, RefundChannel.CASH
        )
    page = await tax_free.list_tax_free(
        selling, STRANGER, shop_place_id="", payment_id="", page_size=0, page_token=""
    )
    assert page.sales == []
    with pytest.raises(UnknownTaxFreeSale):
        await confirmed(selling, replace(sale, tax_free_sale_id=NOWHERE))
    with pytest.raises(UnknownPayment):
        await recorded(selling, changed(payment, payment_id=NOWHERE), "PR-9")


async def test_pages_hold_every_record_once(selling: Deps) -> None:
    made = []
    for number in range(5):
        sale = await recorded(
            selling, await taken(selling, 11_000, Tender.CASH_RECORD), f"P{number}"
        )
        made.append(sale.tax_free_sale_id)
    found: list[str] = []
    token = ""
    while True:
        page = await tax_free.list_tax_free(
            selling, CLERK, shop_place_id="", payment_id="", page_size=2, page_token=token
        )
        found += [each.tax_free_sale_id for each in page.sales]
        token = page.next_token
        if not token:
            break
    assert found == made[::-1]


def line(unit_amount_yen: int, rate: int) -> Item:
    return Item(name="品", quantity=1, unit_amount_yen=unit_amount_yen, tax_rate_percent=rate)


async def test_return_invoices_of_a_sale_sum_to_its_receipt(selling: Deps) -> None:
    items = (line(11_000, 10), line(10_800, 8), line(500, 0))
    payment = await taken(selling, 22_300, Tender.CASH_RECORD, items=items)
    made, found = [], []
    for amount_yen in (12_001, 299, 10_000):
        made.append(await back(selling, payment, amount_yen))
        found.append(await invoices.read_return_invoice(selling, CLERK, made[-1].refund_id))
    sums: dict[int, int] = {}
    for invoice in found:
        for total in invoice.rate_totals:
            sums[total.tax_rate_percent] = sums.get(total.tax_rate_percent, 0) + total.amount_yen
    assert sums == {10: 11_000, 8: 10_800, 0: 500}
    assert [invoice.due for invoice in found] == [True, False, True]
    # Later refunds never change an invoice that may have been printed.
    for refunded, invoice in zip(made, found, strict=True):
        again = await invoices.read_return_invoice(selling, CLERK, refunded.refund_id)
        assert again.rate_totals == invoice.rate_totals


async def test_tax_that_went_back_takes_nothing_from_what_goods_may(selling: Deps) -> None:
    items = (line(11_000, 10), line(10_800, 8), line(500, 0))
    totals = []
    for record in ("", "PR-1"):
        payment = await taken(selling, 22_300, Tender.CASH_RECORD, items=items)
        if record:
            sale = await confirmed(selling, await recorded(selling, payment, record))
            assert (await tax_back(selling, sale, RefundChannel.CASH)).amount_yen == 1_800
        refunded = await back(selling, payment, 12_347)
        invoice = await invoices.read_return_invoice(selling, CLERK, refunded.refund_id)
        totals.append(invoice.rate_totals)
    assert totals[0] == totals[1]


async def test_no_return_invoice_for_what_did_not_go_back(
    selling: Deps, simulator: Simulator
) -> None:
    payment = await taken(selling, 11_000)
    simulator.order("decline")
    declined = await refund.refund_payment(
        selling, key(), CLERK, payment.payment_id, 500, RefundChannel.PROVIDER, "broken"
    )
    sale = await confirmed(selling, await recorded(selling, payment, "PR-1"))
    of_tax = await tax_back(selling, sale)
    for refund_id in (declined.refund_id, of_tax.refund_id):
        with pytest.raises(WrongState):
            await invoices.read_return_invoice(selling, CLERK, refund_id)
    with pytest.raises(UnknownPayment):
        await invoices.read_return_invoice(selling, CLERK, NOWHERE)
    price = await back(selling, payment, 1_000)
    seen: Any = await invoices.read_return_invoice(selling, CLERK, price.refund_id)
    assert [(t.tax_rate_percent, t.amount_yen) for t in seen.rate_totals] == [(10, 1_000)]
    _, linked = await invoices.read_linked_receipt(selling, AREA, seen.link_secret)
    assert [each.refund_id for each in linked] == [price.refund_id]
    with pytest.raises(ShopNotYours):
        await invoices.read_return_invoice(selling, STRANGER, price.refund_id)


@pytest.mark.parametrize("made_anew", [True, False])
async def test_a_dropped_area_leaves_no_record(selling: Deps, *, made_anew: bool) -> None:
    payment = await taken(selling, 11_000, Tender.CASH_RECORD)
    sale = await confirmed(selling, await recorded(selling, payment, "PR-1"))
    await tax_back(selling, sale, RefundChannel.CASH)
    async with selling.db.transaction(AREA) as tx:
        if made_anew:
            await areas.drop_payments(tx, selling.clock.now())
        else:
            await areas.drop(tx)
    async with selling.db.read(AREA) as tx:
        for table in ("tax_free_sales", "refunds", "payments", "postings"):
            assert await tx.fetch_all(f"select 1 from {table}") == [], table  # noqa: S608 - constants


async def test_another_area_sees_no_record(selling: Deps) -> None:
    sale = await recorded(selling, await taken(selling, 11_000), "PR-1")
    neighbor = replace(CLERK, area="hagi")
    with pytest.raises(UnknownTaxFreeSale):
        await tax_free.refund_tax_free(
            selling, key(), neighbor, sale.tax_free_sale_id, RefundChannel.CASH
        )
    page = await tax_free.list_tax_free(
        selling, neighbor, shop_place_id="", payment_id="", page_size=0, page_token=""
    )
    assert page.sales == []
