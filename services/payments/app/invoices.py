"""Return invoices: what a refund took back of each tax rate; for staff, and behind a link."""

from dataclasses import dataclass
from datetime import datetime

from kit.db import Transaction
from services.payments.app import reads
from services.payments.app.deps import Deps, as_id
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain import receipt_link
from services.payments.domain.errors import UnknownPayment, WrongState
from services.payments.domain.payment import Payment
from services.payments.domain.receipt import RateTotal, rate_totals
from services.payments.domain.refund import Refund, RefundState
from services.payments.domain.return_invoice import DUE_FROM_YEN, return_totals
from services.payments.domain.shop import Shop
from services.payments.domain.split_sale import SplitSale
from services.payments.store import journal, payments, refunds, shops, split_sales, tax_free


@dataclass(frozen=True)
class ReturnInvoice:
    """What is printed for a refund. due: whether the law asks for it. split: the sale it was a
    part of; what went back is of the part's own share of each rate. link_secret: what opens it to
    the customer until link_expire_time; "" once that is over."""

    payment: Payment
    refund: Refund
    shop: Shop
    rate_totals: tuple[RateTotal, ...]
    due: bool
    link_secret: str
    link_expire_time: datetime
    split: SplitSale | None = None


async def read_return_invoice(deps: Deps, who: Who, refund_id: str) -> ReturnInvoice:
    """Computes a return invoice; later refunds of the same sale never change it.

    Errors: InvalidFields, UnknownPayment, ShopNotYours, WrongState where nothing went back yet, or
    where it was the tax of a tax-free sale and no part of the price.
    """
    refund_id = as_id("refund_id", refund_id)
    async with deps.db.read(who.area) as tx:
        refund, payment = await _refund(tx, refund_id)
        check_shop_is_own(who, payment.shop_place_id)
        return await _invoice(deps, tx, payment, refund)


async def read_linked_return_invoice(
    deps: Deps, area: str, link_secret: str, refund_id: str
) -> ReturnInvoice:
    """Computes the return invoice of a refund of the sale behind a link, and of no other sale.

    Errors: InvalidFields, ReceiptLinkUnknown, ReceiptLinkLapsed, UnknownPayment, WrongState as in
    read_return_invoice.
    """
    refund_id = as_id("refund_id", refund_id)
    receipt = await reads.read_linked_receipt(deps, area, link_secret)
    async with deps.db.read(area) as tx:
        refund, payment = await _refund(tx, refund_id)
        if payment.payment_id not in _payments_of(receipt):
            raise UnknownPayment("There is no such refund.")
        return await _invoice(deps, tx, payment, refund)


async def read_linked_receipt(
    deps: Deps, area: str, link_secret: str
) -> tuple[reads.Receipt, list[Refund]]:
    """Returns the receipt behind a link with the refunds of its sale that have a return invoice,
    oldest first. Errors: ReceiptLinkUnknown, ReceiptLinkLapsed."""
    receipt = await reads.read_linked_receipt(deps, area, link_secret)
    found: list[Refund] = []
    async with deps.db.read(area) as tx:
        backs = await refunds.of_payments(tx, _payments_of(receipt))
        for payment_id, of_payment in backs.items():
            of_tax = await tax_free.tax_refunds_of(tx, payment_id)
            found += [
                each for each in of_payment
                if each.state is RefundState.REFUNDED and each.refund_id not in of_tax
            ]  # fmt: skip
    return receipt, sorted(found, key=lambda each: each.refund_id)


def _payments_of(receipt: reads.Receipt) -> list[str]:
    if receipt.split is None:
        return [receipt.payment.payment_id]
    return [part.payment_id for part in receipt.split.parts]


async def _refund(tx: Transaction, refund_id: str) -> tuple[Refund, Payment]:
    refund = await refunds.find(tx, refund_id)
    payment = await payments.find(tx, refund.payment_id) if refund else None
    if refund is None or payment is None:
        raise UnknownPayment("There is no such refund.")
    return refund, payment


async def _invoice(deps: Deps, tx: Transaction, payment: Payment, refund: Refund) -> ReturnInvoice:
    found = await shops.find(tx, payment.shop_place_id)
    went_back = await journal.refunds_of(tx, payment.payment_id)
    split = await split_sales.find(tx, payment.split_sale_id) if payment.split_sale_id else None
    of_tax = await tax_free.tax_refunds_of(tx, payment.payment_id)
    if refund.state is not RefundState.REFUNDED or found is None:
        raise WrongState("There is a return invoice only for what went back.")
    if refund.refund_id in of_tax:
        raise WrongState("The tax of a tax-free sale went back; its price stayed.")
    shop = found[0]
    sold = rate_totals(
        payment.items, payment.captured_yen, shop.default_tax_rate_percent, shop.tax_rounding
    )
    order = [(each, yen) for each, yen in went_back if each not in of_tax]
    place = [each for each, _ in order].index(refund.refund_id)
    before = [yen for _, yen in order[:place]]
    lapses = receipt_link.lapses_at(payment.sale_time)
    lives = deps.clock.now() < lapses
    return ReturnInvoice(
        payment=payment,
        refund=refund,
        shop=shop,
        rate_totals=return_totals(sold, before, refund.amount_yen, shop.tax_rounding),
        due=bool(shop.registration_number) and refund.amount_yen >= DUE_FROM_YEN,
        link_secret=(
            receipt_link.make(deps.link_key, payment.area, payment.payment_id) if lives else ""
        ),
        link_expire_time=lapses,
        split=split,
    )
