"""Return invoices: what a refund took back of each tax rate."""

from dataclasses import dataclass

from services.payments.app.deps import Deps, as_id
from services.payments.app.who import Who, check_shop_is_own
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
    part of; what went back is of the part's own share of each rate."""

    payment: Payment
    refund: Refund
    shop: Shop
    rate_totals: tuple[RateTotal, ...]
    due: bool
    split: SplitSale | None = None


async def read_return_invoice(deps: Deps, who: Who, refund_id: str) -> ReturnInvoice:
    """Computes a return invoice; later refunds of the same sale never change it.

    Errors: InvalidFields, UnknownPayment, ShopNotYours, WrongState where nothing went back yet, or
    where it was the tax of a tax-free sale and no part of the price.
    """
    refund_id = as_id("refund_id", refund_id)
    async with deps.db.read(who.area) as tx:
        refund = await refunds.find(tx, refund_id)
        payment = await payments.find(tx, refund.payment_id) if refund else None
        if refund is None or payment is None:
            raise UnknownPayment("There is no such refund.")
        check_shop_is_own(who, payment.shop_place_id)
        found = await shops.find(tx, payment.shop_place_id)
        went_back = await journal.refunds_of(tx, payment.payment_id)
        split = await split_sales.find(tx, payment.split_sale_id) if payment.split_sale_id else None
        of_tax = await tax_free.tax_refunds_of(tx, payment.payment_id)
    if refund.state is not RefundState.REFUNDED or found is None:
        raise WrongState("There is a return invoice only for what went back.")
    if refund_id in of_tax:
        raise WrongState("The tax of a tax-free sale went back; its price stayed.")
    shop = found[0]
    sold = rate_totals(
        payment.items, payment.captured_yen, shop.default_tax_rate_percent, shop.tax_rounding
    )
    order = [(each, yen) for each, yen in went_back if each not in of_tax]
    place = [each for each, _ in order].index(refund_id)
    before = [yen for _, yen in order[:place]]
    return ReturnInvoice(
        payment=payment,
        refund=refund,
        shop=shop,
        rate_totals=return_totals(sold, before, refund.amount_yen, shop.tax_rounding),
        due=bool(shop.registration_number) and refund.amount_yen >= DUE_FROM_YEN,
        split=split,
    )
