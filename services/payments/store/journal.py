"""The journal, and the one protocol by which money is written.

Locking and commit protocol, for every change of a payment:
  1. `payments.lock` takes the payment's row first. All steps of one payment are thereby in line;
     its refunds are changed only while that lock is held.
  2. The domain decides; nothing is read after this point that was not locked in 1.
  3. `post` writes the entries and adds to the balances, accounts in the order of their keys:
     two transactions never wait for each other in a circle.
  4. That statement comes last before the outbox, because an account is the row that many payments
     share and its lock must be held for as short as possible.
  5. One writer per area and process gathers what waits (`app/group.py`) and writes it in one
     transaction, set by set: a busy gate costs one lock of its account per group, not per sale.
     Rows of several payments are locked in the order of their ids.
  6. State, entries, balances, request id and events commit together or not at all. What
     nobody waits for is sent and travels with the commit, whose answer covers it all.
An entry is unique per cause and kind: a capture, void or refund cannot be posted twice even if
every check above it failed. It is one row that names both of its accounts, so no posting can be
without the other; `postings` is a view of it. Never updated or deleted (a trigger refuses).
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from kit.db import Row, Transaction
from kit.ids import new_id
from services.payments.domain.ledger import SALE_KINDS, JournalEntry
from services.payments.domain.payment import Payment

_ENTRY = ("area", "kind", "payment_id", "source_id", "shop_place_id", "tender", "practice",
          "amount_yen", "business_date", "create_time", "into_account", "out_of_account",
          "into_yen")  # fmt: skip


# One statement: the entry, what it adds to the balances, its place in the line for a close
# (store/closes.py) and for its seal (store/audit.py) are there together or not at all.
_INSERT = (
    "with given as (select * from jsonb_populate_recordset(null::journal_entries, %s::jsonb)),"  # noqa: S608 - constants
    f" written as (insert into journal_entries (entry_id, {', '.join(_ENTRY)})"
    f"   select entry_id, {', '.join(_ENTRY)} from given),"
    " opened as (insert into open_entries (area, shop_place_id, business_date, entry_id)"
    "   select area, shop_place_id, business_date, entry_id from given"
    "   where not practice and kind = any(%s)),"
    " lined as (insert into audit_waiting (area, kind, row_id)"
    "   select area, 'entry', entry_id from given)"
    " insert into accounts (area, practice, account, balance_yen)"
    " select area, practice, account, sum(yen)::bigint from"
    " (select area, practice, into_account as account, into_yen as yen from given"
    "   union all select area, practice, out_of_account, -into_yen from given) lines"
    " group by area, practice, account order by area, practice, account"
    " on conflict (area, practice, account)"
    " do update set balance_yen = accounts.balance_yen + excluded.balance_yen"
)


async def post(tx: Transaction, entries: Sequence[JournalEntry], now: datetime) -> None:
    """Writes balanced entries and moves the balances; steps 3 and 4 of the protocol."""
    if not entries:
        return
    rows = [_row(entry, now) for entry in entries]
    await tx.send(_INSERT, (msgspec.json.encode(rows).decode(), list(SALE_KINDS)))


def _row(entry: JournalEntry, now: datetime) -> Row:
    row = {**msgspec.structs.asdict(entry), "entry_id": new_id(), "create_time": now}
    into, out_of = row.pop("postings")
    row |= {"into_account": into.account, "into_yen": into.amount_yen,
            "out_of_account": out_of.account}  # fmt: skip
    return row


async def refunded_at_once(tx: Transaction, payment: Payment) -> int:
    """Returns the yen that refunds of the capture's own date gave back, as sale_counts has them."""
    row = await tx.fetch_one(
        "select coalesce(sum(amount_yen), 0)::bigint as gone_yen from journal_entries"
        " where area = %s and payment_id = %s and kind = 'refund' and business_date = %s",
        (tx.area, payment.payment_id, payment.captured_date),
    )
    return int(row["gone_yen"]) if row else 0


async def refunds_of(tx: Transaction, payment_id: str) -> list[tuple[str, int]]:
    """Returns id and amount of a payment's refunds in the order in which the money went back."""
    rows = await tx.fetch_all(
        "select source_id::text as refund_id, amount_yen from journal_entries"
        " where area = %s and payment_id = %s and kind = 'refund' order by create_time, entry_id",
        (tx.area, payment_id),
    )
    return [(row["refund_id"], row["amount_yen"]) for row in rows]
