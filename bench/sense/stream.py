"""From the stream to a committed count, beside nothing but fetching and acknowledging."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from bench import cpu, rounds
from bench.sense import stage
from services.visitor_sense.events.observations import STREAM

BATCHES = 1_600  # 800,000 observations
CROWD = 20_000
FETCH = 256
LONGEST_S = 120.0


class Rivals:
    """The same batches, counted by the service or only fetched."""

    def __init__(self, on: stage.Stage) -> None:
        self._on, self._sequence = on, 1
        self._sensor = on.sensors[0]

    def measures(self) -> Mapping[str, rounds.Measure]:
        """Returns what is measured in turn; fetching reads what was counted before it."""
        return {"stream to aggregate, and plain fetch": lambda: asyncio.run(self._round())}

    async def _round(self) -> dict[str, float]:
        process = self._on.bench.process("visitor_sense")
        found = stage.batches(self._sensor, BATCHES, self._sequence, CROWD)
        self._sequence += BATCHES
        async with self._on.connected() as client:
            stream = client.jetstream()
            first = (await stream.stream_info(STREAM)).state.last_seq + 1
            wanted = self._counted() + BATCHES * stage.PER_MESSAGE
            with _standing_still(process):
                await stage.publish(client, self._sensor, found)
            began, spent = time.monotonic(), cpu.spent_s(process)
            while self._counted() < wanted:
                await asyncio.sleep(0.02)
                if time.monotonic() - began > LONGEST_S:
                    raise RuntimeError("the batches were not counted")
            counted_s, counted_cpu_s = time.monotonic() - began, cpu.spent_s(process) - spent
            fetched_s = await _fetch_all(client, first)
        observations = BATCHES * stage.PER_MESSAGE
        return {
            "aggregate_per_second": observations / counted_s,
            "fetch_per_second": observations / fetched_s,
            "aggregate_cpu_us": 1e6 * counted_cpu_s / observations,
        }

    def _counted(self) -> int:
        url = self._on.bench.admin_url("visitor_sense")
        with psycopg.connect(url, autocommit=True) as connection:
            row = connection.execute("select coalesce(sum(frames), 0) from zone_hours").fetchone()
        return int(row[0]) if row else 0


@contextmanager
def _standing_still(process: int) -> Iterator[None]:
    """Holds the service while its batches are stored, so that only counting them is timed."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


async def _fetch_all(client: Client, first: int) -> float:
    stream = client.jetstream(timeout=10)
    config = ConsumerConfig(
        ack_policy=AckPolicy.EXPLICIT, deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=first, inactive_threshold=30.0, max_ack_pending=FETCH * 4,
    )  # fmt: skip
    info = await stream.add_consumer(STREAM, config)
    subscription = await stream.pull_subscribe_bind(consumer=info.name, stream=STREAM)
    began, read = time.monotonic(), 0
    while read < BATCHES:
        for message in await subscription.fetch(min(FETCH, BATCHES - read), timeout=10):
            await message.ack()
            read += 1
    spent = time.monotonic() - began
    await subscription.unsubscribe()
    return spent
