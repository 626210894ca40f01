"""Tickets and who may go in.

One ticket per payment, or per sale paid in parts: a party goes in together by one code, and money
that goes back on one payment can never touch the ticket of another. Whether a ticket holds is read
from its payment or parts every time and kept nowhere, so they cannot disagree.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from kit.pure.errors import InvalidFields
from services.payments.domain.events import TicketAdmitted
from services.payments.domain.payment import Payment, State
from services.payments.domain.price_class import PriceClass, Priced, TicketLine, check_total
from services.payments.domain.split_sale import SplitSale, SplitState
from services.payments.domain.ticket_code import TicketKind, typed_code

ORIGIN_OPEN_FOR = timedelta(seconds=60)  # after a scan: time for the tap on where guests come from
SOLD_AHEAD_DAYS = 180
PRINTED_FOR_DAYS = 400
MAX_PRINTED = 200
OTHER_COUNTRY = "ZZ"


class Standing(StrEnum):
    """Whether a ticket holds, and why not."""

    VALID = "valid"
    UNRESOLVED = "unresolved"  # the provider is still being asked
    NOT_PAID = "not_paid"
    CANCELED = "canceled"
    REFUNDED = "refunded"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What the gate shows. PRACTICE: it would go in, had anybody paid; used up like any other."""

    ADMITTED = "admitted"
    PRACTICE = "practice"
    ALREADY_USED = "already_used"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """One ticket. payment_id: None for a free one, for a printed one not entered yet, and for one
    paid in parts, which names its split_sale_id instead.

    first_day, last_day: business dates, both included. amount_yen: what it was sold for.
    """

    area: str
    ticket_id: str
    code: str
    kind: TicketKind
    payment_id: str | None
    site_place_id: str
    gate_place_id: str
    lines: tuple[TicketLine, ...]
    persons: int
    amount_yen: int
    first_day: date
    last_day: date
    practice: bool
    create_time: datetime
    voucher: str = ""
    batch_id: str | None = None
    batch_number: int = 0
    withdrawn: bool = False
    split_sale_id: str | None = None


# What a ticket was paid by: one payment, a sale with its parts, or nothing.
Paid = Payment | SplitSale | None


@dataclass(frozen=True, kw_only=True)
class TicketOrder:
    """A ticket to be sold with a payment. told_yen: the total that was shown. day: None for today.

    printed_ticket_id: of a printed ticket that is entered; the other fields then say nothing new.
    """

    priced: Priced
    told_yen: int
    day: date | None = None
    voucher: str = ""
    printed_ticket_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """A scan that let somebody in. first: the ticket's one admission, which is said and counted.

    problem: why staff should look at it, "" when all is well. offline: decided by a gate alone.
    origin: ISO 3166 code, ZZ for another country, "" when not asked.
    """

    scan_id: str
    ticket_id: str
    gate_place_id: str
    admitted_by: str
    scan_time: datetime
    receive_time: datetime
    persons: int
    offline: bool
    first: bool = True
    problem: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Decision:
    """What the gate is told. reason: stable word, "" when admitted."""

    outcome: Outcome
    reason: str = ""


def issue(order: TicketOrder, payment: Payment) -> Ticket:
    """Returns the ticket of a new payment. Errors: InvalidFields, PriceChanged."""
    check_total(order.priced, order.told_yen)
    first_day, last_day = days_of(order.day, payment.business_date)
    ticket_id = payment.payment_id  # one ticket per payment, so one id for both
    return Ticket(
        area=payment.area, ticket_id=ticket_id, code=typed_code(ticket_id), kind=TicketKind.SOLD,
        payment_id=payment.payment_id, site_place_id=order.priced.site_place_id,
        gate_place_id=payment.shop_place_id, lines=order.priced.lines,
        persons=order.priced.persons, amount_yen=order.priced.amount_yen, first_day=first_day,
        last_day=last_day, practice=payment.practice, create_time=payment.create_time,
        voucher=order.voucher,
    )  # fmt: skip


