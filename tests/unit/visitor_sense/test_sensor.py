"""The sensor program without a network: batches, spool, replay, midnight."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from kit.clock import ManualClock
from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as wire
from services.visitor_sense.domain import day, sealing
from services.visitor_sense.sensor import batches
from services.visitor_sense.sensor.batches import (
    BATCH_OBSERVATIONS,
    Batcher,
    Boot,
    Counters,
    DayKey,
    SignedBatch,
)
from services.visitor_sense.sensor.captures import RADIOTAP, CaptureError
from services.visitor_sense.sensor.credential import make_credential
from services.visitor_sense.sensor.link import KeyRefused, LinkDown
from services.visitor_sense.sensor.program import Program
from services.visitor_sense.sensor.replay import Player
from services.visitor_sense.sensor.spool import Spool
from tests.unit.visitor_sense import made

CREDENTIAL = make_credential("mine", "gate-1", "gate")
TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)  # noon in Japan
NOON_MS = day.to_ms(NOON)


class FakeLink:
    """A link that keeps what is sent; `down` and `refusal` make it fail."""

    def __init__(self) -> None:
        self.keys: dict[date, DayKey] = {}
        self.control = asyncio.Event()
        self.sent: list[tuple[str, bytes]] = []
        self.asked: list[date] = []
        self.down = False
        self.refusal = ""
        self.health = 0

    async def fetch_key(self, key_date: date) -> DayKey:
        self.asked.append(key_date)
        if self.down:
            raise LinkDown("down")
        if self.refusal:
            raise KeyRefused(self.refusal)
        return DayKey(key_date, 1, bytes([key_date.day] * 32))

    async def forward(self, spool: Spool) -> int:
        if self.down:
            raise LinkDown("down")
        for path in spool.waiting():
            self.sent.append((spool.message_id(path, "gate-1"), path.read_bytes()))
            spool.remove(path)
        return len(self.sent)

    async def say_health(self, *_: object) -> None:
        self.health += 1

    def observations(self) -> list[wire.ObservationBatch]:
        """Returns what was sent, decoded."""
        bodies = [wire.SignedBySensor.FromString(payload).body for _, payload in self.sent]
        return [wire.ObservationBatch.FromString(body) for body in bodies]


async def until(holds: Callable[[], object]) -> None:
    """Waits until something holds."""
    async with asyncio.timeout(2):
        while not holds():  # noqa: ASYNC110 - the program under test has no such event
            await asyncio.sleep(0.01)


def batcher(boot: Boot | None = None, counters: Counters | None = None) -> Batcher:
    key = DayKey(TODAY, 3, bytes(range(32)))
    return Batcher(CREDENTIAL, boot or Boot(), key, counters or Counters())


def decoded(batch: SignedBatch | None) -> wire.ObservationBatch:
    assert batch is not None
    return wire.ObservationBatch.FromString(wire.SignedBySensor.FromString(batch.payload).body)


class TestBatches:
    def test_a_batch_says_what_was_seen_and_who_saw_it(self) -> None:
        boot = Boot()
        one = batcher(boot)
        assert one.feed(NOON_MS + 5, RADIOTAP, made.probe(sequence=9)) is None
        assert one.feed(NOON_MS, RADIOTAP, made.probe(made.MADE_UP)) is None
        signed = one.flush()
        message = decoded(signed)
        assert (message.boot_id, message.sequence) == (boot.boot_id, 1)
        assert (message.key_date, message.key_epoch) == ("2026-11-21", 3)
        assert message.base_time.ToDatetime(tzinfo=UTC) == NOON
        assert list(message.offsets_ms) == [5, 0]
        assert list(message.randomized) == [False, True]
        assert list(message.frame_sequences) == [9, 7]
        assert list(message.rssi_dbm) == [-60, -60]
        assert dict(message.frames_by_mhz) == {2412: 2}
        assert signed is not None
        assert signed.message_id == f"gate-1:{boot.boot_id}:1"
        envelope = wire.SignedBySensor.FromString(signed.payload)
        text = sealing.signed_text(sealing.OBSERVATIONS, "mine", "gate-1", envelope.body)
        sealing.verify(CREDENTIAL.signing_public_key, envelope.signature, text)
        assert one.flush() is None

    def test_no_form_of_an_address_or_network_name_is_in_a_batch(self) -> None:
        one = batcher()
        one.feed(NOON_MS, RADIOTAP, made.probe(elements=made.ssid(b"Tanaka-home") + made.RATES))
        signed = one.flush()
        assert signed is not None
        for form in (made.PHONE, made.PHONE[::-1], made.PHONE.hex().encode(), b"Tanaka"):
            assert form not in signed.payload

    def test_batches_are_full_or_of_one_hour(self) -> None:
        one = batcher()
        ready = [one.feed(NOON_MS, RADIOTAP, made.probe()) for _ in range(BATCH_OBSERVATIONS)]
        assert len(decoded(ready[-1]).offsets_ms) == BATCH_OBSERVATIONS
        assert ready[:-1] == [None] * (BATCH_OBSERVATIONS - 1)
        assert one.feed(NOON_MS, RADIOTAP, made.probe()) is None
        jumped = one.feed(NOON_MS - batches.BATCH_SPAN_MS - 1, RADIOTAP, made.probe())
        assert len(decoded(jumped).offsets_ms) == 1
        assert len(decoded(one.flush()).offsets_ms) == 1

    def test_everything_is_counted_once(self) -> None:
        counters = Counters()
        one = batcher(counters=counters)
        for frame in (made.probe(), b"broken", made.probe(frame_control=b"\x80\0")):
            one.feed(NOON_MS, RADIOTAP, frame)
        assert (counters.frames_read, counters.probes_read, counters.frames_broken) == (3, 1, 1)

    def test_a_destroyed_key_is_zeros(self) -> None:
        key = DayKey(TODAY, 1, bytes(range(32)))
        key.destroy()
        assert key.reveal() == bytes(32)


class TestSpool:
    def signed(self, sequence: int, size: int = 10) -> SignedBatch:
        return SignedBatch(f"gate-1:b00t:{sequence}", sequence, size, bytes(100))

    def test_batches_come_back_in_order_with_their_ids(self, tmp_path: Path) -> None:
        spool = Spool(tmp_path)
        for sequence in (1, 2, 10):
            assert spool.put(self.signed(sequence)) == 0
        again = Spool(tmp_path)
        assert [again.message_id(path, "gate-1") for path in again.waiting()] == [
            "gate-1:b00t:1", "gate-1:b00t:2", "gate-1:b00t:10",
        ]  # fmt: skip
        again.remove(again.waiting()[0])
        assert len(again) == 2

    def test_the_oldest_are_given_up_when_the_disk_bound_is_reached(self, tmp_path: Path) -> None:
        spool = Spool(tmp_path, bound_bytes=250)
        given_up = [spool.put(self.signed(sequence, size=sequence)) for sequence in (1, 2, 3, 4)]
        assert given_up == [0, 0, 1, 2]
        assert len(spool) == 2

    def test_nothing_waits_longer_than_a_day(self, tmp_path: Path) -> None:
        spool = Spool(tmp_path)
        spool.put(self.signed(1, size=7))
        written_s = spool.waiting()[0].stat().st_mtime
        assert spool.drop_expired(written_s + 86_399) == 0
        assert spool.drop_expired(written_s + 86_401) == 7
        assert len(spool) == 0

    def test_batches_given_up_while_they_are_sent_are_no_error(self, tmp_path: Path) -> None:
        spool = Spool(tmp_path, bound_bytes=250)
        spool.put(self.signed(1))
        (oldest,) = spool.waiting()
        for sequence in (2, 3):
            spool.put(self.signed(sequence))
        assert not oldest.exists()
        assert spool.read(oldest) is None
        spool.remove(oldest)
        assert (len(spool), spool.put(self.signed(4))) == (2, 10)

    def test_half_written_files_are_swept(self, tmp_path: Path) -> None:
        (tmp_path / "b00t-000000000001-5.part").write_bytes(b"half")
        assert len(Spool(tmp_path)) == 0
        assert list(tmp_path.iterdir()) == []


@pytest.fixture
def player(tmp_path: Path) -> Callable[[datetime], tuple[Player, FakeLink]]:
    """Makes a player at a moment, with a link that keeps what is sent."""

    def make(now: datetime) -> tuple[Player, FakeLink]:
        link = FakeLink()
        return Player(
            link, Spool(tmp_path / "spool"), ManualClock(now), "gate-1",  # type: ignore[arg-type]
            partial(Batcher, CREDENTIAL),
        ), link  # fmt: skip

    return make


Make = Callable[[datetime], tuple[Player, FakeLink]]


class TestReplay:
    async def test_the_last_frame_is_now_and_distances_stay(
        self, player: Make, tmp_path: Path
    ) -> None:
        one, link = player(NOON)
        path = made.pcap(tmp_path / "a", made.crowd(20, span_s=90))
        done = await one.play(path)
        assert done.last_time == NOON
        assert done.first_time == NOON - timedelta(seconds=90)
        assert (done.frames, done.probe_frames, done.frames_too_old) == (60, 60, 0)
        assert (done.batches, done.batches_waiting) == (1, 0)
        assert done.key_epochs == {"2026-11-21": 1}
        (message,) = link.observations()
        assert max(message.offsets_ms) == 90_000
        assert done.shift_ms == NOON_MS - 1_700_000_060_000 - 30_000
        assert set(done.to_json()) >= {"shift_ms", "first_time", "sensor_id", "boot_id"}

    async def test_what_falls_more_than_a_day_back_is_left_out_and_said(
        self, player: Make, tmp_path: Path
    ) -> None:
        one, link = player(NOON)
        path = made.pcap(tmp_path / "a", made.crowd(31, 1, span_s=30 * 3600))
        done = await one.play(path)
        assert done.frames_too_old == 7  # one frame an hour; 30 … 24 hours back
        assert done.probe_frames == 24
        assert sum(len(batch.offsets_ms) for batch in link.observations()) == 24

    async def test_each_side_of_midnight_has_its_own_key(
        self, player: Make, tmp_path: Path
    ) -> None:
        one, link = player(datetime(2026, 11, 20, 15, 10, tzinfo=UTC))  # 0:10 in Japan
        done = await one.play(made.pcap(tmp_path / "a", made.crowd(1, 21, span_s=1200)))
        assert done.key_epochs == {"2026-11-20": 1, "2026-11-21": 1}
        before, after = link.observations()
        assert (before.key_date, after.key_date) == ("2026-11-20", "2026-11-21")
        assert (len(before.offsets_ms), len(after.offsets_ms)) == (10, 11)
        assert set(before.pseudonyms).isdisjoint(after.pseudonyms)

    async def test_a_broken_file_sends_nothing(self, player: Make, tmp_path: Path) -> None:
        one, link = player(NOON)
        path = made.pcap(tmp_path / "a", made.crowd(700))
        path.write_bytes(path.read_bytes()[:-10])
        with pytest.raises(CaptureError) as refused:
            await one.play(path)
        assert refused.value.reason == "CAPTURE_TRUNCATED"
        path.write_bytes(path.read_bytes()[:24])
        with pytest.raises(CaptureError) as empty:
            await one.play(path)
        assert empty.value.reason == "CAPTURE_EMPTY"
        assert (link.sent, link.asked, len(one.spool)) == ([], [], 0)

    async def test_played_live_it_takes_its_time(self, player: Make, tmp_path: Path) -> None:
        one, link = player(NOON)
        began = asyncio.get_running_loop().time()
        done = await one.play(made.pcap(tmp_path / "a", made.crowd(10, span_s=60)), speed=600)
        assert asyncio.get_running_loop().time() - began >= 0.09
        assert done.first_time == NOON
        assert done.last_time == NOON + timedelta(milliseconds=100)
        assert sum(len(batch.offsets_ms) for batch in link.observations()) == 30

    async def test_without_a_link_batches_wait(self, player: Make, tmp_path: Path) -> None:
        one, link = player(NOON)
        fetch = link.fetch_key

        async def then_down(key_date: date) -> DayKey:
            key = await fetch(key_date)
            link.down = True
            return key

        link.fetch_key = then_down  # type: ignore[method-assign]
        with pytest.raises(LinkDown):
            await one.play(made.pcap(tmp_path / "a", made.crowd(10)))
        assert len(one.spool) == 1


class TestProgram:
    def program(self, tmp_path: Path, now: datetime) -> tuple[Program, FakeLink, ManualClock]:
        link, clock = FakeLink(), ManualClock(now)
        return Program(link, Spool(tmp_path), clock, CREDENTIAL), link, clock  # type: ignore[arg-type]

    async def test_frames_become_batches_and_the_day_ends_with_its_key(
        self, tmp_path: Path
    ) -> None:
        end = day.next_midnight(NOON)
        program, link, clock = self.program(tmp_path, end - timedelta(milliseconds=100))
        running = asyncio.create_task(program.run())
        await until(lambda: link.keys)
        key = link.keys[TODAY]
        program.take(RADIOTAP, made.probe())
        clock.advance(timedelta(milliseconds=100))
        await asyncio.wait_for(running, 2)
        assert key.reveal() == bytes(32)
        assert link.keys == {}
        await link.forward(program.spool)
        assert [len(batch.offsets_ms) for batch in link.observations()] == [1]
        assert link.health == 1

    async def test_a_day_is_kept_to_on_disk_also_while_the_link_is_up(self, tmp_path: Path) -> None:
        program, link, clock = self.program(tmp_path, datetime.now(UTC))
        program.spool.put(SignedBatch("gate-1:b00t:1", 1, 7, b"old"))
        clock.advance(timedelta(hours=25))

        async def nothing_moves(spool: Spool) -> int:
            return 0

        link.forward = nothing_moves  # type: ignore[method-assign]
        running = asyncio.create_task(program.run())
        await until(lambda: link.health)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert (len(program.spool), program.counters.observations_dropped) == (0, 7)

    async def test_while_paused_nothing_is_looked_at(self, tmp_path: Path) -> None:
        program, link, _ = self.program(tmp_path, NOON)
        link.refusal = "SITE_PAUSED"
        running = asyncio.create_task(program.run())
        await until(lambda: link.asked)
        program.take(RADIOTAP, made.probe())
        assert program.counters.frames_read == 0
        link.refusal = ""
        link.control.set()  # the service says that something changed
        await until(lambda: link.keys)
        program.take(RADIOTAP, made.probe())
        assert program.counters.probes_read == 1
        link.refusal = "SITE_PAUSED"
        link.control.set()
        await until(lambda: not link.keys)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        # What was seen before the pause is not lost: it waits, or was sent at once.
        assert len(program.spool) + len(link.sent) == 1
