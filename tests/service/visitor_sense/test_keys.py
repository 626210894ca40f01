"""Day keys: one per area and day, in memory only, recovered from the sensors or begun anew."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kit.clock import ManualClock, SystemClock
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.domain import day
from services.visitor_sense.sensor.batches import DayKey
from services.visitor_sense.sensor.credential import make_credential
from services.visitor_sense.sensor.link import Bus, KeyRefused, Link
from tests.service.visitor_sense.conftest import Sense, Start, enroll

NOW = SystemClock().now
ID = "0123456789"


async def refusal(link: Link, days: int = 0) -> str:
    """Returns the reason for which a key is refused."""
    with pytest.raises(KeyRefused) as refused:
        await link.fetch_key(day.key_date(NOW()) + timedelta(days=days))
    await link.close()
    return refused.value.reason


async def test_all_sensors_of_an_area_get_the_same_key(sense: Sense) -> None:
    second = make_credential(sense.area, "gate-2", "gate")
    await sense.admin.EnrollSensor(
        wire.EnrollSensorRequest(
            request_id=ID, sensor_id="gate-2", zone_id="gate",
            signing_public_key=second.signing_public_key,
            sealing_public_key=second.sealing_public_key,
        ),
        timeout=30,
    )  # fmt: skip
    first_link, second_link = await sense.link(), await sense.link(second)
    today = day.key_date(NOW())
    keys = [await link.fetch_key(today) for link in (first_link, second_link, first_link)]
    assert len({key.reveal() for key in keys}) == 1
    assert {key.epoch for key in keys} == {1}
    await first_link.close()
    await second_link.close()


async def test_after_a_restart_the_sensors_give_the_key_back(start: Start) -> None:
    today = day.key_date(NOW())
    async with start() as sense:
        await enroll(sense)
        link = await sense.link()
        key = await link.fetch_key(today)
    link.keys = {today: key}
    async with start() as sense:
        second = await sense.link()
        again = await second.fetch_key(today)
        await second.close()
    await link.close()
    assert (again.epoch, again.reveal()) == (key.epoch, key.reveal())


async def test_when_nobody_has_it_a_new_epoch_begins(start: Start) -> None:
    today = day.key_date(NOW())
    keys: list[DayKey] = []
    for _ in range(2):
        async with start() as sense:
            if not keys:
                await enroll(sense)
            link = await sense.link()
            keys.append(await link.fetch_key(today))
            await link.close()
    assert [key.epoch for key in keys] == [1, 2]
    assert keys[0].reveal() != keys[1].reveal()


async def test_a_wrong_key_is_not_taken_back(start: Start) -> None:
    today = day.key_date(NOW())
    async with start() as sense:
        await enroll(sense)
        link = await sense.link()
        key = await link.fetch_key(today)
    key._key[0] ^= 1
    link.keys = {today: key}
    async with start() as sense:
        second = await sense.link()
        again = await second.fetch_key(today)
        await second.close()
    await link.close()
    assert again.epoch == 2


async def test_the_key_of_yesterday_is_never_kept(sense: Sense) -> None:
    link = await sense.link()
    yesterday = day.key_date(NOW()) - timedelta(days=1)
    first, second = await link.fetch_key(yesterday), await link.fetch_key(yesterday)
    assert (first.epoch, second.epoch) == (1, 2)
    assert first.reveal() != second.reveal()
    await link.close()


async def test_who_must_not_have_a_key(sense: Sense) -> None:
    stranger = make_credential(sense.area, "stranger", "gate")
    assert await refusal(await sense.link(stranger)) == "SENSOR_UNKNOWN"
    impostor = make_credential(sense.area, sense.credential.sensor_id, "gate")
    assert await refusal(await sense.link(impostor)) == "SIGNATURE_INVALID"
    elsewhere = replace(sense.credential, area="elsewhere")
    assert await refusal(await sense.link(elsewhere)) == "SENSOR_UNKNOWN"
    assert await refusal(await sense.link(), days=1) == "DAY_OUT_OF_RANGE"
    assert await refusal(await sense.link(), days=-2) == "DAY_OUT_OF_RANGE"
    late = Link(
        Bus(sense.nats_url, "", ""), sense.credential, ManualClock(NOW() - timedelta(minutes=11))
    )
    await late.open()
    assert await refusal(late) == "CLOCK_SKEWED"
    await sense.admin.PauseSite(
        wire.PauseSiteRequest(request_id=ID, place_id="akiyoshido-main"), timeout=30
    )
    assert await refusal(await sense.link()) == "SITE_PAUSED"
    await sense.admin.ResumeSite(
        wire.ResumeSiteRequest(request_id=ID + "r", place_id="akiyoshido-main"), timeout=30
    )
    link = await sense.link()
    assert (await link.fetch_key(day.key_date(NOW()))).epoch == 1
    await link.close()
    await sense.admin.RevokeSensor(
        wire.RevokeSensorRequest(request_id=ID + "v", sensor_id="gate-1"), timeout=30
    )
    assert await refusal(await sense.link()) == "SENSOR_REVOKED"


async def test_two_services_at_once_would_begin_an_epoch_each(start: Start) -> None:
    """Why visitor_sense runs once (Component.alone): sensors that ask before any has the key are
    answered by either, and people who pass two of them would be two."""
    today, epochs = day.key_date(NOW()), set()
    async with start() as sense, start():
        await enroll(sense)
        link = await sense.link()
        for _ in range(20):  # NATS gives each request to one of both
            epochs.add((await link.fetch_key(today)).epoch)
            if len(epochs) > 1:
                break
        await link.close()
    assert len(epochs) > 1
