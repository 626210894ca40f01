"""Custody of day keys: in the memory of this process and of the sensors, nowhere else.

After a restart the sensors are asked for the key in use; a key they give back is recognized by its
check value. When none has it, a new epoch begins and every answer that it touches says so. The key
of a day gone by is never kept: who asks for yesterday (a replay across midnight) starts an epoch.
"""

import asyncio
import secrets
import struct
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.visitor_sense.app.deps import Deps
from services.visitor_sense.app.optouts import left_out
from services.visitor_sense.app.sensors import Signed
from services.visitor_sense.domain import day, sealing
from services.visitor_sense.domain.errors import (
    ClockSkewed,
    DayOutOfRange,
    EpochsExhausted,
    RequestMalformed,
    SitePaused,
)
from services.visitor_sense.domain.pseudonym import KEY_BYTES, check_value
from services.visitor_sense.store import sensors as store
from services.visitor_sense.store import zones as zone_store

CLOCK_TOLERANCE = timedelta(minutes=10)
NONCE_BYTES = 16
# Replays that reach across midnight, in a day; a sensor gone wild must not fill the table.
MAX_PAST_EPOCHS = 100


@dataclass(frozen=True)
class KeyRequest:
    """A sensor's request for a day key. nonce: 16 bytes bound into the answer."""

    key_date: date
    nonce: bytes
    request_time: datetime


@dataclass(frozen=True)
class Issued:
    """A day key as a sensor gets it. left_out: pseudonyms, 8 bytes each, little-endian."""

    epoch: int
    key: sealing.Sealed
    left_out: sealing.Sealed


@dataclass
class _Held:
    epoch: int
    key: bytearray

    def destroy(self) -> None:
        self.key[:] = bytes(len(self.key))


class Custody:
    """Holds the keys of today, one per area."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._held: dict[tuple[str, date], _Held] = {}
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def issue(self, signed: Signed, request: KeyRequest) -> Issued:
        """Returns the key, and who is left out under it, sealed to the sensor that asks.

        Errors: UnknownSensor, SensorRevoked, SignatureInvalid, RequestMalformed, ClockSkewed,
        DayOutOfRange, EpochsExhausted, SitePaused.
        """
        now = self._deps.clock.now()
        async with self._deps.db.read(signed.area) as tx:
            sensor = signed.check(await store.find_sensor(tx, signed.sensor_id))
            pauses = await zone_store.pauses_since(tx, now)
        if len(request.nonce) != NONCE_BYTES:
            raise RequestMalformed("The nonce is not 16 bytes.")
        if abs(request.request_time - now) > CLOCK_TOLERANCE:
            raise ClockSkewed("The sensor's clock is more than ten minutes off.")
        if sensor.zone_id in pauses:
            raise SitePaused("Observing is paused at this place.")
        today = day.key_date(now)
        if not today - timedelta(days=1) <= request.key_date <= today:
            raise DayOutOfRange("Day keys are given for today and yesterday only.")
        async with self._turns[signed.area]:
            held = await self._find(signed.area, request.key_date, now)
            use = sealing.KeyUse(
                signed.area, sensor.sensor_id, request.key_date, held.epoch, request.nonce
            )
            sealed = sealing.seal(bytes(held.key), sensor.sealing_public_key, use)
            async with self._deps.db.read(signed.area) as tx:
                names = await left_out(self._deps, tx, signed.area, bytes(held.key))
            packed = struct.pack(f"<{len(names)}Q", *names)
            listed = sealing.seal(packed, sensor.sealing_public_key, use.of_list())
            if self._held.get((signed.area, request.key_date)) is not held:
                held.destroy()  # of a day gone by: this sensor has it, nobody else
            return Issued(held.epoch, sealed, listed)

    async def todays_key(self, area: str) -> tuple[int, bytes]:
        """Returns epoch and key of today, for the hashing child."""
        now = self._deps.clock.now()
        async with self._turns[area]:
            held = await self._find(area, day.key_date(now), now)
            return held.epoch, bytes(held.key)

    async def _find(self, area: str, key_date: date, now: datetime) -> _Held:
        async with self._deps.db.read(area) as tx:
            last = await store.last_epoch(tx, key_date)
        if key_date != day.key_date(now):
            return await self._begin_past(area, key_date, last, now)
        held = self._held.get((area, key_date))
        # A key whose epoch is not the newest one is of an area dropped since, or was replaced.
        if held is not None and last == (held.epoch, check_value(bytes(held.key))):
            return held
        if held is not None:
            held.destroy()
        found = await self._recover(area, key_date, *last) if last else None
        self._held[area, key_date] = found or await self._begin(area, key_date, now)
        return self._held[area, key_date]

    async def _begin_past(
        self, area: str, key_date: date, last: tuple[int, bytes] | None, now: datetime
    ) -> _Held:
        if last is not None and last[0] >= MAX_PAST_EPOCHS:
            raise EpochsExhausted("Too many keys were asked for of a day gone by.")
        return await self._begin(area, key_date, now)

    async def _recover(self, area: str, key_date: date, epoch: int, check: bytes) -> _Held | None:
        for key in await self._deps.ask_sensors(area, key_date, epoch):
            if len(key) == KEY_BYTES and check_value(key) == check:
                return _Held(epoch, bytearray(key))
        return None

    async def _begin(self, area: str, key_date: date, now: datetime) -> _Held:
        key = secrets.token_bytes(KEY_BYTES)
        async with self._deps.db.transaction(area) as tx:
            last = await store.last_epoch(tx, key_date)
            epoch = last[0] + 1 if last else 1
            while not await store.add_epoch(tx, key_date, epoch, check_value(key), now):
                epoch += 1
        return _Held(epoch, bytearray(key))

    def forget_past(self) -> int:
        """Overwrites the keys of days gone by; returns how many. Called every second."""
        today = day.key_date(self._deps.clock.now())
        past = [name for name in self._held if name[1] != today]
        for name in past:
            self._held.pop(name).destroy()
        return len(past)
