"""Refunds of payments."""

from datetime import datetime

import msgspec

from kit.db import Row, Transaction
from services.payments.domain.refund import Refund

_NAMES = (
    "area", "refund_id", "payment_id", "amount_yen", "channel", "reason", "refunded_by",
    "business_date", "create_time", "state", "decline_reason",
    "clerk_id",
)  # fmt: skip
_INSERT = (
    f"insert into refunds ({', '.join(_NAMES)}, ask_time)"  # noqa: S608 - constants above
    f" values ({', '.join(f'%({name})s' for name in _NAMES)}, %(ask_time)s)"
)


def _refund(row: Row) -> Refund:
    values: Row = {name: row[name] for name in _NAMES}
    values["refund_id"], values["payment_id"] = str(row["refund_id"]), str(row["payment_id"])
    return msgspec.convert(values, Refund)


async def insert(tx: Transaction, refund: Refund, ask_time: datetime | None) -> None:
    """Stores a new refund. ask_time: when it counts as abandoned."""
    values = {name: getattr(refund, name) for name in _NAMES}
    await tx.execute(_INSERT, {**values, "ask_time": ask_time})


async def update(tx: Transaction, refund: Refund, ask_time: datetime | None) -> None:
    """Stores what became of a refund, whose payment this transaction has locked."""
    touched = await tx.execute(
        "update refunds set state = %s, decline_reason = %s, ask_time = %s, asked_count = 0"
        " where area = %s and refund_id = %s",
        (refund.state, refund.decline_reason, ask_time, refund.area, refund.refund_id),
    )
    if touched != 1:
        raise AssertionError(f"{refund.refund_id} is not there to update")


async def find(tx: Transaction, refund_id: str) -> Refund | None:
    """Returns a refund or None. To change it, lock its payment first."""
    row = await tx.fetch_one(
        "select * from refunds where area = %s and refund_id = %s", (tx.area, refund_id)
    )
    return _refund(row) if row else None


async def of_payments(tx: Transaction, payment_ids: list[str]) -> dict[str, list[Refund]]:
    """Returns the refunds of each payment, oldest first."""
    rows = await tx.fetch_all(
        "select * from refunds where area = %s and payment_id = any(%s::uuid[]) order by refund_id",
        (tx.area, payment_ids),
    )
    found: dict[str, list[Refund]] = {}
    for row in rows:
        found.setdefault(str(row["payment_id"]), []).append(_refund(row))
    return found
