"""Sends the rows of a CSV file as a sensor would: hashed here, signed, kept on disk until sent."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from services.visitor_sense.domain import day
from services.visitor_sense.sensor.batches import Batcher, Boot, Counters, SignedBatch
from services.visitor_sense.sensor.replay import ACCEPTED, Player
from services.visitor_sense.sensor.rows import RowsUnreadable, read_kept, read_times


@dataclass(frozen=True)
class Imported:
    """What became of a file. rows: all of it. old: more than 24 hours back. to_come: of a time
    that is still to come. left_out: of devices on the opt-out list."""

    rows: int
    sent: int
    old: int
    to_come: int
    left_out: int
    batches: int


async def import_rows(player: Player, path: Path) -> Imported:
    """Sends the rows of the last 24 hours. Errors: RowsUnreadable before anything was sent;
    LinkDown, KeyRefused."""
    now_ms = day.to_ms(player.clock.now())
    oldest_ms = now_ms - round(ACCEPTED.total_seconds() * 1000)
    times = await asyncio.to_thread(lambda: list(read_times(path)))
    if not times:
        raise RowsUnreadable("The file holds no row.")
    fresh = [time_ms for time_ms in times if oldest_ms <= time_ms <= now_ms]
    boot, counters = Boot(), Counters()
    batchers: dict[int, Batcher] = {}
    keys: dict[int, bytes] = {}
    for number in sorted({day.day_number(time_ms) for time_ms in fresh}):
        key = await player.link.fetch_key(day.date_of_day(number))
        batchers[number] = player.make_batcher(boot, key, counters)
        keys[number] = key.reveal()
        key.destroy()
    sent = 0

    async def store(batch: SignedBatch | None) -> None:
        nonlocal sent
        if batch is not None:
            player.spool.put(batch)
            sent += 1
            if len(player.spool) >= 32:
                await player.link.forward(player.spool)

    for time_ms, kept in read_kept(path, keys):
        if oldest_ms <= time_ms <= now_ms:
            await store(batchers[day.day_number(time_ms)].add(time_ms, kept))
    for batcher in batchers.values():
        await store(batcher.flush())
    await player.link.forward(player.spool)
    old = sum(time_ms < oldest_ms for time_ms in times)
    return Imported(
        rows=len(times), sent=counters.probes_read, old=old,
        to_come=len(times) - len(fresh) - old, left_out=len(fresh) - counters.probes_read,
        batches=sent,
    )  # fmt: skip
