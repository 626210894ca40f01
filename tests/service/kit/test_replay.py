"""What was said is said again, in windows and in order; what was buried is delivered again."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kit import outbox as outboxes
from kit import replay as replaying
from kit.bus import (
    DEAD_LETTERS,
    REASON,
    SEQUENCE,
    STREAM,
    SUBJECT,
    Bus,
    Consumer,
    Delivery,
    Hearing,
)
from kit.db import ALL_AREAS, Database, Row, Transaction
from kit.outbox import Outbox, Publisher, Relay
from kit.publishing import Published
from kit.replay import Stuck, dead_letters, deliver_again, replay
from meguri.directory.v1 import directory_events_pb2 as pb
from tests.service.kit.parts import ENCODERS, event, until, waiting


@asynccontextmanager
async def relaying(database: Database, outbox: Outbox, bus: Publisher) -> AsyncIterator[None]:
    task = asyncio.create_task(Relay("directory", database, outbox, bus).run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def say(database: Database, outbox: Outbox, area: str, count: int) -> None:
    async with database.transaction(area) as tx:
        await outbox.add_many(tx, [event(area, f"p{index}") for index in range(count)])
    async with asyncio.timeout(30):
        while await waiting(database):  # noqa: ASYNC110 - the condition lives in the database
            await asyncio.sleep(0.02)


async def test_a_wiped_stream_is_filled_again_in_order_and_in_windows(
    database: Database, bus: Bus, area: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "WINDOW", 40)
    outbox, steps = Outbox(ENCODERS), list[tuple[int, int]]()
    async with relaying(database, outbox, bus):
        await say(database, outbox, area, 100)
        await bus.stream.purge_stream("DIRECTORY")
        # The server remembers the ids of two minutes; a fresh one knows none.
        config = (await bus.stream.stream_info("DIRECTORY")).config
        await bus.stream.delete_stream("DIRECTORY")
        await bus.stream.add_stream(config)
        assert await replay(database, "directory", told=lambda *at: steps.append(at)) == 100
    assert steps == [(40, 100), (80, 100), (100, 100)]
    found = [await bus.stream.get_msg("DIRECTORY", number) for number in range(1, 101)]
    assert [(each.headers or {})["ce-subject"] for each in found] == [f"p{n}" for n in range(100)]
    assert await waiting(database) == 0


async def test_the_next_window_is_cleared_before_the_relay_runs_dry(
    database: Database, bus: Bus, area: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NATS takes nothing while half a window or less is left, unless it is the last one."""
    monkeypatch.setattr(replaying, "WINDOW", 40)
    monkeypatch.setattr(outboxes, "BATCH", 10)
    outbox, said = Outbox(ENCODERS), list[str]()
    async with relaying(database, outbox, bus):
        await say(database, outbox, area, 200)

    class Patient:
        """A NATS that waits for more."""

        async def publish_rows(self, service: str, rows: list[Row]) -> Published:
            while len(said) < 160 and await waiting(database) <= 20:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.02)
            there = await bus.publish_rows(service, rows)
            said.extend(row["aggregate_id"] for row in rows)
            return there

    async with relaying(database, outbox, Patient()), asyncio.timeout(60):
        assert await replay(database, "directory") == 200
    assert said == [f"p{number}" for number in range(200)]


async def test_only_what_happened_since_a_day(database: Database, bus: Bus, area: str) -> None:
    outbox = Outbox(ENCODERS)
    async with relaying(database, outbox, bus):
        await say(database, outbox, area, 6)
        async with database.transaction(ALL_AREAS) as tx:
            await tx.execute(
                "update outbox set occur_time = occur_time - interval '3 days'"
                " where aggregate_id in ('p0', 'p1')"
            )
        since = datetime.now(UTC) - timedelta(days=1)
        assert await replay(database, "directory", since) == 4


async def test_an_empty_outbox_has_nothing_to_say(database: Database) -> None:
    assert await replay(database, "directory") == 0


