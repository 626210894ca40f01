"""PostgreSQL: a pool, and transactions that see one area only."""

import asyncio
import re
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import Any

import psycopg
from psycopg.pq import PipelineStatus, TransactionStatus
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

# The scope of the relay and of installation-wide reads; row-level security lets it see every area.
ALL_AREAS = "*"
AREA = re.compile(r"[a-z][a-z0-9_]{0,30}|\*")
POOL_MIN, POOL_MAX = 2, 16
CONNECT_TIMEOUT_S = 5.0
ANSWERS_WITHIN_S = 0.5
STATEMENT_TIMEOUT_MS = 10_000
LOCK_TIMEOUT_MS = 5_000

# What was taken out of a line stays in its index until a vacuum, a minute or more. An index scan
# marks such entries the first time and passes over them from then on; a bitmap, or a sort of the
# whole table, reads all of them anew each time. The planner takes those for cheaper as long as it
# has no statistics, and of a line, which is empty when they are made, it has none that are right.
_ALONG_INDEX = "".join(
    f", set_config('enable_{way}', 'off', true)" for way in ("bitmapscan", "seqscan", "sort")
)

Row = dict[str, Any]
Params = Sequence[Any] | Mapping[str, Any]


class StoreUnavailable(Exception):
    """The database cannot be reached, is starting, or did not answer in time. Try again."""


class StoreBusy(Exception):
    """This transaction waited or worked too long, or met another one. Try it again."""


class NotStorable(Exception):
    """A value cannot be stored, such as a text with a NUL character. It will not do next time."""


# SQLSTATE classes and codes of an outage: connection, a database that only reads (a standby, or
# one that an operator saves from worse), resources, operator, system.
_OUTAGES = ("08", "25006", "53", "57P", "58")
_CHARACTERS = frozenset({None, "22021", "22P05"})  # None: refused by the driver, such as NUL
_CONFLICTS = frozenset({"40001", "40P01", "55P03", "57014"})


