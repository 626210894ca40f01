"""Numbered tickets printed ahead for a power cut, and entering them afterwards."""

import asyncio
import hashlib
from datetime import date, timedelta

from kit.ids import new_id
from kit.pure.errors import InvalidFields, Refusal
from kit.requests import RequestKey, once
from services.payments.app.deps import Deps, as_id
from services.payments.app.take import take_payment
from services.payments.app.ticket_sale import TicketRead, complete, with_payload
from services.payments.app.units import Sale
from services.payments.app.who import Who, check_device, check_shop_is_own
from services.payments.domain.business_day import business_date
from services.payments.domain.errors import UnknownTicket
from services.payments.domain.events import Channel
from services.payments.domain.price_class import ClassKind, Priced, price
from services.payments.domain.receipt import Item
from services.payments.domain.tender import Tender
from services.payments.domain.ticket import (
    MAX_PRINTED,
    PRINTED_FOR_DAYS,
    Ticket,
    TicketOrder,
)
from services.payments.domain.ticket_code import TicketKind, typed_code
from services.payments.store import areas, price_classes, tickets
from services.payments.store.tickets import Batch

# Whoever enters a printed ticket, its payment is asked for under this name and the ticket's id:
# two people at two tills enter it once.
ENTRY_PRINCIPAL = "printed-tickets"


async def print_tickets(
    deps: Deps, key: RequestKey, who: Who, gate_place_id: str, class_id: str, count: int,
    last_day: date,
) -> str:  # fmt: skip
    """Makes a batch of tickets for one person each; returns its id.

    They hold from today on, paid or not: paper in a drawer is as good as money, so batches are
    small, end on a day, and what is left of one is withdrawn. Errors: InvalidFields, ShopNotYours.
    """
    check_shop_is_own(who, gate_place_id)
    if not 1 <= count <= MAX_PRINTED:
        raise InvalidFields([("ticket_count", f"print 1 to {MAX_PRINTED} at once")])
    async with deps.db.transaction(who.area) as tx:

        async def make() -> str:
            await check_device(tx, who)
            classes = await price_classes.all_of_area(tx)
            known = classes.get(class_id)
            if known is not None and (
                known.kind in (ClassKind.VOUCHER, ClassKind.ADD_ON) or not known.unit_amount_yen
            ):
                raise InvalidFields([("class_id", "this class is not printed ahead")])
            priced = price(classes, gate_place_id, [(class_id, 1)], "")
            now, batch_id = deps.clock.now(), new_id()
            today = business_date(now, await areas.time_zone(tx))
            if not today <= last_day <= today + timedelta(days=PRINTED_FOR_DAYS):
                text = f"give a day within {PRINTED_FOR_DAYS} days"
                raise InvalidFields([("last_date", text)])
            batch = Batch(
                batch_id=batch_id, gate_place_id=gate_place_id, class_id=class_id, first_day=today,
                last_day=last_day, ticket_count=count, printed_by=who.principal, create_time=now,
            )  # fmt: skip
            await tickets.add_batch(tx, batch)
            made = [_printed(who.area, batch, priced, number) for number in range(1, count + 1)]
            await tickets.insert(tx, made)
            return batch_id

        return await once(tx, key, str, make)


def _printed(area: str, batch: Batch, priced: Priced, number: int) -> Ticket:
    ticket_id = new_id()
    return Ticket(
        area=area, ticket_id=ticket_id, code=typed_code(ticket_id), kind=TicketKind.PRINTED,
        payment_id=None, site_place_id=priced.site_place_id, gate_place_id=batch.gate_place_id,
        lines=priced.lines, persons=priced.persons, amount_yen=priced.amount_yen,
        first_day=batch.first_day, last_day=batch.last_day, practice=False,
        create_time=batch.create_time, batch_id=batch.batch_id, batch_number=number,
    )  # fmt: skip


async def list_batches(deps: Deps, who: Who, gate_place_id: str) -> list[Batch]:
    """Returns the newest batches of a gate, "" for all the caller may see."""
    async with deps.db.read(who.area) as tx:
        found = await tickets.batches(tx, gate_place_id)
    return [each for each in found if not who.shops or each.gate_place_id in who.shops]


