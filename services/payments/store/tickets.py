"""Tickets, printed batches and admissions.

Locks: a ticket's payment first (store/payments.lock), then the ticket. Whoever admits, refunds or
withdraws does so in this order, so of two only one finds the ticket as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from kit.db import Row, Transaction
from services.payments.domain.errors import TicketEntered
from services.payments.domain.ticket import Admission, Ticket

_COLUMNS = (
    "ticket_id", "code", "kind", "payment_id", "site_place_id", "gate_place_id", "lines",
    "persons", "amount_yen", "first_day", "last_day", "practice", "voucher", "batch_id",
    "batch_number", "withdrawn", "create_time", "split_sale_id",
)  # fmt: skip
_ALL = ("area", *_COLUMNS)
_GIVEN = "jsonb_populate_recordset(null::tickets, %s::jsonb)"
# Column names are the constants above; values travel as one JSON parameter.
_INSERT = (
    f"insert into tickets ({', '.join(_ALL)}, withdraw_reason)"  # noqa: S608 - constants above
    f" select {', '.join(_ALL)}, '' from {_GIVEN}"
)
_SELECT = "select * from tickets where area = %s"
_PAID_BY = (
    "payment_id = %s or split_sale_id ="
    " (select split_sale_id from payments where area = %s and payment_id = %s)"
)
# Of the tickets t with their payments p: those whose money nobody has back yet.
_KEPT_WHOLE = (
    "(p.state = 'captured' or (p.payment_id is null and not t.withdrawn))"
    " and coalesce(p.refunded_yen, 0) = 0"
)
_PARTS = (
    "from payments q where q.area = t.area and q.split_sale_id = t.split_sale_id"
    " and q.state = 'captured'"
)
_KEPT_IN_PARTS = (
    "exists (select 1 from split_sales s where s.area = t.area"  # noqa: S608 - constants
    " and s.split_sale_id = t.split_sale_id and case when s.give_back_time is null"
    f" then (select sum(q.captured_yen) {_PARTS} and q.refunded_yen = 0) = s.total_yen"
    f" else exists (select 1 {_PARTS} and q.captured_yen > q.refunded_yen) end)"
)
_ADMISSION = (
    "scan_id", "ticket_id", "gate_place_id", "admitted_by", "scan_time", "receive_time",
    "persons", "origin", "offline", "first", "problem",
)  # fmt: skip


@dataclass(frozen=True)
class Unused:
    """How many tickets let nobody in yet, and how many people they would let in."""

    tickets: int
    persons: int


def _ticket(row: Row) -> Ticket:
    values: Row = {name: row[name] for name in _ALL}
    for name in ("ticket_id", "payment_id", "batch_id", "split_sale_id"):
        values[name] = str(row[name]) if row[name] is not None else None
    return msgspec.convert(values, Ticket, from_attributes=True)


def _admission(row: Row) -> Admission:
    values: Row = {name: row[name] for name in _ADMISSION}
    values["scan_id"], values["ticket_id"] = str(row["scan_id"]), str(row["ticket_id"])
    return Admission(**values)


async def insert(tx: Transaction, tickets: Sequence[Ticket]) -> None:
    """Stores new tickets."""
    if tickets:
        rows = [{name: getattr(each, name) for name in _ALL} for each in tickets]
        await tx.execute(_INSERT, (msgspec.json.encode(rows).decode(),))


async def link(tx: Transaction, links: Sequence[tuple[str, str, bool]]) -> None:
    """Ties printed tickets to the payments that enter them: ticket, payment, practice.

    Errors: TicketEntered when one was entered or withdrawn before.
    """
    for ticket_id, payment_id, practice in links:
        changed = await tx.execute(
            "update tickets set payment_id = %s, practice = %s where area = %s and ticket_id = %s"
            " and payment_id is null and not withdrawn and kind = 'printed'",
            (payment_id, practice, tx.area, ticket_id),
        )
        if changed != 1:
            raise TicketEntered("This ticket was entered before, or withdrawn.")


async def find(tx: Transaction, ticket_id: str) -> Ticket | None:
    """Returns a ticket or None."""
    row = await tx.fetch_one(f"{_SELECT} and ticket_id = %s", (tx.area, ticket_id))
    return _ticket(row) if row else None


async def find_by_code(tx: Transaction, code: str) -> Ticket | None:
    """Returns the ticket with a typed code or None."""
    row = await tx.fetch_one(f"{_SELECT} and code = %s", (tx.area, code))
    return _ticket(row) if row else None


async def find_by_payment(tx: Transaction, payment_id: str) -> Ticket | None:
    """Returns the ticket of a payment, or of the sale it is a part of, or None."""
    row = await tx.fetch_one(
        f"{_SELECT} and ({_PAID_BY})", (tx.area, payment_id, tx.area, payment_id)
    )
    return _ticket(row) if row else None


async def lock(tx: Transaction, ticket_id: str) -> Ticket | None:
    """Returns a ticket or None, its row locked; its payment's row is locked before."""
    row = await tx.fetch_one(f"{_SELECT} and ticket_id = %s for update", (tx.area, ticket_id))
    return _ticket(row) if row else None


