"""Sales paid by several tenders: opened, read, and given back part by part.

Giving back is two things. Transaction 1 checks who asks, and notes that the sale is given back:
from then on it takes no part. Then each part goes back by itself, as a void or a refund under a
request id that follows from the part and its version: whoever asks, here or in another process,
however often, each movement happens once. What a crash or a silent provider leaves, `run` goes on
with; what a provider refused waits for a person.
"""

import asyncio
import hashlib
from datetime import date, timedelta
from enum import Enum, auto

from kit import log
from kit.db import ALL_AREAS, Transaction
from kit.forever import forever
from kit.ids import new_id
from kit.pure.errors import InvalidFields, Refusal
from kit.requests import RequestKey, once
from services.payments.app.change import void_checked
from services.payments.app.deps import Deps, as_id
from services.payments.app.refund import refund_payment
from services.payments.app.units import SplitOpening
from services.payments.app.who import Who, check_clerk, check_device, check_shop_is_own
from services.payments.domain.business_day import business_date, read_date
from services.payments.domain.errors import (
    AmountTooLarge,
    ProviderRefused,
    TicketWasAdmitted,
    UnknownShop,
    UnknownSplitSale,
    Unresolved,
    WrongBusinessDate,
    WrongState,
)
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment
from services.payments.domain.price_class import Priced, check_total, price
from services.payments.domain.refund import Refund, RefundState
from services.payments.domain.split_sale import (
    GiveBack,
    SplitParty,
    SplitSale,
    Void,
    check_opening,
    way_back,
)
from services.payments.domain.ticket import days_of
from services.payments.store import areas, price_classes, refunds, shops, split_sales, tickets

PRINCIPAL = "split-sales"  # the request ids of parts that go back are ours, not the caller's
REASON = "会計の取りやめ"  # on the refund of a part; people read it in the office
FIRST_TRY = timedelta(seconds=15)  # above the deadlines of all gateways: the caller has come first
TICK_S = 2.0
BATCH = 16
# The part is not as it was read: a refund of it, or midnight, came in between.
CHANGED = (AmountTooLarge, Unresolved, WrongBusinessDate, WrongState)


class _End(Enum):
    """How a try to give a part back ended."""

    DONE = auto()
    AWAITED = auto()
    REFUSED = auto()


async def open_split_sale(
    deps: Deps, key: RequestKey, who: Who, opening: SplitOpening
) -> SplitSale:
    """Opens a split sale; a repeat returns the same one in its present state.

    Errors: InvalidFields, ShopNotYours, UnknownShop, DeviceRevoked, RequestIdReused, PriceChanged
    for a ticket whose prices make another total by now.
    """
    items = check_opening(opening.total_yen, opening.items)
    if opening.party and items:
        raise InvalidFields([("items", "a sale is of a ticket or of goods, not of both")])
    check_shop_is_own(who, opening.shop_place_id)
    if opening.clerk_id:
        as_id("clerk_id", opening.clerk_id)
    async with deps.db.transaction(who.area) as tx:

        async def make() -> str:
            await check_device(tx, who)
            if await shops.find(tx, opening.shop_place_id) is None:
                raise UnknownShop("This shop is not set up for payments.")
            now = deps.clock.now()
            today = business_date(now, await areas.time_zone(tx))
            party, lines = None, items
            if opening.party:
                priced = await _priced(tx, opening)
                party, lines = _party(opening, priced, today), priced.items
            sale = SplitSale(
                area=who.area, split_sale_id=new_id(), shop_place_id=opening.shop_place_id,
                total_yen=opening.total_yen, items=lines, opened_by=who.principal,
                clerk_id=opening.clerk_id, create_time=now,
                business_date=today, party=party,
            )  # fmt: skip
            await split_sales.insert(tx, sale)
            return sale.split_sale_id

        split_sale_id = await once(tx, key, str, make)
        return await _own(tx, who, split_sale_id)


