"""What a Meraki network posts: reduced to observations at once, counted as a sensor's."""

import hashlib
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import Any, NoReturn, Protocol

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kit.db import Transaction
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.visitor_sense.app import optouts, sensors
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.app.observations import Own, record_batches
from services.visitor_sense.domain import day, sealing
from services.visitor_sense.domain.errors import (
    BodyMalformed,
    SecretWrong,
    SitePaused,
    UnknownSensor,
)
from services.visitor_sense.domain.observations import MAX_OBSERVATIONS, Batch
from services.visitor_sense.domain.optout import Vault
from services.visitor_sense.domain.zones import Sensor
from services.visitor_sense.store import meraki as store
from services.visitor_sense.store import sensors as sensor_store
from services.visitor_sense.store import zones as zone_store

LEAST_SECRET, MOST_SECRET = 16, 200
# What is not known of a phone that somebody else heard: each address is a class of its own.
_UNKNOWN = np.uint64(1)
# The field of the secret, wherever it stands; its text in JSON is at most six times as long.
_SECRET = re.compile(rb'"secret"[ \t\r\n]*:[ \t\r\n]{0,9}("(?:[^"\\]|\\.){0,1200}")')
_MOST_SECRETS = 16  # a body has one; nobody shall have us hash thousands


class Reduce(Protocol):
    """Reduces a body in the hashing child. Errors: BodyMalformed, RelayBusy."""

    async def __call__(
        self, area: str, key_date: date, epoch: int, key: bytes, lives_s: int, tag_key: bytes,
        body: bytes,
    ) -> dict[str, Any]:  # fmt: skip
        """Returns tag, times_ms, pseudonyms, rssi_dbm and randomized."""
        ...


# Returns epoch and key of today of an area.
TodaysKey = Callable[[str], Awaitable[tuple[int, bytes]]]


@dataclass(frozen=True)
class Receiver:
    """The ways of this process: to the hashing child, and to the key of today."""

    deps: Deps
    reduce: Reduce
    todays_key: TodaysKey


async def enroll_network(
    deps: Deps, area: str, key: RequestKey, sensor_id: str, zone_id: str, validator: str,
    secret: str,
) -> None:  # fmt: skip
    """Enrolls a Meraki network as what watches a zone; the same again changes validator and secret.

    Errors: InvalidFields, UnknownZone, SensorExists.
    """
    bad = []
    if not 0 < len(validator) <= MOST_SECRET or not validator.isascii():
        bad.append(("validator", "as Meraki's dashboard shows it"))
    if not LEAST_SECRET <= len(secret) <= MOST_SECRET:
        bad.append(("secret", f"{LEAST_SECRET} to {MOST_SECRET} characters"))
    if bad:
        raise InvalidFields(bad)
    vault = Vault(deps.secret, area)
    keyed = replace(key, body_sha256=vault.tag(key.body_sha256))  # it is a hash of a secret
    async with deps.db.transaction(area) as tx:

        async def enroll() -> None:
            there = await sensor_store.find_sensor(tx, sensor_id)
            network = await store.find_network(tx, sensor_id)
            if there is None or network is None:
                # Keys that nobody has: nothing can be signed in its name.
                signing, unsealing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
                enrolment = sensors.Enrolment(
                    sensor_id, zone_id, sealing.raw_public_key(signing),
                    sealing.raw_public_key(unsealing),
                )  # fmt: skip
                sensors.check_enrolment(enrolment)
                await sensors.add_enrolled(tx, deps, enrolment)
            await store.put_network(
                tx, sensor_id, validator, _tag(vault, sensor_id, secret), deps.clock.now()
            )

        await once(tx, keyed, type(None), enroll)


def _tag(vault: Vault, sensor_id: str, secret: str) -> bytes:
    return sealing.secret_tag(_tag_key(vault, sensor_id), secret)


def _tag_key(vault: Vault, sensor_id: str) -> bytes:
    return vault.tag(b"meraki secret\0" + sensor_id.encode())


async def read_validator(deps: Deps, area: str, sensor_id: str) -> str:
    """Returns what Meraki asks for before it sends. Errors: UnknownSensor."""
    async with deps.db.read(area) as tx:
        network, _ = await _enrolled(tx, sensor_id)
    return network.validator


