"""Steps whose outcome somebody still has to find out, across all areas.

To read what is due is to claim it: each row gets its next time, later every time, so that another
process, or this one after a crash, tries again, and one row that fails never stands in the way of
others. Rows of a gateway that is not set up wait for its return without being claimed.
"""

from collections.abc import Sequence
from datetime import datetime

from kit.db import Row, Transaction

# A count may have grown for years: it is bounded before it becomes an exponent or is added to.
_COUNTED = "least({0}, 1000000) + 1"
_PAUSE = "%(now)s + power(2, least({0}, {1})) * interval '1 second'"


def _ask_again(most: str) -> str:
    """Returns what a row is set to when it is claimed: asked again after 2 ** count seconds, the
    exponent at most `most`, an SQL expression."""
    return (
        f"ask_time = {_PAUSE.format('asked_count', most)},"
        f" asked_count = {_COUNTED.format('asked_count')}"
    )


_ASK_AGAIN = _ask_again("3")
# A customer stands at the terminal: never more than two seconds until the clerk learns the end.
_ASK_SOON = _ask_again("case when state = 'created' and provider_ref <> '' then 1 else 3 end")
# Nobody sets a time further ahead than this: one that lies there was set by a clock that was wrong
# and has been put right since. Waiting for it could take as long as that clock was wrong.
_AHEAD = "interval '5 minutes'"
_IS_DUE = "({0} <= %(now)s or {0} > %(now)s + " + _AHEAD + ")"
_RELEASE_AGAIN = (
    f"release_time = {_PAUSE.format('release_count', 8)},"
    f" release_count = {_COUNTED.format('release_count')}"
)


async def due_payments(
    tx: Transaction, gateways: Sequence[str], now: datetime, limit: int
) -> list[Row]:
    """Claims payments to ask about, after 1, 2, 4, then every 8 s, or every 2 s while a customer
    finishes one: returns area and payment_id."""
    return await tx.fetch_all(
        f"update payments set {_ASK_SOON}"  # noqa: S608 - the constants above
        " where (area, payment_id) in (select area, payment_id from payments"
        f"   where pending_step is not null and {_IS_DUE.format('ask_time')}"
        "   and gateway = any(%(gateways)s)"
        "   order by ask_time limit %(limit)s for update skip locked)"
        " returning area, payment_id::text as payment_id",
        {"now": now, "limit": limit, "gateways": list(gateways)},
    )


async def due_refunds(
    tx: Transaction, gateways: Sequence[str], now: datetime, limit: int
) -> list[Row]:
    """Claims refunds to ask about in the same way: returns area and refund_id."""
    return await tx.fetch_all(
        f"update refunds set {_ASK_AGAIN}"  # noqa: S608 - the constants above
        " where (area, refund_id) in (select r.area, r.refund_id from refunds r"
        "   join payments p on p.area = r.area and p.payment_id = r.payment_id"
        f"   where r.state in ('created', 'unknown') and {_IS_DUE.format('r.ask_time')}"
        "   and p.gateway = any(%(gateways)s)"
        "   order by r.ask_time limit %(limit)s for update of r skip locked)"
        " returning area, refund_id::text as refund_id",
        {"now": now, "limit": limit, "gateways": list(gateways)},
    )


async def lapsed_authorizations(
    tx: Transaction, gateways: Sequence[str], now: datetime, limit: int
) -> list[Row]:
    """Claims authorizations that ran out, to release them, after 1, 2, 4 … and then every 256 s
    for as long as it fails: returns area and payment_id."""
    due = "coalesce(release_time, authorized_until)"
    return await tx.fetch_all(
        f"update payments set {_RELEASE_AGAIN}"  # noqa: S608 - the constants above
        " where (area, payment_id) in (select area, payment_id from payments"
        f"   where authorized_until <= %(now)s and {_IS_DUE.format(due)}"
        "   and pending_step is null and gateway = any(%(gateways)s)"
        f"   order by {due} limit %(limit)s for update skip locked)"
        " returning area, payment_id::text as payment_id",
        {"now": now, "limit": limit, "gateways": list(gateways)},
    )
