"""Enrolment, revocation, health and proof of sensors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kit.db import Transaction
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.domain import sealing
from services.visitor_sense.domain.errors import (
    SensorExists,
    SensorRevoked,
    UnknownSensor,
    UnknownZone,
)
from services.visitor_sense.domain.zones import SLUG, Sensor, SensorKind, SensorState, state_of
from services.visitor_sense.store import sensors as store
from services.visitor_sense.store import zones as zone_store
from services.visitor_sense.store.gadgets import list_gadgets
from services.visitor_sense.store.meraki import list_networks, refused_posts
from services.visitor_sense.store.refusals import Refused, read_refused

KEY_BYTES = 32


@dataclass(frozen=True)
class Enrolment:
    """Who a new sensor is: its id, its zone and its two public keys."""

    sensor_id: str
    zone_id: str
    signing_public_key: bytes
    sealing_public_key: bytes


@dataclass(frozen=True)
class Signed:
    """A message with the proof of who made it. purpose: see domain.sealing."""

    area: str
    sensor_id: str
    purpose: str
    body: bytes
    signature: bytes

    def check(self, sensor: Sensor | None) -> Sensor:
        """Returns the sensor. Errors: UnknownSensor, SensorRevoked, SignatureInvalid."""
        if sensor is None:
            raise UnknownSensor("No such sensor is enrolled.")
        if sensor.revoke_time is not None:
            raise SensorRevoked("The sensor was revoked.")
        text = sealing.signed_text(self.purpose, self.area, self.sensor_id, self.body)
        sealing.verify(sensor.signing_public_key, self.signature, text)
        return sensor


async def enroll_sensor(
    deps: Deps, area: str, key: RequestKey, enrolment: Enrolment
) -> tuple[Sensor, SensorState]:
    """Enrolls a sensor. Errors: InvalidFields, UnknownZone, SensorExists."""
    check_enrolment(enrolment)
    async with deps.db.transaction(area) as tx:

        async def enroll() -> None:
            await add_enrolled(tx, deps, enrolment)

        await once(tx, key, type(None), enroll)
        return await _with_state(tx, deps, enrolment.sensor_id)


def check_enrolment(enrolment: Enrolment) -> None:
    """Errors: InvalidFields."""
    bad = []
    if not SLUG.fullmatch(enrolment.sensor_id):
        bad.append(("sensor_id", "use 1 to 40 of a-z, 0-9 and -"))
    bad += [
        (name, f"give {KEY_BYTES} bytes")
        for name in ("signing_public_key", "sealing_public_key")
        if len(getattr(enrolment, name)) != KEY_BYTES
    ]
    if bad:
        raise InvalidFields(bad)


async def add_enrolled(tx: Transaction, deps: Deps, enrolment: Enrolment) -> None:
    """Adds a sensor. Errors: UnknownZone, SensorExists."""
    zones = await zone_store.list_zones(tx)
    if enrolment.zone_id not in {zone.zone_id for zone in zones}:
        raise UnknownZone("The zone does not exist in this area.")
    sensor = Sensor(
        sensor_id=enrolment.sensor_id,
        zone_id=enrolment.zone_id,
        signing_public_key=enrolment.signing_public_key,
        sealing_public_key=enrolment.sealing_public_key,
        enroll_time=deps.clock.now(),
    )
    await store.add_sensor(tx, sensor)
    found = await store.find_sensor(tx, enrolment.sensor_id)
    same = found is not None and (
        found.zone_id, found.signing_public_key, found.sealing_public_key
    ) == (sensor.zone_id, sensor.signing_public_key, sensor.sealing_public_key)  # fmt: skip
    if not same:
        raise SensorExists("The sensor id is taken. Choose another.")


async def revoke_sensor(
    deps: Deps, area: str, key: RequestKey, sensor_id: str
) -> tuple[Sensor, SensorState]:
    """Revokes a sensor for good. Errors: UnknownSensor."""
    async with deps.db.transaction(area) as tx:

        async def revoke() -> None:
            await store.revoke_sensor(tx, sensor_id, deps.clock.now())

        await once(tx, key, type(None), revoke)
        return await _with_state(tx, deps, sensor_id)


async def _with_state(tx: Transaction, deps: Deps, sensor_id: str) -> tuple[Sensor, SensorState]:
    found = await store.find_sensor(tx, sensor_id)
    if found is None:
        raise UnknownSensor("No such sensor is enrolled.")
    return found, state_of(found, deps.clock.now(), paused=False)


@dataclass(frozen=True)
class Listed:
    """A sensor as its page shows it. refusals: newest first."""

    sensor: Sensor
    state: SensorState
    kind: SensorKind = SensorKind.PROBES
    refusals: Sequence[Refused] = ()


async def list_sensors(deps: Deps, area: str) -> Sequence[Listed]:
    """Returns the sensors with their state, those that need somebody first."""
    now = deps.clock.now()
    async with deps.db.read(area) as tx:
        sensors = await store.list_sensors(tx)
        pauses = await zone_store.pauses_since(tx, now)
        posts = await refused_posts(tx)
        networks, gadgets = await list_networks(tx), await list_gadgets(tx)
        refused = await read_refused(tx)
    kinds = dict.fromkeys(networks, SensorKind.MERAKI) | dict.fromkeys(gadgets, SensorKind.GADGET)
    found = [
        Listed(
            replace(one, posts_refused=posts.get(one.sensor_id, 0)),
            state_of(one, now, paused=one.zone_id in pauses),
            kinds.get(one.sensor_id, SensorKind.PROBES),
            refused.get(one.sensor_id, ()),
        )
        for one in sensors
    ]
    order = (SensorState.SILENT, SensorState.SICK, SensorState.NEVER_HEARD, SensorState.PAUSED,
             SensorState.OK, SensorState.REVOKED)  # fmt: skip
    return sorted(found, key=lambda one: (order.index(one.state), one.sensor.sensor_id))


async def authenticate(deps: Deps, signed: Signed) -> Sensor:
    """Returns the sensor that made a message. Errors: as Signed.check."""
    async with deps.db.read(signed.area) as tx:
        return signed.check(await store.find_sensor(tx, signed.sensor_id))


async def hear_health(deps: Deps, signed: Signed, health: store.Health) -> None:
    """Keeps what a sensor says of itself. Errors: as Signed.check."""
    async with deps.db.transaction(signed.area) as tx:
        signed.check(await store.find_sensor(tx, signed.sensor_id))
        await store.put_health(tx, health, deps.clock.now())
