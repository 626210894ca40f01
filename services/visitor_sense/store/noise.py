"""Budgets of noise: what an area set, and from which day on."""

from datetime import date, datetime

from kit.db import Transaction
from services.visitor_sense.domain.noise import Budget


async def budget_on(tx: Transaction, area: str, key_date: date) -> Budget | None:
    """Returns what a day of an area has, None without noise."""
    row = await tx.fetch_one(
        "select tenths from noise_settings where area = %s and from_date <= %s"
        " order by from_date desc limit 1",
        (area, key_date),
    )
    return Budget(row["tenths"]) if row and row["tenths"] else None


async def put_budget(
    tx: Transaction, from_date: date, budget: Budget | None, now: datetime
) -> None:
    """Sets what days from one on have; a day that has begun keeps what it had."""
    await tx.execute(
        "insert into noise_settings (area, from_date, tenths, set_time) values (%s, %s, %s, %s)"
        " on conflict (area, from_date) do update set tenths = excluded.tenths,"
        " set_time = excluded.set_time",
        (tx.area, from_date, budget.tenths if budget else 0, now),
    )