def issue_of_split(sale: SplitSale) -> Ticket:
    """Returns the ticket of a sale whose parts pay for all of it."""
    if sale.party is None or not sale.is_complete:
        raise AssertionError(f"{sale.split_sale_id} has no ticket to issue")
    # Of the payment that completed it, so that a late drop of an area takes both or none.
    paid_time = max(part.create_time for part in sale.parts if part.state is State.CAPTURED)
    return Ticket(
        area=sale.area, ticket_id=sale.split_sale_id, code=typed_code(sale.split_sale_id),
        kind=TicketKind.SOLD, payment_id=None, site_place_id=sale.party.site_place_id,
        gate_place_id=sale.shop_place_id, lines=sale.party.lines, persons=sale.party.persons,
        amount_yen=sale.total_yen, first_day=sale.party.day, last_day=sale.party.day,
        practice=sale.practice, create_time=paid_time, voucher=sale.party.voucher,
        split_sale_id=sale.split_sale_id,
    )  # fmt: skip


def standing(ticket: Ticket, paid: Paid) -> Standing:
    """Reads from what paid for it whether a ticket holds; money on its way back counts as back."""
    if ticket.withdrawn:
        return Standing.WITHDRAWN
    if ticket.payment_id is None and ticket.split_sale_id is None:
        return Standing.VALID
    if paid is None:
        raise AssertionError(f"{ticket.ticket_id} was read without its payment")
    return _standing_of_split(paid) if isinstance(paid, SplitSale) else _standing_of(paid)


def _standing_of_split(sale: SplitSale) -> Standing:
    if sale.give_back_time is not None:
        return Standing.CANCELED
    if sale.has_money_back:
        return Standing.REFUNDED
    if sale.is_asking:
        return Standing.UNRESOLVED
    # A part that was voided by itself is missing until it is paid another way.
    return Standing.VALID if sale.state is SplitState.PAID else Standing.NOT_PAID


def _standing_of(payment: Payment) -> Standing:
    if payment.has_money_back:
        return Standing.REFUNDED
    if payment.pending is not None:
        return Standing.UNRESOLVED
    return {
        State.CAPTURED: Standing.VALID,
        State.VOIDED: Standing.CANCELED,
        State.DECLINED: Standing.NOT_PAID,
        State.EXPIRED: Standing.NOT_PAID,
    }.get(payment.state, Standing.UNRESOLVED)


def decide(ticket: Ticket, paid: Paid, *, used: bool, gate_is_ours: bool, today: date) -> Decision:
    """Says whether a party may go in. gate_is_ours: this gate belongs to the ticket's site."""
    if not gate_is_ours:
        return Decision(Outcome.REFUSED, "other_gate")
    if used:
        return Decision(Outcome.ALREADY_USED, "already_used")
    holds = standing(ticket, paid)
    if holds is not Standing.VALID:
        return Decision(Outcome.REFUSED, holds.value)
    if today < ticket.first_day:
        return Decision(Outcome.REFUSED, "not_yet")
    if today > ticket.last_day:
        return Decision(Outcome.REFUSED, "expired")
    return Decision(Outcome.PRACTICE, "practice") if ticket.practice else Decision(Outcome.ADMITTED)


def days_of(day: date | None, today: date) -> tuple[date, date]:
    """Returns first and last day of a ticket for one day; None for today. Errors: InvalidFields."""
    wanted = day or today
    if not today <= wanted <= today + timedelta(days=SOLD_AHEAD_DAYS):
        text = f"give today or one of the next {SOLD_AHEAD_DAYS} days"
        raise InvalidFields([("valid_date", text)])
    return wanted, wanted


def check_origin(origin: str) -> str:
    """Returns an origin. Errors: InvalidFields."""
    if origin and not re.fullmatch("[A-Z]{2}", origin):
        raise InvalidFields([("origin", "give a country as two capital letters, ZZ or nothing")])
    return origin


def scan_time_of(told: datetime, now: datetime) -> datetime:
    """Returns when an offline scan was made. A phone's clock that is ahead, or weeks behind, is
    not believed: the moment of delivery stands for it."""
    return told if now - timedelta(days=14) <= told <= now else now


def admitted_event(ticket: Ticket, admission: Admission, business_date: date) -> TicketAdmitted:
    """Returns what is said of a first admission, once its origin is settled."""
    return TicketAdmitted(
        area=ticket.area, aggregate_id=ticket.ticket_id, version=1,
        occur_time=admission.scan_time, gate_place_id=admission.gate_place_id,
        persons=admission.persons, origin=admission.origin, business_date=business_date,
        practice=ticket.practice, offline=admission.offline,
    )  # fmt: skip


def sites_of(classes: Iterable[PriceClass], gate_place_id: str) -> frozenset[str]:
    """Returns the sites whose tickets a gate admits."""
    return frozenset(c.site_place_id for c in classes if gate_place_id in c.gate_place_ids)
