"""Tax-free sales under the refund method in force since 1 November 2026.

The sale is paid with tax and recorded with the tax authority's system. Customs confirm the goods at
departure, all of one record or none, within 90 days counted from the day after the sale; only then
does the tax go back. Sources: Japan Tourism Agency and National Tax Agency, guides to the revised
system. Who bought is known to that system only: here is nothing of a passport.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from kit.pure.errors import InvalidFields
from services.payments.domain.errors import TaxFreeExpired, TaxFreeNotPossible, WrongState
from services.payments.domain.payment import Payment, State
from services.payments.domain.receipt import rate_totals, tax_inside
from services.payments.domain.refund import Refund, RefundState
from services.payments.domain.shop import Shop

FIRST_DAY = date(2026, 11, 1)
CONFIRM_DAYS = 90
LEAST_NET_YEN = 5_000  # per shop and day, tax not counted
SERIAL_FROM_NET_YEN = 1_000_000  # a single thing from this price on is named by its number
MAX_RECORD_ID_LENGTH = 64
MAX_SERIAL_LENGTH = 100
# One or two letters and six to eight digits, nine digits, or a line of the machine-readable zone:
# what a tired hand scans or types by mistake must not be kept (ICAO Doc 9303).
_PASSPORT = re.compile(r"[A-Z]{1,2}[0-9]{6,8}|[0-9]{9}|.*<<.*")


class TaxFreeState(StrEnum):
    """What customs said. A record nobody confirmed in time stays recorded; its day tells."""

    RECORDED = "recorded"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class TaxFreeSale:
    """One sale whose tax may go back. purchase_record_id: what the authority's system calls it.

    serials: by number of the line, from 0. refund_id: the last attempt to give the tax back.
    """

    area: str
    tax_free_sale_id: str
    payment_id: str
    shop_place_id: str
    purchase_record_id: str
    sale_date: date
    confirm_until: date
    tax_yen: int
    recorded_by: str
    create_time: datetime
    serials: Mapping[int, str] = field(default_factory=dict)
    state: TaxFreeState = TaxFreeState.RECORDED
    confirm_date: date | None = None
    refund_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordWish:
    """What the clerk and the authority's system tell of a sale."""

    tax_free_sale_id: str
    purchase_record_id: str
    serials: Mapping[int, str]
    recorded_by: str
    now: datetime
    today: date


def record_sale(payment: Payment, shop: Shop, wish: RecordWish) -> TaxFreeSale:
    """Returns the record of a sale. Errors: InvalidFields, WrongState, TaxFreeNotPossible."""
    if not 0 < len(wish.purchase_record_id.strip()) <= MAX_RECORD_ID_LENGTH:
        text = f"give the record's id, 1 to {MAX_RECORD_ID_LENGTH} characters"
        raise InvalidFields([("purchase_record_id", text)])
    if _PASSPORT.fullmatch(wish.purchase_record_id.replace(" ", "").upper()):
        text = "this looks like a passport number; give the id of the purchase record"
        raise InvalidFields([("purchase_record_id", text)])
    if not shop.tax_free:
        raise TaxFreeNotPossible("This shop has no permission to sell tax-free.")
    if payment.state is not State.CAPTURED or payment.captured_date is None:
        raise WrongState(f"Only a captured payment can be recorded; this one is {payment.state}.")
    if payment.split_sale_id:
        raise TaxFreeNotPossible("A sale paid in parts is no single payment; take it in one.")
    if not payment.is_kept_whole:
        raise TaxFreeNotPossible("Part of it was refunded; a record covers the whole sale.")
    if payment.captured_date < FIRST_DAY or payment.captured_date != wish.today:
        raise TaxFreeNotPossible("A sale is recorded on its own day, from 1 November 2026 on.")
    totals = rate_totals(
        payment.items, payment.captured_yen, shop.default_tax_rate_percent, shop.tax_rounding
    )
    tax_yen = sum(total.tax_yen for total in totals)
    net_yen = sum(total.amount_yen for total in totals if total.tax_rate_percent) - tax_yen
    if net_yen < LEAST_NET_YEN:
        raise TaxFreeNotPossible(f"Taxed goods of at least {LEAST_NET_YEN} yen before tax are due.")
    return TaxFreeSale(
        area=payment.area, tax_free_sale_id=wish.tax_free_sale_id, payment_id=payment.payment_id,
        shop_place_id=payment.shop_place_id, purchase_record_id=wish.purchase_record_id.strip(),
        sale_date=payment.captured_date,
        confirm_until=payment.captured_date + timedelta(days=CONFIRM_DAYS), tax_yen=tax_yen,
        recorded_by=wish.recorded_by, create_time=wish.now,
        serials=_check_serials(payment, shop, wish.serials),
    )  # fmt: skip


def _check_serials(payment: Payment, shop: Shop, serials: Mapping[int, str]) -> dict[int, str]:
    """Dear things are named by their numbers. Errors: InvalidFields."""
    prices = [(item.unit_amount_yen, item.tax_rate_percent) for item in payment.items]
    prices = prices or [(payment.captured_yen, shop.default_tax_rate_percent)]
    bad = [("serials", f"there is no line {line}") for line in serials if line >= len(prices)]
    for line, (price_yen, rate) in enumerate(prices):
        net_yen = price_yen - tax_inside(price_yen, rate, shop.tax_rounding)
        serial = serials.get(line, "").strip()
        if net_yen >= SERIAL_FROM_NET_YEN and not serial:
            bad.append(("serials", f"give the serial number of line {line}"))
        if len(serial) > MAX_SERIAL_LENGTH:
            bad.append(("serials", f"give at most {MAX_SERIAL_LENGTH} characters"))
    if bad:
        raise InvalidFields(bad)
    return {line: text.strip() for line, text in serials.items()}


def settle_customs(
    sale: TaxFreeSale, payment: Payment, *, confirmed: bool, confirm_date: date, today: date
) -> TaxFreeSale:
    """Notes what customs said of the whole record.

    Errors: InvalidFields, WrongState, TaxFreeExpired, TaxFreeNotPossible.
    """
    if not sale.sale_date <= confirm_date <= today:
        raise InvalidFields([("confirm_date", "give the day customs saw the goods")])
    if sale.state is not TaxFreeState.RECORDED:
        raise WrongState(f"Customs answered before; this record is {sale.state}.")
    if not confirmed:
        return replace(sale, state=TaxFreeState.REFUSED, confirm_date=confirm_date)
    if confirm_date > sale.confirm_until:
        raise TaxFreeExpired(f"Customs had to see the goods until {sale.confirm_until}.")
    _check_whole(payment)
    return replace(sale, state=TaxFreeState.CONFIRMED, confirm_date=confirm_date)


def start_tax_refund(
    sale: TaxFreeSale, payment: Payment, earlier: Refund | None, refund_id: str
) -> TaxFreeSale:
    """Links the one refund of a record's tax; a refused attempt may be followed by another.

    Errors: WrongState, TaxFreeNotPossible.
    """
    if sale.state is not TaxFreeState.CONFIRMED:
        raise WrongState(f"The tax goes back once customs confirmed; this record is {sale.state}.")
    if earlier is not None and earlier.state is not RefundState.DECLINED:
        raise WrongState("The tax of this record went back, or is on its way.")
    _check_whole(payment)
    return replace(sale, refund_id=refund_id)


def _check_whole(payment: Payment) -> None:
    if not payment.is_kept_whole:
        raise TaxFreeNotPossible("Goods of this sale came back; the record covers all or nothing.")