async def withdraw(tx: Transaction, ticket_id: str, reason: str) -> None:
    """Has a ticket hold no longer."""
    await tx.execute(
        "update tickets set withdrawn = true, withdraw_reason = %s"
        " where area = %s and ticket_id = %s",
        (reason, tx.area, ticket_id),
    )


async def add_batch(tx: Transaction, batch: "Batch") -> None:
    """Stores a printed batch."""
    await tx.execute(
        "insert into ticket_batches (area, batch_id, gate_place_id, class_id, first_day, last_day,"
        " ticket_count, printed_by, create_time) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.area, batch.batch_id, batch.gate_place_id, batch.class_id, batch.first_day,
         batch.last_day, batch.ticket_count, batch.printed_by, batch.create_time),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Tickets printed together. *_count: how many of them were entered, used or withdrawn."""

    batch_id: str
    gate_place_id: str
    class_id: str
    first_day: date
    last_day: date
    ticket_count: int
    printed_by: str
    create_time: datetime
    entered_count: int = 0
    used_count: int = 0
    withdrawn_count: int = 0


async def batches(tx: Transaction, gate_place_id: str, batch_id: str | None = None) -> list[Batch]:
    """Returns the newest batches of a gate ("" for all), or the one asked for."""
    rows = await tx.fetch_all(
        "select b.*, count(t.payment_id) as entered_count, count(a.scan_id) as used_count,"
        " count(*) filter (where t.withdrawn) as withdrawn_count"
        " from ticket_batches b join tickets t on t.area = b.area and t.batch_id = b.batch_id"
        " left join admissions a on a.area = t.area and a.ticket_id = t.ticket_id and a.first"
        " where b.area = %(area)s and %(gate)s in ('', b.gate_place_id)"
        " and (%(id)s::uuid is null or b.batch_id = %(id)s::uuid)"
        " group by b.area, b.batch_id order by b.batch_id desc limit 50",
        {"area": tx.area, "gate": gate_place_id, "id": batch_id},
    )
    names = tuple(Batch.__dataclass_fields__)
    return [
        Batch(**{**{name: row[name] for name in names}, "batch_id": str(row["batch_id"])})
        for row in rows
    ]


async def of_batch(tx: Transaction, batch_id: str) -> list[Ticket]:
    """Returns the tickets of a batch in the order of their numbers."""
    rows = await tx.fetch_all(
        f"{_SELECT} and batch_id = %s order by batch_number", (tx.area, batch_id)
    )
    return [_ticket(row) for row in rows]


async def unused(
    tx: Transaction, gate_place_id: str, day: date, after: str, limit: int
) -> list[Ticket]:
    """Returns sold tickets of a gate that hold on a day and let nobody in, by id.

    A withdrawn one stays in the list until its money is back. after: id, "" for the first.
    """
    rows = await tx.fetch_all(
        "select t.* from tickets t"  # noqa: S608 - the constants above
        " left join payments p on p.area = t.area and p.payment_id = t.payment_id"
        " where t.area = %(area)s and t.gate_place_id = %(gate)s"
        " and %(day)s between t.first_day and t.last_day"
        " and (t.kind = 'sold' or t.payment_id is not null)"
        f" and case when t.split_sale_id is null then {_KEPT_WHOLE} else {_KEPT_IN_PARTS} end"
        " and not exists (select 1 from admissions a"
        "   where a.area = t.area and a.ticket_id = t.ticket_id and a.first)"
        " and (%(after)s = '' or t.ticket_id > %(after)s::uuid)"
        " order by t.ticket_id limit %(limit)s",
        {"area": tx.area, "gate": gate_place_id, "day": day, "after": after or "",
         "limit": limit},
    )  # fmt: skip
    return [_ticket(row) for row in rows]


async def count_unused(tx: Transaction, gate_place_ids: Sequence[str], day: date) -> Unused:
    """Counts what `unused` lists, of several gates; of real money only, and none withdrawn."""
    row = await tx.fetch_one(
        "select count(*) as tickets, coalesce(sum(t.persons), 0) as persons"  # noqa: S608 - constants
        " from tickets t"
        " left join payments p on p.area = t.area and p.payment_id = t.payment_id"
        " where t.area = %(area)s and t.gate_place_id = any(%(gates)s)"
        " and %(day)s between t.first_day and t.last_day and not t.withdrawn and not t.practice"
        " and (t.kind = 'sold' or t.payment_id is not null)"
        f" and case when t.split_sale_id is null then {_KEPT_WHOLE} else {_KEPT_IN_PARTS} end"
        " and not exists (select 1 from admissions a"
        "   where a.area = t.area and a.ticket_id = t.ticket_id and a.first)",
        {"area": tx.area, "gates": list(gate_place_ids), "day": day},
    )
    return Unused(row["tickets"], int(row["persons"])) if row else Unused(0, 0)


async def first_admission(tx: Transaction, ticket_id: str) -> Admission | None:
    """Returns the scan that let a ticket's party in, or None."""
    row = await tx.fetch_one(
        "select * from admissions where area = %s and ticket_id = %s and first",
        (tx.area, ticket_id),
    )
    return _admission(row) if row else None


