"""Devices near by per zone and minute: sets that unite, kept for a day."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from kit.db import Transaction
from services.visitor_sense.domain.sketch import Distinct, Values


async def add_near(tx: Transaction, seen: Mapping[tuple[str, datetime], Values]) -> None:
    """Adds devices; repeats change nothing. The caller has locked the area's hours."""
    if not seen:
        return
    zone_ids, minutes = zip(*seen, strict=True)
    rows = await tx.fetch_all(
        "select zone_id, minute, near from zone_minutes where area = %s and (zone_id, minute) in"
        " (select * from unnest(%s::text[], %s::timestamptz[]))",
        (tx.area, list(zone_ids), list(minutes)),
    )
    known = {
        (row["zone_id"], row["minute"]): Distinct.from_bytes(bytes(row["near"])) for row in rows
    }
    near = []
    for key, values in seen.items():
        one = known.get(key) or Distinct()
        one.add(values)
        near.append(one)
    await tx.execute(
        "insert into zone_minutes (area, zone_id, minute, near, holds_values)"
        " select %s, * from unnest(%s::text[], %s::timestamptz[], %s::bytea[], %s::boolean[])"
        " on conflict (area, zone_id, minute) do update set near = excluded.near,"
        " holds_values = excluded.holds_values",
        (tx.area, list(zone_ids), list(minutes), [one.to_bytes() for one in near],
         [one.exact for one in near]),
    )  # fmt: skip


async def near_of_hour(
    tx: Transaction, area: str, zone_id: str, hour: datetime
) -> dict[int, Distinct]:
    """Returns minute of the hour -> devices near by; minutes without any are not in it."""
    rows = await tx.fetch_all(
        "select minute, near from zone_minutes where area = %s and zone_id = %s and minute >= %s"
        " and minute < %s order by minute",
        (area, zone_id, hour, hour + timedelta(hours=1)),
    )
    return {
        int((row["minute"] - hour).total_seconds()) // 60: Distinct.from_bytes(bytes(row["near"]))
        for row in rows
    }


async def forget_minutes(tx: Transaction, before: datetime) -> int:
    """Deletes what is older; returns how many rows."""
    return await tx.execute("delete from zone_minutes where minute < %s", (before,))
