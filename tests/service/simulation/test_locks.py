"""Who waits for whom: transactions that meet, on PostgreSQL and on the model."""

import asyncio
import random
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

import msgspec
import pytest

import kit.ids
from kit.db import Database, Transaction
from kit.requests import RequestKey, once_as
from services.payments.app import shops, take
from services.payments.domain.tender import Tender
from services.payments.store import closes, journal, payments
from simulation.people import AREA, CLERK, SHOP
from simulation.run import SHOP_SETTINGS
from simulation.store.database import ModelTransaction
from tests.service.simulation.acts import Acts, SeededIds
from tests.service.simulation.test_store import model

SESSIONS = 3
STEPS = 24
WITHIN_S = 20.0


class Session:
    """One transaction and the statement it waits for."""

    def __init__(self, manager: AbstractAsyncContextManager[Transaction], tx: Transaction) -> None:
        self.manager, self.tx, self.reached = manager, tx, 0
        self.work: asyncio.Task[object] | None = None
        self.pid = 0

    async def is_waiting(self, database: Database) -> bool:
        """Tells whether it waits for a lock, as the database itself says."""
        if isinstance(self.tx, ModelTransaction):
            return self.tx.session.waits_for is not None
        async with database.read("*") as tx:
            row = await tx.fetch_one(
                "select wait_event_type = 'Lock' as waits from pg_stat_activity where pid = %s",
                (self.pid,),
            )
        return bool(row and row["waits"])


class Meeting:
    """Sessions that lock the same few things, each in one order, so that none wait in a circle."""

    def __init__(self, database: Database, seed: int, ids: list[str]) -> None:
        self.database, self.chance, self.ids = database, random.Random(seed), ids
        self.sessions: list[Session | None] = [None] * SESSIONS
        self.log: list[str] = []

    async def play(self) -> list[str]:
        """Does its steps; after each, everybody is done or waits."""
        for number in range(STEPS):
            place = self.chance.randrange(SESSIONS)
            ends, commits = self.chance.random() < 0.3, self.chance.random() < 0.7
            session = self.sessions[place]
            if session is None:
                session = self.sessions[place] = await self._begin()
            if session.work is not None:
                continue
            if ends or session.reached == len(self.ids) + 2:
                await self._end(place, commits=commits)
            else:
                session.work = asyncio.create_task(self._step(session, number))
            await self._settle()
        for _ in range(SESSIONS):  # who waits goes on once the others are over
            for place, session in enumerate(self.sessions):
                if session is not None and session.work is None:
                    await self._end(place, commits=True)
                    await self._settle()
        return self.log

    async def _begin(self) -> Session:
        manager = self.database.transaction(AREA)
        session = Session(manager, await manager.__aenter__())
        if not isinstance(session.tx, ModelTransaction):
            row = await session.tx.fetch_one("select pg_backend_pid() as pid")
            session.pid = row["pid"] if row else 0
        return session

    async def _step(self, session: Session, number: int) -> object:
        """Locks the next thing: a shop, a payment, or a request id."""
        place, tx = session.reached, session.tx
        session.reached += 1
        if place == 0:
            await closes.lock_shop(tx, SHOP)
            return None
        if place <= len(self.ids):
            payment = await payments.lock(tx, self.ids[place - 1])
            if payment is None:
                return None
            seen = payment.version
            later = msgspec.structs.replace(payment, version=seen + 1)
            await payments.update(tx, [payments.Change(later)])
            return seen, await journal.refunded_at_once(tx, payment)
        key = RequestKey("clerk-1", "the same", b"x" * 32)
        return await once_as(tx, key, f"answer {number}", str)

    async def _end(self, place: int, *, commits: bool) -> None:
        session = self.sessions[place]
        if session is None:
            return
        self.sessions[place] = None
        if commits:
            await session.manager.__aexit__(None, None, None)
        else:
            with suppress(RuntimeError):
                await session.manager.__aexit__(RuntimeError, RuntimeError("undone"), None)
        self.log.append(f"{place} ends, {commits}")

    async def _settle(self) -> None:
        """Waits until each is done, or waits for another one; and writes that down."""
        async with asyncio.timeout(WITHIN_S):
            while not all([await self._rests(each) for each in self.sessions]):  # noqa: ASYNC110 - the server calls nobody
                await asyncio.sleep(0.005)
        said = []
        for session in self.sessions:
            work = session.work if session else None
            if session is None or work is None:
                said.append("-")
            elif work.done():
                said.append(f"got {work.result()!r}")
                session.work = None
            else:
                said.append("waits")
        self.log.append("; ".join(said))

    async def _rests(self, session: Session | None) -> bool:
        if session is None or session.work is None or session.work.done():
            return True
        # Twice: who was just let go may still look like waiting.
        for _ in range(2):
            if not await session.is_waiting(self.database):
                return False
            await asyncio.sleep(0.02)
        return not session.work.done()


async def met(database: Database, seed: int, monkeypatch: Any) -> list[str]:
    """A meeting on a database with two payments."""
    monkeypatch.setattr(kit.ids, "uuid_utils", SeededIds(seed))
    acts = Acts(database, seed)
    await shops.configure_shops(acts.deps, acts._key("set-up"), AREA, [SHOP_SETTINGS])
    ids = []
    for number in range(2):
        sale = msgspec.structs.replace(
            acts._sale(), shop_place_id=SHOP, tender=Tender.CASH_RECORD, waited=None
        )
        taken = await take.take_payment(acts.deps, acts._key(f"sale {number}"), CLERK, sale)
        ids.append(taken.payment.payment_id)
    return await Meeting(database, seed, sorted(ids)).play()


@pytest.mark.parametrize("seed", range(6))
async def test_the_same_sessions_wait_for_each_other(
    real: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = await met(real, seed, monkeypatch)
    ours = await met(model(), seed, monkeypatch)
    assert ours == theirs
    assert any("waits" in each for each in ours)