async def is_admitted(tx: Transaction, payment_id: str) -> bool:
    """Tells whether the party of a payment's ticket, or of its sale's, went in."""
    found = await find_by_payment(tx, payment_id)
    return found is not None and await first_admission(tx, found.ticket_id) is not None


async def find_admission(tx: Transaction, scan_id: str) -> Admission | None:
    """Returns an admission by its scan, its row locked, or None."""
    row = await tx.fetch_one(
        "select * from admissions where area = %s and scan_id = %s for update", (tx.area, scan_id)
    )
    return _admission(row) if row else None


async def admit(tx: Transaction, admission: Admission, tell_time: datetime | None) -> None:
    """Stores an admission. tell_time: when it is said at the latest; None for one never said."""
    values = [getattr(admission, name) for name in _ADMISSION]
    await tx.execute(
        f"insert into admissions (area, {', '.join(_ADMISSION)}, tell_time)"  # noqa: S608 - constants above
        f" values (%s, {', '.join(['%s'] * len(_ADMISSION))}, %s)",
        (tx.area, *values, tell_time),
    )


async def set_origin(tx: Transaction, scan_id: str, origin: str) -> bool:
    """Keeps where a party comes from, unless the admission was said already."""
    changed = await tx.execute(
        "update admissions set origin = %s"
        " where area = %s and scan_id = %s and tell_time is not null",
        (origin, tx.area, scan_id),
    )
    return changed == 1


async def areas_to_tell(tx: Transaction, now: datetime) -> list[str]:
    """Returns the areas with admissions whose origin is settled; of a transaction of all areas."""
    rows = await tx.fetch_all(
        "select distinct area from admissions where tell_time <= %s limit 100", (now,)
    )
    return [row["area"] for row in rows]


async def due_to_tell(tx: Transaction, now: datetime, limit: int) -> list[tuple[Ticket, Admission]]:
    """Returns first admissions whose origin is settled, locked, with their tickets."""
    rows = await tx.fetch_all(
        "select * from admissions where area = %s and tell_time <= %s"
        " order by tell_time limit %s for update skip locked",
        (tx.area, now, limit),
    )
    tickets = await tx.fetch_all(
        f"{_SELECT} and ticket_id = any(%s)", (tx.area, [row["ticket_id"] for row in rows])
    )
    known = {row["ticket_id"]: _ticket(row) for row in tickets}
    return [(known[row["ticket_id"]], _admission(row)) for row in rows]


async def told(tx: Transaction, scan_ids: Sequence[str]) -> None:
    """Notes that admissions were said."""
    await tx.execute(
        "update admissions set tell_time = null where area = %s and scan_id = any(%s::uuid[])",
        (tx.area, list(scan_ids)),
    )


async def problems(tx: Transaction, limit: int) -> list[tuple[Admission, Admission | None]]:
    """Returns admissions staff should look at, newest first, each with the ticket's first one."""
    rows = await tx.fetch_all(
        "select * from admissions where area = %s and problem <> '' and settle_time is null"
        " order by receive_time desc limit %s",
        (tx.area, limit),
    )
    found = [_admission(row) for row in rows]
    return [(each, await first_admission(tx, each.ticket_id)) for each in found]


async def settle_problem(tx: Transaction, scan_id: str, now: datetime) -> bool:
    """Notes that staff looked at an admission."""
    changed = await tx.execute(
        "update admissions set settle_time = %s"
        " where area = %s and scan_id = %s and problem <> '' and settle_time is null",
        (now, tx.area, scan_id),
    )
    return changed == 1


async def counts(tx: Transaction, gate_place_id: str, since: datetime) -> dict[str, Any]:
    """Returns parties and persons let in at a gate since a moment."""
    row = await tx.fetch_one(
        "select count(*) as parties, coalesce(sum(persons), 0) as persons from admissions"
        " where area = %s and gate_place_id = %s and first and scan_time >= %s",
        (tx.area, gate_place_id, since),
    )
    return row or {"parties": 0, "persons": 0}


async def withdraw_batch(tx: Transaction, batch_id: str) -> int:
    """Withdraws what is left of a batch; returns how many."""
    return await tx.execute(
        "update tickets t set withdrawn = true, withdraw_reason = 'batch'"
        " where t.area = %s and t.batch_id = %s and t.payment_id is null and not t.withdrawn"
        " and not exists (select 1 from admissions a"
        "   where a.area = t.area and a.ticket_id = t.ticket_id and a.first)",
        (tx.area, batch_id),
    )