async def _priced(tx: Transaction, opening: SplitOpening) -> Priced:
    """Errors: InvalidFields, PriceChanged."""
    classes = await price_classes.all_of_area(tx)
    priced = price(classes, opening.shop_place_id, opening.party, opening.voucher)
    check_total(priced, opening.total_yen)
    return priced


def _party(opening: SplitOpening, priced: Priced, today: date) -> SplitParty:
    day, _ = days_of(opening.day, today)
    return SplitParty(
        site_place_id=priced.site_place_id, lines=priced.lines, persons=priced.persons, day=day,
        voucher=opening.voucher.strip(),
    )  # fmt: skip


async def read_split_sale(
    deps: Deps, who: Who, split_sale_id: str
) -> tuple[SplitSale, dict[str, list[Refund]]]:
    """Returns a split sale and the refunds of its parts.

    Errors: InvalidFields, UnknownSplitSale, ShopNotYours.
    """
    async with deps.db.read(who.area) as tx:
        sale = await _own(tx, who, as_id("split_sale_id", split_sale_id))
        return sale, await refunds.of_payments(tx, [part.payment_id for part in sale.parts])


async def list_unfinished(
    deps: Deps, who: Who, shop_place_id: str, day: str
) -> tuple[list[SplitSale], dict[str, list[Refund]]]:
    """Returns the sales of a shop that hold money without being paid, opened up to a date ("" for
    today), oldest first, and the refunds of their parts. Errors: InvalidFields, ShopNotYours."""
    check_shop_is_own(who, shop_place_id)
    async with deps.db.read(who.area) as tx:
        today = business_date(deps.clock.now(), await areas.time_zone(tx))
        last = read_date("business_date", day) if day else today
        found = await split_sales.unfinished(tx, shop_place_id, last)
        parts = [part.payment_id for sale in found for part in sale.parts]
        return found, await refunds.of_payments(tx, parts)


async def give_back(
    deps: Deps, key: RequestKey, who: Who, split_sale_id: str, clerk_id: str,
    *, admitted_confirmed: bool = False,
) -> SplitSale:  # fmt: skip
    """Gives all parts back; returns the sale as far as it got. A repeat, or another call, goes on.

    Errors: InvalidFields, UnknownSplitSale, ShopNotYours, ClerkPinMissing, DeviceRevoked,
    RequestIdReused, StoreUnavailable; TicketWasAdmitted where the party of its ticket went in and
    that is not confirmed.
    """
    split_sale_id = as_id("split_sale_id", split_sale_id)
    async with deps.db.transaction(who.area) as tx:

        async def note() -> str:
            await check_device(tx, who)
            sale = (await split_sales.lock_all(tx, [split_sale_id])).get(split_sale_id)
            if sale is None:
                raise UnknownSplitSale("There is no such split sale.")
            check_shop_is_own(who, sale.shop_place_id)
            await check_clerk(tx, who, sale.shop_place_id, clerk_id)
            if not admitted_confirmed:
                await _check_not_admitted(tx, sale)
            now = deps.clock.now()
            await split_sales.give_back(tx, sale, who.principal, clerk_id, now, now + FIRST_TRY)
            return split_sale_id

        await once(tx, key, str, note)
        await _own(tx, who, split_sale_id)
    return await go_on(deps, who.area, split_sale_id)


async def _check_not_admitted(tx: Transaction, sale: SplitSale) -> None:
    """Errors: TicketWasAdmitted. The sale is locked, which a gate waits for; once given back it was
    confirmed, and who goes on is not asked again."""
    if not sale.is_issued or sale.give_back_time is not None:
        return
    if await tickets.first_admission(tx, sale.split_sale_id) is not None:
        raise TicketWasAdmitted("The party of this ticket went in. Confirm that money goes back.")


