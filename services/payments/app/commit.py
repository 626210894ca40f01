"""The one writer of payments: new sales and providers' answers, many in one transaction.

The protocol of locks is that of store/journal.py. Capture, void and refund start in transactions of
their own (app/change.py, app/refund.py) and write through the same `Pages`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from kit.db import Transaction
from kit.pure.errors import Refusal
from kit.pure.event import Event
from kit.requests import RequestIdReused, RequestKey
from services.payments.app.deps import Deps, Tools
from services.payments.app.group import Group
from services.payments.app.units import Answered, Known, Result, Sale, Take, Unit
from services.payments.domain.business_day import business_date
from services.payments.domain.errors import (
    AlreadyResolved,
    CaptureLaterUnsupported,
    DeviceRevoked,
    ShopNotYours,
    UnknownShop,
    UnknownSplitSale,
)
from services.payments.domain.ledger import JournalEntry
from services.payments.domain.payment import Payment, first_step
from services.payments.domain.provider import DONE
from services.payments.domain.receipt import Item
from services.payments.domain.settle import Settled, settle
from services.payments.domain.shop import Shop, check_real_money, choose_gateway, is_practice
from services.payments.domain.split_sale import SplitSale
from services.payments.domain.tender import GatewayFacts, Tender
from services.payments.domain.ticket import Ticket, TicketOrder, issue, issue_of_split
from services.payments.domain.waited import check_may_wait, tap_time
from services.payments.store import (
    contracts,
    ground,
    journal,
    notices,
    payments,
    requests,
    split_sales,
    tickets,
    webhooks,
)
from services.payments.store.payments import Change
from services.payments.store.requests import Kept
from services.payments.store.webhooks import Heard

FIRST_ASK = timedelta(seconds=1)  # after an answer that never came


@dataclass
class Pages:
    """What one transaction writes, set by set, in the order of the protocol."""

    inserts: list[Change] = field(default_factory=list)
    updates: dict[str, Change] = field(default_factory=dict)
    entries: list[JournalEntry] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    is_quiet: bool = False  # registers know it already: no notices
    unheard: set[str] = field(default_factory=set)  # shops known to have no address for notices
    tickets: list[Ticket] = field(default_factory=list)
    printed: list[tuple[str, str, bool]] = field(default_factory=list)

    def sell(self, order: TicketOrder, payment: Payment) -> None:
        """Notes the ticket sold with a new payment. Errors: InvalidFields, PriceChanged."""
        if order.printed_ticket_id:
            self.printed.append((order.printed_ticket_id, payment.payment_id, payment.practice))
        else:
            self.tickets.append(issue(order, payment))

    def issue(self, splits: Iterable[SplitSale]) -> None:
        """Notes the tickets of sales that what is written here completes. The sales are locked."""
        changes = (*self.inserts, *self.updates.values())
        seen = {each.payment.payment_id: each.payment for each in changes}
        for sale in (each.with_seen(seen) for each in splits):
            if sale.party is not None and sale.is_complete and not sale.is_issued:
                self.tickets.append(issue_of_split(sale))

    def keep(self, settled: Settled, now: datetime) -> Payment:
        """Notes a settled step of a stored payment."""
        self.updates[settled.payment.payment_id] = Change(settled.payment, now + FIRST_ASK)
        self.entries += settled.entries
        self.events += settled.events
        return settled.payment

    async def write(self, tools: Tools, tx: Transaction) -> None:
        """Stores payments, tickets that point at them, then entries with balances, then events."""
        await payments.insert(tx, self.inserts)
        await tickets.insert(tx, self.tickets)
        await tickets.link(tx, self.printed)
        await payments.update(tx, list(self.updates.values()))
        await webhooks.keep(tx, self.heard, tools.clock.now())
        await journal.post(tx, self.entries, tools.clock.now())
        await notices.write(tx, [] if self.is_quiet else self.events, self.unheard)
        await tools.outbox.add_many(tx, self.events)


def make_deps(tools: Tools) -> Deps:
    """Returns the use cases' deps with a writer of their own."""
    return Deps(
        db=tools.db, outbox=tools.outbox, clock=tools.clock, gateways=tools.gateways,
        ticket_master=tools.ticket_master, link_key=tools.link_key,
        writer=Group(partial(write_group, tools)),
    )  # fmt: skip


