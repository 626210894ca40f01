"""A process's own way to the model: what kit.db.Database is to PostgreSQL, with faults on it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from kit.db import ALL_AREAS, Database, Params, StoreUnavailable, Transaction
from simulation.loop import Life, pause
from simulation.store import statements  # noqa: F401 - they register themselves
from simulation.store.engine import Found, Row, Server, Session
from simulation.store.registry import find
from simulation.world import World

ROUND_TRIP_S = 0.001


class ModelTransaction(Transaction):
    """A transaction of the model, used as one of kit.db."""

    def __init__(self, database: "ModelDatabase", session: Session, area: str) -> None:
        self._database, self.session = database, session
        self._waiting: list[tuple[str, Params]] = []
        self._before_commit = {}
        self._after_commit = []
        self.area = area
        self.asked = None

    async def execute(self, sql: str, params: Params = ()) -> int:
        """As kit.db."""
        found = await self._ask(sql, params)
        return found if isinstance(found, int) else len(found)

    async def execute_many(self, sql: str, rows: Iterable[Params]) -> None:
        """As kit.db."""
        for row in rows:
            await self._ask(sql, row)

    async def fetch_one(self, sql: str, params: Params = ()) -> Row | None:
        """As kit.db."""
        found = await self.fetch_all(sql, params)
        return found[0] if found else None

    async def fetch_all(self, sql: str, params: Params = ()) -> list[Row]:
        """As kit.db."""
        found = await self._ask(sql, params)
        if isinstance(found, int):
            raise AssertionError("this statement returns no rows")
        return [dict(row) for row in found]

    async def send(self, sql: str, params: Params = ()) -> None:
        """As kit.db: it travels with what is waited for next."""
        self._waiting.append((sql, params))

    async def _ask(self, sql: str, params: Params) -> Found:
        self._waiting.append((sql, params))
        return await self._flush()

    async def _flush(self) -> Found:
        found: Found = 0
        wrote = False
        waiting, self._waiting = self._waiting, []
        await self._database.travel(self.session)
        for sql, params in waiting:
            found = await self.session.run(find(sql), params)
            wrote = wrote or self.session.has_changed
        if wrote:  # where nothing changed, it is all one whether a crash comes before or after
            await self._database.travel(self.session)
        return found

    async def commit(self) -> None:
        """Makes it durable. A fault may come before that or after, and both look the same."""
        for action in self._before_commit.values():
            await action()
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            await self._database.travel(self.session)
            for sql, params in waiting:
                await self.session.run(find(sql), params)
        await self._database.commit(self.session)

    async def roll_back(self) -> None:
        """Undoes what was sent."""
        self.session.end()


class ModelDatabase(Database):
    """The pool of one process. Its sessions end with the process."""

    def __init__(self, world: World, server: Server, life: Life) -> None:
        self.world, self.server, self.life = world, server, life
        self.open_sessions: dict[int, Session] = {}
        self._loop = asyncio.get_running_loop()  # asked once: to ask costs a call of the system

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    def crash(self) -> None:
        """The process is gone: the server notices at once and rolls back."""
        for session in self.open_sessions.values():
            session.end()
        self.open_sessions.clear()

    async def travel(self, session: Session) -> None:
        """Half a round trip. Errors: StoreUnavailable where the connection breaks."""
        if self.world.goes_wrong("store connection lost", self.world.rates.store_lost / 8):
            session.end()
            self.world.note(self.life.name, "loses its connection to the store")
        await pause(self.world.delay(ROUND_TRIP_S), self._loop)
        if session.is_over:
            raise StoreUnavailable("The database does not answer. Try again.")

    async def commit(self, session: Session) -> None:
        """Commits, unless the connection breaks before; it may break after."""
        await self.travel(session)
        unsure = self.world.rates.commit_unsure if session.own else 0.0
        if self.world.goes_wrong("commit lost before it was durable", unsure / 2):
            session.end()
            raise StoreUnavailable("The database does not answer. Try again.")
        session.commit()
        if not session.own:
            return
        if self.world.goes_wrong("commit unheard after it was durable", unsure / 2):
            self.world.note(self.life.name, "does not hear that its commit was durable")
            raise StoreUnavailable("The database does not answer. Try again.")
        await pause(self.world.delay(ROUND_TRIP_S), self._loop)

    @asynccontextmanager
    async def transaction(
        self,
        area: str,
        *,
        line: bool = False,  # noqa: ARG002 - which way rows are found is all one here
        asking: str = "",
    ) -> AsyncIterator[Transaction]:
        """As kit.db."""
        async with self._session(area, reads_only=False, asking=asking) as tx:
            yield tx

    @asynccontextmanager
    async def read(
        self,
        area: str,
        *,
        line: bool = False,  # noqa: ARG002 - which way rows are found is all one here
        asking: str = "",
    ) -> AsyncIterator[Transaction]:
        """As kit.db."""
        async with self._session(area, reads_only=True, asking=asking) as tx:
            yield tx

    @asynccontextmanager
    async def _session(
        self, area: str, *, reads_only: bool, asking: str
    ) -> AsyncIterator[ModelTransaction]:
        session = self.server.begin(area, reads_only=reads_only)
        self.open_sessions[id(session)] = session
        tx = ModelTransaction(self, session, area)
        try:
            if asking:
                tx.asked = await tx.fetch_one(asking)
            yield tx
            await tx.commit()
        except BaseException:
            await tx.roll_back()
            raise
        finally:
            self.open_sessions.pop(id(session), None)
        tx.committed()

    @asynccontextmanager
    async def alone(self, key: int) -> AsyncIterator[bool]:
        """As kit.db: a lock of the whole database, which goes with its connection."""
        session = self.server.begin(ALL_AREAS)
        self.open_sessions[id(session)] = session
        free = session.is_free("advisory", (key,))
        if free:
            session.lock("advisory", (key,))
        try:
            yield free
        finally:
            session.end()
            self.open_sessions.pop(id(session), None)
