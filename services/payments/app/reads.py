"""Reading payments, receipts, totals and the proof of the ledger."""

from dataclasses import dataclass
from datetime import date, datetime

from kit.db import Row, Transaction
from kit.pure.errors import InvalidFields
from services.payments.app.deps import Deps, as_id
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain import receipt_link
from services.payments.domain.business_day import business_date, read_date
from services.payments.domain.close import SaleCounts
from services.payments.domain.errors import (
    ReceiptLinkLapsed,
    ReceiptLinkUnknown,
    SplitSaleOpen,
    UnknownPayment,
    WrongState,
)
from services.payments.domain.payment import Payment
from services.payments.domain.receipt import RateTotal, rate_totals
from services.payments.domain.refund import Refund
from services.payments.domain.shop import Shop
from services.payments.domain.split_sale import SplitSale, SplitState
from services.payments.store import (
    areas,
    payments,
    proof,
    refunds,
    sale_counts,
    shops,
    split_sales,
)

PAGE_DEFAULT, PAGE_MOST = 50, 200


@dataclass(frozen=True)
class Page:
    """Payments with their refunds, newest first. next_token: "" on the last page."""

    payments: list[tuple[Payment, list[Refund]]]
    next_token: str


@dataclass(frozen=True)
class Receipt:
    """What is printed: the sale, its issuer, totals per rate and, without lines, none.

    link_secret: what opens it to the customer until link_expire_time; "" once that is over.
    split: the whole sale where the payment is a part of one; then rate_totals are of the whole.
    """

    payment: Payment
    shop: Shop
    rate_totals: tuple[RateTotal, ...]
    link_secret: str
    link_expire_time: datetime
    split: SplitSale | None = None


@dataclass(frozen=True)
class Totals:
    """Sums of one business date; rows as store.proof.totals returns them.

    sales: by practice. kept: payments of which something is left, by practice and tender.
    """

    day: date
    rows: list[Row]
    unresolved_count: int
    sales: dict[bool, SaleCounts]
    kept: dict[tuple[bool, str], int]


@dataclass(frozen=True)
class Proof:
    """The ledger recomputed. accounts: rows of store.proof.accounts."""

    journal: Row
    accounts: list[Row]
    mismatched_payment_count: int

    @property
    def sound(self) -> bool:
        """Whether every check holds."""
        return (
            self.journal["posting_sum_yen"] == 0
            and self.journal["unbalanced_count"] == 0
            and self.mismatched_payment_count == 0
            and all(row["balance_yen"] == row["posted_yen"] for row in self.accounts)
        )


async def get_payment(deps: Deps, who: Who, payment_id: str) -> tuple[Payment, list[Refund]]:
    """Returns a payment with its refunds. Errors: InvalidFields, UnknownPayment, ShopNotYours."""
    async with deps.db.read(who.area) as tx:
        payment = await _find(tx, who, payment_id)
        found = await refunds.of_payments(tx, [payment.payment_id])
    return payment, found.get(payment.payment_id, [])


async def list_payments(
    deps: Deps, who: Who, *, shop_place_id: str, day: str, page_size: int, page_token: str
) -> Page:
    """Returns a page of payments, newest first. Errors: InvalidFields, ShopNotYours."""
    if not 0 <= page_size <= PAGE_MOST:
        raise InvalidFields([("page_size", f"give 0 to {PAGE_MOST}")])
    before = as_id("page_token", page_token) if page_token else ""
    only_day = read_date("business_date", day) if day else None
    wanted = _shops(who, shop_place_id)
    size = page_size or PAGE_DEFAULT
    async with deps.db.read(who.area) as tx:
        found = await payments.page(
            tx, shop_place_ids=wanted, day=only_day, before=before, limit=size + 1
        )
        backs = await refunds.of_payments(tx, [payment.payment_id for payment in found[:size]])
    token = found[size - 1].payment_id if len(found) > size else ""
    return Page([(each, backs.get(each.payment_id, [])) for each in found[:size]], token)


