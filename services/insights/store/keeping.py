"""What an area chose of keeping facts, and what its answers of months have told."""

from datetime import date, datetime

import msgspec

from kit.db import Transaction
from services.insights.domain.fact import Kind
from services.insights.domain.keeping import KeepSettings
from services.insights.domain.told import ToldMonth


async def lock(tx: Transaction) -> None:
    """Lets one change of the choice happen after the other, until the transaction ends."""
    await tx.execute("select pg_advisory_xact_lock(hashtext('keeping/' || %s))", (tx.area,))


async def read(tx: Transaction) -> tuple[KeepSettings, int]:
    """Returns the choice and its version, 0 before the first."""
    row = await tx.fetch_one(
        "select settings::text as settings, version from keeping where area = %s", (tx.area,)
    )
    if row is None:
        return KeepSettings({}), 0
    return msgspec.json.decode(row["settings"], type=KeepSettings), row["version"]


async def write(tx: Transaction, settings: KeepSettings, version: int, at: datetime) -> None:
    """Keeps a choice."""
    await tx.execute(
        "insert into keeping (area, settings, version, said_time) values (%s, %s::jsonb, %s, %s)"
        " on conflict (area) do update set settings = excluded.settings,"
        " version = excluded.version, said_time = excluded.said_time",
        (tx.area, msgspec.json.encode(settings).decode(), version, at),
    )


async def months_with(tx: Transaction, kinds: list[Kind], before: date) -> list[date]:
    """Returns the months before a date that still have single facts of some kinds, in order."""
    rows = await tx.fetch_all(
        "select distinct date_trunc('month', occur_date)::date as month from facts where area = %s"
        " and kind = any(%s) and occur_date < %s order by 1",
        (tx.area, [kind.value for kind in kinds], before),
    )
    return [row["month"] for row in rows]


async def keep_told(tx: Transaction, month: date, told: ToldMonth) -> None:
    """Keeps what a month has told; what was kept first stays: it is from all of its answers."""
    await tx.execute(
        "insert into told_months (area, month, told) values (%s, %s, %s::jsonb)"
        " on conflict do nothing",
        (tx.area, month, msgspec.json.encode(told).decode()),
    )


async def read_told(tx: Transaction, month: date) -> ToldMonth | None:
    """Returns what a month has told before its answers went."""
    row = await tx.fetch_one(
        "select told::text as told from told_months where area = %s and month = %s",
        (tx.area, month),
    )
    return msgspec.json.decode(row["told"], type=ToldMonth) if row else None
