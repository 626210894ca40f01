"""What ends with the day: keys at midnight in Japan, lists of pseudonyms 24 hours after their hour.

The clock is moved by hand; database and rules are the real ones.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest

from kit.clock import ManualClock
from kit.db import Database
from kit.outbox import Outbox
from kit.requests import RequestKey
from services.visitor_sense.app import hours, keys, observations, sensors, zones
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.app.keys import Custody, KeyRequest
from services.visitor_sense.domain import day, sealing
from services.visitor_sense.domain.errors import (
    DayOutOfRange,
    EpochsExhausted,
    RequestMalformed,
)
from services.visitor_sense.domain.live import LiveUnavailable
from services.visitor_sense.domain.observations import Batch
from services.visitor_sense.domain.zones import Zone
from services.visitor_sense.events.said import ENCODERS
from services.visitor_sense.sensor.credential import Credential, make_credential

EVENING = datetime(2026, 11, 21, 14, 59, tzinfo=UTC)  # a minute to midnight in Japan
TODAY = date(2026, 11, 21)
NONCE = bytes(range(16))


class NoLive:
    """A live store that is down: nothing of these rules may depend on it."""

    async def add(self, *_: object) -> None:
        raise LiveUnavailable("down")

    count = set_as_of = as_of = add


@dataclass
class World:
    """Use cases on a real database, with a clock moved by hand."""

    deps: Deps
    clock: ManualClock
    credential: Credential
    url: str
    asked: list[tuple[date, int]]

    def request(self, key_date: date) -> tuple[sensors.Signed, KeyRequest]:
        """Returns a sensor's signed request for a key."""
        body = key_date.isoformat().encode()
        signature = sealing.sign(
            self.credential.signing, sealing.DAY_KEY_REQUEST, "mine", "gate-1", body
        )
        signed = sensors.Signed("mine", "gate-1", sealing.DAY_KEY_REQUEST, body, signature)
        return signed, KeyRequest(key_date, NONCE, self.clock.now())

    async def key(self, custody: Custody, key_date: date) -> tuple[int, bytes]:
        """Returns epoch and key as the sensor gets them."""
        issued = await custody.issue(*self.request(key_date))
        epoch, sealed = issued.epoch, issued.key
        use = sealing.KeyUse("mine", "gate-1", key_date, epoch, NONCE)
        return epoch, sealing.unseal(sealed, self.credential.unsealing, use)

    def arrival(self, count: int) -> observations.Arrival:
        """Returns a signed batch of so many phones, seen now."""
        batch = Batch(
            "gate-1", "b00t", count, day.key_date(self.clock.now()), 1,
            np.full(count, day.to_ms(self.clock.now()), np.int64),
            np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15),
            np.full(count, 7, np.uint64), np.zeros(count, np.bool_),
        )  # fmt: skip
        signature = sealing.sign(
            self.credential.signing, sealing.OBSERVATIONS, "mine", "gate-1", b"body"
        )
        return observations.Arrival(
            observations.signed_batch("mine", "gate-1", b"body", signature), batch
        )


@pytest.fixture
async def world(service_database: Callable[[str], str]) -> AsyncIterator[World]:
    url = service_database("visitor_sense")
    database, clock = Database(url), ManualClock(EVENING)
    await database.open()
    asked: list[tuple[date, int]] = []

    async def ask(_area: str, key_date: date, epoch: int) -> Sequence[bytes]:
        asked.append((key_date, epoch))
        return ()

    async def tell(_area: str, _zones: Sequence[str]) -> None: ...

    async def store(*_: object) -> bool:
        return False

    deps = Deps(database, Outbox(ENCODERS), clock, NoLive(), ask, tell, store, b"secret")  # type: ignore[arg-type]
    credential = make_credential("mine", "gate-1", "gate")
    zone = Zone("gate", "akiyoshido-main", {"ja": "正面口", "en": "Main gate"}, 20, 60, 120)
    await zones.configure_zones(deps, "mine", RequestKey("t", "zones-1", b"1"), [zone])
    enrolment = sensors.Enrolment(
        "gate-1", "gate", credential.signing_public_key, credential.sealing_public_key
    )
    await sensors.enroll_sensor(deps, "mine", RequestKey("t", "enroll-1", b"2"), enrolment)
    yield World(deps, clock, credential, url, asked)
    await database.close()


async def test_at_midnight_the_key_is_overwritten_and_a_new_one_begins(world: World) -> None:
    custody = Custody(world.deps)
    epoch, key = await world.key(custody, TODAY)
    assert (await world.key(custody, TODAY)) == (epoch, key)
    (held,) = custody._held.values()
    assert custody.forget_past() == 0
    world.clock.advance(timedelta(minutes=1))
    assert custody.forget_past() == 1
    assert bytes(held.key) == bytes(32)
    assert not custody._held
    tomorrow, other = await world.key(custody, TODAY + timedelta(days=1))
    assert (tomorrow, other == key) == (1, False)
    again, replaced = await world.key(custody, TODAY)  # a replay across midnight
    assert (again, replaced == key) == (2, False)
    assert list(custody._held) == [("mine", TODAY + timedelta(days=1))]
    assert world.asked == []  # a key of a day gone by is not even asked for
    with pytest.raises(DayOutOfRange):
        await world.key(custody, TODAY - timedelta(days=1))


