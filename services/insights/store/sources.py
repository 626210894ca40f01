"""Freshness per service, and the day totals that owners said themselves."""

from collections.abc import Mapping
from datetime import date, datetime

from kit.db import Row, Transaction


async def heard(
    tx: Transaction, service: str, occur_time: datetime, heard_time: datetime, count: int
) -> None:
    """Notes that events of a service were taken in; occur_time is that of the newest."""
    await tx.execute(
        """
        insert into sources as kept (area, service, last_occur_time, last_heard_time, event_count)
        values (%s, %s, %s, %s, %s)
        on conflict (area, service) do update set
            last_occur_time = greatest(kept.last_occur_time, excluded.last_occur_time),
            last_heard_time = greatest(kept.last_heard_time, excluded.last_heard_time),
            event_count = kept.event_count + excluded.event_count
        """,
        (tx.area, service, occur_time, heard_time, count),
    )


async def read(tx: Transaction) -> list[Row]:
    """Returns one row per service heard, by name."""
    return await tx.fetch_all(
        "select service, last_occur_time, last_heard_time, event_count from sources"
        " where area = %s order by service",
        (tx.area,),
    )


async def keep_totals(
    tx: Transaction,
    service: str,
    business_date: date,
    said: Mapping[str, int],
    version: int,
    at: datetime,
) -> None:
    """Keeps what an owner said of a day unless it said something newer. said: measure -> total."""
    await tx.execute_many(
        """
        insert into owner_totals as kept
            (area, service, business_date, measure, said, version, said_time)
        values (%s, %s, %s, %s, %s, %s, %s)
        on conflict (area, service, business_date, measure) do update set
            said = excluded.said, version = excluded.version, said_time = excluded.said_time
        where excluded.version > kept.version
        """,
        [
            (tx.area, service, business_date, measure, total, version, at)
            for measure, total in sorted(said.items())
        ],
    )


async def totals(tx: Transaction, first: date, last: date) -> list[Row]:
    """Returns what owners said of each date from first to last."""
    return await tx.fetch_all(
        "select service, business_date, measure, said from owner_totals"
        " where area = %s and business_date between %s and %s"
        " order by business_date, service, measure",
        (tx.area, first, last),
    )
