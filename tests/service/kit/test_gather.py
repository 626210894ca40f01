"""Events of a kind that are heard together are given to one handler as one, each once."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from kit import telemetry
from kit.bus import Bus, Consumer, Delivery, Hearing
from kit.db import Database, Transaction
from kit.ids import new_id
from kit.pull import Poison
from kit.stopping import end
from meguri.directory.v1 import directory_events_pb2 as pb

Pairs = Sequence[tuple[Delivery, Any]]


def closed(area: str, place_id: str, event: str = "place_closed") -> Delivery:
    body = pb.PlaceClosed(place_id=place_id).SerializeToString()
    return Delivery(
        new_id(), event, area, "directory", place_id, 1, datetime.now(UTC),
        f"00-{uuid.uuid4().hex}-{1:016x}-01", body,
    )  # fmt: skip


class Gathering:
    """A consumer that gathers places that closed and hears singly of those that opened."""

    def __init__(self, bus: Bus, database: Database) -> None:
        self.said: list[Any] = []
        self.fails = False
        self.own = f"kit{uuid.uuid4().hex[:8]}"
        self.consumer = Consumer(bus, database, self.own, "directory", [
            Hearing("directory", "place_closed", pb.PlaceClosed, gather=self._gather),
            Hearing("directory", "place_reopened", pb.PlaceReopened, self._handle),
        ])  # fmt: skip

    async def hear(self, *deliveries: Delivery) -> None:
        await self.consumer._apply(deliveries[0].area, list(deliveries))

    async def _gather(self, _tx: Transaction, pairs: Pairs) -> None:
        if self.fails:
            raise RuntimeError("not now")
        self.said.append([body.place_id for _, body in pairs])

    async def _handle(self, _tx: Transaction, delivery: Delivery, _body: Any) -> None:
        self.said.append(delivery.aggregate_id)


class Abreast:
    """A consumer of real deliveries, four at a time, that keeps them inside until a gate opens.

    It hears what other tests said, too, and lets it pass.
    """

    def __init__(self, bus: Bus, database: Database, area: str, *, commutes: bool = True) -> None:
        self.gate = asyncio.Event()
        self.inside: list[list[str]] = []
        self.heard: list[str] = []
        self.singly: list[str] = []
        self.broken: set[str] = set()
        self.most, self.commutes = 0, commutes
        self._area, self._bus, self._said = area, bus, 0
        own = f"kit{uuid.uuid4().hex[:8]}"
        self._consumer = Consumer(bus, database, own, "directory", [
            Hearing("directory", "place_closed", pb.PlaceClosed, gather=self._gather,
                    commutes=self.commutes),
            Hearing("directory", "place_reopened", pb.PlaceReopened, self._handle),
        ], fetch=4)  # fmt: skip
        self._task: asyncio.Task[None] | None = None

    async def _gather(self, tx: Transaction, pairs: Pairs) -> None:
        names = [body.place_id for each, body in pairs if each.area == self._area]
        if not names:
            return
        self.inside.append(names)
        self.most = max(self.most, len(self.inside))
        try:
            await self.gate.wait()
            if self.broken & set(names):
                raise RuntimeError("not now")
        finally:
            self.inside.remove(names)
        tx.after_commit(lambda: self.heard.extend(names))

    async def _handle(self, tx: Transaction, delivery: Delivery, body: Any) -> None:
        if delivery.area == self._area:
            tx.after_commit(lambda: self.singly.append(body.place_id))

    def start(self) -> None:
        self._task = asyncio.create_task(self._consumer.run())

    async def publish(self, event: str, count: int) -> None:
        for _ in range(count):
            body = pb.PlaceClosed(place_id=str(self._said)).SerializeToString()
            self._said += 1
            headers = {
                "ce-id": new_id(), "ce-subject": "p", "ce-aggregateversion": "1",
                "ce-time": datetime.now(UTC).isoformat(), "Nats-Msg-Id": new_id(),
            }  # fmt: skip
            subject = f"meguri.{self._area}.directory.v1.{event}"
            await self._bus.stream.publish(subject, body, headers=headers)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():  # noqa: ASYNC110 - any condition
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        await end([self._task] if self._task else [])


@pytest.fixture
def gathering(bus: Bus, database: Database) -> Gathering:
    """A consumer that is given deliveries by hand."""
    return Gathering(bus, database)


async def test_all_of_a_kind_come_together_after_the_single_ones_and_once(
    gathering: Gathering, area: str
) -> None:
    a, b, c = (closed(area, name) for name in "abc")
    single = closed(area, "s", "place_reopened")
    await gathering.hear(a, b, single, a)
    assert gathering.said == ["s", ["a", "b"]]
    await gathering.hear(b, single, c, a)
    assert gathering.said[2:] == [["c"]]


async def test_where_gathering_fails_nothing_was_heard(gathering: Gathering, area: str) -> None:
    gathering.fails = True
    both = closed(area, "a"), closed(area, "b")
    with pytest.raises(RuntimeError):
        await gathering.hear(*both)
    gathering.fails = False
    await gathering.hear(*both)
    assert gathering.said == [["a", "b"]], "the inbox knew nothing of the first attempt"


async def test_a_body_that_cannot_be_read_is_poison(gathering: Gathering, area: str) -> None:
    with pytest.raises(Poison):
        await gathering.hear(closed(area, "a"), closed(area, "b")._replace(body=b"\xff"))
    assert gathering.said == []


async def test_steps_of_recorded_traces_are_written_once_it_is_committed(
    gathering: Gathering, area: str, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.configure("kit", 0)
    both = closed(area, "a"), closed(area, "b")
    gathering.fails = True
    with pytest.raises(RuntimeError):
        await gathering.hear(*both)
    assert "hear place_closed" not in capsys.readouterr().err
    gathering.fails = False
    await gathering.hear(*both)
    told = capsys.readouterr().err
    assert told.count("hear place_closed") == 2
    assert all(each.traceparent in told for each in both)


async def test_the_time_of_each_step_is_told(gathering: Gathering, area: str) -> None:
    await gathering.hear(closed(area, "a"), closed(area, "b"))
    for step in ("inbox", "handle", "write"):
        spent = telemetry.HEARING_SECONDS.labels(gathering.own, "directory", step)
        assert spent._value.get() > 0, step


@pytest.fixture
async def waiting(bus: Bus, database: Database, area: str) -> AsyncIterator[Abreast]:
    """A consumer of batches of four, of which nobody is let through yet."""
    it = Abreast(bus, database, area)
    yield it
    await it.close()


async def test_full_batches_of_gathered_kinds_are_written_side_by_side(waiting: Abreast) -> None:
    await waiting.publish("place_closed", 16)
    waiting.start()
    await waiting.until(lambda: len(waiting.inside) == 2)
    await asyncio.sleep(0.1)
    assert len(waiting.inside) == 2, "and no third"
    waiting.gate.set()
    await waiting.until(lambda: len(waiting.heard) == 16)
    assert sorted(waiting.heard) == sorted(set(waiting.heard)), "each once"
    assert waiting.most == 2


async def test_what_is_heard_singly_waits_for_all_before_it(waiting: Abreast) -> None:
    await waiting.publish("place_closed", 8)
    await waiting.publish("place_reopened", 2)
    waiting.start()
    await waiting.until(lambda: len(waiting.inside) == 2)
    await asyncio.sleep(0.1)
    assert waiting.singly == []
    waiting.gate.set()
    await waiting.until(lambda: len(waiting.singly) == 2)
    assert len(waiting.heard) == 8


async def test_a_batch_that_fails_goes_one_by_one_beside_the_other(waiting: Abreast) -> None:
    waiting.broken = {"2"}
    waiting.gate.set()
    await waiting.publish("place_closed", 8)
    waiting.start()
    await waiting.until(lambda: len(waiting.heard) == 7)
    assert "2" not in waiting.heard
    waiting.broken = set()
    await waiting.until(lambda: len(waiting.heard) == 8)


async def test_kinds_that_a_newer_version_replaces_are_heard_in_order(
    bus: Bus, database: Database, area: str
) -> None:
    ordered = Abreast(bus, database, area, commutes=False)
    try:
        await ordered.publish("place_closed", 16)
        ordered.start()
        await ordered.until(lambda: len(ordered.inside) == 1)
        await asyncio.sleep(0.1)
        assert len(ordered.inside) == 1
        ordered.gate.set()
        await ordered.until(lambda: len(ordered.heard) == 16)
        assert ordered.heard == [str(number) for number in range(16)]
        assert ordered.most == 1
    finally:
        await ordered.close()
