"""State and event leave together, arrive at least once and act exactly once.

Proved with a tiny service of this file on real PostgreSQL and NATS: it hears the directory's
place_closed, in the database of the directory (any one with the kit tables would do).
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import nats
import psycopg
import pytest
from nats.aio.msg import Msg

from kit import config
from kit.area import forget_area
from kit.bus import BODY_LIMIT_BYTES, Bus, Consumer, Delivery, Hearing
from kit.db import ALL_AREAS, Database, NotStorable, StoreBusy, StoreUnavailable, Transaction
from kit.ids import new_id
from kit.outbox import Encoders, Outbox, Relay
from kit.pure.event import Event
from kit.requests import RequestKey, once
from meguri.directory.v1 import directory_events_pb2 as pb
from tests import harness


class PlaceClosed(Event):
    """Stands for any event."""


ENCODERS: Encoders = {PlaceClosed: lambda event: pb.PlaceClosed(place_id=event.aggregate_id)}


@pytest.fixture
async def database(service_database: Callable[[str], str]) -> AsyncIterator[Database]:
    opened = Database(service_database("directory"))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[Bus]:
    await harness.make_streams(nats_url)
    opened = Bus(config.load("kit_test", {"MEGURI_NATS_URL": nats_url}))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def area() -> str:
    return f"k{uuid.uuid4().hex[:12]}"


def event(area: str, place_id: str = "cave") -> PlaceClosed:
    return PlaceClosed(area=area, aggregate_id=place_id, version=1, occur_time=datetime.now(UTC))


def headers(message: Msg) -> dict[str, str]:
    assert message.headers
    return message.headers


async def waiting(database: Database) -> int:
    async with database.read(ALL_AREAS) as tx:
        row = await tx.fetch_one("select count(*) as n from outbox where published_time is null")
    return int(row["n"]) if row else -1


async def test_no_state_no_event(database: Database, area: str) -> None:
    outbox = Outbox(ENCODERS)

    async def fail_late() -> None:
        async with database.transaction(area) as tx:
            await outbox.add(tx, event(area))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_late()
    assert await waiting(database) == 0
    assert not outbox.waiting.is_set()


async def test_an_event_of_another_area_is_refused(database: Database, area: str) -> None:
    async with database.transaction(area) as tx:
        with pytest.raises(ValueError, match="area"):
            await Outbox(ENCODERS).add(tx, event(f"{area}x"))


async def test_relay_publishes_in_order_and_once(
    database: Database, bus: Bus, area: str, nats_url: str
) -> None:
    outbox = Outbox(ENCODERS)
    async with database.transaction(area) as tx:
        for index in range(1200):
            await outbox.add(tx, event(area, f"p{index}"))
    relay = Relay("directory", database, outbox, bus)
    published = [await relay.drain_once() for _ in range(4)]
    assert published == [500, 500, 200, 0]

    connection = await nats.connect(nats_url)
    subscription = await connection.jetstream().subscribe(
        f"meguri.{area}.directory.v1.place_closed", ordered_consumer=True
    )
    order = [headers(await subscription.next_msg(timeout=5))["ce-subject"] for _ in range(1200)]
    assert order == [f"p{index}" for index in range(1200)]
    await connection.close()


async def test_a_relay_that_died_after_publishing_repeats_without_effect(
    database: Database, bus: Bus, area: str
) -> None:
    outbox = Outbox(ENCODERS)
    async with database.transaction(area) as tx:
        await outbox.add(tx, event(area))
    relay = Relay("directory", database, outbox, bus)
    await relay.drain_once()
    before = (await bus.stream.stream_info("DIRECTORY")).state.messages
    async with database.transaction(ALL_AREAS) as tx:
        await tx.execute("update outbox set published_time = null")
    assert await relay.drain_once() == 1
    after = (await bus.stream.stream_info("DIRECTORY")).state.messages
    assert after == before


async def test_two_relays_do_not_publish_side_by_side(
    database: Database, bus: Bus, area: str
) -> None:
    outbox = Outbox(ENCODERS)
    async with database.transaction(area) as tx:
        for index in range(200):
            await outbox.add(tx, event(area, f"p{index}"))
    relays = [Relay("directory", database, outbox, bus) for _ in range(4)]
    published = await asyncio.gather(*(relay.drain_once() for relay in relays))
    assert sorted(published) == [0, 0, 0, 200]


class Ear:
    """Hears place_closed of one area and remembers what was committed."""

    def __init__(self, area: str, fails: int = 0) -> None:
        self.heard: list[str] = []
        self._area = area
        self._fails = fails

    async def handle(self, tx: Transaction, delivery: Delivery, body: Any) -> None:
        if delivery.area != self._area:
            return
        if body.place_id == "late" and self._fails:
            self._fails -= 1
            raise RuntimeError("not yet")
        tx.after_commit(lambda: self.heard.append(body.place_id))


class Listening:
    """One durable consumer of this test alone."""

    def __init__(self, database: Database, bus: Bus, ear: Ear) -> None:
        self.own = f"kit{uuid.uuid4().hex[:8]}"
        hearing = Hearing("directory", "place_closed", pb.PlaceClosed, ear.handle)
        self._consumer = Consumer(bus, database, self.own, "directory", [hearing])

    async def __aenter__(self) -> "Listening":
        self._task = asyncio.create_task(self._consumer.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def until(condition: Callable[[], bool], timeout_s: float = 20) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - the condition lives in the code under test
            await asyncio.sleep(0.02)


async def test_an_event_delivered_three_times_acts_once(
    database: Database, bus: Bus, area: str, nats_url: str
) -> None:
    ear = Ear(area)
    event_id = str(uuid.uuid4())
    async with Listening(database, bus, ear):
        for _ in range(3):
            body = pb.PlaceClosed(place_id="cave")
            await harness.say(nats_url, area, "directory", "place_closed", body, event_id=event_id)
        await harness.say(
            nats_url, area, "directory", "place_closed", pb.PlaceClosed(place_id="end")
        )
        await until(lambda: "end" in ear.heard)
    assert [each for each in ear.heard if each in {"cave", "end"}] == ["cave", "end"]


async def test_a_failing_handler_is_tried_again(
    database: Database, bus: Bus, area: str, nats_url: str
) -> None:
    ear = Ear(area, fails=2)
    async with Listening(database, bus, ear):
        await harness.say(
            nats_url, area, "directory", "place_closed", pb.PlaceClosed(place_id="late")
        )
        await harness.say(
            nats_url, area, "directory", "place_closed", pb.PlaceClosed(place_id="next")
        )
        await until(lambda: {"late", "next"} <= set(ear.heard))
    assert ear.heard.count("late") == 1


async def test_poison_is_buried_with_its_reason_and_the_rest_goes_on(
    database: Database, bus: Bus, area: str, nats_url: str
) -> None:
    ear = Ear(area)
    connection = await nats.connect(nats_url)
    async with Listening(database, bus, ear) as listening:
        dead = await connection.jetstream().subscribe(f"meguri_dead.{listening.own}.directory")
        await connection.jetstream().publish(
            f"meguri.{area}.directory.v1.place_closed", b"no envelope at all"
        )
        await harness.say(
            nats_url, area, "directory", "place_closed", pb.PlaceClosed(place_id="after")
        )
        message = await dead.next_msg(timeout=10)
        assert "envelope" in headers(message)["Meguri-Reason"]
        assert headers(message)["Meguri-Subject"] == f"meguri.{area}.directory.v1.place_closed"
        await until(lambda: "after" in ear.heard)
    await connection.close()


async def test_unknown_kinds_are_let_pass(
    database: Database, bus: Bus, area: str, nats_url: str
) -> None:
    ear = Ear(area)
    async with Listening(database, bus, ear):
        await harness.say(
            nats_url, area, "directory", "invented_tomorrow", pb.PlaceClosed(place_id="x")
        )
        await harness.say(nats_url, area, "directory", "place_closed", pb.PlaceClosed(place_id="y"))
        await until(lambda: "y" in ear.heard)
    assert "x" not in ear.heard


async def test_what_collects_before_commit_runs_once_and_only_then(
    database: Database, area: str
) -> None:
    ran: list[str] = []

    async def flush() -> None:
        ran.append("flush")

    async with database.transaction(area) as tx:
        tx.before_commit("facts", flush)
        tx.before_commit("facts", flush)
        assert not ran
    assert ran == ["flush"]


@pytest.mark.parametrize("bad", ["", "Mine", "mine; drop table areas", "mine'--", "ma re"])
async def test_an_area_cannot_smuggle_sql(database: Database, bad: str) -> None:
    with pytest.raises(ValueError, match="area"):
        async with database.transaction(bad):
            pass


async def test_row_level_security_binds_the_owner_too(database: Database, area: str) -> None:
    async with database.transaction(area) as tx:
        await Outbox(ENCODERS).add(tx, event(area))
    async with database.read(f"{area}x") as tx:
        assert await tx.fetch_all("select * from outbox") == []
    async with database.read(area) as tx:
        assert len(await tx.fetch_all("select * from outbox")) == 1


async def test_a_dropped_area_leaves_only_the_drop(
    database: Database, bus: Bus, area: str, nats_url: str
) -> None:
    async def drop(tx: Transaction, delivery: Delivery, body: Any) -> None:
        pass

    async with database.transaction(area) as tx:
        await Outbox(ENCODERS).add_many(tx, [event(area), event(area, "pool")])
    own = f"kit{uuid.uuid4().hex[:8]}"
    hearing = Hearing("directory", "area_dropped", pb.AreaDropped, drop)
    task = asyncio.create_task(Consumer(bus, database, own, "directory", [hearing]).run())
    event_id = await harness.say(
        nats_url, area, "directory", "area_dropped", pb.AreaDropped(), event_id=new_id()
    )

    async def left() -> list[str]:
        async with database.read(area) as tx:
            rows = await tx.fetch_all("select event_id::text as id from inbox")
            rows += await tx.fetch_all("select event_id::text as id from outbox")
        return [row["id"] for row in rows]

    async with asyncio.timeout(20):
        while await left() != [event_id]:  # noqa: ASYNC110 - the condition lives in the database
            await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_relay_that_is_told_to_stop_stops(database: Database, bus: Bus, area: str) -> None:
    """On Python 3.11 wait_for may swallow the cancellation when an event arrives with it."""
    outbox = Outbox(ENCODERS)
    for _ in range(20):
        task = asyncio.create_task(Relay("directory", database, outbox, bus).run())
        await asyncio.sleep(0.01)
        outbox.waiting.set()
        task.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()


async def test_an_event_nats_would_refuse_is_refused_with_its_state(
    database: Database, area: str
) -> None:
    too_large = "x" * (BODY_LIMIT_BYTES + 1)

    async def attempt() -> None:
        async with database.transaction(area) as tx:
            await Outbox(ENCODERS).add(tx, event(area, too_large))

    with pytest.raises(ValueError, match="too large"):
        await attempt()
    assert await waiting(database) == 0


async def test_an_outage_does_not_use_up_the_attempts(
    database: Database, bus: Bus, area: str
) -> None:
    """Ten deliveries meet a database that is away; real failures still get their retries."""
    tries: list[str] = []

    async def handle(tx: Transaction, delivery: Delivery, body: Any) -> None:
        if delivery.area != area:
            return
        tries.append(body.place_id)
        if len(tries) <= 10:
            raise StoreUnavailable("away")
        if len(tries) <= 13:
            raise RuntimeError("a real failure")

    own = f"kit{uuid.uuid4().hex[:8]}"
    hearing = Hearing("directory", "place_closed", pb.PlaceClosed, handle)
    consumer = Consumer(bus, database, own, "directory", [hearing])
    done_with: list[Any] = []

    class Fake:
        """What the consumer does with a delivery."""

        subject = f"meguri.{area}.directory.v1.place_closed"
        reply = "x"

        async def ack(self) -> None:
            done_with.append("ack")

        async def nak(self, delay: float) -> None:
            done_with.append(f"again in {delay:g} s")

        async def term(self) -> None:
            done_with.append("buried")

    delivery = Delivery(
        str(uuid.uuid4()), "place_closed", area, "directory", "x", 1, datetime.now(UTC), "",
        pb.PlaceClosed(place_id="x").SerializeToString(),
    )  # fmt: skip
    message: Any = Fake()
    for _ in range(10):
        with pytest.raises(StoreUnavailable):
            await consumer._apply(area, [(message, delivery)])
    for _ in range(4):
        await consumer._apply(area, [(message, delivery)])
    assert done_with == ["again in 1 s", "again in 2 s", "again in 4 s", "ack"]


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("set local statement_timeout = '20ms'; select pg_sleep(5)", StoreBusy),
        ("select 1/0", psycopg.errors.DivisionByZero),
        ("select pg_terminate_backend(pg_backend_pid())", StoreUnavailable),
    ],
)
async def test_an_outage_is_told_from_a_conflict_and_from_a_mistake(
    database: Database, area: str, sql: str, kind: type[Exception]
) -> None:
    async def attempt() -> None:
        async with database.transaction(area) as tx:
            for statement in sql.split("; "):
                await tx.execute(statement)

    with pytest.raises(kind):
        await attempt()
    async with database.transaction(area) as tx:
        assert await tx.fetch_one("select 1 as one") == {"one": 1}, "the pool is well again"


async def test_a_connection_the_library_gave_up_ends_the_process(bus: Bus) -> None:
    await bus.connection.close()
    async with asyncio.timeout(5):
        await bus.lost.wait()


async def test_a_drop_heard_late_spares_the_area_made_anew(database: Database, area: str) -> None:
    outbox, now = Outbox(ENCODERS), datetime.now(UTC)
    async with database.transaction(area) as tx:
        await outbox.add(tx, event(area, "old"))
    drop_id = new_id()
    async with database.transaction(area) as tx:
        await outbox.add(tx, event(area, "new"))
        await once(tx, RequestKey("anna", "of-the-new-life", b""), int, one)
    async with database.transaction(area) as tx:
        await forget_area(tx, drop_id=drop_id, drop_time=now)
    async with database.read(area) as tx:
        said = await tx.fetch_all("select aggregate_id from outbox")
        asked = await tx.fetch_all("select request_id from requests")
    assert [row["aggregate_id"] for row in said] == ["new"]
    assert [row["request_id"] for row in asked] == ["of-the-new-life"]


async def one() -> int:
    return 1


async def test_a_text_the_database_cannot_hold_is_named(database: Database, area: str) -> None:
    async def attempt() -> None:
        async with database.transaction(area) as tx:
            await tx.execute("select %s::text", ("a\x00b",))

    with pytest.raises(NotStorable):
        await attempt()


async def test_poison_of_a_megabyte_is_buried_without_its_body(
    database: Database, bus: Bus, area: str, nats_url: str
) -> None:
    """Its headers added, it would pass NATS's limit, and the server would end the connection."""
    ear = Ear(area)
    connection = await nats.connect(nats_url)
    async with Listening(database, bus, ear) as listening:
        dead = await connection.jetstream().subscribe(f"meguri_dead.{listening.own}.directory")
        await connection.jetstream().publish(
            f"meguri.{area}.directory.v1.place_closed", b"x" * 1_048_500
        )
        async with asyncio.timeout(20):  # the stream holds poison of other tests too
            message = await dead.next_msg(timeout=15)
            while "Meguri-Body-Bytes" not in headers(message):
                message = await dead.next_msg(timeout=15)
        assert (headers(message)["Meguri-Body-Bytes"], message.data) == ("1048500", b"")
        await harness.say(
            nats_url, area, "directory", "place_closed", pb.PlaceClosed(place_id="after")
        )
        await until(lambda: "after" in ear.heard)
    await connection.close()
