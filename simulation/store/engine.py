"""One database: committed rows, sessions that see their own changes, locks, and who waits for whom.

Read committed as PostgreSQL has it for the statements of this repository: a statement that meets a
locked row waits for the other's end and then looks again. Reads of `begin … read only` see what was
committed when they began.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from kit.db import ALL_AREAS, StoreBusy

Key = tuple[Any, ...]
Row = dict[str, Any]
Rows = dict[Key, Row]
Found = list[Row] | int

LOCK_TIMEOUT_S = 5.0


class Violated(Exception):
    """A unique key, a check or a trigger of the database refused a statement."""


class _Blocked(Exception):
    """Another session holds what a statement needs."""

    def __init__(self, holder: "Session") -> None:
        self.holder = holder


class Server:
    """What outlives every process. now: the server's own clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.tables: dict[str, Rows] = {}
        self.locks: dict[tuple[str, Key], Session] = {}
        self.numbers = 0
        self.on_commit: Callable[[Session], None] | None = None

    def begin(self, area: str, *, reads_only: bool = False) -> "Session":
        """Opens a transaction."""
        return Session(self, area, reads_only=reads_only)

    def rows(self, table: str) -> list[Row]:
        """Returns what is committed, in the order of the keys; for checks."""
        return [row for _, row in sorted(self.tables.get(table, {}).items(), key=_by_key)]


def _by_key(item: tuple[Key, Row]) -> str:
    return repr(item[0])


class Session:
    """One transaction on one connection."""

    def __init__(self, server: Server, area: str, *, reads_only: bool) -> None:
        self.server, self.area = server, area
        self.began = server.now()
        self.own: dict[str, dict[Key, Row | None]] = {}
        self.held: list[tuple[str, Key]] = []
        self.is_over = False
        self._held_before = 0
        self.waits_for: Session | None = None
        self.ended: list[asyncio.Future[None]] = []
        self._undo: list[tuple[str, Key, bool, Row | None]] = []
        self._seen: dict[str, Rows] = (
            {name: dict(rows) for name, rows in server.tables.items()}
            if reads_only
            else server.tables
        )

    # What statements are written with.

    def get(self, table: str, key: Key) -> Row | None:
        """Returns a row as this session sees it."""
        own = self.own.get(table)
        if own is not None and key in own:
            return own[key]
        return self._seen.get(table, {}).get(key)

    def rows(self, table: str) -> Iterator[tuple[Key, Row]]:
        """Returns the rows of the session's area, or of all, as it sees them."""
        own = self.own.get(table, {})
        everywhere = self.area == ALL_AREAS
        for key, row in list(self._seen.get(table, {}).items()):
            if key not in own and (everywhere or row["area"] == self.area):
                yield key, row
        for key, mine in list(own.items()):
            if mine is not None and (everywhere or mine["area"] == self.area):
                yield key, mine

    def is_free(self, table: str, key: Key) -> bool:
        """Tells whether no other session holds a row: `skip locked`."""
        return self.server.locks.get((table, key), self) is self

    def lock(self, table: str, key: Key) -> None:
        """Holds a row, or a key that is about to be one. Errors: _Blocked; the engine waits."""
        holder = self.server.locks.get((table, key))
        if holder is None:
            self.server.locks[table, key] = self
            self.held.append((table, key))
        elif holder is not self:
            raise _Blocked(holder)

    def put(self, table: str, key: Key, row: Row | None) -> None:
        """Writes a row whose key is locked; None deletes it."""
        own = self.own.setdefault(table, {})
        self._undo.append((table, key, key in own, own.get(key)))
        own[key] = row

    def insert(self, table: str, key: Key, row: Row) -> bool:
        """Writes a new row; False where the key is taken. Waits for whoever is about to take it."""
        self.lock(table, key)
        if self.get(table, key) is not None:
            return False
        self.put(table, key, row)
        return True

    def next_number(self) -> int:
        """Returns the next of an identity column: given for good, whatever becomes of the row."""
        self.server.numbers += 1
        return self.server.numbers

    # What the engine does with them.

    @property
    def has_changed(self) -> bool:
        """Tells whether the last statement changed or locked anything."""
        return bool(self._undo) or len(self.held) > self._held_before

    async def run(self, statement: Callable[["Session", Any], Found], params: Any) -> Found:
        """Runs a statement, waiting for locks. Errors: StoreBusy after LOCK_TIMEOUT_S or where
        sessions wait in a circle."""
        while True:
            self._undo.clear()
            self._held_before = len(self.held)
            try:
                return statement(self, params)
            except _Blocked as blocked:
                self._take_back()
                await self._wait_for(blocked.holder)
            except Exception:
                self._take_back()
                raise

    def _take_back(self) -> None:
        for table, key, was_there, row in reversed(self._undo):
            if was_there:
                self.own[table][key] = row
            else:
                self.own[table].pop(key, None)
        self._undo.clear()

    async def _wait_for(self, holder: "Session") -> None:
        other: Session | None = holder
        while other is not None:
            if other is self:
                raise StoreBusy("a circle of waiting sessions")
            other = other.waits_for
        over = asyncio.get_running_loop().create_future()
        holder.ended.append(over)
        self.waits_for = holder
        try:
            async with asyncio.timeout(LOCK_TIMEOUT_S):
                await over
        except TimeoutError as error:
            raise StoreBusy("a lock was waited for too long") from error
        finally:
            self.waits_for = None

    def commit(self) -> None:
        """Makes all of it durable at one moment."""
        if self.is_over:
            return
        if self.server.on_commit is not None:
            self.server.on_commit(self)
        for table, rows in self.own.items():
            there = self.server.tables.setdefault(table, {})
            for key, row in rows.items():
                if row is None:
                    there.pop(key, None)
                else:
                    there[key] = row
        self.end()

    def end(self) -> None:
        """Lets go of all locks; what was not committed is gone."""
        if self.is_over:
            return
        self.is_over = True
        for held in self.held:
            if self.server.locks.get(held) is self:
                del self.server.locks[held]
        self.held.clear()
        self.own = {} if not self.own else self.own
        for over in self.ended:
            if not over.done():
                over.set_result(None)
