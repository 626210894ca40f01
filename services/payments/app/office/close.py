"""X report and daily close. The protocol: top of store/closes.py."""

from dataclasses import dataclass
from datetime import date, timedelta

from kit.db import Transaction
from kit.ids import new_id
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.payments.app.deps import Deps, as_id
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain.business_day import business_date, read_date
from services.payments.domain.close import (
    CashCount,
    Close,
    ClosedDate,
    Figures,
    SaleCounts,
    by_date,
    check_count,
    sum_up,
)
from services.payments.domain.errors import NothingToClose, UnknownClose, UnknownShop
from services.payments.domain.events import ShopDayClosed
from services.payments.domain.office_entries import cash_difference_entry
from services.payments.domain.shop import Shop
from services.payments.domain.split_sale import SplitSale
from services.payments.store import (
    areas,
    closes,
    journal,
    payments,
    sale_counts,
    shops,
    split_sales,
)

MAX_LISTED = 400
LIST_DAYS = 400


@dataclass(frozen=True)
class XReport:
    """What a close of now would hold. float_yen: that of the shop's last close. unfinished: sales
    in parts that hold money without being paid; what they hold is among the figures all the same,
    for it lies in the drawer or at a provider. practice: sales of the date, in no figure."""

    shop: Shop
    day: date
    figures: Figures
    unresolved_count: int
    float_yen: int
    closes: list[Close]
    unfinished: list[SplitSale]
    practice: SaleCounts


async def read_day(deps: Deps, who: Who, shop_place_id: str, day: str) -> XReport:
    """Returns the X report of a shop, today's for "", at any time. It changes nothing.

    Errors: InvalidFields, ShopNotYours, UnknownShop.
    """
    check_shop_is_own(who, shop_place_id)
    async with deps.db.read(who.area) as tx:
        shop = await _shop(tx, shop_place_id)
        today = business_date(deps.clock.now(), await areas.time_zone(tx))
        chosen = read_date("business_date", day) if day else today
        movements = await closes.see_open(tx, shop_place_id, chosen)
        sales = await sale_counts.of_entries(tx, [each.entry_id for each in movements])
        return XReport(
            shop=shop, day=chosen, figures=sum_up(movements, shop, chosen, sales),
            unresolved_count=await payments.unresolved_count(tx, chosen, [shop_place_id]),
            float_yen=await closes.last_float(tx, shop_place_id),
            closes=await closes.page(tx, [shop_place_id], chosen, chosen, MAX_LISTED),
            unfinished=await split_sales.unfinished(tx, shop_place_id, chosen),
            practice=await sale_counts.practice_of_day(tx, chosen, shop_place_id),
        )  # fmt: skip


async def close_day(
    deps: Deps, key: RequestKey, who: Who, shop_place_id: str, day: str, count: CashCount | None
) -> Close:
    """Closes what is open at a shop up to a day. count: None where nobody counted the drawer.

    A repeat returns the same close; a second close of a day holds what came after the first.
    Errors: InvalidFields, ShopNotYours, UnknownShop, NothingToClose, RequestIdReused.
    """
    check_shop_is_own(who, shop_place_id)
    chosen = read_date("business_date", day)
    async with deps.db.transaction(who.area) as tx:

        async def close() -> str:
            return (await _close(deps, tx, who, shop_place_id, chosen, count)).close_id

        close_id = await once(tx, key, str, close)
        found = await closes.find(tx, close_id)
    if found is None:
        raise AssertionError("a close that was answered is there")
    return found


