"""What payments says. Amounts are whole yen; business dates those of the area."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kit.pure.event import Event
from services.payments.domain.tender import Tender


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
    """A payment was captured; at most once to a payment."""


@dataclass(frozen=True, kw_only=True)
class PaymentDeclined(PaymentEvent):
    """The provider refused a payment. reason: stable code."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class PaymentVoided(PaymentEvent):
    """A payment was canceled. amount_yen: what had been captured, 0 for an authorization."""

    authorized_yen: int


@dataclass(frozen=True, kw_only=True)
class PaymentExpired(PaymentEvent):
    """A payment ended with nothing taken."""


@dataclass(frozen=True, kw_only=True)
class PaymentBecameUnknown(PaymentEvent):
    """The provider did not answer in time."""


@dataclass(frozen=True, kw_only=True)
class PaymentRefunded(Event):
    """Money went back. amount_yen: by this refund alone."""

    shop_place_id: str
    tender: Tender
    amount_yen: int
    channel: RefundChannel
    business_date: date
    practice: bool
    refund_id: str


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
