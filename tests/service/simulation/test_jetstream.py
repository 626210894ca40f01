"""The model of JetStream against a real nats-server: the same words, the same answers."""

import asyncio
import json
import random
import uuid
from typing import Any

import pytest
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from kit import config
from kit.bus import Bus
from kit.quick_pull import QuickPull
from simulation.bus.client import ModelBus, Network
from simulation.loop import LIFE, Life
from simulation.world import FAIR, World
from tests import harness

SETTLES_S = 0.1  # what was asked for ahead is on its way, and what was said is worked on apart
MOST_PENDING = 6


class Talk:
    """One random conversation with a server, and what came of it."""

    def __init__(self, bus: Any, seed: int, area: str) -> None:
        self.bus, self.chance = bus, random.Random(seed)
        self.subject = f"meguri.{area}.directory.v1.place_closed"
        self.log: list[str] = []
        self.count = 0
        self.held: list[Any] = []
        self.durable = f"{area}-hears-directory"

    async def play(self, count: int) -> list[str]:
        """Says so many things."""
        await self.bus.stream.add_consumer("DIRECTORY", ConsumerConfig(
            durable_name=self.durable, filter_subject=f"{self.subject.rpartition('.')[0]}.>",
            ack_policy=AckPolicy.EXPLICIT, ack_wait=60, max_ack_pending=MOST_PENDING,
            deliver_policy=DeliverPolicy.ALL,
        ))  # fmt: skip
        self.pull = await QuickPull(self.bus.connection, "DIRECTORY", self.durable).open()
        acts = [self._publish, self._publish, self._batch, self._fetch, self._fetch, self._settle,
                self._settle]  # fmt: skip
        for _ in range(count):
            act = self.chance.choice(acts)
            self.log.append(f"{act.__name__}: {await act()}")
            await asyncio.sleep(SETTLES_S)
            info = await self.bus.connection.jetstream().consumer_info("DIRECTORY", self.durable)
            self.log.append(f"waits for {info.num_ack_pending}, has left {info.num_pending}")
        return self.log

    def _headers(self) -> tuple[str, dict[str, str]]:
        again = self.count and self.chance.random() < 0.3
        number = self.chance.randrange(self.count) if again else self.count
        self.count += not again
        return f"m{number}", {"Nats-Msg-Id": f"{self.durable}-{number}"}

    def _heard(self, answer: Any) -> str:
        told = json.loads(answer.data)
        if "error" in told:
            return "refused"
        return f"{told['seq']} {told.get('duplicate', False)} {told.get('count')}"

    async def _publish(self) -> str:
        name, headers = self._headers()
        line = self.bus.connection
        answer = await line.request(self.subject, name.encode(), headers=headers, timeout=5)
        return self._heard(answer)

    async def _batch(self) -> str:
        rows = [self._headers() for _ in range(3)]
        batch = f"{self.durable}{self.count}{self.chance.getrandbits(32)}"[-64:]
        line = self.bus.connection
        said = [(self.subject, name.encode(),
                 {**headers, "Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(place)})
                for place, (name, headers) in enumerate(rows, 1)]  # fmt: skip
        await line.publish_all(said[:-1])
        subject, body, headers = said[-1]
        answer = await line.request(
            subject, body, headers={**headers, "Nats-Batch-Commit": "1"}, timeout=5
        )
        return self._heard(answer)

    async def _fetch(self) -> str:
        try:
            found = await self.pull.fetch(self.chance.randrange(1, 5), 0.2)
        except TimeoutError:
            return "nothing"
        self.held += found
        return " ".join(f"{each.data.decode()}x{each.reply.split('.')[-5]}" for each in found)

    async def _settle(self) -> str:
        if not self.held:
            return "nothing is held"
        message = self.held.pop(self.chance.randrange(len(self.held)))
        word = self.chance.choice(["ack", "ack", "nak", "term"])
        if word == "ack":
            await self.bus.connection.acknowledge([message])
        else:
            await getattr(message, word)()
        return f"{word} {message.data.decode()}"


def modelled(seed: int, area: str, count: int) -> list[str]:
    """The conversation with the model."""
    world = World(seed, FAIR)
    life = Life("test")

    async def talk() -> list[str]:
        LIFE.set(life)
        return await Talk(ModelBus(Network(world), life), seed, area).play(count)

    return world.loop.run(talk())


@pytest.mark.parametrize("seed", range(6))
async def test_the_same_words_have_the_same_answers(nats_url: str, seed: int) -> None:
    await harness.make_streams(nats_url)
    area = f"s{uuid.uuid4().hex[:12]}"
    bus = Bus(config.load("kit_test", {"MEGURI_NATS_URL": nats_url}))
    await bus.open()
    try:
        real = await Talk(bus, seed, area).play(40)
    finally:
        await bus.close()
    for place, (ours, theirs) in enumerate(zip(modelled(seed, area, 40), real, strict=True)):
        assert ours == theirs, real[: place + 1]
    assert any("True" in each or "x2" in each for each in real), "nothing came twice"
