"""Stray codes by day."""

from collections.abc import Sequence
from datetime import date

from kit.db import Transaction
from services.multilingual.domain.stray import MAX_ROWS, MISTYPED, Strays


async def count(tx: Transaction, strays: Sequence[Strays]) -> None:
    """Adds to what was counted of codes by day."""
    await tx.execute_many(
        "insert into stray_codes (area, stop_code, seen_date, seen_count) values (%s, %s, %s, %s)"
        " on conflict (area, stop_code, seen_date)"
        " do update set seen_count = stray_codes.seen_count + excluded.seen_count",
        [(tx.area, each.code, each.on, each.count) for each in strays],
    )


async def forget(tx: Transaction, before: date) -> None:
    """Deletes days before a date, and of more rows than the bound the rarest and oldest."""
    await tx.execute(
        "delete from stray_codes where area = %s and seen_date < %s", (tx.area, before)
    )
    await tx.execute(
        "delete from stray_codes where area = %s and stop_code <> %s and (stop_code, seen_date)"
        " not in (select stop_code, seen_date from stray_codes where area = %s and stop_code <> %s"
        " order by seen_count desc, seen_date desc, stop_code limit %s)",
        (tx.area, MISTYPED, tx.area, MISTYPED, MAX_ROWS),
    )


async def list_since(tx: Transaction, first: date) -> list[Strays]:
    """Returns what was counted from a day on."""
    rows = await tx.fetch_all(
        "select stop_code, seen_date, seen_count from stray_codes"
        " where area = %s and seen_date >= %s order by seen_date, stop_code",
        (tx.area, first),
    )
    return [Strays(row["stop_code"], row["seen_date"], int(row["seen_count"])) for row in rows]
