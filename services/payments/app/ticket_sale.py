"""Selling tickets and reading them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from kit.db import Transaction
from kit.ids import new_id
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.payments.app.deps import Deps, as_id
from services.payments.app.take import take_payment
from services.payments.app.ticket_keys import payload_of
from services.payments.app.units import Sale
from services.payments.app.who import Who, check_device, check_shop_is_own
from services.payments.domain.business_day import business_date
from services.payments.domain.errors import UnknownShop, UnknownTicket
from services.payments.domain.events import Channel
from services.payments.domain.payment import Payment
from services.payments.domain.price_class import Priced, check_total, price
from services.payments.domain.split_sale import SplitSale
from services.payments.domain.tender import Tender
from services.payments.domain.ticket import (
    Admission,
    Standing,
    Ticket,
    TicketOrder,
    days_of,
    standing,
)
from services.payments.domain.ticket_code import TicketKind, typed_code
from services.payments.store import areas, payments, price_classes, shops, split_sales, tickets


@dataclass(frozen=True, kw_only=True)
class Party:
    """What is wanted at a gate. told_yen: the total that was shown. day: None for today.
    clerk_id: who sells, "" where none is known; kept with the payment."""

    gate_place_id: str
    lines: Sequence[tuple[str, int]]
    told_yen: int
    day: date | None
    voucher: str
    clerk_id: str = ""


@dataclass(frozen=True)
class TicketRead:
    """A ticket with what its standing is read from. payload: "" while it does not hold.

    split: of a ticket that was paid in parts.
    """

    ticket: Ticket
    payment: Payment | None
    admission: Admission | None
    payload: str = ""
    split: SplitSale | None = None

    @property
    def standing(self) -> Standing:
        """Whether it holds."""
        return standing(self.ticket, self.split or self.payment)


async def sell_ticket(
    deps: Deps, key: RequestKey, who: Who, party: Party, tender: Tender | None, gateway: str
) -> TicketRead:
    """Takes a party's payment together with its ticket; a free ticket needs none.

    Errors: InvalidFields, PriceChanged and those of take_payment.
    """
    check_shop_is_own(who, party.gate_place_id)
    async with deps.db.read(who.area) as tx:
        classes = await price_classes.all_of_area(tx)
    priced = price(classes, party.gate_place_id, party.lines, party.voucher)
    if priced.amount_yen == 0:
        return await read_ticket(deps, who, ticket_id=await _give(deps, key, who, party, priced))
    if tender is None:
        raise InvalidFields([("tender", "name a way to pay")])
    order = TicketOrder(
        priced=priced, told_yen=party.told_yen, day=party.day, voucher=party.voucher.strip()
    )
    # With another total than was shown the writer refuses, unless this request was taken before.
    items = priced.items if priced.amount_yen == party.told_yen else ()
    sale = Sale(
        shop_place_id=party.gate_place_id, tender=tender, amount_yen=party.told_yen,
        capture_at_once=True, items=items, gateway=gateway,
        channel=Channel.REGISTER if who.device else Channel.TILL, ticket=order,
        clerk_id=party.clerk_id,
    )  # fmt: skip
    taken = await take_payment(deps, key, who, sale)
    return await read_ticket(deps, who, payment_id=taken.payment.payment_id)


async def quote_ticket(deps: Deps, who: Who, party: Party) -> Priced:
    """Returns what a party costs now; told_yen of the party does not count.

    Errors: InvalidFields, ShopNotYours: those of sell_ticket that a person can still mend.
    """
    check_shop_is_own(who, party.gate_place_id)
    async with deps.db.read(who.area) as tx:
        classes = await price_classes.all_of_area(tx)
        today = business_date(deps.clock.now(), await areas.time_zone(tx))
    days_of(party.day, today)
    return price(classes, party.gate_place_id, party.lines, party.voucher)


async def _give(deps: Deps, key: RequestKey, who: Who, party: Party, priced: Priced) -> str:
    """Makes a free ticket; returns its id."""
    async with deps.db.transaction(who.area) as tx:

        async def make() -> str:
            await check_device(tx, who)
            check_total(priced, party.told_yen)
            shop = await shops.find(tx, party.gate_place_id)
            if shop is None:
                raise UnknownShop("This gate is not set up for payments.")
            now, ticket_id = deps.clock.now(), new_id()
            first_day, last_day = days_of(party.day, business_date(now, await areas.time_zone(tx)))
            ticket = Ticket(
                area=who.area, ticket_id=ticket_id, code=typed_code(ticket_id),
                kind=TicketKind.SOLD, payment_id=None, site_place_id=priced.site_place_id,
                gate_place_id=party.gate_place_id, lines=priced.lines, persons=priced.persons,
                amount_yen=0, first_day=first_day, last_day=last_day, practice=shop[0].practice,
                create_time=now, voucher=party.voucher.strip(),
            )  # fmt: skip
            await tickets.insert(tx, [ticket])
            return ticket_id

        return await once(tx, key, str, make)


async def read_ticket(
    deps: Deps, who: Who, *, ticket_id: str = "", payment_id: str = ""
) -> TicketRead:
    """Returns a ticket with its code. Errors: InvalidFields, UnknownTicket, ShopNotYours."""
    async with deps.db.transaction(who.area) as tx:
        if payment_id:
            found = await tickets.find_by_payment(tx, as_id("payment_id", payment_id))
        else:
            found = await tickets.find(tx, as_id("ticket_id", ticket_id))
        if found is None:
            raise UnknownTicket("There is no such ticket.")
        check_shop_is_own(who, found.gate_place_id)
        return await with_payload(deps, tx, await complete(tx, found))


async def complete(tx: Transaction, ticket: Ticket) -> TicketRead:
    """Returns a ticket with its payment and admission."""
    payment = await payments.find(tx, ticket.payment_id) if ticket.payment_id else None
    split = await split_sales.find(tx, ticket.split_sale_id) if ticket.split_sale_id else None
    admission = await tickets.first_admission(tx, ticket.ticket_id)
    return TicketRead(ticket, payment, admission, split=split)


async def with_payload(deps: Deps, tx: Transaction, known: TicketRead) -> TicketRead:
    """Adds what the code says, where the ticket holds: nothing else is ever signed."""
    if known.standing is not Standing.VALID:
        return known
    payload = await payload_of(deps, tx, known.ticket)
    return replace(known, payload=payload)