async def test_without_a_relay_it_says_so_and_may_be_run_again(
    database: Database, bus: Bus, area: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = Outbox(ENCODERS)
    async with relaying(database, outbox, bus):
        await say(database, outbox, area, 3)
    # Only while no relay runs: a slow machine's relay may take longer than this to begin.
    with monkeypatch.context() as patched:
        patched.setattr(replaying, "STUCK_S", 0.3)
        with pytest.raises(Stuck, match="directory"):
            await replay(database, "directory")
    async with relaying(database, outbox, bus):
        await replay(database, "directory")
    assert await waiting(database) == 0


async def test_a_dead_letter_is_listed_and_heard_once_its_reason_is_gone(
    database: Database, bus: Bus, area: str
) -> None:
    """Five at once leave in one atomic batch, whose headers the dead letters may not carry."""
    outbox, broken, heard = Outbox(ENCODERS), True, list[str]()

    async def handle(tx: Transaction, delivery: Delivery, body: Any) -> None:
        if broken and body.place_id in {"p3", "p4"}:
            await tx.execute("select 1 / 0")
        tx.after_commit(lambda: heard.append(body.place_id))

    own = f"kit{uuid.uuid4().hex[:8]}"
    consumer = Consumer(
        bus, database, own, "directory",
        [Hearing("directory", "place_closed", pb.PlaceClosed, handle)],
    )  # fmt: skip
    task = asyncio.create_task(consumer.run())

    async def letters(source: str = "*") -> list[replaying.DeadLetter]:
        return [letter async for letter in dead_letters(bus.stream, source)]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("kit.pull.RETRY_PAUSE_S", 0.02)
        async with relaying(database, outbox, bus):
            await say(database, outbox, area, 5)
        async with asyncio.timeout(30):
            while len(await letters()) < 2:  # noqa: ASYNC110 - the condition lives in NATS
                await asyncio.sleep(0.05)
    broken = False
    found = await letters("directory")
    assert {letter.subject for letter in found} == {f"meguri.{area}.directory.v1.place_closed"}
    assert all("DivisionByZero" in letter.reason for letter in found)
    assert await letters("payments") == []
    for letter in found:
        assert await deliver_again(bus.stream, letter)
    await until(lambda: len(heard) >= 5)
    assert sorted(heard) == ["p0", "p1", "p2", "p3", "p4"]
    assert await letters() == []
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_fails_again_is_a_dead_letter_again_and_one_round_has_an_end(
    database: Database, bus: Bus, area: str
) -> None:
    """Delivered again within two minutes of its burial: under the same id NATS would drop the
    second burial as a repeat of the first. And who delivers again as fast as it is buried must
    not go on for ever."""
    own, event_id = f"kit{uuid.uuid4().hex[:8]}", str(uuid.uuid4())
    hearing = Hearing("directory", "place_closed", pb.PlaceClosed, _no)
    task = asyncio.create_task(Consumer(bus, database, own, "directory", [hearing]).run())
    subject = f"meguri.{area}.directory.v1.place_closed"
    envelope = {"ce-id": event_id, "ce-subject": "p", "ce-aggregateversion": "many",
                "ce-time": "2026-01-01T00:00:00+00:00"}  # fmt: skip

    async def buried() -> list[replaying.DeadLetter]:
        found = [letter async for letter in dead_letters(bus.stream)]
        return [letter for letter in found if letter.event_id == event_id]

    async def until_buried(after: int) -> replaying.DeadLetter:
        async with asyncio.timeout(30):
            while not (found := [each for each in await buried() if each.sequence > after]):  # noqa: ASYNC110 - the condition lives in NATS
                await asyncio.sleep(0.05)
        return found[-1]

    await bus.stream.publish(subject, b"", headers=envelope)
    last = (await until_buried(0)).sequence
    for _ in range(3):
        delivered = 0
        async with asyncio.timeout(30):
            async for letter in dead_letters(bus.stream):
                if letter.event_id == event_id:
                    assert await deliver_again(bus.stream, letter)
                    delivered += 1
                    last = (await until_buried(letter.sequence)).sequence
        assert delivered == 1
    assert [letter.sequence for letter in await buried()] == [last]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _no(_tx: Transaction, _delivery: Delivery, _body: Any) -> None:
    raise AssertionError("nobody can read it")


async def test_a_letter_without_its_body_stays(bus: Bus) -> None:
    subject = "meguri_dead.visitor_sense.observations"
    await bus.stream.publish(subject, b"", headers={
        SUBJECT: "observations.mine.s1", REASON: "x", STREAM: "DIRECTORY", SEQUENCE: "99",
    })  # fmt: skip
    await bus.stream.publish(subject, b"", headers={SUBJECT: "x", "Meguri-Body-Bytes": "1000000"})
    found = [letter async for letter in dead_letters(bus.stream)]
    assert [await deliver_again(bus.stream, letter) for letter in found] == [False, False]
    assert (await bus.stream.stream_info(DEAD_LETTERS)).state.messages == 2


async def test_what_nats_refuses_holds_up_nothing_else(
    database: Database, bus: Bus, area: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "WINDOW", 10)
    monkeypatch.setattr(replaying, "STUCK_S", 5.0)
    outbox, left = Outbox(ENCODERS), list[int]()

    class Picky:
        """Takes everything but one event."""

        async def publish_rows(self, service: str, rows: list[Row]) -> Published:
            taken = [row for row in rows if row["aggregate_id"] != "p12"]
            there = await bus.publish_rows(service, taken)
            return Published(there.stored, [row["id"] for row in rows if row not in taken])

    async with relaying(database, outbox, bus):
        await say(database, outbox, area, 55)
    async with relaying(database, outbox, Picky()):
        assert await replay(database, "directory", left=left.append) == 55
    assert left == [1]
    assert await waiting(database) == 1
