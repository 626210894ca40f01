"""Noise is drawn once for each hour and day, kept, told with its parameters, and off by default."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import nats
import psycopg
import pytest

from kit.auth import Role
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from meguri.visitor_sense.v1.visitor_sense_events_pb2 import ZoneHourCounted
from services.visitor_sense.app import hours
from services.visitor_sense.domain import day
from services.visitor_sense.sensor.replay import Replay
from tests.service.visitor_sense.conftest import Sense, Start, enroll, until
from tests.service.visitor_sense.test_once import all_consumed
from tests.unit.visitor_sense import made


def set_today(sense: Sense, tenths: int) -> None:
    """Today has a budget, as if it had been set yesterday."""
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
        connection.execute(
            "insert into noise_settings values (%s, %s, %s, now())",
            (sense.area, day.key_date(datetime.now(UTC) - timedelta(days=2)), tenths),
        )


def asked(done: Replay) -> wire.ReadVisitorsRequest:
    request = wire.ReadVisitorsRequest()
    request.from_time.FromDatetime(done.first_time - timedelta(hours=1))
    request.to_time.FromDatetime(done.last_time + timedelta(hours=1))
    return request


async def told(sense: Sense, done: Replay) -> wire.ReadVisitorsResponse:
    """Returns the finished hours once one is told."""
    stub, found = sense.stub(Role.VISITOR), list[wire.ReadVisitorsResponse]()

    async def there() -> bool:
        found.append(await stub.ReadVisitors(asked(done), timeout=30))
        return len(found[-1].hours) > 0

    await until(there)
    return found[-1]


@pytest.fixture
def _no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hours, "CLOSE_GRACE", timedelta(seconds=1))


async def test_an_hour_is_told_once_under_noise_and_asking_again_tells_the_same(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hours, "CLOSE_GRACE", timedelta(minutes=5))
    async with start() as sense:
        await enroll(sense)
        set_today(sense, 80)
        done = await sense.replay(made.pcap(tmp_path / "a", made.crowd(300, 2, span_s=2 * 3600)))
        exact = {
            hour.hour_start_time.seconds: hour.devices.estimate
            for hour in await sense.counted(done)
        }
        monkeypatch.setattr(hours, "CLOSE_GRACE", timedelta(0))  # all of it is in
        first = await told(sense, done)
        for _ in range(20):
            assert (await told(sense, done)).hours == first.hours
        for hour in first.hours:
            assert hour.noise_scale == 2.0
            near = exact[hour.hour_start_time.seconds]
            assert hour.figure.low < near < hour.figure.high
            assert abs(hour.figure.estimate - near) < 40  # chance of 1 in 10^8
        noise = first.privacy.noise
        assert first.privacy.noise_added
        assert (noise.epsilon_per_day, noise.epsilon_per_hour, noise.zone_hours) == (8.0, 0.5, 8)
        assert (noise.shown_from, noise.within, noise.delta_per_figure) == (34, 5, 1e-5)
    async with start() as sense:  # and another process tells nothing else
        again = await told(sense, done)
        assert again.hours == first.hours


@pytest.mark.usefixtures("_no_grace")
async def test_late_observations_change_no_figure_with_noise(sense: Sense, tmp_path: Path) -> None:
    set_today(sense, 80)
    done = await sense.replay(made.pcap(tmp_path / "a", made.crowd(120, 1, span_s=3 * 3600)))
    await sense.counted(done)
    before = await told(sense, done)
    late = await sense.replay(made.pcap(tmp_path / "b", made.crowd(400, 1, span_s=3 * 3600)))
    await sense.counted(late)

    async def said_again() -> bool:
        with psycopg.connect(sense.database_url) as connection:
            connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
            rows = connection.execute(
                "select version from zone_hours where not dirty and version > 1"
            ).fetchall()
        return bool(rows)

    await until(said_again)
    known = {hour.hour_start_time.seconds: hour for hour in before.hours}
    after = (await told(sense, done)).hours
    same = [hour for hour in after if hour.hour_start_time.seconds in known]
    assert same
    assert all(hour == known[hour.hour_start_time.seconds] for hour in same)


async def test_what_others_hear_of_an_hour_carries_the_noise_too(
    sense: Sense, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hours, "CLOSE_GRACE", timedelta(minutes=5))
    set_today(sense, 80)
    done = await sense.replay(made.pcap(tmp_path / "a", made.crowd(200, 1, span_s=2 * 3600)))
    await sense.counted(done)
    monkeypatch.setattr(hours, "CLOSE_GRACE", timedelta(0))  # all of it is in
    figures = {
        hour.hour_start_time.seconds: hour.figure.estimate
        for hour in (await told(sense, done)).hours
    }
    connection = await nats.connect(sense.nats_url)
    heard = await connection.jetstream().subscribe(
        f"meguri.{sense.area}.visitor_sense.v1.zone_hour_counted", ordered_consumer=True
    )
    for _ in figures:
        event = ZoneHourCounted.FromString((await heard.next_msg(timeout=30)).data)
        told_there = figures[event.hour_start_time.seconds]
        assert (event.estimate, event.released_estimate) == (told_there, told_there)
        assert (event.addresses, event.frames) == (0, 0)
    await connection.close()


@pytest.mark.usefixtures("_no_grace")
async def test_small_hours_are_withheld_whatever_is_drawn(sense: Sense, tmp_path: Path) -> None:
    set_today(sense, 80)
    done = await sense.replay(made.pcap(tmp_path / "a", made.crowd(8, 3, span_s=4 * 3600)))
    await sense.counted(done)
    answer = await told(sense, done)
    assert all(hour.withheld for hour in answer.hours)
    assert all(total.withheld for total in answer.totals)


async def test_it_is_off_by_default_and_set_from_tomorrow_on(sense: Sense) -> None:
    stub = sense.stub(Role.VISITOR)
    answer = await stub.ReadOccupancy(wire.ReadOccupancyRequest(), timeout=30)
    assert (answer.privacy.noise_added, answer.privacy.HasField("noise")) == (False, False)
    request = wire.SetNoiseRequest(request_id=str(uuid.uuid4()), epsilon_per_day=8)
    given = await sense.admin.SetNoise(request, timeout=30)
    tomorrow = day.key_date(datetime.now(UTC)) + timedelta(days=1)
    assert (given.from_date, given.noise.shown_from) == (tomorrow.isoformat(), 34)
    assert await sense.admin.SetNoise(request, timeout=30) == given
    answer = await stub.ReadOccupancy(wire.ReadOccupancyRequest(), timeout=30)
    assert not answer.privacy.noise_added  # today keeps what it had
    off = wire.SetNoiseRequest(request_id=str(uuid.uuid4()))
    given = await sense.admin.SetNoise(off, timeout=30)
    assert (given.from_date, given.HasField("noise")) == (tomorrow.isoformat(), False)


@pytest.mark.parametrize("epsilon", [-1.0, 0.2, 60.0, float("nan")])
async def test_budgets_that_are_none_are_refused(sense: Sense, epsilon: float) -> None:
    request = wire.SetNoiseRequest(request_id=str(uuid.uuid4()), epsilon_per_day=epsilon)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await sense.admin.SetNoise(request, timeout=30)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_only_administrators_set_it(sense: Sense) -> None:
    request = wire.SetNoiseRequest(request_id=str(uuid.uuid4()), epsilon_per_day=8)
    for role in (Role.VISITOR, Role.ANALYST, Role.EDITOR):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await sense.stub(role).SetNoise(request, timeout=30)
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.usefixtures("_no_grace")
async def test_an_hour_that_is_still_being_told_waits(
    sense: Sense, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is one draw only: a sensor's backlog is let in first."""
    monkeypatch.setattr(hours, "CLOSE_GRACE", timedelta(minutes=5))
    set_today(sense, 80)
    done = await sense.replay(made.pcap(tmp_path / "a", made.crowd(100, 1, span_s=3 * 3600)))
    await sense.counted(done)
    await until(lambda: all_consumed(sense))
    answer = await sense.stub(Role.VISITOR).ReadVisitors(asked(done), timeout=30)
    assert list(answer.hours) == []
    monkeypatch.setattr(hours, "CLOSE_GRACE", timedelta(0))
    assert (await told(sense, done)).hours
