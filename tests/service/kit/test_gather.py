"""Events of a kind that are heard together are given to one handler as one, each once."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from kit import telemetry
from kit.bus import Bus, Consumer, Delivery, Hearing
from kit.db import Database, Transaction
from kit.ids import new_id
from kit.pull import Poison
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
