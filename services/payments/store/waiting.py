"""Steps whose outcome somebody still has to find out, across all areas."""

from datetime import datetime

from kit.db import Row, Transaction

# The count may have grown for years: it is bounded before it becomes an exponent or is added to.
_ASK_AGAIN = (
    "ask_time = %(now)s + power(2, least(asked_count, 3)) * interval '1 second',"
    " asked_count = least(asked_count, 1000000) + 1"
)


async def due_payments(tx: Transaction, now: datetime, limit: int) -> list[Row]:
    """Claims payments to ask about: returns area and payment_id, and sets the next time to ask.

    A claim is a lease of 1, 2, 4, then 8 seconds: another process, or this one after a crash,
    asks again.
    """
    return await tx.fetch_all(
        f"update payments set {_ASK_AGAIN}"  # noqa: S608 - the constant above
        " where (area, payment_id) in (select area, payment_id from payments"
        "   where pending_step is not null and ask_time <= %(now)s"
        "   order by ask_time limit %(limit)s for update skip locked)"
        " returning area, payment_id::text as payment_id",
        {"now": now, "limit": limit},
    )


async def due_refunds(tx: Transaction, now: datetime, limit: int) -> list[Row]:
    """Claims refunds to ask about in the same way: returns area and refund_id."""
    return await tx.fetch_all(
        f"update refunds set {_ASK_AGAIN}"  # noqa: S608 - the constant above
        " where (area, refund_id) in (select area, refund_id from refunds"
        "   where state in ('created', 'unknown') and ask_time <= %(now)s"
        "   order by ask_time limit %(limit)s for update skip locked)"
        " returning area, refund_id::text as refund_id",
        {"now": now, "limit": limit},
    )


async def lapsed_authorizations(tx: Transaction, now: datetime, limit: int) -> list[Row]:
    """Returns area and payment_id of authorizations that ran out and wait for their release."""
    return await tx.fetch_all(
        "select area, payment_id::text as payment_id from payments"
        " where authorized_until <= %s and pending_step is null limit %s",
        (now, limit),
    )
