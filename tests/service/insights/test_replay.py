"""NATS is lost with all it held: the outboxes say it again, and the figures are as before."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from kit import config
from kit.auth import Role
from kit.bus import Bus
from kit.db import Database
from kit.outbox import Encoders, Outbox, Relay
from kit.pure.event import Event
from kit.replay import replay
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.directory.v1 import directory_service_pb2 as directory_words
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.insights.v1 import insights_service_pb2_grpc as pb_grpc
from meguri.multilingual.v1 import multilingual_events_pb2 as multilingual
from services.insights import events
from services.insights.main import build
from tests import harness, servers

TIMEOUT_S = 30.0
SCANS = 25


class AreaConfigured(Event):
    """The area and its zone, without which no event has a day."""


class ScanRecorded(Event):
    """A stop page was opened."""


ENCODERS: Encoders = {
    AreaConfigured: lambda event: directory.AreaConfigured(
        area=directory_words.Area(area=event.area, time_zone="Asia/Tokyo")
    ),
    ScanRecorded: lambda _event: multilingual.ScanRecorded(
        stop_code="K7Q2X", requested_locale="ko", served_locale="en"
    ),
}


@asynccontextmanager
async def a_new_nats(folder: Path) -> AsyncIterator[str]:
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix="nats-") as data,
        servers.running_nats(Path(data)) as url,
    ):
        await harness.make_streams(url)
        yield url


@asynccontextmanager
async def relaying(url: str, outboxes: dict[str, Database]) -> AsyncIterator[None]:
    """The relays of the services that said it."""
    async with AsyncExitStack() as stack:
        for service, database in outboxes.items():
            bus = Bus(config.load(service, {"MEGURI_NATS_URL": url}))
            await bus.open()
            stack.push_async_callback(bus.close)
            task = asyncio.create_task(Relay(service, database, Outbox(ENCODERS), bus).run())
            stack.callback(task.cancel)
        yield


async def day_of(it: harness.Running) -> pb.Day:
    """Reads today once all scans are in it."""
    stub = pb_grpc.InsightsServiceStub(it.channel("mine", Role.ANALYST))
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        day: pb.Day = (await stub.ReadToday(pb.ReadTodayRequest(), timeout=TIMEOUT_S)).day
        if day.scans.count >= SCANS:
            return day
        assert time.monotonic() < deadline, day
        await asyncio.sleep(0.05)


async def test_after_a_loss_of_nats_figures_are_as_before_and_a_new_listener_knows_all(
    service_database: Callable[[str], str], servers_folder: Path
) -> None:
    old, new = service_database("insights"), service_database("insights")
    outboxes = {name: Database(service_database(name)) for name in ("directory", "multilingual")}
    for database in outboxes.values():
        await database.open()
    now = datetime.now(UTC)

    async def say(service: str, kind: type[Event], count: int) -> None:
        async with outboxes[service].transaction("mine") as tx:
            for number in range(1, count + 1):
                said = kind(area="mine", aggregate_id="x", version=number, occur_time=now)
                await Outbox(ENCODERS).add(tx, said)

    async with (
        a_new_nats(servers_folder) as url,
        relaying(url, outboxes),
        harness.running("insights", events.ENCODERS, build, old, url) as it,
    ):
        await say("directory", AreaConfigured, 1)
        await say("multilingual", ScanRecorded, SCANS)
        before = await day_of(it)
    assert before.scans.count == SCANS

    for listener in (old, new):
        async with (
            a_new_nats(servers_folder) as url,
            relaying(url, outboxes),
            harness.running("insights", events.ENCODERS, build, listener, url) as it,
        ):
            said = [await replay(database, name) for name, database in outboxes.items()]
            assert said == [1, SCANS]
            await heard_all(url)
            assert (await day_of(it)).scans == before.scans
    for database in outboxes.values():
        await database.close()


async def heard_all(url: str) -> None:
    """Waits until insights has settled whatever the streams hold."""
    bus = Bus(config.load("test", {"MEGURI_NATS_URL": url}))
    await bus.open()
    try:
        for source, count in (("directory", 1), ("multilingual", SCANS)):
            async with asyncio.timeout(TIMEOUT_S):
                while True:
                    name = f"insights-hears-{source}"
                    floor = (await bus.stream.consumer_info(source.upper(), name)).ack_floor
                    if floor and floor.stream_seq == count:
                        break
                    await asyncio.sleep(0.05)
    finally:
        await bus.close()
