"""The opt-out list: sealed entries."""

from datetime import datetime

from kit.db import Transaction
from services.visitor_sense.domain.optout import Entry


async def put_entry(tx: Transaction, entry_id: str, sealed: bytes, at: datetime) -> None:
    """Adds an entry; one that is there stays, with its first time and under the newest secret."""
    await tx.execute(
        "insert into opt_outs (area, entry_id, sealed, add_time) values (%s, %s, %s, %s)"
        " on conflict (area, entry_id) do update set sealed = excluded.sealed",
        (tx.area, entry_id, sealed, at),
    )


async def remove_entry(tx: Transaction, entry_id: str) -> bool:
    """Removes an entry; returns False when there was none."""
    return bool(
        await tx.execute(
            "delete from opt_outs where area = %s and entry_id = %s", (tx.area, entry_id)
        )
    )


async def list_entries(tx: Transaction) -> list[Entry]:
    """Returns the entries, oldest first."""
    rows = await tx.fetch_all(
        "select entry_id, sealed, add_time from opt_outs where area = %s"
        " order by add_time, entry_id",
        (tx.area,),
    )
    return [Entry(row["entry_id"], bytes(row["sealed"]), row["add_time"]) for row in rows]
