"""Sensors that send over NATS, each with its own enrolled login; a program beside the visitors.

Run as: python -m loadtests.sensors. A line on stdin is the order; once all sensors are connected
and have their day key, as real ones ask for it, a line is answered; the next line is the monotonic
time to begin at; the last answer is one JSON document. Batches are sent at their times, whoever is
still waiting for an acknowledgement. Environment: MEGURI_NATS_URL, MEGURI_SENSOR_NATS_USER,
MEGURI_SENSOR_NATS_PASSWORD.
"""

import asyncio
import json
import os
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from kit import log
from kit.clock import SystemClock
from loadtests import arrivals
from services.visitor_sense.domain import day
from services.visitor_sense.sensor.batches import Batcher, Boot, Counters, SignedBatch
from services.visitor_sense.sensor.credential import read_credential
from services.visitor_sense.sensor.link import Bus, Link, LinkDown
from services.visitor_sense.sensor.spool import Spool

PHONES_A_BATCH = 25  # probe requests that a sensor of a zone hears within a second
KNOWN_PHONES = 400  # of a zone: the same come again, as phones do
TRIES, PAUSE_S = 8, 1.0


class Order(msgspec.Struct):
    """What to send. per_s: batches of all sensors together, at factor 1 of the shape's points."""

    credentials: list[str]
    per_s: float
    seconds: int
    points: list[tuple[float, float]]
    seed: str


@dataclass
class Heard:
    """What became of the batches. ms: until the acknowledgement, for each that has one."""

    asked: int = 0
    acknowledged: int = 0
    observations: int = 0
    refused: list[str] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)


class Sensor:
    """One enrolled sensor of the day. spool: a folder of its own, as on its disk."""

    def __init__(self, file: Path, spool: Path, seed: str) -> None:
        credential = read_credential(file)
        bus = Bus(
            os.environ["MEGURI_NATS_URL"], os.environ["MEGURI_SENSOR_NATS_USER"],
            os.environ["MEGURI_SENSOR_NATS_PASSWORD"],
        )  # fmt: skip
        self._credential, self._clock = credential, SystemClock()
        self.link = Link(bus, credential, self._clock)
        self._spool_of, self._boot, self._chance = spool, Boot(), random.Random(seed)
        self._batcher: Batcher | None = None

    async def begin(self) -> None:
        """Connects and gets today's key. Errors: LinkDown, KeyRefused."""
        await self.link.open()
        key = await self.link.fetch_key(day.key_date(self._clock.now()))
        self.link.keys = {key.key_date: key}
        self._batcher = Batcher(self._credential, self._boot, key, Counters())

    def hear(self) -> SignedBatch:
        """Returns a batch of what phones sent within the last second."""
        if self._batcher is None:
            raise RuntimeError("a sensor hears nothing before it has a key")
        now_ms = day.to_ms(datetime.now(UTC))
        for _ in range(PHONES_A_BATCH):
            phone = self._chance.randrange(KNOWN_PHONES)
            kept: Any = (
                phone * 0x9E3779B97F4A7C15 % 2**64, phone % 40, -40 - phone % 45,
                self._chance.randrange(4096), True, (2412).to_bytes(2, "little"),
            )  # fmt: skip
            self._batcher.add(now_ms - self._chance.randrange(1_000), kept)
        ready = self._batcher.flush()
        if ready is None:
            raise RuntimeError("a full second made no batch")
        return ready

    async def send(self, batch: SignedBatch) -> None:
        """Sends a batch until it is acknowledged. Errors: LinkDown after TRIES."""
        spool = Spool(self._spool_of / batch.message_id.replace(":", "_"))
        spool.put(batch)
        for number in range(1, TRIES + 1):
            try:
                await self.link.forward(spool)
            except LinkDown:
                if number == TRIES:
                    raise
                await asyncio.sleep(PAUSE_S)
            else:
                return


async def play(order: Order, folder: Path) -> Heard:
    """Sends all batches of a run at their times."""
    sensors = [
        Sensor(Path(file), folder / str(number), f"{order.seed} {number}")
        for number, file in enumerate(order.credentials)
    ]
    await asyncio.gather(*(each.begin() for each in sensors))
    print("ready", flush=True)
    began = float(await asyncio.to_thread(sys.stdin.readline))
    shape = arrivals.Shape(tuple((share, factor) for share, factor in order.points))
    times = arrivals.due_times(order.per_s, shape, order.seconds, f"{order.seed} sensors")
    heard, waiting = Heard(asked=len(times)), set[asyncio.Task[None]]()
    for number, due in enumerate(times):
        await asyncio.sleep(max(0.0, began + due - time.monotonic()))
        task = asyncio.create_task(_one(sensors[number % len(sensors)], due, heard))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    await asyncio.gather(*waiting)
    await asyncio.gather(*(each.link.close() for each in sensors))
    return heard


async def _one(sensor: Sensor, due: float, heard: Heard) -> None:
    batch, began = sensor.hear(), time.monotonic()
    try:
        await sensor.send(batch)
    except LinkDown as error:
        heard.refused.append(str(error))
        return
    heard.acknowledged += 1
    heard.observations += batch.size
    heard.at.append(round(due, 2))
    heard.ms.append(round((time.monotonic() - began) * 1000, 1))


def main() -> None:
    """Reads the order and answers."""
    log.configure("sensor", "error")
    order = msgspec.json.decode(sys.stdin.readline(), type=Order)
    with tempfile.TemporaryDirectory(prefix="meguri-sensors-") as folder:
        heard = asyncio.run(play(order, Path(folder)))
    print(json.dumps(asdict(heard)))


if __name__ == "__main__":
    main()
