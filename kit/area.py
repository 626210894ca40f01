"""Forgetting an area: the rows of outbox, inbox and requests that every service has."""

from datetime import datetime

from kit.db import Transaction

DROPPED = "area_dropped"  # the event after which nothing of an area may stay


async def forget_area(
    tx: Transaction, *, drop_id: str, drop_time: datetime, request_id: str = ""
) -> None:
    """Deletes the kit's rows of the transaction's area from before its drop, unsaid events too.

    drop_id: UUIDv7 made at the drop; event ids are UUIDv7 as well, so a smaller one is older. A
    drop that is heard late leaves an area alone that was made anew under the name meanwhile.
    request_id: of the request that drops; its own row stays, so that a repeat changes nothing.
    """
    await tx.execute(
        "delete from outbox where area = %s and event_id < %s::uuid", (tx.area, drop_id)
    )
    await tx.execute(
        "delete from inbox where area = %s and event_id < %s::uuid", (tx.area, drop_id)
    )
    await tx.execute(
        "delete from requests where area = %s and create_time <= %s and request_id <> %s",
        (tx.area, drop_time, request_id),
    )
