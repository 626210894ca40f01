"""How old what a visitor reads is: from a frame in the air to a level, under load.

Real sensors (their program, their spool, their second between two batches) hear made-up frames.
Some watch zones of their own that are empty but for twelve phones heard at one moment: the time
until anybody can read that the zone is no longer quiet is the age of a live figure at its worst.
"""

import asyncio
import contextlib
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.sense.growth import frames
from bench.sense.stage import Stage
from kit.clock import SystemClock
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.sensor.captures import RADIOTAP
from services.visitor_sense.sensor.link import Link
from services.visitor_sense.sensor.program import Program
from services.visitor_sense.sensor.spool import Spool

PER_SECOND = 10_000
LOADED, BEATS = 10, 60  # zones under load; zones with one moment each
TICK_S, PHONES = 0.02, 12
LOOK_S = 0.02
LONGEST_S = 10.0


async def ages(on: Stage) -> dict[str, float]:
    """Returns the age of live figures in seconds, and what was really sent a second."""
    bus = on.bus()
    with tempfile.TemporaryDirectory(prefix="meguri-bench-") as folder:
        programs = [
            Program(Link(bus, sensor, SystemClock()), Spool(Path(folder) / sensor.sensor_id),
                    SystemClock(), sensor)
            for sensor in on.sensors
        ]  # fmt: skip
        work = [asyncio.create_task(_live(program)) for program in programs]
        try:
            while not all(program.link.keys for program in programs):  # noqa: ASYNC110 - as they come
                await asyncio.sleep(0.1)
            loading = asyncio.create_task(_load(programs[:LOADED]))
            found = await _beat(on, programs[LOADED:])
            loading.cancel()
            sent = sum(program.counters.probes_read for program in programs[:LOADED])
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
    quantiles = statistics.quantiles(found, n=100)
    return {
        "live_age_p50_s": quantiles[49],
        "live_age_p99_s": quantiles[98],
        "live_observations": sent,
        "live_beats": len(found),
    }


async def _live(program: Program) -> None:
    await program.link.open(wait_s=30)
    try:
        await program.run()
    finally:
        await program.link.close()


async def _load(programs: Sequence[Program]) -> None:
    """Has frames heard at PER_SECOND, in ticks, by one sensor after the other."""
    some = list(frames(20_000))
    began, heard = time.monotonic(), 0
    while True:
        due = int((time.monotonic() - began) * PER_SECOND)
        while heard < due:
            programs[heard % len(programs)].take(RADIOTAP, some[heard % len(some)])
            heard += 1
        await asyncio.sleep(TICK_S)


async def _beat(on: Stage, programs: Sequence[Program]) -> list[float]:
    """Returns, per zone, the seconds until what was heard there could be read."""
    chance, some = random.Random(1), list(frames(PHONES))
    heard: dict[str, float] = {}
    found: dict[str, float] = {}
    looking = asyncio.create_task(_look(on, heard, found))
    await asyncio.sleep(2)  # the load has begun
    for program in programs:
        for frame in some:
            program.take(RADIOTAP, frame)
        heard[program.credential.zone_id] = time.monotonic()
        await asyncio.sleep(chance.uniform(0.1, 0.4))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_S):
            while len(found) < len(programs):  # noqa: ASYNC110 - filled by a thread
                await asyncio.sleep(LOOK_S)
    looking.cancel()
    if len(found) < len(programs):
        raise RuntimeError(f"{len(programs) - len(found)} zones were never seen")
    return list(found.values())


async def _look(on: Stage, heard: dict[str, float], found: dict[str, float]) -> None:
    while True:
        answer = await asyncio.to_thread(on.occupancy)
        now = time.monotonic()
        for zone in answer.zones:
            seen = zone.level >= wire.OCCUPANCY_LEVEL_NORMAL
            if seen and zone.zone_id in heard and zone.zone_id not in found:
                found[zone.zone_id] = now - heard[zone.zone_id]
        await asyncio.sleep(LOOK_S)


def measure(on: Stage) -> dict[str, float]:
    """Returns the figures of one run; the zones after the loaded ones must be fresh."""
    began = time.monotonic()
    answer = asyncio.run(ages(on))
    return answer | {"live_run_s": time.monotonic() - began}