async def read_receipt(deps: Deps, who: Who, payment_id: str) -> Receipt:
    """Computes a receipt: of a part that of its whole sale. Errors: InvalidFields, UnknownPayment,
    ShopNotYours, WrongState where nothing was captured, SplitSaleOpen where parts are missing."""
    async with deps.db.read(who.area) as tx:
        payment = await _find(tx, who, payment_id)
        return await _receipt(deps, tx, payment)


async def read_linked_receipt(deps: Deps, area: str, link_secret: str) -> Receipt:
    """Computes the receipt behind a link.

    Errors: ReceiptLinkUnknown, ReceiptLinkLapsed.
    """
    payment_id = receipt_link.read(deps.link_key, area, link_secret)
    async with deps.db.read(area) as tx:
        payment = await payments.find(tx, payment_id)
        if payment is None:  # of before a restore: the link was made, the sale is not there
            raise ReceiptLinkUnknown("There is no such receipt.")
        receipt = await _receipt(deps, tx, payment)
    if not receipt.link_secret:
        raise ReceiptLinkLapsed("This link to a receipt has lapsed. Ask the shop for another copy.")
    return receipt


async def _receipt(deps: Deps, tx: Transaction, payment: Payment) -> Receipt:
    found = await shops.find(tx, payment.shop_place_id)
    split = await split_sales.find(tx, payment.split_sale_id) if payment.split_sale_id else None
    if payment.captured_yen == 0 or found is None:
        raise WrongState("There is a receipt only for what was captured.")
    if split is not None and (split.state is SplitState.OPEN or not split.was_paid):
        raise SplitSaleOpen("There is a receipt once the whole sale is paid.")
    shop, sold = found[0], split or payment
    totals = rate_totals(
        sold.items, split.total_yen if split else payment.captured_yen,
        shop.default_tax_rate_percent, shop.tax_rounding,
    )  # fmt: skip
    lapses = receipt_link.lapses_at(payment.sale_time)
    lives = deps.clock.now() < lapses
    secret = receipt_link.make(deps.link_key, payment.area, payment.payment_id) if lives else ""
    return Receipt(payment, shop, totals, secret, lapses, split)


async def read_totals(deps: Deps, who: Who, *, day: str, shop_place_id: str) -> Totals:
    """Returns the sums of a business date, today's for "". Errors: InvalidFields, ShopNotYours."""
    wanted = _shops(who, shop_place_id)
    async with deps.db.read(who.area) as tx:
        today = business_date(deps.clock.now(), await areas.time_zone(tx))
        chosen = read_date("business_date", day) if day else today
        rows = await proof.totals(tx, chosen, wanted)
        sales, kept = await sale_counts.of_day(tx, chosen, wanted)
        unresolved_count = await payments.unresolved_count(tx, chosen, wanted)
        return Totals(chosen, rows, unresolved_count, sales, kept)


async def prove_ledger(deps: Deps, who: Who) -> Proof:
    """Recomputes the area's whole ledger in one snapshot."""
    async with deps.db.read(who.area) as tx:
        return Proof(
            journal=await proof.journal(tx),
            accounts=await proof.accounts(tx),
            mismatched_payment_count=await proof.mismatched_payments(tx),
        )


async def _find(tx: Transaction, who: Who, payment_id: str) -> Payment:
    payment = await payments.find(tx, as_id("payment_id", payment_id))
    if payment is None:
        raise UnknownPayment("There is no such payment.")
    check_shop_is_own(who, payment.shop_place_id)
    return payment


def _shops(who: Who, shop_place_id: str) -> list[str]:
    """Returns the shops to look at: the one asked for, else the caller's own, else [] for all."""
    if shop_place_id:
        check_shop_is_own(who, shop_place_id)
        return [shop_place_id]
    return sorted(who.shops)
