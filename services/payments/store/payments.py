"""Payments: one row each, locked by whoever changes it."""

from datetime import date, datetime

import msgspec

from kit.db import Row, Transaction
from services.payments.domain.payment import Payment, Pending, State
from services.payments.domain.provider import Step

_COLUMNS = (
    "payment_id", "shop_place_id", "owner", "tender", "gateway", "custody", "practice", "channel",
    "taken_by", "amount_yen", "capture_at_once", "items", "business_date", "create_time",
    "update_time", "state", "authorized_yen", "captured_yen", "captured_date", "refunded_yen",
    "reserved_yen", "decline_reason", "unconfirmed", "authorized_until", "version",
)  # fmt: skip
_PENDING = ("step", "key", "amount_yen", "came_from", "date")
_ALL = ("area", *_COLUMNS, *(f"pending_{name}" for name in _PENDING), "ask_time")
# Column names are the constants above; values always travel as parameters.
_INSERT = (
    f"insert into payments ({', '.join(_ALL)}) values"  # noqa: S608
    f" ({', '.join('%(items)s::jsonb' if name == 'items' else f'%({name})s' for name in _ALL)})"
)
_CHANGING = ("update_time", "state", "authorized_yen", "captured_yen", "captured_date",
             "refunded_yen", "reserved_yen", "decline_reason", "authorized_until", "version",
             *(f"pending_{name}" for name in _PENDING), "ask_time")  # fmt: skip
_UPDATE = (
    f"update payments set {', '.join(f'{name} = %({name})s' for name in _CHANGING)},"  # noqa: S608
    " asked_count = 0 where area = %(area)s and payment_id = %(payment_id)s"
)
_SELECT = "select * from payments where area = %s"


def _row(payment: Payment, ask_time: datetime | None) -> Row:
    pending = payment.pending
    row: Row = {name: getattr(payment, name) for name in ("area", *_COLUMNS) if name != "items"}
    row["items"] = msgspec.json.encode(payment.items).decode()
    row["pending_step"] = pending.step if pending else None
    row["pending_key"] = pending.key if pending else None
    row["pending_amount_yen"] = pending.amount_yen if pending else None
    row["pending_came_from"] = pending.came_from if pending else None
    row["pending_date"] = pending.business_date if pending else None
    row["ask_time"] = ask_time if pending else None
    return row


def _payment(row: Row) -> Payment:
    values: Row = {name: row[name] for name in ("area", *_COLUMNS)}
    values["payment_id"] = str(row["payment_id"])
    if row["pending_step"] is not None:
        values["pending"] = Pending(
            step=Step(row["pending_step"]),
            key=str(row["pending_key"]),
            amount_yen=row["pending_amount_yen"],
            came_from=State(row["pending_came_from"]),
            business_date=row["pending_date"],
        )
    return msgspec.convert(values, Payment, from_attributes=True)


async def insert(tx: Transaction, payment: Payment, ask_time: datetime | None) -> None:
    """Stores a new payment. ask_time: when its pending step counts as abandoned."""
    await tx.execute(_INSERT, _row(payment, ask_time))


async def update(tx: Transaction, payment: Payment, ask_time: datetime | None) -> None:
    """Stores a changed payment, whose row this transaction has locked."""
    if await tx.execute(_UPDATE, _row(payment, ask_time)) != 1:
        raise AssertionError(f"{payment.payment_id} is not there to update")


async def find(tx: Transaction, payment_id: str) -> Payment | None:
    """Returns a payment or None."""
    row = await tx.fetch_one(f"{_SELECT} and payment_id = %s", (tx.area, payment_id))
    return _payment(row) if row else None


async def lock(tx: Transaction, payment_id: str) -> Payment | None:
    """Returns a payment or None, its row locked until the end of the transaction."""
    row = await tx.fetch_one(f"{_SELECT} and payment_id = %s for update", (tx.area, payment_id))
    return _payment(row) if row else None


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
