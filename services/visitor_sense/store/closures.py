"""Closures of places: a closed place is still measured, but its level must not invite anybody."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import Transaction


async def put_closure(
    tx: Transaction,
    closure_id: str,
    place_ids: Sequence[str],
    begin: datetime,
    end: datetime | None,
) -> None:
    """Keeps a closure and the places it affects."""
    await tx.execute(
        "insert into closures (area, closure_id, place_ids, begin_time, end_time)"
        " values (%s, %s, %s, %s, %s) on conflict (area, closure_id) do update set"
        " place_ids = excluded.place_ids, begin_time = excluded.begin_time,"
        " end_time = excluded.end_time",
        (tx.area, closure_id, list(place_ids), begin, end),
    )


async def drop_closure(tx: Transaction, closure_id: str) -> None:
    """Forgets a closure that was ended."""
    await tx.execute(
        "delete from closures where area = %s and closure_id = %s", (tx.area, closure_id)
    )


async def closed_places(tx: Transaction, at: datetime) -> set[str]:
    """Returns the places that are closed at a moment."""
    rows = await tx.fetch_all(
        "select distinct unnest(place_ids) as place_id from closures"
        " where begin_time <= %s and (end_time is null or end_time > %s)",
        (at, at),
    )
    return {row["place_id"] for row in rows}
