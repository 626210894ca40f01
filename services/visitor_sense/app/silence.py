"""Sensors that hear only in part: what each heard per hour, and the hours it touches."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from kit.db import ALL_AREAS, Transaction
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.domain import day
from services.visitor_sense.domain.observations import Batch, Pause, hours_of
from services.visitor_sense.domain.silence import LOOK_BACK, Flawed, Heard, flawed_hours
from services.visitor_sense.domain.sketch import distinct
from services.visitor_sense.domain.zones import Sensor
from services.visitor_sense.store import heard as store
from services.visitor_sense.store import zones as zone_store

KEPT = timedelta(days=60)


def heard_of(batches: Iterable[tuple[Batch, Sensor, NDArray[np.bool_]]]) -> list[Heard]:
    """Returns what accepted observations of batches add to their sensors' hours. Frames by
    frequency are told per batch, and count in the hour that it begins in."""
    found: dict[tuple[str, datetime], Heard] = {}
    for batch, sensor, keep in batches:
        times = batch.times_ms[keep]
        for number, hour in enumerate(hours_of(batch, keep)):
            begin_ms = day.to_ms(hour)
            mine = times[(times >= begin_ms) & (times < begin_ms + day.HOUR_MS)] - begin_ms
            minutes = sum(1 << int(minute) for minute in distinct(mine // day.MINUTE_MS))
            there = found.get((sensor.sensor_id, hour))
            by_mhz = dict(there.by_mhz) if there else {}
            for mhz, frames in batch.frames_by_mhz.items() if number == 0 else ():
                by_mhz[mhz] = by_mhz.get(mhz, 0) + frames
            found[sensor.sensor_id, hour] = Heard(
                sensor.sensor_id, sensor.zone_id, hour,
                (there.frames if there else 0) + int(mine.size),
                (there.minutes if there else 0) | minutes, by_mhz,
            )  # fmt: skip
    return [found[key] for key in sorted(found)]


async def read_flawed(
    tx: Transaction, first: datetime, last: datetime, now: datetime
) -> list[Flawed]:
    """Returns the finished hours from first to before last in which a sensor heard only in part."""
    last = min(last, day.hour_of(now))
    if first >= last:
        return []
    # An hour more: the usual looks at the hours beside it.
    heard = await store.read_heard(tx, first - LOOK_BACK - timedelta(hours=2), last)
    pauses = await zone_store.pauses_since(tx, first)
    hours = [first + timedelta(hours=number) for number in range(_hours(first, last))]
    paused = [
        (zone_id, hour)
        for zone_id, each in pauses.items()
        for hour in hours
        if any(_touches(pause, hour) for pause in each)
    ]
    return flawed_hours(heard, first, last, paused)


def _hours(first: datetime, last: datetime) -> int:
    return int((last - first).total_seconds()) // 3600


def _touches(pause: Pause, hour: datetime) -> bool:
    begun = pause.begin < hour + timedelta(hours=1)
    return begun and (pause.end is None or pause.end > hour)


async def forget_heard(deps: Deps) -> int:
    """Deletes what no hour is held against any more; returns how many rows."""
    async with deps.db.transaction(ALL_AREAS) as tx:
        return await store.forget_heard(tx, deps.clock.now() - KEPT)