async def _enrolled(tx: Transaction, sensor_id: str) -> tuple[store.Network, Sensor]:
    network = await store.find_network(tx, sensor_id)
    sensor = await sensor_store.find_sensor(tx, sensor_id)
    if network is None or sensor is None or sensor.revoke_time is not None:
        raise UnknownSensor("No such network is enrolled.")
    return network, sensor


async def receive(receiver: Receiver, area: str, sensor_id: str, body: bytes) -> int:
    """Counts what a body says; returns how many observations counted, 0 for a repetition.

    Errors: UnknownSensor, SitePaused, SecretWrong, BodyMalformed, RelayBusy.
    """
    deps, now = receiver.deps, receiver.deps.clock.now()
    async with deps.db.read(area) as tx:
        network, sensor = await _enrolled(tx, sensor_id)
        pauses = await zone_store.pauses_since(tx, now)
    if sensor.zone_id in pauses:
        raise SitePaused("Observing is paused at this place.")
    vault, today = Vault(deps.secret, area), day.key_date(now)
    # Strangers get no further: no key is asked for, no place taken, nothing of the body hashed.
    if not _may_know_secret(vault, sensor_id, body, network.secret_tag):
        await _refuse(deps, area, sensor_id, now)
    epoch, key = await receiver.todays_key(area)
    lives_s = int((day.next_midnight(now) - now).total_seconds()) + 1
    found = await receiver.reduce(
        area, today, epoch, key, lives_s, _tag_key(vault, sensor_id), body
    )
    if not secrets.compare_digest(bytes.fromhex(found["tag"]), network.secret_tag):
        await _refuse(deps, area, sensor_id, now)
    async with deps.db.read(area) as tx:
        out = await optouts.left_out(deps, tx, area, key)
    columns = _kept(found, out)
    if not columns["times_ms"].size:
        return 0
    # The same body has the same name all day, and from the name the body cannot be found.
    name = hashlib.blake2b(body, digest_size=8, key=key, person=b"meraki").hexdigest()
    batches = [
        Batch(
            sensor_id=sensor_id, boot_id=f"m{name}", sequence=1 + at // MAX_OBSERVATIONS,
            key_date=today, key_epoch=epoch,
            **{part: column[at : at + MAX_OBSERVATIONS] for part, column in columns.items()},
        )
        for at in range(0, columns["times_ms"].size, MAX_OBSERVATIONS)
    ]  # fmt: skip
    done = await record_batches(deps, area, [Own(sensor_id, batch) for batch in batches])
    return done.accepted


async def _refuse(deps: Deps, area: str, sensor_id: str, now: datetime) -> NoReturn:
    async with deps.db.transaction(area) as tx:
        await store.note_refused(tx, sensor_id, now)
    raise SecretWrong("The secret is not that of this network. Nothing was counted.")


def _may_know_secret(vault: Vault, sensor_id: str, body: bytes, tag: bytes) -> bool:
    """Looks for the secret in a body that is not read otherwise; the hashing child decides.

    Errors: BodyMalformed where there is none at all.
    """
    found = [match[1] for match in islice(_SECRET.finditer(body), _MOST_SECRETS)]
    if not found:
        raise BodyMalformed("The body is not what version 3 of the interface promises.")
    return any(secrets.compare_digest(_tag(vault, sensor_id, _text(each)), tag) for each in found)


def _text(literal: bytes) -> str:
    try:
        text = str(json.loads(literal))
        text.encode()
    except ValueError:  # no text of JSON, or half a pair of surrogates
        return ""
    return text


def _kept(found: Mapping[str, Any], out: list[int]) -> dict[str, Any]:
    pseudonyms = np.array(found["pseudonyms"], np.uint64)
    keep = ~np.isin(pseudonyms, np.array(out, np.uint64))
    columns = {
        "times_ms": np.array(found["times_ms"], np.int64),
        "pseudonyms": pseudonyms,
        "signatures": pseudonyms | _UNKNOWN,
        "randomized": np.array(found["randomized"], np.bool_),
        "rssi_dbm": np.array(found["rssi_dbm"], np.int64),
    }
    return {name: column[keep] for name, column in columns.items()}
