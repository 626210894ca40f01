"""The journal, and the one protocol by which money is written.

Locking and commit protocol, for every change of a payment:
  1. `payments.lock` takes the payment's row first. All steps of one payment are thereby in line;
     its refunds are changed only while that lock is held.
  2. The domain decides; nothing is read after this point that was not locked in 1.
  3. `post` writes the entries, then adds to the balances, accounts in the order of their keys:
     two transactions never wait for each other in a circle.
  4. Balances come last before the outbox, because an account is the row that many payments share
     and its lock must be held for as short as possible.
  5. State, entries, balances, request id and events commit together or not at all.
An entry is unique per cause and kind: a capture, void or refund cannot be posted twice even if
every check above it failed. Entries and postings are never updated or deleted (a trigger refuses).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from kit.db import Transaction
from kit.ids import new_id
from services.payments.domain.ledger import JournalEntry


async def post(tx: Transaction, entries: Sequence[JournalEntry], now: datetime) -> None:
    """Writes balanced entries and moves the balances; steps 3 and 4 of the protocol."""
    if not entries:
        return
    numbered = [(new_id(), entry) for entry in entries]
    await tx.execute_many(
        "insert into journal_entries (area, entry_id, kind, payment_id, source_id, shop_place_id,"
        " tender, practice, amount_yen, business_date, create_time)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (e.area, entry_id, e.kind, e.payment_id, e.source_id, e.shop_place_id, e.tender,
             e.practice, e.amount_yen, e.business_date, now)
            for entry_id, e in numbered
        ],
    )  # fmt: skip
    await tx.execute_many(
        "insert into postings (area, entry_id, line, practice, account, amount_yen)"
        " values (%s, %s, %s, %s, %s, %s)",
        [
            (entry.area, entry_id, line, entry.practice, posting.account, posting.amount_yen)
            for entry_id, entry in numbered
            for line, posting in enumerate(entry.postings)
        ],
    )
    await _move_balances(tx, entries)


async def _move_balances(tx: Transaction, entries: Sequence[JournalEntry]) -> None:
    sums: defaultdict[tuple[str, bool, str], int] = defaultdict(int)
    for entry in entries:
        for posting in entry.postings:
            sums[entry.area, entry.practice, posting.account] += posting.amount_yen
    await tx.execute_many(
        "insert into accounts (area, practice, account, balance_yen) values (%s, %s, %s, %s)"
        " on conflict (area, practice, account)"
        " do update set balance_yen = accounts.balance_yen + excluded.balance_yen",
        [(*key, amount_yen) for key, amount_yen in sorted(sums.items())],
    )