class Transaction:
    """One transaction, scoped to one area by row-level security.

    area: the area every statement sees, or ALL_AREAS. asked: the first row of what was asked with
    its beginning, None for nothing.
    """

    def __init__(self, connection: psycopg.AsyncConnection[DictRow], area: str) -> None:
        self._connection = connection
        self._sent = AsyncExitStack()  # statements on their way, whose answers nobody has read
        self._before_commit: dict[str, Callable[[], Awaitable[None]]] = {}
        self._after_commit: list[Callable[[], None]] = []
        self.area = area
        self.asked: Row | None = None

    async def execute(self, sql: str, params: Params = ()) -> int:
        """Runs a statement and returns the number of rows it touched."""
        return (await self._run(sql, params)).rowcount

    async def execute_many(self, sql: str, rows: Iterable[Params]) -> None:
        """Runs a statement once per row of parameters, pipelined."""
        await self._sent.aclose()
        async with self._connection.cursor() as cursor:
            await cursor.executemany(_query(sql), list(rows))

    async def fetch_one(self, sql: str, params: Params = ()) -> Row | None:
        """Returns the first row as a dict, or None."""
        return await (await self._run(sql, params)).fetchone()

    async def fetch_all(self, sql: str, params: Params = ()) -> list[Row]:
        """Returns all rows as dicts."""
        return await (await self._run(sql, params)).fetchall()

    async def _run(self, sql: str, params: Params) -> psycopg.AsyncCursor[DictRow]:
        await self._sent.aclose()
        return await self._connection.execute(_query(sql), params)

    async def send(self, sql: str, params: Params = ()) -> None:
        """Sends a statement without waiting for it: for writes whose answers nobody needs.

        The last ones share a round trip with the commit. An error comes with the next statement
        that is waited for, or with the commit.
        """
        if self._connection.pgconn.pipeline_status == PipelineStatus.OFF:
            await self._sent.enter_async_context(self._connection.pipeline())
        await self._connection.execute(_query(sql), params)

    def before_commit(self, key: str, action: Callable[[], Awaitable[None]]) -> None:
        """Has an action run once as the last step of the transaction; a known key changes nothing.

        For handlers that collect many small writes and want to send them as one statement.
        """
        self._before_commit.setdefault(key, action)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Has an action run once the transaction is durable; never when it was rolled back."""
        self._after_commit.append(action)

    async def commit(self) -> None:
        """Runs what was waiting for the end of the block, and commits. Called by Database only.

        Errors: StoreUnavailable also where "commit" may never have left: a caller that went on
        after an error must not hear that all is well.
        """
        for action in self._before_commit.values():
            await action()
        await self._connection.execute("commit")
        await self._sent.aclose()
        if not self._is_at_rest():
            raise StoreUnavailable("The database does not answer. Try again.")

    async def roll_back(self) -> None:
        """Undoes what was sent. Called by Database only.

        Whoever was cancelled may leave answers behind that nobody read. A connection that is not
        plainly at rest afterwards is closed, and the pool makes a new one: the next transaction
        would meet them.
        """
        try:
            with suppress(psycopg.Error):  # the block's own error counts
                await self._sent.aclose()
            if self._connection.pgconn.pipeline_status == PipelineStatus.OFF:
                await self._connection.execute("rollback")
        except psycopg.Error:
            pass
        finally:
            if not self._is_at_rest():
                await self._connection.close()

    def _is_at_rest(self) -> bool:
        there = self._connection.pgconn
        return (there.pipeline_status, there.transaction_status) == (
            PipelineStatus.OFF, TransactionStatus.IDLE,
        )  # fmt: skip

    def committed(self) -> None:
        """Runs what was waiting for the commit. Called by Database only."""
        for action in self._after_commit:
            action()


class Database:
    """The pool of one service's own database.

    patience: by what factor longer than usual it waits; kit.config.patience.
    """

    def __init__(self, url: str, *, pool_max: int = POOL_MAX, patience: float = 1.0) -> None:
        self._url, self._patience = url, patience
        self._asking: psycopg.AsyncConnection[Any] | None = None
        self._turn = asyncio.Lock()
        self._pool: AsyncConnectionPool[psycopg.AsyncConnection[DictRow]] = AsyncConnectionPool(
            url,
            min_size=min(POOL_MIN, pool_max),
            max_size=pool_max,
            timeout=CONNECT_TIMEOUT_S * patience,
            reconnect_timeout=1.0,
            open=False,
            kwargs={
                "row_factory": dict_row,
                "autocommit": True,  # begin and commit are ours
                "options": f"-c statement_timeout={round(STATEMENT_TIMEOUT_MS * patience)}"
                f" -c lock_timeout={round(LOCK_TIMEOUT_MS * patience)} -c timezone=UTC",
            },
        )

    async def open(self) -> None:
        """Opens the pool; connections are made in the background."""
        await self._pool.open()

    async def close(self) -> None:
        """Closes all connections."""
        await self._forget_asking()
        await self._pool.close(timeout=2)

    async def answers(self, within_s: float = ANSWERS_WITHIN_S) -> bool:
        """Tells whether the server answers. It is asked on a connection of its own: those of the
        pool may all be at work, which is no outage."""
        async with self._turn:
            try:
                async with asyncio.timeout(within_s * self._patience):
                    if self._asking is None:
                        self._asking = await psycopg.AsyncConnection.connect(
                            self._url, autocommit=True
                        )
                    await self._asking.execute("select 1")
            except (psycopg.Error, OSError, TimeoutError):
                await self._forget_asking()
                return False
            return True

    async def _forget_asking(self) -> None:
        if self._asking is not None:
            await self._asking.close()
            self._asking = None

    @asynccontextmanager
    async def transaction(
        self, area: str, *, line: bool = False, asking: str = ""
    ) -> AsyncIterator[Transaction]:
        """A read-committed transaction in one area; commits at the end of the block.

        line: it takes from a line (rows that wait), which is read along its index. asking: a query
        without parameters that shares the first round trip; its first row is in Transaction.asked.
        Errors: StoreUnavailable when the connection cannot be had or is lost; StoreBusy for a
        time limit, a deadlock or a conflict; NotStorable for a text the database cannot hold.
        After a loss during commit nobody knows whether it happened: the caller repeats with the
        same request id.
        """
        async with self._scope(area, "begin", _ALONG_INDEX if line else "", asking) as tx:
            yield tx

    @asynccontextmanager
    async def read(
        self, area: str, *, line: bool = False, asking: str = ""
    ) -> AsyncIterator[Transaction]:
        """A read-only transaction in one area with one snapshot. Parameters and errors as
        transaction()."""
        begin = "begin isolation level repeatable read, read only"
        async with self._scope(area, begin, _ALONG_INDEX if line else "", asking) as tx:
            yield tx

    @asynccontextmanager
    async def _scope(
        self, area: str, begin: str, how: str, asking: str
    ) -> AsyncIterator[Transaction]:
        if not AREA.fullmatch(area):
            raise ValueError("a transaction needs an area")
        with _naming():
            async with self._pool.connection() as connection:
                tx = Transaction(connection, area)
                try:
                    # One round trip: the pattern above leaves nothing to escape.
                    scope = f"{begin}; select set_config('meguri.area', '{area}', true){how}"
                    cursor = await connection.execute(
                        _query(f"{scope}; {asking}" if asking else scope)
                    )
                    if asking:
                        await cursor.set_result(-1)
                        tx.asked = await cursor.fetchone()
                    yield tx
                    await tx.commit()
                except BaseException:
                    await tx.roll_back()
                    raise
        tx.committed()

    @asynccontextmanager
    async def alone(self, key: int) -> AsyncIterator[bool]:
        """Holds a lock of the whole database for the block, outside of any transaction.

        Yields False when somebody else has it. The lock goes with its connection: whoever works
        under it repeats harmlessly what a second holder did. Errors: StoreUnavailable, StoreBusy.
        """
        with _naming():
            async with self._pool.connection() as connection:
                cursor = await connection.execute("select pg_try_advisory_lock(%s) as got", (key,))
                row = await cursor.fetchone()
                got = bool(row and row["got"])
                try:
                    yield got
                finally:
                    if got:
                        await _unlock(connection, key)


@contextmanager
def _naming() -> Iterator[None]:
    """Gives errors of the driver our names."""
    try:
        yield
    except (
        psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, PoolTimeout,
    ) as error:  # fmt: skip
        named = _named(error)
        if named is error:
            raise
        raise named from error
    except psycopg.DataError as error:
        if error.sqlstate not in _CHARACTERS:
            raise
        raise NotStorable("A text holds a character that cannot be stored.") from error


def _named(error: Exception) -> Exception:
    """Tells an outage from a conflict; what is neither stays what it is."""
    code = getattr(error, "sqlstate", None)
    if code in _CONFLICTS:
        return StoreBusy("The database is busy with this. Try again.")
    if code is None or code.startswith(_OUTAGES):
        return StoreUnavailable("The database does not answer. Try again.")
    return error


async def _unlock(connection: psycopg.AsyncConnection[DictRow], key: int) -> None:
    try:
        await connection.execute("select pg_advisory_unlock(%s)", (key,))
    except (psycopg.Error, asyncio.CancelledError):
        await connection.close()  # the lock goes with it
        raise


def column(values: Iterable[object]) -> str:
    """Returns many values of one column for `string_to_array(%s, E'\\n', '')`; None is null.

    A list costs a parameter's quoting for each value, which was half the time of a large batch.
    For ids, numbers, times, JSON and words of our own: a value may hold no end of line, nor be "".
    """
    there = list(values)
    if None in there:
        there = ["" if value is None else value for value in there]
    return "\n".join(map(str, there))


def _query(sql: str) -> bytes:
    # Bytes, because psycopg types text as literals only. Statements are constants of the store
    # rooms; ruff's S608 guards against built ones.
    return sql.encode()
