"""A lock that somebody else holds is an outage: no loop ends, no event is given up."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from kit import pull
from kit.bus import Bus, Consumer, Delivery, Hearing
from kit.db import ALL_AREAS, Database, StoreBusy, StoreUnavailable, Transaction
from kit.forever import forever
from kit.outbox import Outbox, Relay
from meguri.directory.v1 import directory_events_pb2 as pb
from tests import harness
from tests.service.kit.parts import ENCODERS, event, until, waiting


class Impatient(Database):
    """Waits a moment for a lock and not five seconds."""

    @asynccontextmanager
    async def transaction(
        self, area: str, *, line: bool = False, asking: str = ""
    ) -> AsyncIterator[Transaction]:
        async with super().transaction(area, line=line, asking=asking) as tx:
            await tx.execute("set local lock_timeout = '50ms'")
            yield tx


@pytest.fixture
def url(service_database: Callable[[str], str]) -> str:
    return service_database("directory")


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Impatient(url)
    await opened.open()
    yield opened
    await opened.close()


@asynccontextmanager
async def locked(url: str, table: str) -> AsyncIterator[None]:
    """Another connection holds the whole table."""
    async with await psycopg.AsyncConnection.connect(url) as other:
        await other.execute(f"lock table {table} in access exclusive mode")
        yield


async def test_a_relay_outlives_a_lock_that_somebody_else_holds(
    database: Database, url: str, bus: Bus, area: str
) -> None:
    outbox = Outbox(ENCODERS)
    async with database.transaction(area) as tx:
        await outbox.add(tx, event(area))
    relay = Relay("directory", database, outbox, bus)
    async with locked(url, "outbox"):
        with pytest.raises(StoreBusy):
            await relay.drain_once()
        task = asyncio.create_task(relay.run())
        await asyncio.sleep(0.3)
        assert not task.done()
    async with asyncio.timeout(30):
        while await waiting(database):  # noqa: ASYNC110 - the condition lives in the database
            await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_contention_buries_no_event(
    database: Database, url: str, bus: Bus, area: str, nats_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """More attempts meet the lock than a failing handler is granted; then all are heard, once."""
    monkeypatch.setattr(pull, "RETRY_PAUSE_S", 0.05)
    monkeypatch.setattr(pull, "BEHIND_S", 0.15)
    met, heard = 0, list[str]()

    async def handle(tx: Transaction, delivery: Delivery, body: Any) -> None:
        nonlocal met
        met += 1
        await tx.execute("select from requests limit 1")
        tx.after_commit(lambda: heard.append(body.place_id))

    hearing = Hearing("directory", "place_closed", pb.PlaceClosed, handle)
    own = f"kit{uuid.uuid4().hex[:8]}"
    task = asyncio.create_task(Consumer(bus, database, own, "directory", [hearing]).run())
    async with locked(url, "requests"):
        for place in ("cave", "gate", "pool"):
            body = pb.PlaceClosed(place_id=place)
            await harness.say(nats_url, area, "directory", "place_closed", body)
        await until(lambda: met > 6 * pull.MAX_FAILURES)
        assert heard == []
    await until(lambda: len(heard) == 3)
    assert sorted(heard) == ["cave", "gate", "pool"]
    assert (await bus.stream.stream_info("DEAD_LETTERS")).state.messages == 0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_event_that_is_always_too_slow_does_not_hold_up_the_others(
    database: Database, bus: Bus, area: str, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "RETRY_PAUSE_S", 0.05)
    monkeypatch.setattr(pull, "BEHIND_S", 0.15)
    heard = list[str]()

    async def handle(tx: Transaction, delivery: Delivery, body: Any) -> None:
        if body.place_id == "slow":
            await tx.execute("set local statement_timeout = '10ms'")
            await tx.execute("select pg_sleep(5)")
        tx.after_commit(lambda: heard.append(body.place_id))

    places = ["a", "b", "slow", "c", "d"]
    for place in places:
        body = pb.PlaceClosed(place_id=place)
        await harness.say(nats_url, area, "directory", "place_closed", body)
    hearing = Hearing("directory", "place_closed", pb.PlaceClosed, handle)
    own = f"kit{uuid.uuid4().hex[:8]}"
    task = asyncio.create_task(Consumer(bus, database, own, "directory", [hearing]).run())
    await until(lambda: len(heard) == 4)
    assert sorted(heard) == ["a", "b", "c", "d"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    "error", [StoreBusy("x"), StoreUnavailable("x"), TimeoutError(), ValueError("a mistake")]
)
async def test_nothing_that_goes_wrong_ends_the_work(error: Exception) -> None:
    turns = 0

    async def work() -> None:
        nonlocal turns
        turns += 1
        raise error

    task = asyncio.create_task(forever("test", work, 0.001))
    await until(lambda: turns >= 3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def test_more_to_do_needs_no_pause_and_a_cancellation_that_was_hidden_counts() -> None:
    left = 3

    async def work() -> bool:
        nonlocal left
        left -= 1
        if left < 0:
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                raise TimeoutError from None  # as nats-py does
        return left > 0

    async def pause() -> None:
        pauses.append(left)

    pauses = list[int]()
    task = asyncio.create_task(forever("test", work, pause))
    await until(lambda: left < 0)
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()
    assert pauses == [0], "only once there was nothing more to do"


async def test_the_lock_of_another_connection_is_busy_and_not_away(
    database: Database, url: str
) -> None:
    async with locked(url, "inbox"):
        with pytest.raises(StoreBusy):
            async with database.transaction(ALL_AREAS) as tx:
                await tx.execute("select from inbox")
