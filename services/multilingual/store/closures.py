"""Closures as heard from the directory."""

from datetime import datetime

from kit.db import Transaction
from services.multilingual.domain.notice import Closure


async def list_current(tx: Transaction, now: datetime) -> tuple[Closure, ...]:
    """Returns closures that are not over."""
    rows = await tx.fetch_all(
        "select closure_id::text as closure_id, place_id, reason, note, from_time, until_time,"
        " as_of_time, affected_place_ids from closures"
        " where area = %s and not ended and (until_time is null or until_time > %s)"
        " order by from_time, closure_id",
        (tx.area, now),
    )
    return tuple(
        Closure(
            row["closure_id"], row["place_id"], row["reason"], row["note"], row["from_time"],
            row["until_time"], row["as_of_time"], frozenset(row["affected_place_ids"]),
        )
        for row in rows
    )  # fmt: skip


async def write(tx: Transaction, closure: Closure, version: int) -> bool:
    """Keeps a closure. Returns False when something newer is known of it."""
    return bool(
        await tx.execute(
            "insert into closures (area, closure_id, version, place_id, reason, note, from_time,"
            " until_time, as_of_time, affected_place_ids, ended)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, false)"
            " on conflict (area, closure_id) do update set version = excluded.version,"
            " reason = excluded.reason, note = excluded.note, from_time = excluded.from_time,"
            " until_time = excluded.until_time, as_of_time = excluded.as_of_time,"
            " affected_place_ids = excluded.affected_place_ids"
            " where closures.version < excluded.version",
            (tx.area, closure.closure_id, version, closure.place_id, closure.reason, closure.note,
             closure.from_time, closure.until_time, closure.as_of_time,
             list(closure.affected_place_ids)),
        )
    )  # fmt: skip


async def end(
    tx: Transaction, closure_id: str, place_id: str, moment: datetime, version: int
) -> bool:
    """Notes the end of a closure, also of one not heard of. Returns False for a repeat."""
    return bool(
        await tx.execute(
            "insert into closures (area, closure_id, version, place_id, reason, note, from_time,"
            " until_time, as_of_time, affected_place_ids, ended)"
            " values (%s, %s, %s, %s, '', '', %s, null, %s, '{}', true)"
            " on conflict (area, closure_id) do update set version = excluded.version, ended = true"
            " where closures.version < excluded.version",
            (tx.area, closure_id, version, place_id, moment, moment),
        )
    )
