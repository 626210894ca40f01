"""Every batch counts once, whatever happens to it on its way.

Proves: batches delivered twice and shuffled, a service that is stopped in between, and batches
that waited on the sensor give the very same figures as an undisturbed run.
"""

import random
import uuid
from pathlib import Path
from typing import Any

import nats
import pytest

from kit import config, pull
from kit.bus import Bus
from kit.clock import SystemClock
from kit.db import StoreBusy
from kit.replay import dead_letters, deliver_again
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.app.observations import record_batches
from services.visitor_sense.domain import day
from services.visitor_sense.events import observations
from services.visitor_sense.sensor.batches import Batcher, Boot, Counters
from services.visitor_sense.sensor.link import LinkDown
from services.visitor_sense.sensor.spool import Spool
from tests.service.visitor_sense.conftest import Sense, Start, enroll, until
from tests.unit.visitor_sense import made


async def stored(sense: Sense) -> list[tuple[str, bytes]]:
    """Returns subject and payload of the batches of this test's area, in order."""
    connection = await nats.connect(sense.nats_url)
    subject = f"observations.{sense.area}.>"
    subscription = await connection.jetstream().subscribe(subject, ordered_consumer=True)
    found = []
    try:
        while True:
            message = await subscription.next_msg(timeout=0.3)
            found.append((message.subject, message.data))
    except nats.errors.TimeoutError:
        return found
    finally:
        await connection.close()


def figures(hours: list[wire.ZoneHourCount]) -> list[tuple[int, ...]]:
    return [
        (h.hour_start_time.seconds, h.frames, h.addresses.estimate, h.devices.estimate, h.bursts)
        for h in hours
    ]


async def test_doubled_shuffled_and_interrupted_batches_count_once(
    start: Start, tmp_path: Path
) -> None:
    capture = made.pcap(tmp_path / "a", made.crowd(5_500, 2, span_s=3 * 3600))
    async with start() as sense:
        await enroll(sense)
        done = await sense.replay(capture)
        undisturbed = figures(await sense.counted(done))
        batches = await stored(sense)
    assert len(batches) == done.batches > 20
    again = batches * 2
    random.Random(1).shuffle(again)
    connection = await nats.connect(sense.nats_url)
    half = len(again) // 2
    for part in (again[:half], again[half:]):
        async with start() as sense:
            for subject, payload in part:
                await connection.jetstream().publish(subject, payload)  # no message id: no help
            last = f"observations.{sense.area}.marker"
            await connection.jetstream().publish(last, b"not a batch")
            await until(lambda: all_consumed(sense))
            assert figures(await sense.count(done)) == undisturbed
    await connection.close()


async def all_consumed(sense: Sense) -> bool:
    """Tells whether the durable consumer has nothing left."""
    connection = await nats.connect(sense.nats_url)
    try:
        info = await connection.jetstream().consumer_info("OBSERVATIONS", "visitor_sense")
        return not info.num_pending and not info.num_ack_pending
    finally:
        await connection.close()


async def test_sketches_and_lists_give_equal_figures_in_any_order(
    sense: Sense, tmp_path: Path
) -> None:
    """One zone and hour beyond the exact limit: the estimate has an interval that holds.

    Nineteen times in twenty, that is: keys are random. Twice as wide it always does.
    """
    done = await sense.replay(made.pcap(tmp_path / "a", made.crowd(9_000, 1, span_s=1)))
    hours = await sense.counted(done)
    figures = [hour.addresses for hour in hours]
    assert sum(2 * each.low - each.estimate for each in figures) <= 9_000
    assert sum(2 * each.high - each.estimate for each in figures) >= 9_000
    assert sum(each.high - each.low for each in figures) < 900
    assert not all(hour.addresses_exact for hour in hours)  # two hours, at worst
    assert sum(hour.frames for hour in hours) == 9_000


async def test_what_could_not_be_sent_is_sent_later(sense: Sense, tmp_path: Path) -> None:
    link = await sense.link()
    spool = Spool(tmp_path / "spool")

    now = SystemClock().now()
    key = await link.fetch_key(day.key_date(now))
    batcher = Batcher(sense.credential, Boot(), key, Counters())
    batcher.feed(day.to_ms(now), 127, made.probe())
    ready = batcher.flush()
    assert ready is not None
    spool.put(ready)
    await link.close()
    with pytest.raises(LinkDown):
        await link.forward(spool)
    assert len(spool) == 1
    link = await sense.link()
    assert await link.forward(spool) == 1
    await link.close()

    async def counted() -> bool:
        request = wire.ListSensorsRequest()
        (found,) = (await sense.admin.ListSensors(request, timeout=30)).sensors
        return bool(found.observations == 1)

    await until(counted)