async def go_on(deps: Deps, area: str, split_sale_id: str) -> SplitSale:
    """Gives back what parts of a sale still hold; returns the sale as far as it got."""
    sale, today = await _today(deps, area, split_sale_id)
    work = (_part_back(deps, sale, part, today) for part in sale.parts)
    ends = await asyncio.gather(*work, return_exceptions=True)  # one that fails holds up no other
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    sale, _ = await _today(deps, area, split_sale_id)
    if not sale.held_yen or _End.REFUSED in ends:
        # Nothing is left, or a person has to choose another way: no more tries by ourselves.
        async with deps.db.transaction(area) as tx:
            await split_sales.is_over(tx, split_sale_id)
    return sale


async def run(deps: Deps) -> None:
    """Goes on with sales that somebody began to give back, until canceled."""

    async def turn() -> bool:
        return await go_on_due(deps) == BATCH

    await forever("split sales", turn, TICK_S)


async def go_on_due(deps: Deps) -> int:
    """Goes on with all that is due. Returns how many sales it looked at."""
    async with deps.db.transaction(ALL_AREAS) as tx:
        rows = await split_sales.due(tx, deps.clock.now(), BATCH)
    work = (go_on(deps, row["area"], row["split_sale_id"]) for row in rows)
    results = await asyncio.gather(*work, return_exceptions=True)
    # One that cannot go back now holds up no other; it is tried again.
    for row, error in zip(rows, results, strict=True):
        if isinstance(error, BaseException):
            log.get("split sales").error("a sale stays to give back", **row, exc_info=error)
    return len(rows)


async def _today(deps: Deps, area: str, split_sale_id: str) -> tuple[SplitSale, date]:
    async with deps.db.read(area) as tx:
        sale = await split_sales.find(tx, split_sale_id)
        today = business_date(deps.clock.now(), await areas.time_zone(tx))
    if sale is None:
        raise AssertionError(f"{split_sale_id} was given back before")
    return sale, today


async def _part_back(deps: Deps, sale: SplitSale, part: Payment, today: date) -> _End:
    """Gives one part back the way it goes now; a void that is refused is followed by a refund."""
    facts = deps.facts.get(part.gateway)
    by_provider = facts is None or facts.gives_back(part.tender)
    way = way_back(part, today, provider_refunds=by_provider)
    if way is None:
        return _End.AWAITED if part.pending or part.reserved_yen else _End.DONE
    behalf = Who(area=sale.area, principal=sale.give_back_by, shops=frozenset(), device=False)
    try:
        if isinstance(way, Void):
            try:
                after = await void_checked(deps, _key(part, "void"), behalf, part.payment_id)
                return _End.AWAITED if after.pending else _End.DONE
            except ProviderRefused:
                if not part.refundable_yen:
                    raise
                way = GiveBack(part.refundable_yen, RefundChannel.PROVIDER)
        refund = await refund_payment(
            deps, _key(part, "refund"), behalf, part.payment_id, way.amount_yen, way.channel,
            REASON, sale.give_back_clerk_id, is_checked=True,
        )  # fmt: skip
    except CHANGED:
        return _End.AWAITED
    except Refusal:
        return _End.REFUSED
    ends = {RefundState.REFUNDED: _End.DONE, RefundState.DECLINED: _End.REFUSED}
    return ends.get(refund.state, _End.AWAITED)


def _key(part: Payment, step: str) -> RequestKey:
    """One request for one step of a part as it stood; a refused one may be asked for anew."""
    request_id = f"{part.payment_id}-{part.version}-{step}"
    return RequestKey(PRINCIPAL, request_id, hashlib.sha256(request_id.encode()).digest())


async def _own(tx: Transaction, who: Who, split_sale_id: str) -> SplitSale:
    sale = await split_sales.find(tx, split_sale_id)
    if sale is None:
        raise UnknownSplitSale("There is no such split sale.")
    check_shop_is_own(who, sale.shop_place_id)
    return sale