async def _close(
    deps: Deps, tx: Transaction, who: Who, shop_place_id: str, day: date, count: CashCount | None
) -> Close:
    await closes.lock_shop(tx, shop_place_id)
    shop = await _shop(tx, shop_place_id)
    now = deps.clock.now()
    if day > business_date(now, await areas.time_zone(tx)):
        raise NothingToClose("This day has not begun yet.")
    movements = await closes.take_open(tx, shop_place_id, day)
    entry_ids = [movement.entry_id for movement in movements]
    figures = sum_up(movements, shop, day, await sale_counts.of_entries(tx, entry_ids))
    counted = count or CashCount(float_yen=0, counted_yen=max(figures.cash_yen, 0), reason="")
    if count is None and figures.cash_yen < 0:
        raise InvalidFields([("counted_yen", "more cash went out than came in: count the drawer")])
    made = Close(
        area=who.area, close_id=new_id(), shop_place_id=shop_place_id,
        number=await closes.next_number(tx, shop_place_id), business_date=day, figures=figures,
        count=counted, expected_yen=check_count(counted, figures),
        unresolved_count=await payments.unresolved_count(tx, day, [shop_place_id]),
        closed_by=who.principal, close_time=now,
    )  # fmt: skip
    await closes.insert(tx, made, entry_ids)
    if made.difference_yen:
        entry = cash_difference_entry(
            area=who.area, close_id=made.close_id, shop_place_id=shop_place_id,
            difference_yen=made.difference_yen, day=day,
        )  # fmt: skip
        await journal.post(tx, [entry], now)
    # Read after the insert and under the shop's lock: this close is in it, and no later one.
    closed = await closes.closed_of(
        tx, shop_place_id, {movement.business_date for movement in movements}
    )
    await deps.outbox.add(tx, _closed(made, by_date(movements, shop, closed)))
    return made


def _closed(made: Close, dates: tuple[ClosedDate, ...]) -> ShopDayClosed:
    return ShopDayClosed(
        area=made.area, aggregate_id=made.close_id, version=1, occur_time=made.close_time,
        shop_place_id=made.shop_place_id, number=made.number, business_date=made.business_date,
        lines=made.figures.lines, dates=dates, entry_count=made.figures.entry_count,
        expected_yen=made.expected_yen, counted_yen=made.count.counted_yen,
    )  # fmt: skip


async def read_close(deps: Deps, who: Who, close_id: str) -> tuple[Close, Shop, SaleCounts]:
    """Returns a close with its shop, and the practice sales of its date.

    Errors: InvalidFields, UnknownClose, ShopNotYours.
    """
    async with deps.db.read(who.area) as tx:
        found = await closes.find(tx, as_id("close_id", close_id))
        if found is None:
            raise UnknownClose("There is no such close.")
        check_shop_is_own(who, found.shop_place_id)
        practice = await sale_counts.practice_of_day(tx, found.business_date, found.shop_place_id)
        return found, await _shop(tx, found.shop_place_id), practice


@dataclass(frozen=True)
class Overview:
    """Closes of a span, and what waits: (shop_place_id, date, count of movements)."""

    closes: list[Close]
    waiting: list[tuple[str, date, int]]


async def list_closes(deps: Deps, who: Who, shop_place_id: str, first: str, last: str) -> Overview:
    """Returns closes, newest first, and what waits. Errors: InvalidFields, ShopNotYours."""
    if shop_place_id:
        check_shop_is_own(who, shop_place_id)
    wanted = [shop_place_id] if shop_place_id else sorted(who.shops)
    span = [read_date(name, text) if text else None
            for name, text in (("first_date", first), ("last_date", last))]  # fmt: skip
    if span[0] and span[1] and span[1] - span[0] > timedelta(days=LIST_DAYS):
        raise InvalidFields([("last_date", f"at most {LIST_DAYS} days at once")])
    async with deps.db.read(who.area) as tx:
        rows = await closes.open_days(tx, wanted)
        return Overview(
            await closes.page(tx, wanted, span[0], span[1], MAX_LISTED),
            [(row["shop_place_id"], row["business_date"], row["entry_count"]) for row in rows],
        )


async def _shop(tx: Transaction, shop_place_id: str) -> Shop:
    found = await shops.find(tx, shop_place_id)
    if found is None:
        raise UnknownShop(f"{shop_place_id[:80] or 'This'} is not set up for payments.")
    return found[0]
