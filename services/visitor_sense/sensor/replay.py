"""Plays a capture file into the platform through the same code as a live sensor."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from kit.clock import Clock
from services.visitor_sense.domain import day
from services.visitor_sense.sensor import captures
from services.visitor_sense.sensor.batches import Batcher, Boot, Counters, SignedBatch
from services.visitor_sense.sensor.link import Link
from services.visitor_sense.sensor.spool import Spool

# Observations are refused 24 hours after they were made; a margin for the way.
ACCEPTED = day.RETENTION - timedelta(minutes=5)
_FRAMES_A_TURN = 2_000


@dataclass(frozen=True)
class Replay:
    """What a replay did. Times of the observations as they were counted.

    shift_ms: added to every time stamp of the file (whole milliseconds).
    frames_too_old: left out because they fell more than 24 hours back.
    key_epochs: per local day. batches_waiting: not acknowledged; the next run sends them.
    """

    sensor_id: str
    boot_id: str
    frames: int
    probe_frames: int
    frames_broken: int
    frames_too_old: int
    shift_ms: int
    first_time: datetime
    last_time: datetime
    key_epochs: dict[str, int]
    batches: int
    batches_waiting: int

    def to_json(self) -> dict[str, object]:
        """Returns it for `--json`."""
        return {
            **asdict(self),
            "first_time": self.first_time.isoformat(timespec="milliseconds"),
            "last_time": self.last_time.isoformat(timespec="milliseconds"),
        }


@dataclass(frozen=True)
class Player:
    """A sensor that reads from a file instead of the air."""

    link: Link
    spool: Spool
    clock: Clock
    sensor_id: str
    make_batcher: Callable[..., Batcher]

    async def play(self, path: Path, *, retime: bool = True, speed: float = 0.0) -> Replay:
        """Plays a file. Errors: CaptureError before anything was sent; LinkDown, KeyRefused.

        retime: move all times so that the last frame is now, keeping their distances.
        speed: 0 as fast as possible; else frames are played as they come, so many times faster
        than they were, each stamped with the moment it is played.
        """
        found = await asyncio.to_thread(captures.survey, path)
        if not found.frames:
            raise captures.CaptureError("CAPTURE_EMPTY", "The file holds no frame.")
        now_ms = day.to_ms(self.clock.now())
        shift_ms = now_ms - found.last_ms if retime else 0
        oldest_ms = now_ms - round(ACCEPTED.total_seconds() * 1000)
        counters, boot = Counters(), Boot()
        paced = _Pace(found.first_ms, now_ms, speed) if speed else None
        first_ms = max(found.first_ms + shift_ms, oldest_ms)
        last_ms = found.last_ms + shift_ms
        if paced:
            first_ms, last_ms = now_ms, paced.time_of(found.last_ms)
        run = _Run(self, boot, counters, oldest_ms)
        await run.fetch_keys(first_ms, last_ms)
        async for time_ms, link_type, frame in _paced(path, shift_ms, paced):
            await run.feed(time_ms, link_type, frame)
        await run.finish()
        return Replay(
            sensor_id=self.sensor_id, boot_id=boot.boot_id, frames=found.frames,
            probe_frames=counters.probes_read, frames_broken=counters.frames_broken,
            frames_too_old=run.too_old, shift_ms=shift_ms,
            first_time=day.from_ms(first_ms), last_time=day.from_ms(last_ms),
            key_epochs={key.isoformat(): epoch for key, epoch in run.epochs.items()},
            batches=run.batches, batches_waiting=len(self.spool),
        )  # fmt: skip


class _Pace:
    """Maps times of the file to the moments at which its frames are played."""

    def __init__(self, first_ms: int, start_ms: int, speed: float) -> None:
        self._first_ms, self._start_ms, self._speed = first_ms, start_ms, speed

    def time_of(self, file_ms: int) -> int:
        return self._start_ms + round((file_ms - self._first_ms) / self._speed)


async def _paced(path: Path, shift_ms: int, pace: _Pace | None) -> AsyncIterator[captures.Frame]:
    loop = asyncio.get_running_loop()
    begin_s, begin_ms = loop.time(), None
    for number, (file_ms, link_type, frame) in enumerate(captures.read_frames(path)):
        if pace is None:
            if number % _FRAMES_A_TURN == 0:
                await asyncio.sleep(0)  # the link must be able to breathe
            yield file_ms + shift_ms, link_type, frame
            continue
        time_ms = pace.time_of(file_ms)
        begin_ms = time_ms if begin_ms is None else begin_ms
        wait_s = begin_s + (time_ms - begin_ms) / 1000 - loop.time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        yield time_ms, link_type, frame


class _Run:
    """The state of one replay: a batcher per local day, and what was left out."""

    def __init__(self, player: Player, boot: Boot, counters: Counters, oldest_ms: int) -> None:
        self._player, self._boot, self._counters = player, boot, counters
        self._oldest_ms = oldest_ms
        self._batchers: dict[int, Batcher] = {}
        self.epochs: dict[date, int] = {}
        self.too_old = self.batches = 0

    async def fetch_keys(self, first_ms: int, last_ms: int) -> None:
        """Fetches the key of every local day that the file falls into, before anything is sent."""
        for number in range(day.day_number(first_ms), day.day_number(last_ms) + 1):
            key = await self._player.link.fetch_key(day.date_of_day(number))
            self._batchers[number] = self._player.make_batcher(self._boot, key, self._counters)
            self.epochs[key.key_date] = key.epoch
            key.destroy()

    async def feed(self, time_ms: int, link_type: int, frame: bytes) -> None:
        """Takes one frame."""
        if time_ms < self._oldest_ms:
            self.too_old += 1
            return
        ready = self._batchers[day.day_number(time_ms)].feed(time_ms, link_type, frame)
        if ready is not None:
            await self._store(ready)

    async def finish(self) -> None:
        """Sends all that is left."""
        for batcher in self._batchers.values():
            ready = batcher.flush()
            if ready is not None:
                await self._store(ready)
        await self._player.link.forward(self._player.spool)

    async def _store(self, batch: SignedBatch) -> None:
        self._player.spool.put(batch)
        self.batches += 1
        if len(self._player.spool) >= 32:
            await self._player.link.forward(self._player.spool)
