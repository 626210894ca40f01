"""Closes, and the protocol by which every movement gets into exactly one of them.

1. The transaction that writes an entry also writes its row in `open_entries` (store/journal.py).
   Practice has none: it never enters a close.
2. A close first locks the row of its shop: two closes of one shop follow one another, so their
   numbers have no gap. Sales never touch that lock; a close makes nobody wait at the till.
3. `take_open` deletes the shop's open rows up to the day in one statement and gets them back.
   What has committed by then is in this close; what commits a moment later stays open and is in
   the next one, under its own business date. Nothing is missed and nothing is counted twice,
   however late a sale's answer comes.
4. The figures are computed from the entries taken, and from nothing else; with them are written
   the close and its list of entries (whose key is the entry: a second close of the same entry is
   refused by the database even if every step above failed).
5. Close, list, cash difference, request id and event commit together or not at all.
"""

from datetime import date

import msgspec

from kit.db import Row, Transaction
from services.payments.domain.close import CashCount, Close, ClosedTender, Figures, Movement

# before_yen: what the entries of the same payment before this one have left of it.
_MOVEMENTS = (
    "select e.entry_id::text as entry_id, e.kind, e.tender, e.amount_yen, e.business_date, p.items,"
    " case when e.kind = 'capture' then 0 else coalesce((select sum(case when b.kind = 'capture'"
    "   then b.amount_yen else -b.amount_yen end) from journal_entries b"
    "   where b.area = e.area and b.payment_id = e.payment_id"
    "   and (b.kind = 'capture' or b.entry_id < e.entry_id)), 0)"
    "   end::bigint as before_yen,"
    " coalesce((select sum(l.amount_yen) from postings l where l.area = e.area"
    "   and l.entry_id = e.entry_id and l.account = 'cash_record/' || e.shop_place_id), 0)::bigint"
    "   as cash_yen"
    " from journal_entries e join payments p using (area, payment_id)"
)


async def lock_shop(tx: Transaction, shop_place_id: str) -> None:
    """Step 2 of the protocol."""
    await tx.execute(
        "select 1 from shops where area = %s and shop_place_id = %s for update",
        (tx.area, shop_place_id),
    )


async def take_open(tx: Transaction, shop_place_id: str, day: date) -> list[Movement]:
    """Step 3: takes what is open up to a day out of the line, in the order it was written."""
    rows = await tx.fetch_all(
        "delete from open_entries where area = %s and shop_place_id = %s and business_date <= %s"
        " returning entry_id::text as entry_id",
        (tx.area, shop_place_id, day),
    )
    return await _movements(tx, [row["entry_id"] for row in rows])


async def see_open(tx: Transaction, shop_place_id: str, day: date) -> list[Movement]:
    """Returns what a close of now would take; it stays open."""
    rows = await tx.fetch_all(
        "select entry_id::text as entry_id from open_entries"
        " where area = %s and shop_place_id = %s and business_date <= %s",
        (tx.area, shop_place_id, day),
    )
    return await _movements(tx, [row["entry_id"] for row in rows])


async def _movements(tx: Transaction, entry_ids: list[str]) -> list[Movement]:
    rows = await tx.fetch_all(
        f"{_MOVEMENTS} where e.area = %s and e.entry_id = any(%s::uuid[]) order by e.entry_id",
        (tx.area, entry_ids),
    )
    if len(rows) != len(entry_ids):
        raise AssertionError("an open entry has no movement behind it")
    return [msgspec.convert(row, Movement) for row in rows]


async def next_number(tx: Transaction, shop_place_id: str) -> int:
    """Returns the next number of a locked shop's closes."""
    row = await tx.fetch_one(
        "select coalesce(max(number), 0) + 1 as n from closes"
        " where area = %s and shop_place_id = %s",
        (tx.area, shop_place_id),
    )
    return int(row["n"]) if row else 1