async def test_a_revoked_sensor_counts_no_more(sense: Sense, tmp_path: Path) -> None:
    await sense.replay(made.pcap(tmp_path / "a", made.crowd(30)))
    ((subject, payload),) = await stored(sense)
    await sense.admin.RevokeSensor(
        wire.RevokeSensorRequest(
            request_id=str(uuid.uuid4()), sensor_id=sense.credential.sensor_id
        ),
        timeout=30,
    )
    connection = await nats.connect(sense.nats_url)
    forged = bytearray(payload)
    forged[len(forged) // 2] ^= 1
    for body in (payload, bytes(forged), b"", b"\xff" * 100):
        await connection.jetstream().publish(subject, body)
    await connection.close()
    await until(lambda: all_consumed(sense))
    (found,) = (await sense.admin.ListSensors(wire.ListSensorsRequest(), timeout=30)).sensors
    assert (found.batches, found.observations) == (1, 90)
    assert found.state == wire.SENSOR_STATE_REVOKED


class Hiccup:
    """Makes counting fail for batches of so many observations, a number of times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, size: int, times: int) -> None:
        self.size, self.times = size, times
        self._real = record_batches
        monkeypatch.setattr(observations, "record_batches", self)
        monkeypatch.setattr(pull, "RETRY_PAUSE_S", 0.01)

    async def __call__(self, deps: Any, area: str, arrivals: Any) -> Any:
        if self.times and any(one.batch.times_ms.size == self.size for one in arrivals):
            self.times -= 1
            raise RuntimeError("a mistake of ours")
        return await self._real(deps, area, arrivals)


async def test_a_batch_that_fails_is_tried_again_and_counts(
    sense: Sense, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hiccup = Hiccup(monkeypatch, size=30, times=4)
    done = await sense.replay(made.pcap(tmp_path / "a", made.crowd(30, 1)))
    hours = await sense.counted(done)
    assert (hiccup.times, sum(hour.frames for hour in hours)) == (0, 30)


async def test_a_batch_that_always_fails_becomes_a_dead_letter_without_its_content(
    sense: Sense, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Hiccup(monkeypatch, size=30, times=1_000_000)
    connection = await nats.connect(sense.nats_url)
    dead = await connection.jetstream().subscribe(
        "meguri_dead.visitor_sense.observations", ordered_consumer=True
    )
    bad = await sense.replay(made.pcap(tmp_path / "a", made.crowd(30, 1)))
    good = await sense.replay(made.pcap(tmp_path / "b", made.crowd(20, 1)))
    assert sum(hour.frames for hour in await sense.counted(good)) == 20
    letter = await dead.next_msg(timeout=30)
    assert letter.data == b""
    assert letter.headers is not None
    assert letter.headers["Meguri-Batch"] == f"gate-1:{bad.boot_id}:1"
    assert letter.headers["Meguri-Reason"] == "RuntimeError"
    await connection.close()


async def test_a_malformed_batch_becomes_a_dead_letter_without_its_content(sense: Sense) -> None:
    connection = await nats.connect(sense.nats_url)
    stream = connection.jetstream()
    stored = await stream.publish(f"observations.{sense.area}.gate-1", b"\xff no batch")
    await until(lambda: all_consumed(sense))
    (letter,) = [letter async for letter in dead_letters(stream, "observations")]
    headers = letter.message.headers or {}
    assert (letter.reason, letter.message.data) == ("BATCH_MALFORMED", b"")
    assert (headers["Meguri-Stream"], headers["Meguri-Sequence"]) == (
        "OBSERVATIONS", str(stored.seq),
    )  # fmt: skip
    await connection.close()


async def test_a_batch_given_up_counts_once_its_reason_is_gone(
    sense: Sense, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hiccup = Hiccup(monkeypatch, size=30, times=pull.MAX_FAILURES)
    done = await sense.replay(made.pcap(tmp_path / "a", made.crowd(30, 1)))
    bus = Bus(config.load("test", {"MEGURI_NATS_URL": sense.nats_url}))
    await bus.open()

    async def buried() -> bool:
        return [letter async for letter in dead_letters(bus.stream)] != []

    await until(buried)
    assert hiccup.times == 0
    (letter,) = [letter async for letter in dead_letters(bus.stream)]
    assert await deliver_again(bus.stream, letter)
    assert sum(hour.frames for hour in await sense.counted(done)) == 30
    await bus.close()


async def test_a_batch_that_fails_again_is_a_dead_letter_again_and_counts_in_the_end(
    sense: Sense, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All within the two minutes in which NATS drops repeats."""
    hiccup = Hiccup(monkeypatch, size=30, times=2 * pull.MAX_FAILURES)
    done = await sense.replay(made.pcap(tmp_path / "a", made.crowd(30, 1)))
    bus = Bus(config.load("test", {"MEGURI_NATS_URL": sense.nats_url}))
    await bus.open()

    async def buried() -> bool:
        return [letter async for letter in dead_letters(bus.stream)] != []

    for _ in range(2):
        await until(buried)
        (letter,) = [letter async for letter in dead_letters(bus.stream)]
        assert await deliver_again(bus.stream, letter)
    assert hiccup.times == 0
    assert sum(hour.frames for hour in await sense.counted(done)) == 30
    await bus.close()


async def test_a_busy_store_gives_up_no_batch(
    sense: Sense, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "RETRY_PAUSE_S", 0.01)
    monkeypatch.setattr(pull, "BEHIND_S", 0.02)
    left = 3 * pull.MAX_FAILURES

    async def busy(deps: Any, area: str, arrivals: Any) -> Any:
        nonlocal left
        if left:
            left -= 1
            raise StoreBusy("x")
        return await record_batches(deps, area, arrivals)

    monkeypatch.setattr(observations, "record_batches", busy)
    done = await sense.replay(made.pcap(tmp_path / "a", made.crowd(30, 1)))
    assert sum(hour.frames for hour in await sense.counted(done)) == 30
    assert left == 0
