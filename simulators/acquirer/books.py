"""What the acquirer remembers: every operation by its key, durable over kill -9."""

import json
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TABLE = """
create table if not exists operations (
    key text primary key,
    step text not null,
    charge_key text not null,
    amount_yen integer not null,
    body text not null,
    status text not null,
    reason text not null
);
create index if not exists operations_of_charge on operations (charge_key);
"""


class KeyReused(Exception):
    """The key came before with another body."""


@dataclass(frozen=True)
class Operation:
    """One thing asked of the acquirer. step: take, capture, void or refund.

    status: done or refused. charge_key: key of the take it belongs to (its own for a take).
    """

    key: str
    step: str
    charge_key: str
    amount_yen: int
    status: str
    reason: str = ""


@dataclass(frozen=True)
class Charge:
    """A charge as the acquirer sees it. Amounts in whole yen."""

    key: str
    authorized_yen: int
    captured_yen: int
    refunded_yen: int
    voided: bool


class Books:
    """The acquirer's truth in one SQLite file; every method is one durable transaction."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        path.touch(mode=0o600)
        path.chmod(0o600)  # of one made before; SQLite's files beside it take its mode
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.executescript(TABLE)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()

    def perform(
        self, key: str, step: str, charge_key: str, body: Mapping[str, Any], refuse: str = ""
    ) -> Operation:
        """Carries out an operation once; a repeat gets the first answer.

        refuse: reason to refuse with, whatever the request. Errors: KeyReused.
        """
        text = json.dumps([step, charge_key, body], sort_keys=True)
        with self._lock, self._transaction():
            known = self._db.execute(
                "select step, charge_key, amount_yen, status, reason, body from operations"
                " where key = ?", (key,),
            ).fetchone()  # fmt: skip
            if known is not None:
                if known[5] not in (text, ""):
                    raise KeyReused(key)
                return Operation(key, *known[:5])
            reason = refuse or self._objection(step, charge_key, int(body.get("amount_yen", 0)))
            operation = Operation(
                key, step, charge_key, int(body.get("amount_yen", 0)),
                "refused" if reason else "done", reason,
            )  # fmt: skip
            self._keep(operation, text)
            if step == "take" and not reason and body.get("capture", True):
                self._keep(
                    Operation(f"{key}/capture", "capture", key, operation.amount_yen, "done"), ""
                )
            return operation

    def look_up(self, key: str, *, fence: bool) -> Operation | None:
        """Returns an operation, or None where the key is not known.

        fence: remember an unknown key as refused, so that a request still on its way is refused.
        """
        with self._lock, self._transaction():
            row = self._db.execute(
                "select step, charge_key, amount_yen, status, reason from operations where key = ?",
                (key,),
            ).fetchone()
            if row is not None:
                return Operation(key, *row)
            if fence:
                self._keep(Operation(key, "fence", key, 0, "refused", "fenced"), "")
            return None

    def charges(self) -> list[dict[str, Any]]:
        """Returns all charges that took place, for tests and for the curious."""
        with self._lock:
            keys = self._db.execute(
                "select key from operations where step = 'take' and status = 'done' order by rowid"
            ).fetchall()
            return [asdict(self._charge(key)) for (key,) in keys]

    def _keep(self, operation: Operation, body: str) -> None:
        self._db.execute(
            "insert into operations (key, step, charge_key, amount_yen, status, reason, body)"
            " values (?, ?, ?, ?, ?, ?, ?)",
            (operation.key, operation.step, operation.charge_key, operation.amount_yen,
             operation.status, operation.reason, body),
        )  # fmt: skip

    def _charge(self, charge_key: str) -> Charge:
        rows = self._db.execute(
            "select step, coalesce(sum(amount_yen), 0) from operations"
            " where charge_key = ? and status = 'done' group by step", (charge_key,),
        )  # fmt: skip
        sums = dict(rows.fetchall())
        return Charge(
            charge_key, sums.get("take", 0), sums.get("capture", 0), sums.get("refund", 0),
            "void" in sums,
        )  # fmt: skip

    def _objection(self, step: str, charge_key: str, amount_yen: int) -> str:
        if step == "take":
            return "" if amount_yen > 0 else "invalid_amount"
        charge = self._charge(charge_key)
        if charge.authorized_yen == 0:
            return "unknown_charge"
        if charge.voided:
            return "voided"
        if step == "capture":
            fits = charge.captured_yen == 0 and 0 < amount_yen <= charge.authorized_yen
            return "" if fits else "amount_too_large"
        if step == "refund":
            left_yen = charge.captured_yen - charge.refunded_yen
            return "" if 0 < amount_yen <= left_yen else "amount_too_large"
        return "refunded" if charge.refunded_yen else ""

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db)


class _Transaction:
    """begin immediate … commit, rolled back when the block raises."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("begin immediate")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._db.execute("commit" if kind is None else "rollback")
