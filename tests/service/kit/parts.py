"""A tiny speaker and a tiny listener, for tests of outbox and bus."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from nats.aio.msg import Msg

from kit.bus import Bus, Consumer, Delivery, Hearing
from kit.db import ALL_AREAS, Database, Transaction
from kit.outbox import Encoders
from kit.pure.event import Event
from meguri.directory.v1 import directory_events_pb2 as pb


class PlaceClosed(Event):
    """Stands for any event."""


ENCODERS: Encoders = {PlaceClosed: lambda event: pb.PlaceClosed(place_id=event.aggregate_id)}


def event(area: str, place_id: str = "cave") -> PlaceClosed:
    return PlaceClosed(area=area, aggregate_id=place_id, version=1, occur_time=datetime.now(UTC))


def headers(message: Msg) -> dict[str, str]:
    assert message.headers
    return message.headers


async def waiting(database: Database) -> int:
    async with database.read(ALL_AREAS) as tx:
        row = await tx.fetch_one("select count(*) as n from outbox where published_time is null")
    return int(row["n"]) if row else -1


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


async def until(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - the condition lives in the code under test
            await asyncio.sleep(0.02)
