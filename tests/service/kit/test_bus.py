"""What arrives acts exactly once; poison, outages and failures are told apart."""

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

import nats
import pytest

from kit.bus import Bus, Consumer, Delivery, Hearing
from kit.db import Database, StoreUnavailable, Transaction
from kit.ids import new_id
from kit.outbox import Outbox
from meguri.directory.v1 import directory_events_pb2 as pb
from tests import harness
from tests.service.kit.parts import (
    ENCODERS,
    Ear,
    Listening,
    event,
    headers,
    until,
)


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
        message = await dead.next_msg(timeout=30)
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

    async with asyncio.timeout(30):
        while await left() != [event_id]:  # noqa: ASYNC110 - the condition lives in the database
            await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


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
            await consumer.loop.apply(area, [(message, delivery)])
    for _ in range(4):
        await consumer.loop.apply(area, [(message, delivery)])
    assert done_with == ["again in 1 s", "again in 2 s", "again in 4 s", "ack"]


async def test_a_connection_the_library_gave_up_ends_the_process(bus: Bus) -> None:
    await bus.connection.close()
    async with asyncio.timeout(30):
        await bus.lost.wait()


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
        message = await dead.next_msg(timeout=30)
        assert (headers(message)["Meguri-Body-Bytes"], message.data) == ("1048500", b"")
        await harness.say(
            nats_url, area, "directory", "place_closed", pb.PlaceClosed(place_id="after")
        )
        await until(lambda: "after" in ear.heard)
    await connection.close()
