"""Closures of places: a closed place is still measured, but its level must not invite anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import Transaction
from kit.pure.closing import is_closed


@dataclass(frozen=True)
class Closure:
    """What was last said of a closure. version: counts up with each thing said of it.

    end: None while nobody knows. A closure that was ended stays known until its area is dropped,
    so that its beginning, told late, cannot close the place again.
    """

    closure_id: str
    version: int
    said_time: datetime
    place_ids: Sequence[str]
    begin: datetime
    end: datetime | None


async def put_closure(tx: Transaction, closure: Closure) -> None:
    """Keeps a closure unless something newer is known of it."""
    await tx.execute(
        "insert into closures"
        " (area, closure_id, version, said_time, place_ids, begin_time, end_time)"
        " values (%s, %s, %s, %s, %s, %s, %s) on conflict (area, closure_id) do update set"
        " version = excluded.version, said_time = excluded.said_time,"
        " place_ids = excluded.place_ids, end_time = excluded.end_time"
        " where closures.version < excluded.version",
        (tx.area, closure.closure_id, closure.version, closure.said_time,
         list(closure.place_ids), closure.begin, closure.end),
    )  # fmt: skip


async def closed_places(tx: Transaction, at: datetime) -> set[str]:
    """Returns the places that are closed at a moment."""
    rows = await tx.fetch_all(
        "select place_ids, begin_time, end_time from closures where area = %s"
        " and (end_time is null or end_time > %s)",
        (tx.area, at),
    )
    return {
        place_id for row in rows if is_closed(row["begin_time"], row["end_time"], at)
        for place_id in row["place_ids"]
    }  # fmt: skip
