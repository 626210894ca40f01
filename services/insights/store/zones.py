"""Counts and levels of zones: the newest version of each replaces the older."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import Row, Transaction
from services.insights.domain.zone import LevelSaid, ZoneHourSaid

Said = tuple[ZoneHourSaid, int, datetime]  # with its version, and when it was said
LevelsSaid = tuple[LevelSaid, int, datetime]


async def keep_hours(tx: Transaction, found: Sequence[Said]) -> None:
    """Keeps counted hours, each unless a newer count of it is there; in the order given."""
    await tx.execute_many(
        """
        insert into zone_hours as kept (area, zone_id, start_time, place_id, estimate, low, high,
                                        released_estimate, kind, method, version, said_time)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (area, zone_id, start_time) do update set
            place_id = excluded.place_id, estimate = excluded.estimate, low = excluded.low,
            high = excluded.high, released_estimate = excluded.released_estimate,
            kind = excluded.kind, method = excluded.method, version = excluded.version,
            said_time = excluded.said_time
        where excluded.version > kept.version
        """,
        [(tx.area, said.zone_id, said.start_time, said.place_id, said.estimate, said.low,
          said.high, said.released_estimate, said.kind, said.method, version, at)
         for said, version, at in found],
    )  # fmt: skip


async def keep_levels(tx: Transaction, found: Sequence[LevelsSaid]) -> None:
    """Keeps levels, each unless a newer one is there; in the order given."""
    await tx.execute_many(
        """
        insert into zone_levels as kept
            (area, zone_id, place_id, level, as_of_time, version, said_time)
        values (%s, %s, %s, %s, %s, %s, %s)
        on conflict (area, zone_id) do update set
            place_id = excluded.place_id, level = excluded.level,
            as_of_time = excluded.as_of_time, version = excluded.version,
            said_time = excluded.said_time
        where excluded.version > kept.version
        """,
        [(tx.area, said.zone_id, said.place_id, said.level, said.as_of_time, version, at)
         for said, version, at in found],
    )  # fmt: skip


async def hours_between(tx: Transaction, start: datetime, end: datetime) -> list[Row]:
    """Returns counted hours that begin in [start, end), oldest first."""
    return await tx.fetch_all(
        "select zone_id, place_id, start_time, estimate, low, high, released_estimate, kind, method"
        " from zone_hours where area = %s and start_time >= %s and start_time < %s"
        " order by start_time, zone_id",
        (tx.area, start, end),
    )


async def first_hour(tx: Transaction, kind: str) -> datetime | None:
    """Returns when the first hour of a kind begins."""
    row = await tx.fetch_one(
        "select min(start_time) as first from zone_hours where area = %s and kind = %s",
        (tx.area, kind),
    )
    return row["first"] if row else None


async def places(tx: Transaction) -> dict[str, str]:
    """Returns the place of each zone, as last said."""
    rows = await tx.fetch_all(
        "select distinct on (zone_id) zone_id, place_id from zone_hours where area = %s"
        " order by zone_id, start_time desc",
        (tx.area,),
    )
    return {row["zone_id"]: row["place_id"] for row in rows}


async def levels(tx: Transaction) -> list[Row]:
    """Returns the level of every zone, by zone."""
    return await tx.fetch_all(
        "select zone_id, place_id, level, as_of_time from zone_levels where area = %s"
        " order by zone_id",
        (tx.area,),
    )
