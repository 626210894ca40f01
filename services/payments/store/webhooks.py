"""Webhooks that were heard: each acts once, whatever its provider repeats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import Row, Transaction


@dataclass(frozen=True)
class Heard:
    """A webhook that acted. event_id: the provider's, the same for every repeat."""

    area: str
    provider: str
    event_id: str
    step_key: str


async def keep(tx: Transaction, heard: Sequence[Heard], now: datetime) -> None:
    """Notes webhooks in the transaction of their effect."""
    for each in heard:
        await tx.execute(
            "insert into webhooks (area, provider, event_id, step_key, receive_time)"
            " values (%s, %s, %s, %s, %s) on conflict do nothing",
            (each.area, each.provider, each.event_id, each.step_key, now),
        )


async def is_known(tx: Transaction, provider: str, event_id: str) -> bool:
    """Tells whether a webhook acted before."""
    row = await tx.fetch_one(
        "select 1 as there from webhooks where area = %s and provider = %s and event_id = %s",
        (tx.area, provider, event_id),
    )
    return row is not None


# Through the few areas there are, and so along the primary keys: they all begin with the area.
_KNOWN = "with known as (select area from areas union select area from shops)"


async def find_step(tx: Transaction, gateway: str, key: str) -> Row | None:
    """Returns area, payment_id and refund_id (or None) of a take or a refund, in whatever area;
    None for no step of this gateway."""
    return await tx.fetch_one(
        f"{_KNOWN} select p.area, p.payment_id::text as payment_id, null as refund_id"  # noqa: S608 - the constant above
        " from known k join payments p on p.area = k.area and p.payment_id = %(key)s"
        " where p.gateway = %(gateway)s"
        " union all"
        " select p.area, p.payment_id::text, r.refund_id::text"
        " from known k join refunds r on r.area = k.area and r.refund_id = %(key)s"
        " join payments p on p.area = r.area and p.payment_id = r.payment_id"
        " where p.gateway = %(gateway)s limit 1",
        {"gateway": gateway, "key": key},
    )
