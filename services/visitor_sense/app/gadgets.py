"""Gadgets that count devices themselves: their logins, what they report, and their hours."""

import math
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kit.db import ALL_AREAS, Transaction
from kit.pure.errors import InvalidFields, Refusal
from kit.requests import RequestKey, once
from services.visitor_sense.app import sensors
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.app.hours import CLOSE_BATCH, CLOSE_GRACE, check_range
from services.visitor_sense.domain import day, sealing
from services.visitor_sense.domain.errors import (
    PasswordWrong,
    ReportMalformed,
    ReportsTooMany,
    SensorRevoked,
    SitePaused,
    UnknownSensor,
)
from services.visitor_sense.domain.gadgets import LATE_MOST, Floods, Report, placed, read_report
from services.visitor_sense.domain.observations import Pause
from services.visitor_sense.domain.optout import Vault
from services.visitor_sense.domain.release import released_figure
from services.visitor_sense.domain.zones import Sensor
from services.visitor_sense.store import batches as batch_store
from services.visitor_sense.store import gadgets as store
from services.visitor_sense.store import sensors as sensor_store
from services.visitor_sense.store import zones as zone_store
from services.visitor_sense.store.gadgets import GadgetHour
from services.visitor_sense.store.noise import budget_on
from services.visitor_sense.store.refusals import note_refused

LEAST_PASSWORD, MOST_PASSWORD = 16, 200
CLOCK_SKEWED = "CLOCK_SKEWED"
# Also in the table of the gRPC door, where other methods raise them.
REASONS: dict[type[Refusal], str] = {
    PasswordWrong: "PASSWORD_WRONG", ReportMalformed: "REPORT_MALFORMED",
    ReportsTooMany: "TOO_MANY_REPORTS", SensorRevoked: "SENSOR_REVOKED",
    SitePaused: "SITE_PAUSED", UnknownSensor: "SENSOR_UNKNOWN",
}  # fmt: skip


@dataclass(frozen=True)
class Arrived:
    """A report as it came. time: of arrival at our broker, UTC. delivery: names it for good, ""
    where it comes once at most."""

    area: str
    sensor_id: str
    data: bytes
    time: datetime
    delivery: str = ""


async def enroll_gadget(
    deps: Deps, area: str, key: RequestKey, sensor_id: str, zone_id: str, password: str
) -> None:
    """Enrolls a gadget; the same again changes its password.

    Errors: InvalidFields, UnknownZone, SensorExists.
    """
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise InvalidFields([("password", f"{LEAST_PASSWORD} to {MOST_PASSWORD} characters")])
    vault = Vault(deps.secret, area)
    keyed = replace(key, body_sha256=vault.tag(key.body_sha256))  # it is a hash of a password
    async with deps.db.transaction(area) as tx:

        async def enroll() -> None:
            if sensor_id not in await store.list_gadgets(tx):
                # Keys that nobody has: nothing can be signed in its name.
                signing, unsealing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
                enrolment = sensors.Enrolment(
                    sensor_id, zone_id, sealing.raw_public_key(signing),
                    sealing.raw_public_key(unsealing),
                )  # fmt: skip
                sensors.check_enrolment(enrolment)
                await sensors.add_enrolled(tx, deps, enrolment)
            tag = _tag(vault, sensor_id, password)
            await store.put_gadget(tx, sensor_id, tag, deps.clock.now())

        await once(tx, keyed, type(None), enroll)


def _tag(vault: Vault, sensor_id: str, password: str) -> bytes:
    key = vault.tag(b"gadget password\0" + sensor_id.encode())
    return sealing.secret_tag(key, password)


async def admit(deps: Deps, area: str, sensor_id: str, password: str) -> None:
    """Lets a gadget in that knows its password.

    Errors: UnknownSensor, SensorRevoked, PasswordWrong.
    """
    async with deps.db.read(area) as tx:
        tag = await store.password_tag(tx, sensor_id)
        sensor = await sensor_store.find_sensor(tx, sensor_id)
    if tag is None or sensor is None:
        raise UnknownSensor("No such gadget is enrolled.")
    try:
        given = _tag(Vault(deps.secret, area), sensor_id, password)
    except UnicodeEncodeError:
        given = b""
    if not secrets.compare_digest(given, tag):
        raise PasswordWrong("The password is not that of this gadget.")
    if sensor.revoke_time is not None:
        raise SensorRevoked("The gadget was revoked.")


async def note_logins_refused(deps: Deps, area: str, counts: dict[tuple[str, str], int]) -> None:
    """Notes logins that were refused, by gadget and reason."""
    async with deps.db.transaction(area) as tx:
        await note_refused(tx, counts, deps.clock.now())


