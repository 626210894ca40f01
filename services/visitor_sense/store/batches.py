"""Which batches were counted, so that each counts once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from kit.db import Transaction

_NAMESPACE = uuid5(NAMESPACE_OID, "meguri observation batches")


async def claim_batches(tx: Transaction, names: Sequence[str], at: datetime) -> set[str]:
    """Notes batches as counted; returns those that were not before."""
    by_id = {str(uuid5(_NAMESPACE, f"{tx.area}:{name}")): name for name in names}
    rows = await tx.fetch_all(
        "insert into counted_batches (area, batch_id, count_time)"
        " select %s, unnest(%s::uuid[]), %s"
        " on conflict do nothing returning batch_id::text as batch_id",
        (tx.area, sorted(by_id), at),
    )
    return {by_id[row["batch_id"]] for row in rows}


async def forget_batches(tx: Transaction, before: datetime, most: int) -> int:
    """Forgets batches counted before a moment; returns how many. The transaction sees all areas."""
    return await tx.execute(
        "delete from counted_batches where (area, batch_id) in"
        " (select area, batch_id from counted_batches where count_time < %s"
        " order by count_time limit %s)",
        (before, most),
    )
