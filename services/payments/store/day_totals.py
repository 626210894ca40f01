"""Which dates were summed up aloud, and with which figures."""

from datetime import date

import msgspec

from kit.db import Transaction
from services.payments.domain.events import DayTotal


async def said(tx: Transaction, day: date) -> tuple[int, tuple[DayTotal, ...]] | None:
    """Returns version and totals last said of a date, its row locked; None for never."""
    row = await tx.fetch_one(
        "select version, totals from day_totals where area = %s and business_date = %s for update",
        (tx.area, day),
    )
    if row is None:
        return None
    return row["version"], msgspec.convert(row["totals"], tuple[DayTotal, ...])


async def keep(tx: Transaction, day: date, version: int, totals: tuple[DayTotal, ...]) -> bool:
    """Remembers what is about to be said; False where somebody else has said it meanwhile."""
    kept = await tx.execute(
        "insert into day_totals (area, business_date, version, totals)"
        " values (%s, %s, %s, %s::jsonb) on conflict (area, business_date)"
        " do update set version = excluded.version, totals = excluded.totals"
        " where day_totals.version = excluded.version - 1",
        (tx.area, day, version, msgspec.json.encode(totals).decode()),
    )
    return kept == 1


async def active_areas(tx: Transaction) -> list[str]:
    """Returns the areas that have shops."""
    rows = await tx.fetch_all("select distinct area from shops order by 1")
    return [row["area"] for row in rows]