async def record_reports(
    deps: Deps, floods: Floods, area: str, arrived: Sequence[Arrived]
) -> set[str]:
    """Counts reports of one area in one transaction; what came before changes nothing.

    Returns the gadgets that sent more than they can have to say.
    """
    now = deps.clock.now()
    async with deps.db.transaction(area) as tx:
        gadgets = await store.list_gadgets(tx)
        there = {
            one.sensor_id: one
            for one in await sensor_store.list_sensors(tx)
            if one.sensor_id in gadgets
        }
        pauses = await zone_store.pauses_since(tx, now - day.RETENTION)
        named = [one.delivery for one in arrived if one.delivery]
        fresh_ids = set(await batch_store.claim_batches(tx, named, now))
        # The same delivery may stand in one portion twice.
        once_each = {one.delivery or number: one for number, one in enumerate(arrived)}
        fresh = [one for one in once_each.values() if not one.delivery or one.delivery in fresh_ids]
        told, refused, clocks = dict[tuple[str, datetime], int](), Counter[tuple[str, str]](), {}
        for one in fresh:
            try:
                report = _checked(one, there.get(one.sensor_id), floods)
                place = placed(report, one.time)
                _check_pause(place.minute, pauses.get(there[one.sensor_id].zone_id, ()))
            except Refusal as refusal:
                refused[one.sensor_id, REASONS[type(refusal)]] += 1
                continue
            if report.time is not None:
                clocks[one.sensor_id] = place.ahead_s
            if place.skewed:
                refused[one.sensor_id, CLOCK_SKEWED] += 1
            key = one.sensor_id, place.minute
            told[key] = max(told.get(key, 0), report.devices)
        await store.add_minutes(tx, told)
        for sensor_id in sorted({one.sensor_id for one in fresh} & there.keys()):
            came = sum(one.sensor_id == sensor_id for one in fresh)
            not_counted = sum(
                count for (name, reason), count in refused.items()
                if name == sensor_id and reason != CLOCK_SKEWED
            )  # fmt: skip
            await sensor_store.add_report(tx, sensor_id, now, came, came - not_counted, not_counted)
            if sensor_id in clocks:
                await sensor_store.put_clock(tx, sensor_id, clocks[sensor_id])
        await note_refused(tx, refused, now)
    return {name for name, reason in refused if reason == REASONS[ReportsTooMany]}


def _checked(one: Arrived, sensor: Sensor | None, floods: Floods) -> Report:
    if sensor is None:
        raise UnknownSensor("No such gadget is enrolled.")
    if sensor.revoke_time is not None:
        raise SensorRevoked("The gadget was revoked.")
    if not floods.take(one.area, one.sensor_id, one.time.timestamp()):
        raise ReportsTooMany("The gadget sends more than it can have to say.")
    return read_report(one.data)


def _check_pause(minute: datetime, pauses: Sequence[Pause]) -> None:
    for pause in pauses:
        begun = minute + timedelta(minutes=1) > pause.begin
        if begun and (pause.end is None or minute < pause.end):
            raise SitePaused("Observing is paused at this place.")


async def close_hours(deps: Deps) -> int:
    """Closes finished hours whose minutes changed, in all areas; returns how many."""
    async with deps.db.transaction(ALL_AREAS) as tx:
        found = await store.hours_to_close(tx, deps.clock.now() - CLOSE_GRACE, CLOSE_BATCH)
        for one in found:
            await _close(tx, one)
    return len(found)


async def _close(tx: Transaction, one: GadgetHour) -> None:
    mean, budget = one.mean or 0.0, None
    if one.version == 0:
        budget = await budget_on(tx, one.area, day.key_date(one.hour))
    if one.noise_tenths:  # told once, under noise
        released, tenths = one.released, one.noise_tenths
    elif budget is None:
        released, tenths = released_figure(round(mean), one.released), 0
    else:  # rounded down: one device more is one more at most
        noise, count, tenths = budget.hour, math.floor(mean), budget.tenths
        released = noise.told(count, noise.add(count))
    await store.close_hour(tx, one, released, tenths)


async def read_hours(deps: Deps, area: str, since: datetime, until: datetime) -> list[GadgetHour]:
    """Returns closed hours of all gadgets. Errors: InvalidFields."""
    first, last = check_range(since, until)
    async with deps.db.read(area) as tx:
        return list(await store.read_hours(tx, first, last))


async def forget_minutes(deps: Deps) -> int:
    """Deletes minutes whose hour can no longer change; returns how many."""
    async with deps.db.transaction(ALL_AREAS) as tx:
        before = deps.clock.now() - day.RETENTION - LATE_MOST - timedelta(hours=1)
        return await store.forget_minutes(tx, before)
