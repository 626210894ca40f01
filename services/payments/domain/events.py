"""What payments says. Amounts are whole yen; business dates those of the area."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from kit.pure.event import Event
from services.payments.domain.tender import Tender

if TYPE_CHECKING:
    from services.payments.domain.close import ClosedDate, CloseLine


class Channel(StrEnum):
    """Where a sale was made."""

    TILL = "till"
    REGISTER = "register"


class RefundChannel(StrEnum):
    """How the money of a refund goes back."""

    PROVIDER = "provider"
    CASH = "cash"
    MANUAL = "manual"


@dataclass(frozen=True, kw_only=True)
class PaymentEvent(Event):
    """What all events of a payment tell; the aggregate is the payment."""

    shop_place_id: str
    tender: Tender
    amount_yen: int
    channel: Channel
    business_date: date
    practice: bool


@dataclass(frozen=True, kw_only=True)
class PaymentCaptured(PaymentEvent):
    """A payment was captured; at most once to a payment. split_sale_id: "" for what is no part."""

    split_sale_id: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentDeclined(PaymentEvent):
    """The provider refused a payment. reason: stable code."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class PaymentVoided(PaymentEvent):
    """A payment was canceled. amount_yen: what had been captured, 0 for an authorization.

    split_sale_id: "" for what is no part.
    """

    authorized_yen: int
    split_sale_id: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentExpired(PaymentEvent):
    """A payment ended with nothing taken."""


@dataclass(frozen=True, kw_only=True)
class PaymentBecameUnknown(PaymentEvent):
    """The provider did not answer in time."""


@dataclass(frozen=True, kw_only=True)
class PaymentRefunded(Event):
    """Money went back. amount_yen: by this refund alone. split_sale_id: "" for what is no part.

    ends_payment: nothing is left of what was captured on the same date (store/sale_counts.py).
    """

    shop_place_id: str
    tender: Tender
    amount_yen: int
    channel: RefundChannel
    business_date: date
    practice: bool
    refund_id: str
    split_sale_id: str = ""
    ends_payment: bool = False


@dataclass(frozen=True, kw_only=True)
class ShopDayClosed(Event):
    """A shop's takings were closed; the aggregate is the close. lines, dates: domain.close."""

    shop_place_id: str
    number: int
    business_date: date
    lines: tuple["CloseLine", ...]
    dates: tuple["ClosedDate", ...]
    entry_count: int
    expected_yen: int
    counted_yen: int


@dataclass(frozen=True, kw_only=True)
class DayTotal:
    """Sums of one date, tender and book, as the journal tells them."""

    tender: Tender
    practice: bool
    captured_count: int
    captured_yen: int
    voided_count: int
    voided_yen: int
    refunded_count: int
    refunded_yen: int


@dataclass(frozen=True, kw_only=True)
class PaymentsDayTotaled(Event):
    """A date is over and summed; said again, with the next version, when late answers change it.

    The aggregate is the date. head: of the audit chain, signed; number 0 before the first link.
    """

    business_date: date
    totals: tuple[DayTotal, ...]
    head_number: int
    head_hash: bytes
    head_key_id: str
    head_signature: bytes


@dataclass(frozen=True, kw_only=True)
class TicketAdmitted(Event):
    """A party went in; at most once to a ticket, which is the aggregate. persons: of the party.

    origin: ISO 3166 code, ZZ for another country, "" when nobody asked.
    """

    gate_place_id: str
    persons: int
    origin: str
    business_date: date
    practice: bool
    offline: bool
