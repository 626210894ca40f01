"""Double entry: every movement of money is a journal entry whose postings sum to zero.

Entries are never edited; a correction is a new entry. Amounts are whole yen, debit positive.
Practice money has a book of its own. Chart of accounts (see the README for a worked day):

  acquirer_clearing/<gateway>/<tender>   what an acquirer owes us
  cash_record/<shop>                     cash in a shop's drawer
  other_device/<shop>/<tender>           what the shop's own provider owes the shop
  shop_payable/<shop>                    what we owe a shop out of acquirers' money
  own_takings/<shop>                     takings that never pass through us (drawer, own provider)
  city_revenue/<shop>                    takings of the city's own counters
  manual_refunds/<shop>                  refunds the shop pays by other means
  fees/<shop>                            what providers kept for themselves of a shop's sales
  payout/<shop>                          what providers have paid into bank accounts for a shop
  cash_over_short/<shop>                 differences between counted and expected cash
"""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from services.payments.domain.events import RefundChannel
from services.payments.domain.shop import Owner
from services.payments.domain.tender import Custody

if TYPE_CHECKING:
    from services.payments.domain.payment import Payment


class EntryKind(StrEnum):
    """Why money moved."""

    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"
    FEE = "fee"
    PAYOUT = "payout"
    CASH_DIFFERENCE = "cash_difference"


# What enters a close, a total and a KPI: the sales of a shop. All else is moved by the office.
SALE_KINDS = (EntryKind.CAPTURE, EntryKind.VOID, EntryKind.REFUND)


class Posting(msgspec.Struct, frozen=True):
    """One signed line of an entry: debit positive, credit negative, never zero."""

    account: str
    amount_yen: int


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A balanced movement. amount_yen: its size; source_id: payment or refund that caused it.

    An entry of the office belongs to no payment; its cause is a close or lines of a file.
    """

    area: str
    kind: EntryKind
    payment_id: str | None
    source_id: str
    shop_place_id: str
    tender: str
    practice: bool
    amount_yen: int
    business_date: date
    postings: tuple[Posting, Posting]  # what it is entered into, and out of

    def __post_init__(self) -> None:
        into, out_of = self.postings
        if into.amount_yen + out_of.amount_yen != 0:
            raise AssertionError("a journal entry must sum to zero")
        if self.amount_yen <= 0 or abs(into.amount_yen) != self.amount_yen:
            raise AssertionError("a journal entry moves as much money as it says")


def money_account(payment: "Payment") -> str:
    """Returns where the money lies after a capture."""
    shop, tender = payment.shop_place_id, payment.tender
    if payment.custody is Custody.DRAWER:
        return f"cash_record/{shop}"
    if payment.custody is Custody.OTHER_DEVICE:
        return f"other_device/{shop}/{tender}"
    return f"acquirer_clearing/{payment.gateway}/{tender}"


def takings_account(payment: "Payment", custody: Custody) -> str:
    """Returns whose takings they are, for money that lies where `custody` says."""
    if payment.owner is Owner.CITY:
        return f"city_revenue/{payment.shop_place_id}"
    if custody is Custody.ACQUIRER:
        return f"shop_payable/{payment.shop_place_id}"
    return f"own_takings/{payment.shop_place_id}"


def capture_entry(payment: "Payment", day: date) -> JournalEntry:
    """Money in, takings up."""
    return _entry(
        payment, EntryKind.CAPTURE, payment.payment_id, payment.captured_yen, day,
        into=money_account(payment), out_of=takings_account(payment, payment.custody),
    )  # fmt: skip


def void_entry(payment: "Payment", day: date) -> JournalEntry:
    """The capture turned round."""
    return _entry(
        payment, EntryKind.VOID, payment.payment_id, payment.captured_yen, day,
        into=takings_account(payment, payment.custody), out_of=money_account(payment),
    )  # fmt: skip


def refund_entry(
    payment: "Payment", refund_id: str, amount_yen: int, channel: RefundChannel, day: date
) -> JournalEntry:
    """Takings down, money out: of where it came from, or of the shop's own pocket.

    A shop that gives back cash for an acquirer's sale is still owed that sale, so the refund
    lowers its own takings and not what we owe it.
    """
    if channel is RefundChannel.PROVIDER:
        custody, money = payment.custody, money_account(payment)
    elif channel is RefundChannel.CASH:
        custody, money = Custody.DRAWER, f"cash_record/{payment.shop_place_id}"
    else:
        custody, money = Custody.OTHER_DEVICE, f"manual_refunds/{payment.shop_place_id}"
    return _entry(
        payment, EntryKind.REFUND, refund_id, amount_yen, day,
        into=takings_account(payment, custody), out_of=money,
    )  # fmt: skip


def _entry(
    payment: "Payment", kind: EntryKind, source_id: str, amount_yen: int, day: date,
    *, into: str, out_of: str,
) -> JournalEntry:  # fmt: skip
    return JournalEntry(
        area=payment.area, kind=kind, payment_id=payment.payment_id, source_id=source_id,
        shop_place_id=payment.shop_place_id, tender=payment.tender, practice=payment.practice,
        amount_yen=amount_yen, business_date=day,
        postings=(Posting(into, amount_yen), Posting(out_of, -amount_yen)),
    )  # fmt: skip