async def write_group(tools: Tools, area: str, units: Sequence[Unit]) -> list[Result | Exception]:
    """Writes sales and answers of one area in one transaction; a refusal fails its own unit only.

    Errors: StoreUnavailable and whatever the database says, for the whole group.
    """
    pages = Pages()
    takes = [unit for unit in units if isinstance(unit, Take)]
    answers = [unit for unit in units if isinstance(unit, Answered)]
    async with tools.db.transaction(area) as tx:
        paying = await split_sales.awaiting_tickets(tx, [unit.payment_id for unit in answers])
        taken, splits = await _take_all(tools, tx, pages, takes, paying)
        settled = await _settle_all(tools, tx, pages, answers)
        pages.issue(splits)
        await pages.write(tools, tx)
    results = {id(unit): result for unit, result in [*taken, *settled]}
    return [results[id(unit)] for unit in units]


async def _take_all(
    tools: Tools, tx: Transaction, pages: Pages, takes: Sequence[Take], paying: Sequence[str]
) -> tuple[list[tuple[Take, Result | Exception]], Iterable[SplitSale]]:
    """Takes sales. paying: split sales that answers of this group may complete: all are locked at
    once, in the order of their ids, and returned with their new parts."""
    if not takes:
        return [], (await split_sales.lock_all(tx, paying)).values()
    kept, stand = await _claim(tools, tx, takes, paying)
    pages.unheard = stand.unheard
    results: list[tuple[Take, Result | Exception]] = []
    refused: dict[RequestKey, Refusal] = {}
    for take in takes:
        body_sha256, payment_id = kept[take.key.principal, take.key.request_id]
        if body_sha256 != take.key.body_sha256:
            text = "This request id was used with another body. Use a new id."
            results.append((take, RequestIdReused(text)))
        elif take.key in refused:  # the same tap again: nothing was stored that it could repeat
            results.append((take, refused[take.key]))
        elif payment_id != take.payment_id:
            results.append((take, Known(payment_id)))
        else:
            try:
                results.append((take, _create(tools, pages, stand, take)))
            except Refusal as refusal:
                refused[take.key] = refusal
                results.append((take, refusal))
    await requests.release(tx, list(refused))
    return results, stand.splits.values()


@dataclass(frozen=True)
class _Ground:
    """What the sales of one group stand on. splits: locked, and growing by the group's parts."""

    shops: dict[str, Shop]
    splits: dict[str, SplitSale]
    revoked: set[str]
    unheard: set[str]
    contracts: set[tuple[str, Tender, str]]
    facts: dict[str, GatewayFacts]
    today: date
    time_zone: str
    now: datetime


async def _claim(
    tools: Tools, tx: Transaction, takes: Sequence[Take], paying: Sequence[str]
) -> tuple[Kept, _Ground]:
    """Claims the request ids and reads what the sales stand on."""
    devices = {take.who.principal for take in takes if take.who.device}
    places = sorted({take.sale.shop_place_id for take in takes})
    wanted = [(take.key, take.payment_id) for take in takes]
    kept, found = await ground.claim(tx, wanted, places, sorted(devices))
    now, facts = tools.clock.now(), tools.facts
    today = business_date(now, found.time_zone)
    real = any(each.needs_contract for each in facts.values())
    return kept, _Ground(
        shops=found.shops,
        splits=await split_sales.lock_all(
            tx,
            [*paying, *(take.sale.split_sale_id for take in takes if take.sale.split_sale_id)],
        ),
        revoked=found.revoked,
        unheard=set(places) - found.heard,
        contracts=await contracts.valid_of(tx, places, today) if real else set(),
        facts=facts,
        today=today,
        time_zone=found.time_zone,
        now=now,
    )


