"""Recording batches of observations: exactly once in effect, whatever is repeated or late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from kit import log
from kit.db import ALL_AREAS
from kit.pure.errors import Refusal
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.app.sensors import Signed
from services.visitor_sense.app.silence import heard_of
from services.visitor_sense.domain import day, sealing
from services.visitor_sense.domain.errors import SensorRevoked, UnknownSensor
from services.visitor_sense.domain.live import LiveUnavailable
from services.visitor_sense.domain.observations import (
    Batch,
    Pause,
    acceptable,
    add_batches,
    check_batch,
    hours_of,
    joined,
    near_minutes,
)
from services.visitor_sense.domain.sketch import Values, distinct
from services.visitor_sense.domain.zones import LIVE_WINDOW, Sensor
from services.visitor_sense.store import batches as batch_store
from services.visitor_sense.store import hours as hour_store
from services.visitor_sense.store import minutes as minute_store
from services.visitor_sense.store import sensors as sensor_store
from services.visitor_sense.store import zones as zone_store
from services.visitor_sense.store.heard import add_heard

BATCHES_KEPT = timedelta(days=2)
FORGET_PORTION = 5_000


@dataclass(frozen=True)
class Arrival:
    """A signed batch as it arrived."""

    signed: Signed
    batch: Batch


@dataclass(frozen=True)
class Own:
    """A batch that this service made itself for an enrolled sensor."""

    sensor_id: str
    batch: Batch

    @property
    def signed(self) -> "Own":
        """Its own proof."""
        return self

    def check(self, sensor: Sensor | None) -> Sensor:
        """Returns the sensor. Errors: UnknownSensor, SensorRevoked."""
        if sensor is None:
            raise UnknownSensor("No such sensor is enrolled.")
        if sensor.revoke_time is not None:
            raise SensorRevoked("The sensor was revoked.")
        return sensor


@dataclass(frozen=True)
class Recorded:
    """What became of arrivals. rejected: batch id to refusal; nothing of these was counted."""

    fresh: int
    accepted: int
    refused: int
    rejected: Mapping[str, Refusal]


@dataclass(frozen=True)
class _Proved:
    batch: Batch
    sensor: Sensor
    keep: NDArray[np.bool_]


async def record_batches(
    deps: Deps, area: str, arrivals: Sequence[Arrival] | Sequence[Own]
) -> Recorded:
    """Counts batches of one area in one transaction; ones seen before change nothing."""
    now = deps.clock.now()
    async with deps.db.transaction(area) as tx:
        sensors = {sensor.sensor_id: sensor for sensor in await sensor_store.list_sensors(tx)}
        pauses = await zone_store.pauses_since(tx, now - day.RETENTION)
        proved, rejected = _prove(arrivals, sensors, pauses, now)
        new_ids = await batch_store.claim_batches(tx, [one.batch.batch_id for one in proved], now)
        fresh = [one for one in proved if one.batch.batch_id in new_ids]
        together = _together(fresh)
        keys = {(one.sensor.zone_id, hour) for one in together
                for hour in hours_of(one.batch, one.keep)}  # fmt: skip
        hours = await hour_store.lock_hours(tx, keys) if keys else {}
        for (zone_id, _), zone_hour in hours.items():
            mine = [(one.batch, one.keep) for one in fresh if one.sensor.zone_id == zone_id]
            add_batches(zone_hour, mine)
            await hour_store.put_hour(tx, zone_hour, now)
        await minute_store.add_near(tx, _near(together))
        await add_heard(tx, heard_of((one.batch, one.sensor, one.keep) for one in fresh))
        for sensor_id in sorted({one.sensor.sensor_id for one in fresh}):
            said = [one for one in fresh if one.sensor.sensor_id == sensor_id]
            accepted = sum(int(one.keep.sum()) for one in said)
            total = sum(one.keep.size for one in said)
            await sensor_store.add_report(tx, sensor_id, now, len(said), accepted, total - accepted)
    await show_live(deps, area, seen_now(_together(proved), now))
    accepted = sum(int(one.keep.sum()) for one in fresh)
    total = sum(one.keep.size for one in fresh)
    return Recorded(len(fresh), accepted, total - accepted, rejected)


def _prove(
    arrivals: Sequence[Arrival] | Sequence[Own], sensors: Mapping[str, Sensor],
    pauses: Mapping[str, Sequence[Pause]], now: datetime,
) -> tuple[list[_Proved], dict[str, Refusal]]:  # fmt: skip
    proved, rejected = dict[str, _Proved](), dict[str, Refusal]()
    for arrival in arrivals:
        batch = arrival.batch
        try:
            sensor = arrival.signed.check(sensors.get(batch.sensor_id))
            check_batch(batch)
        except Refusal as refusal:
            rejected[batch.batch_id] = refusal
            continue
        keep = acceptable(batch, now, pauses.get(sensor.zone_id, ()))
        proved[batch.batch_id] = _Proved(batch, sensor, keep)
    return list(proved.values()), rejected


def _together(proved: Sequence[_Proved]) -> list[_Proved]:
    """Returns the same observations with one batch per sensor and day key: sets cost per call."""
    groups: dict[tuple[str, date, int], list[_Proved]] = {}
    for one in proved:
        name = (one.sensor.sensor_id, one.batch.key_date, one.batch.key_epoch)
        groups.setdefault(name, []).append(one)
    return [_joined(group) if len(group) > 1 else group[0] for group in groups.values()]


def _joined(group: Sequence[_Proved]) -> _Proved:
    keep = np.concatenate([one.keep for one in group])
    return _Proved(joined([one.batch for one in group]), group[0].sensor, keep)


def _near(fresh: Sequence[_Proved]) -> dict[tuple[str, datetime], Values]:
    """Returns the devices near by per zone and minute."""
    parts: dict[tuple[str, datetime], list[Values]] = {}
    for one in fresh:
        for minute, devices in near_minutes(one.batch, one.keep).items():
            parts.setdefault((one.sensor.zone_id, minute), []).append(devices)
    return {key: distinct(np.concatenate(found)) for key, found in parts.items()}


def seen_now(proved: Sequence[_Proved], now: datetime) -> dict[tuple[str, int], Values]:
    """Returns the devices of the live window per zone and minute."""
    since_ms = day.to_ms(now - LIVE_WINDOW - timedelta(minutes=1))
    parts: dict[tuple[str, int], list[Values]] = {}
    for one in proved:
        recent = one.keep & one.batch.visiting & (one.batch.times_ms >= since_ms)
        minutes, devices = one.batch.times_ms // day.MINUTE_MS, one.batch.devices
        for minute in distinct(minutes[recent]).tolist():
            mask = recent & (minutes == minute)
            parts.setdefault((one.sensor.zone_id, minute), []).append(devices[mask])
    return {name: distinct(np.concatenate(found)) for name, found in parts.items()}


async def show_live(deps: Deps, area: str, seen: Mapping[tuple[str, int], Values]) -> None:
    """Adds devices to the live figures. A live store that is down is rebuilt later."""
    deps.touched.add(area)
    if not seen:
        return
    try:
        await deps.live.add(area, seen)
    except LiveUnavailable as error:
        log.get("live").warning("live figures wait", error=str(error))


async def rebuild_live(deps: Deps, area: str, arrivals: Sequence[Arrival]) -> None:
    """Adds batches to the live figures only; they were counted before."""
    now = deps.clock.now()
    async with deps.db.read(area) as tx:
        sensors = {sensor.sensor_id: sensor for sensor in await sensor_store.list_sensors(tx)}
        pauses = await zone_store.pauses_since(tx, now - day.RETENTION)
    proved, _ = _prove(arrivals, sensors, pauses, now)
    await show_live(deps, area, seen_now(_together(proved), now))


async def forget_batches(deps: Deps) -> int:
    """Forgets one portion of batches counted long ago; returns how many.

    Their stream keeps 24 hours and observations older than that do not count, so that no
    repetition of them could do anything.
    """
    before = deps.clock.now() - BATCHES_KEPT
    async with deps.db.transaction(ALL_AREAS) as tx:
        return await batch_store.forget_batches(tx, before, FORGET_PORTION)


def signed_batch(area: str, sensor_id: str, body: bytes, signature: bytes) -> Signed:
    """Returns the proof of a batch."""
    return Signed(area, sensor_id, sealing.OBSERVATIONS, body, signature)
