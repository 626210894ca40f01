"""Split sales. Where one stands is in its parts, which are payments.

Locks: the split sale first, then payments. Who adds a part or gives the sale back locks the split
sale; who changes a part locks the payment alone. A part read here may have ended meanwhile, which
only leaves more open than was seen: what is over (declined, expired, voided) never comes back.
Who captures a part of a sale with a ticket locks the split sale too: of the last two parts the one
that comes second sees the first, so exactly one of them issues the ticket.
"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from kit.db import Row, Transaction
from services.payments.domain.payment import Payment
from services.payments.domain.receipt import Item
from services.payments.domain.split_sale import SplitParty, SplitSale
from services.payments.store import payments

_COLUMNS = (
    "area", "split_sale_id", "shop_place_id", "total_yen", "opened_by", "clerk_id",
    "business_date", "create_time", "give_back_time", "give_back_by", "give_back_clerk_id",
)  # fmt: skip
_SELECT = "select * from split_sales where area = %s and split_sale_id = any(%s::uuid[])"


async def insert(tx: Transaction, sale: SplitSale) -> None:
    """Stores a new split sale."""
    await tx.execute(
        "insert into split_sales (area, split_sale_id, shop_place_id, total_yen, items, opened_by,"
        " clerk_id, business_date, create_time, tickets)"
        " values (%s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s::jsonb)",
        (tx.area, sale.split_sale_id, sale.shop_place_id, sale.total_yen,
         msgspec.json.encode(sale.items).decode(), sale.opened_by, sale.clerk_id,
         sale.business_date, sale.create_time,
         msgspec.json.encode(sale.party).decode() if sale.party else None),
    )  # fmt: skip


async def find(tx: Transaction, split_sale_id: str) -> SplitSale | None:
    """Returns a split sale with its parts, or None."""
    rows = await tx.fetch_all(_SELECT, (tx.area, [split_sale_id]))
    return (await _with_parts(tx, rows)).get(split_sale_id)


async def lock_all(tx: Transaction, split_sale_ids: Sequence[str]) -> dict[str, SplitSale]:
    """Returns those that exist with their parts, locked in the order of their ids."""
    if not split_sale_ids:
        return {}
    rows = await tx.fetch_all(
        f"{_SELECT} order by split_sale_id for update", (tx.area, sorted(set(split_sale_ids)))
    )
    return await _with_parts(tx, rows)


async def lock_whole(tx: Transaction, split_sale_id: str) -> SplitSale | None:
    """Returns a split sale, locked, with its parts locked too: none goes back meanwhile."""
    found = (await lock_all(tx, [split_sale_id])).get(split_sale_id)
    if found is None:
        return None
    return found.with_seen(await payments.lock_all(tx, [part.payment_id for part in found.parts]))


async def awaiting_tickets(tx: Transaction, payment_ids: Sequence[str]) -> list[str]:
    """Returns the sales with a ticket whose parts some of these payments are."""
    if not payment_ids:
        return []
    rows = await tx.fetch_all(
        "select distinct s.split_sale_id from payments p join split_sales s"
        " using (area, split_sale_id) where p.area = %s and p.payment_id = any(%s::uuid[])"
        " and s.tickets is not null",
        (tx.area, list(payment_ids)),
    )
    return [str(row["split_sale_id"]) for row in rows]


async def give_back(
    tx: Transaction, sale: SplitSale, by: str, clerk_id: str, now: datetime, try_time: datetime
) -> None:
    """Notes that a sale is given back, by whom first; from try_time on it is tried again."""
    await tx.execute(
        "update split_sales set give_back_time = coalesce(give_back_time, %(now)s),"
        " give_back_by = case when give_back_time is null then %(by)s else give_back_by end,"
        " give_back_clerk_id = case when give_back_time is null then %(clerk)s"
        " else give_back_clerk_id end, try_time = %(try)s, try_count = 0"
        " where area = %(area)s and split_sale_id = %(id)s",
        {"now": now, "by": by, "clerk": clerk_id, "try": try_time, "area": tx.area,
         "id": sale.split_sale_id},
    )  # fmt: skip


async def due(tx: Transaction, now: datetime, limit: int) -> list[Row]:
    """Claims sales to give back, across areas, each later every time, up to 64 minutes: returns
    area and split_sale_id."""
    return await tx.fetch_all(
        "update split_sales set"
        " try_time = %(now)s + power(2, least(try_count, 8)) * interval '15 seconds',"
        " try_count = least(try_count, 1000000) + 1"
        " where (area, split_sale_id) in (select area, split_sale_id from split_sales"
        "   where try_time <= %(now)s order by try_time limit %(limit)s for update skip locked)"
        " returning area, split_sale_id::text as split_sale_id",
        {"now": now, "limit": limit},
    )


async def is_over(tx: Transaction, split_sale_id: str) -> None:
    """Notes that a sale is no longer tried by itself."""
    await tx.execute(
        "update split_sales set try_time = null where area = %s and split_sale_id = %s",
        (tx.area, split_sale_id),
    )


async def unfinished(tx: Transaction, shop_place_id: str, day: date) -> list[SplitSale]:
    """Returns the sales of a shop that hold money without being paid, opened up to a date, oldest
    first: however long ago, for nobody else will remember."""
    rows = await tx.fetch_all(
        "select s.* from split_sales s where s.area = %(area)s and s.split_sale_id in ("
        " select s.split_sale_id from split_sales s join payments p using (area, split_sale_id)"
        "  where s.area = %(area)s and s.shop_place_id = %(shop)s and s.business_date <= %(day)s"
        "  and p.state <> all(array['declined', 'expired', 'voided'])"
        "  group by s.split_sale_id, s.total_yen, s.give_back_time"
        "  having case when s.give_back_time is null then sum(p.captured_yen) < s.total_yen"
        "   else bool_or(p.state <> 'captured' or p.captured_yen > p.refunded_yen) end)"
        " order by s.create_time, s.split_sale_id",
        {"area": tx.area, "shop": shop_place_id, "day": day},
    )
    return [sale for sale in (await _with_parts(tx, rows)).values() if sale.is_unfinished]


async def _with_parts(tx: Transaction, rows: Sequence[Row]) -> dict[str, SplitSale]:
    ids = [str(row["split_sale_id"]) for row in rows]
    parts: dict[str, list[Payment]] = {each: [] for each in ids}
    for part in await payments.of_split_sales(tx, ids) if ids else []:
        parts[str(part.split_sale_id)].append(part)
    # After the lock, so that a ticket made by whoever held it before is seen.
    with_ticket = [str(row["split_sale_id"]) for row in rows if row["tickets"] is not None]
    issued = await _issued(tx, with_ticket) if with_ticket else set()
    return {
        each: _sale(row, parts[each], is_issued=each in issued)
        for each, row in zip(ids, rows, strict=True)
    }


async def _issued(tx: Transaction, split_sale_ids: Sequence[str]) -> set[str]:
    rows = await tx.fetch_all(
        "select split_sale_id from tickets where area = %s and split_sale_id = any(%s::uuid[])",
        (tx.area, list(split_sale_ids)),
    )
    return {str(row["split_sale_id"]) for row in rows}


def _sale(row: Row, parts: Sequence[Payment], *, is_issued: bool) -> SplitSale:
    values: Row = {name: row[name] for name in _COLUMNS}
    values["split_sale_id"] = str(row["split_sale_id"])
    return SplitSale(
        **values, items=msgspec.convert(row["items"], tuple[Item, ...]), parts=tuple(parts),
        party=msgspec.convert(row["tickets"], SplitParty | None), is_issued=is_issued,
    )  # fmt: skip
