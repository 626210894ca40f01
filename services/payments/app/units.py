"""What the one writer of payments (app/group.py, app/commit.py) is given, and gives back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from kit.ids import new_id
from kit.requests import RequestKey
from services.payments.app.who import Who
from services.payments.domain.events import Channel
from services.payments.domain.payment import Payment
from services.payments.domain.provider import Answer
from services.payments.domain.receipt import Item
from services.payments.domain.tender import Tender
from services.payments.domain.ticket import TicketOrder
from services.payments.store.webhooks import Heard


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """What to take. gateway: "" for the shop's first. items: may be empty. ticket: sold with it.

    clerk_id: "" for none. waited: how long it waited for a connection, None for one that did not.
    split_sale_id: of the sale this is a part of, "" for a whole one; a part's lines are computed.
    """

    shop_place_id: str
    tender: Tender
    amount_yen: int
    capture_at_once: bool
    items: Sequence[Item]
    gateway: str
    channel: Channel
    ticket: TicketOrder | None = None
    clerk_id: str = ""
    waited: timedelta | None = None
    split_sale_id: str = ""


@dataclass(frozen=True, kw_only=True)
class SplitOpening:
    """A sale to be paid in parts. items: may be empty. clerk_id: "" for none.

    party: class and persons of each line of a ticket, empty for goods. day: None for today.
    """

    shop_place_id: str
    total_yen: int
    items: Sequence[Item]
    clerk_id: str = ""
    party: Sequence[tuple[str, int]] = ()
    day: date | None = None
    voucher: str = ""


class Take(msgspec.Struct, frozen=True):
    """A sale to be stored. payment_id: its own, unless the request id is known already."""

    key: RequestKey
    who: Who
    sale: Sale
    payment_id: str = msgspec.field(default_factory=new_id)


@dataclass(frozen=True)
class Answered:
    """A provider's answer to one step of a payment. heard: the webhook that told it, if one did."""

    payment_id: str
    key: str
    answer: Answer
    heard: Heard | None = None


@dataclass(frozen=True)
class Known:
    """The request id belongs to an earlier payment."""

    payment_id: str


Unit = Take | Answered
Result = Payment | Known