def _create(tools: Tools, pages: Pages, stand: _Ground, take: Take) -> Payment:
    """Makes the payment; where nobody outside has to be asked, it is settled at once."""
    sale, now = take.sale, stand.now
    if take.who.device and take.who.principal in stand.revoked:
        raise DeviceRevoked("This device was revoked.")
    shop = stand.shops.get(sale.shop_place_id)
    if shop is None:
        raise UnknownShop(f"{sale.shop_place_id[:80] or 'This'} is not set up for payments.")
    facts, terminal = choose_gateway(shop, sale.tender, sale.gateway, stand.facts)
    check_may_wait(facts, sale.waited)
    tapped = tap_time(now, sale.waited)
    if not sale.capture_at_once and sale.tender in facts.at_once_only:
        raise CaptureLaterUnsupported(f"{facts.name} takes {sale.tender} at once or not at all.")
    practice = is_practice(shop, facts)
    ground_key = (shop.shop_place_id, sale.tender, facts.name)
    check_real_money(shop, facts, sale.tender, has_contract=ground_key in stand.contracts)
    day = stand.today if tapped is now else business_date(tapped, stand.time_zone)
    payment = Payment(
        area=take.who.area, payment_id=take.payment_id, shop_place_id=shop.shop_place_id,
        owner=shop.owner, tender=sale.tender, gateway=facts.name, custody=facts.custody,
        practice=practice, channel=sale.channel, taken_by=take.who.principal,
        amount_yen=sale.amount_yen, capture_at_once=sale.capture_at_once,
        items=_lines(stand, shop, sale, practice=practice), business_date=day,
        create_time=now, update_time=now, unconfirmed=facts.unconfirmed,
        terminal=terminal, clerk_id=sale.clerk_id,
        tap_time=None if sale.waited is None else tapped,
        split_sale_id=sale.split_sale_id or None,
        pending=first_step(take.payment_id, sale.amount_yen, day),
    )  # fmt: skip
    if sale.split_sale_id:
        stand.splits[sale.split_sale_id] = stand.splits[sale.split_sale_id].with_part(payment)
    if sale.ticket is not None:
        pages.sell(sale.ticket, payment)
    if not facts.immediate:
        lease = tools.lease(tools.gateways[facts.name])
        pages.inserts.append(Change(payment, now + lease))
        return payment
    settled = settle(payment, payment.payment_id, DONE, now)
    pages.inserts.append(Change(settled.payment))
    pages.entries += settled.entries
    pages.events += settled.events
    return settled.payment


def _lines(stand: _Ground, shop: Shop, sale: Sale, *, practice: bool) -> tuple[Item, ...]:
    """Returns the lines of a sale; those of a part are its share of each tax rate."""
    if not sale.split_sale_id:
        return tuple(sale.items)
    split = stand.splits.get(sale.split_sale_id)
    if split is None:
        raise UnknownSplitSale("There is no such split sale.")
    if split.shop_place_id != shop.shop_place_id:
        raise ShopNotYours("This split sale belongs to another shop.")
    split.check_part(
        sale.amount_yen, stand.today, practice=practice, waited=sale.waited is not None
    )
    return split.share_of(sale.amount_yen, shop.default_tax_rate_percent)


async def _settle_all(
    tools: Tools, tx: Transaction, pages: Pages, answers: Sequence[Answered]
) -> list[tuple[Answered, Result | Exception]]:
    """Where somebody else settled the step first, that outcome stands."""
    stored = await payments.lock_all(tx, [unit.payment_id for unit in answers])
    now = tools.clock.now()
    results: list[tuple[Answered, Result | Exception]] = []
    for unit in answers:
        pages.heard += [unit.heard] if unit.heard else []
        payment = stored[unit.payment_id]
        try:
            settled = settle(payment, unit.key, unit.answer, now)
        except AlreadyResolved:
            results.append((unit, payment))
            continue
        if settled.payment is not payment:
            stored[unit.payment_id] = pages.keep(settled, now)
        results.append((unit, stored[unit.payment_id]))
    return results
