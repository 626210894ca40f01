"""Payments: one row each, locked by whoever changes it."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from kit.db import Row, Transaction
from services.payments.domain.payment import Payment, Pending, State
from services.payments.domain.provider import Step

_COLUMNS = (
    "payment_id", "shop_place_id", "owner", "tender", "gateway", "custody", "practice", "channel",
    "taken_by", "amount_yen", "capture_at_once", "items", "business_date", "create_time",
    "update_time", "state", "authorized_yen", "captured_yen", "captured_date", "refunded_yen",
    "reserved_yen", "decline_reason", "unconfirmed", "authorized_until", "terminal",
    "provider_ref", "tap_time", "clerk_id", "split_sale_id", "version",
)  # fmt: skip
_PENDING = ("step", "key", "amount_yen", "came_from", "date")
_ALL = ("area", *_COLUMNS, *(f"pending_{name}" for name in _PENDING), "ask_time")
_CHANGING = ("update_time", "state", "authorized_yen", "captured_yen", "captured_date",
             "refunded_yen", "reserved_yen", "decline_reason", "authorized_until",
             "provider_ref", "version",
             *(f"pending_{name}" for name in _PENDING), "ask_time")  # fmt: skip
# Column names are the constants above; values always travel as one JSON parameter, so that a
# group commit costs as many round trips as a single payment. It is read once: as jsonb, of which a
# tree is built and sorted first, a row took twice as long.
_GIVEN = "json_populate_recordset(null::payments, %s::json)"
_INSERT = f"insert into payments ({', '.join(_ALL)}) select {', '.join(_ALL)} from {_GIVEN}"  # noqa: S608 - constants above
_UPDATE = (
    f"update payments set {', '.join(f'{name} = given.{name}' for name in _CHANGING)},"  # noqa: S608 - constants above
    f" asked_count = 0 from {_GIVEN} given"
    " where payments.area = given.area and payments.payment_id = given.payment_id"
)
_SELECT = "select * from payments where area = %s"


class Change(msgspec.Struct, frozen=True):
    """A payment to store. ask_time: when its step under way counts as abandoned."""

    payment: Payment
    ask_time: datetime | None = None


def _row(payment: Payment, ask_time: datetime | None) -> Row | Payment:
    """Returns the columns of a payment. One without a step under way is spelled as it is: its
    fields are the columns."""
    pending = payment.pending
    if pending is None:
        return payment
    return {
        **msgspec.structs.asdict(payment),
        "pending_step": pending.step,
        "pending_key": pending.key,
        "pending_amount_yen": pending.amount_yen,
        "pending_came_from": pending.came_from,
        "pending_date": pending.business_date,
        "ask_time": ask_time,
    }


def _rows(changes: Sequence[Change]) -> str:
    rows = [_row(change.payment, change.ask_time) for change in changes]
    return msgspec.json.encode(rows).decode()


def _payment(row: Row) -> Payment:
    values: Row = {name: row[name] for name in ("area", *_COLUMNS)}
    values["payment_id"] = str(row["payment_id"])
    if row["split_sale_id"] is not None:
        values["split_sale_id"] = str(row["split_sale_id"])
    if row["pending_step"] is not None:
        values["pending"] = Pending(
            step=Step(row["pending_step"]),
            key=str(row["pending_key"]),
            amount_yen=row["pending_amount_yen"],
            came_from=State(row["pending_came_from"]),
            business_date=row["pending_date"],
        )
    return msgspec.convert(values, Payment, from_attributes=True)


async def insert(tx: Transaction, changes: Sequence[Change]) -> None:
    """Stores new payments."""
    if changes:
        await tx.send(_INSERT, (_rows(changes),))


async def update(tx: Transaction, changes: Sequence[Change]) -> None:
    """Stores changed payments, each once, whose rows this transaction has locked."""
    if changes and await tx.execute(_UPDATE, (_rows(changes),)) != len(changes):
        raise AssertionError("a payment is not there to update")


async def find(tx: Transaction, payment_id: str) -> Payment | None:
    """Returns a payment or None."""
    row = await tx.fetch_one(f"{_SELECT} and payment_id = %s", (tx.area, payment_id))
    return _payment(row) if row else None


async def lock(tx: Transaction, payment_id: str) -> Payment | None:
    """Returns a payment or None, its row locked until the end of the transaction."""
    row = await tx.fetch_one(f"{_SELECT} and payment_id = %s for update", (tx.area, payment_id))
    return _payment(row) if row else None


async def lock_all(tx: Transaction, payment_ids: Sequence[str]) -> dict[str, Payment]:
    """Returns those of the payments that exist, locked in the order of their ids."""
    if not payment_ids:
        return {}
    rows = await tx.fetch_all(
        f"{_SELECT} and payment_id = any(%s::uuid[]) order by payment_id for update",
        (tx.area, sorted(set(payment_ids))),
    )
    return {str(row["payment_id"]): _payment(row) for row in rows}


async def of_split_sales(tx: Transaction, split_sale_ids: Sequence[str]) -> list[Payment]:
    """Returns the parts of split sales, oldest first."""
    rows = await tx.fetch_all(
        f"{_SELECT} and split_sale_id = any(%s::uuid[]) order by payment_id",
        (tx.area, list(split_sale_ids)),
    )
    return [_payment(row) for row in rows]


async def page(
    tx: Transaction, *, shop_place_ids: list[str], day: date | None, before: str, limit: int
) -> list[Payment]:
    """Returns payments, newest first. shop_place_ids: empty for all. before: id, "" for newest."""
    rows = await tx.fetch_all(
        f"{_SELECT} and (%s or shop_place_id = any(%s))"
        " and (%s::date is null or business_date = %s::date)"
        " and (%s = '' or payment_id < nullif(%s, '')::uuid)"
        " order by payment_id desc limit %s",
        (tx.area, not shop_place_ids, shop_place_ids, day, day, before, before, limit),
    )
    return [_payment(row) for row in rows]


async def unresolved_count(tx: Transaction, day: date, shop_place_ids: list[str]) -> int:
    """Returns how many payments of a date wait for their provider."""
    row = await tx.fetch_one(
        "select count(*) as n from payments where area = %s and business_date = %s"
        " and (%s or shop_place_id = any(%s)) and pending_step is not null",
        (tx.area, day, not shop_place_ids, shop_place_ids),
    )
    return int(row["n"]) if row else 0