async def read_batch(deps: Deps, who: Who, batch_id: str) -> tuple[Batch, list[TicketRead]]:
    """Returns a batch with its tickets and their codes.

    Errors: InvalidFields, UnknownTicket, ShopNotYours.
    """
    async with deps.db.transaction(who.area) as tx:
        found = await tickets.batches(tx, "", as_id("batch_id", batch_id))
        if not found:
            raise UnknownTicket("There is no such batch.")
        check_shop_is_own(who, found[0].gate_place_id)
        known = [await complete(tx, ticket) for ticket in await tickets.of_batch(tx, batch_id)]
        return found[0], [await with_payload(deps, tx, each) for each in known]


async def enter_printed(
    deps: Deps, who: Who, batch_id: str, first: int, last: int, tender: Tender, gateway: str
) -> tuple[list[Ticket], list[int]]:
    """Takes a payment for each printed ticket of a range that was sold by hand.

    Returns the tickets that hold a payment now and the numbers that could not be entered. A ticket
    is entered once, whoever asks and however often. Errors: InvalidFields, UnknownTicket,
    ShopNotYours.
    """
    facts = deps.facts.get(gateway)
    if facts is None or not facts.immediate or tender not in facts.tenders:
        text = "what was sold by hand was paid in cash or on another device"
        raise InvalidFields([("tender", text)])
    batch, known = await read_batch(deps, who, batch_id)
    if not 1 <= first <= last <= batch.ticket_count:
        text = f"give numbers from 1 to {batch.ticket_count}"
        raise InvalidFields([("first_number", text)])
    wanted = [each.ticket for each in known if first <= each.ticket.batch_number <= last]
    work = [_enter(deps, who, ticket, tender, gateway) for ticket in wanted]
    done = await asyncio.gather(*work)
    entered = [ticket for ticket, is_in in zip(wanted, done, strict=True) if is_in]
    refused = [t.batch_number for t, is_in in zip(wanted, done, strict=True) if not is_in]
    return entered, refused


async def _enter(deps: Deps, who: Who, ticket: Ticket, tender: Tender, gateway: str) -> bool:
    async with deps.db.read(who.area) as tx:
        classes = await price_classes.all_of_area(tx)
    line = ticket.lines[0]
    known = classes.get(line.class_id)
    rate = known.tax_rate_percent if known else 10
    name = known.names["ja"] if known else line.class_id
    item = Item(name=name, quantity=1, unit_amount_yen=ticket.amount_yen, tax_rate_percent=rate)
    priced = Priced(
        site_place_id=ticket.site_place_id, lines=ticket.lines, persons=ticket.persons,
        amount_yen=ticket.amount_yen, items=(item,),
    )  # fmt: skip
    sale = Sale(
        shop_place_id=ticket.gate_place_id, tender=tender, amount_yen=ticket.amount_yen,
        capture_at_once=True, items=(item,), gateway=gateway, channel=Channel.TILL,
        ticket=TicketOrder(
            priced=priced, told_yen=ticket.amount_yen, printed_ticket_id=ticket.ticket_id
        ),
    )  # fmt: skip
    body = hashlib.sha256(f"{tender}|{gateway}".encode()).digest()
    key = RequestKey(ENTRY_PRINCIPAL, ticket.ticket_id, body)
    try:
        await take_payment(deps, key, who, sale)
    except Refusal:
        return False
    return True


async def withdraw_printed(deps: Deps, key: RequestKey, who: Who, batch_id: str) -> int:
    """Withdraws what is left of a batch: neither entered nor used. Returns how many.

    Errors: InvalidFields, UnknownTicket, ShopNotYours, RequestIdReused.
    """
    batch_id = as_id("batch_id", batch_id)
    async with deps.db.transaction(who.area) as tx:

        async def write() -> int:
            await check_device(tx, who)
            found = await tickets.batches(tx, "", batch_id)
            if not found:
                raise UnknownTicket("There is no such batch.")
            check_shop_is_own(who, found[0].gate_place_id)
            return await tickets.withdraw_batch(tx, batch_id)

        return await once(tx, key, int, write)