async def insert(tx: Transaction, close: Close, entry_ids: list[str]) -> None:
    """Step 4: writes a close with its entries, and puts it in line for its seal."""
    await tx.execute(
        "insert into closes (area, close_id, shop_place_id, number, business_date, figures,"
        " float_yen, counted_yen, expected_yen, reason, unresolved_count, closed_by, close_time)"
        " values (%s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s, %s)",
        (tx.area, close.close_id, close.shop_place_id, close.number, close.business_date,
         msgspec.json.encode(close.figures).decode(), close.count.float_yen,
         close.count.counted_yen, close.expected_yen, close.count.reason, close.unresolved_count,
         close.closed_by, close.close_time),
    )  # fmt: skip
    await tx.execute(
        "insert into closed_entries (area, entry_id, close_id)"
        " select %s, entry_id, %s from unnest(%s::uuid[]) as given(entry_id)",
        (tx.area, close.close_id, entry_ids),
    )
    await tx.execute(
        "insert into audit_waiting (area, kind, row_id) values (%s, 'close', %s)",
        (tx.area, close.close_id),
    )


async def closed_of(tx: Transaction, shop_place_id: str, days: set[date]) -> list[ClosedTender]:
    """Returns what the closes of a shop hold of some dates, by date and tender."""
    rows = await tx.fetch_all(
        "select e.business_date, e.tender,"
        " coalesce(sum(e.amount_yen) filter (where e.kind = 'capture'), 0)::bigint as captured_yen,"
        " coalesce(sum(e.amount_yen) filter (where e.kind = 'void'), 0)::bigint as voided_yen,"
        " coalesce(sum(e.amount_yen) filter (where e.kind = 'refund'), 0)::bigint as refunded_yen"
        " from journal_entries e join closed_entries using (area, entry_id)"
        " where e.area = %s and e.shop_place_id = %s and e.business_date = any(%s)"
        " group by e.business_date, e.tender order by e.business_date, e.tender",
        (tx.area, shop_place_id, sorted(days)),
    )
    return [msgspec.convert(row, ClosedTender) for row in rows]


async def find(tx: Transaction, close_id: str) -> Close | None:
    """Returns a close or None."""
    row = await tx.fetch_one(
        "select * from closes where area = %s and close_id = %s", (tx.area, close_id)
    )
    return _close(row) if row else None


async def page(
    tx: Transaction, shop_place_ids: list[str], first: date | None, last: date | None, limit: int
) -> list[Close]:
    """Returns closes, newest first. shop_place_ids: empty for all."""
    rows = await tx.fetch_all(
        "select * from closes where area = %s and (%s or shop_place_id = any(%s))"
        " and (%s::date is null or business_date >= %s::date)"
        " and (%s::date is null or business_date <= %s::date)"
        " order by close_time desc, close_id desc limit %s",
        (tx.area, not shop_place_ids, shop_place_ids, first, first, last, last, limit),
    )
    return [_close(row) for row in rows]


async def open_days(tx: Transaction, shop_place_ids: list[str]) -> list[Row]:
    """Returns what waits for a close: shop_place_id, business_date, entry_count."""
    return await tx.fetch_all(
        "select shop_place_id, business_date, count(*) as entry_count from open_entries"
        " where area = %s and (%s or shop_place_id = any(%s)) group by 1, 2 order by 1, 2",
        (tx.area, not shop_place_ids, shop_place_ids),
    )


async def last_float(tx: Transaction, shop_place_id: str) -> int:
    """Returns the float of the shop's last close, 0 for none: what a form begins with."""
    row = await tx.fetch_one(
        "select float_yen from closes where area = %s and shop_place_id = %s"
        " order by number desc limit 1",
        (tx.area, shop_place_id),
    )
    return int(row["float_yen"]) if row else 0


def _close(row: Row) -> Close:
    return Close(
        area=row["area"], close_id=str(row["close_id"]), shop_place_id=row["shop_place_id"],
        number=row["number"], business_date=row["business_date"],
        figures=msgspec.convert(row["figures"], Figures),
        count=CashCount(
            float_yen=row["float_yen"], counted_yen=row["counted_yen"], reason=row["reason"]
        ),
        expected_yen=row["expected_yen"], unresolved_count=row["unresolved_count"],
        closed_by=row["closed_by"], close_time=row["close_time"],
    )  # fmt: skip
