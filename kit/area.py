"""Forgetting an area: the rows of outbox, inbox and requests that every service has."""

from kit.db import Transaction

DROPPED = "area_dropped"  # the event after which nothing of an area may stay


async def forget_area(tx: Transaction, *, event_id: str = "", request_id: str = "") -> None:
    """Deletes the kit's rows of the transaction's area, events not yet published included.

    event_id, request_id: the delivery or request that asks for it; its own row stays, so that a
    repeat changes nothing.
    """
    await tx.execute("delete from outbox where area = %s", (tx.area,))
    await tx.execute(
        "delete from inbox where area = %s and event_id::text <> %s", (tx.area, event_id)
    )
    await tx.execute(
        "delete from requests where area = %s and request_id <> %s", (tx.area, request_id)
    )