async def test_keys_of_a_day_gone_by_are_overwritten_and_bounded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[keys._Held] = []
    init = keys._Held.__init__

    def remember(self: keys._Held, *values: Any) -> None:
        init(self, *values)
        made.append(self)

    monkeypatch.setattr(keys._Held, "__init__", remember)
    monkeypatch.setattr(keys, "MAX_PAST_EPOCHS", 3)
    custody = Custody(world.deps)
    yesterday = TODAY - timedelta(days=1)
    epochs = [(await world.key(custody, yesterday))[0] for _ in range(3)]
    assert epochs == [1, 2, 3]
    assert [bytes(held.key) for held in made] == [bytes(32)] * 3
    with pytest.raises(EpochsExhausted):
        await world.key(custody, yesterday)
    assert (await world.key(custody, TODAY))[0] == 1


@pytest.mark.parametrize("nonce", [b"", b"short", bytes(17)])
async def test_a_nonce_has_sixteen_bytes(world: World, nonce: bytes) -> None:
    signed, request = world.request(TODAY)
    with pytest.raises(RequestMalformed):
        await Custody(world.deps).issue(signed, replace(request, nonce=nonce))


async def test_no_key_is_in_the_database(world: World) -> None:
    _, key = await world.key(Custody(world.deps), TODAY)
    with psycopg.connect(world.url) as connection:
        connection.execute("select set_config('meguri.area', '*', false)")
        rows = connection.execute("select check_value from day_key_epochs").fetchall()
        text = repr(connection.execute("select * from day_key_epochs").fetchall())
    assert len(rows) == 1
    assert key not in bytes(rows[0][0])
    assert key.hex() not in text


async def test_lists_of_pseudonyms_end_after_a_day_and_figures_stay(world: World) -> None:
    arrival = world.arrival(900)
    done = await observations.record_batches(world.deps, "mine", [arrival])
    assert (done.fresh, done.accepted, done.refused) == (1, 900, 0)
    span = (EVENING - timedelta(hours=1), EVENING + timedelta(hours=1))
    before = await hours.count_devices(world.deps, "mine", *span, "")

    def stored() -> bytes:
        with psycopg.connect(world.url) as connection:
            connection.execute("select set_config('meguri.area', '*', false)")
            row = connection.execute("select addresses || devices from zone_hours").fetchone()
        assert row is not None
        return bytes(row[0])

    one = int(arrival.batch.pseudonyms[5]).to_bytes(8, "little")
    assert one in stored()
    world.clock.advance(timedelta(hours=24))
    assert await hours.forget_values(world.deps) == 0  # the hour ended a minute later
    world.clock.advance(timedelta(minutes=1))
    assert await hours.forget_values(world.deps) == 1
    assert one not in stored()
    assert len(stored()) < 5_000
    assert await hours.count_devices(world.deps, "mine", *span, "") == before
    assert (before[0].addresses.estimate, before[0].addresses_exact) == (900, True)
    assert await hours.forget_values(world.deps) == 0


async def test_what_comes_a_day_late_is_refused_and_shown(world: World) -> None:
    arrival = world.arrival(30)
    world.clock.advance(timedelta(hours=24, seconds=1))
    done = await observations.record_batches(world.deps, "mine", [arrival])
    assert (done.fresh, done.accepted, done.refused) == (1, 0, 30)
    (one,) = await sensors.list_sensors(world.deps, "mine")
    found = one.sensor
    assert (found.observations, found.observations_refused) == (0, 30)


async def test_a_batch_of_a_stranger_is_rejected_and_the_others_count(world: World) -> None:
    good, other = world.arrival(20), world.arrival(21)
    forged = replace(other, signed=replace(other.signed, signature=bytes(64)))
    done = await observations.record_batches(world.deps, "mine", [good, forged, good])
    assert (done.fresh, done.accepted) == (1, 20)
    assert list(done.rejected) == [forged.batch.batch_id]


async def test_batches_counted_long_ago_are_forgotten_and_still_count_once(world: World) -> None:
    arrivals = [world.arrival(count) for count in (20, 21, 22)]
    await observations.record_batches(world.deps, "mine", arrivals)
    world.clock.advance(timedelta(days=1, hours=23))
    assert await observations.forget_batches(world.deps) == 0
    again = await observations.record_batches(world.deps, "mine", arrivals)
    assert again.fresh == 0
    world.clock.advance(timedelta(hours=2))
    assert await observations.forget_batches(world.deps) == 3
    late = await observations.record_batches(world.deps, "mine", arrivals)
    assert (late.accepted, late.refused) == (0, 63)  # too old to count, whoever repeats them
