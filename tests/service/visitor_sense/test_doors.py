"""The gRPC door, the events said and heard, and the live figures."""

import uuid
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
import redis.asyncio as valkey

from kit.auth import Role
from kit.client import problem_of
from kit.clock import SystemClock
from meguri.directory.v1.directory_events_pb2 import PlaceClosed, PlaceReopened
from meguri.visitor_sense.v1 import visitor_sense_events_pb2 as events
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense import api
from services.visitor_sense.domain import day
from services.visitor_sense.sensor.batches import Counters
from services.visitor_sense.sensor.credential import make_credential
from tests.service.visitor_sense.conftest import GATE, Sense, until
from tests.service.visitor_sense.test_once import stored
from tests.unit.visitor_sense import made


def new_id() -> str:
    return str(uuid.uuid4())


async def reason(call: Awaitable[Any]) -> str:
    """Returns the stable reason of a refused call."""
    with pytest.raises(grpc.RpcError) as refused:
        await call
    return problem_of(refused.value).reason


async def hours_said(sense: Sense, frames: list[int]) -> list[events.ZoneHourCounted]:
    """Returns the newest word on each hour, once they hold so many frames: on a busy machine an
    hour is said before the last batch of it, and then said anew."""
    for count in range(len(frames), len(frames) + 4):
        said = await sense.it.heard(sense.area, "zone_hour_counted", count)
        newest = {}
        for message in said:
            one = events.ZoneHourCounted.FromString(message.data)
            newest[one.hour_start_time.seconds] = one
        hours = [newest[start] for start in sorted(newest)]
        if [one.frames for one in hours] == frames:
            return hours
    raise AssertionError(f"the hours never held {frames} frames: {hours}")


def visitors(hours: int = 6, zone: str = "") -> wire.ReadVisitorsRequest:
    """Returns a request for the last hours."""
    request = wire.ReadVisitorsRequest(zone_id=zone)
    now = SystemClock().now()
    request.from_time.FromDatetime(now - timedelta(hours=hours))
    request.to_time.FromDatetime(now)
    return request


class TestRoles:
    CALLS = (
        ("ConfigureZones", wire.ConfigureZonesRequest(request_id="12345678", zones=[GATE])),
        ("EnrollSensor", wire.EnrollSensorRequest(request_id="12345678")),
        ("RevokeSensor", wire.RevokeSensorRequest(request_id="12345678")),
        ("PauseSite", wire.PauseSiteRequest(request_id="12345678")),
        ("ResumeSite", wire.ResumeSiteRequest(request_id="12345678")),
        ("ListSensors", wire.ListSensorsRequest()),
        ("CountDevices", wire.CountDevicesRequest()),
    )

    async def test_exact_counts_and_changes_are_for_the_few(self, sense: Sense) -> None:
        outsiders = (Role.VISITOR, Role.CLERK, Role.SHOP_OWNER, Role.EDITOR, Role.DEVICE)
        for role in outsiders:
            for name, request in self.CALLS:
                call = getattr(sense.stub(role), name)(request, timeout=30)
                assert await reason(call) == "NOT_ALLOWED", (role, name)
        for role in (Role.ANALYST, Role.SERVICE):
            await sense.stub(role).ListSensors(wire.ListSensorsRequest(), timeout=30)
        assert Role.ANALYST not in api.ALLOWED["ConfigureZones"]

    async def test_everybody_may_read_what_is_public(self, sense: Sense) -> None:
        stub = sense.stub(Role.VISITOR)
        answer = await stub.ReadOccupancy(wire.ReadOccupancyRequest(), timeout=30)
        assert [zone.zone_id for zone in answer.zones] == ["gate"]
        assert answer.zones[0].level == wire.OCCUPANCY_LEVEL_UNKNOWN
        assert (answer.privacy.k, answer.privacy.retention_hours) == (10, 24)
        assert answer.privacy.key_time_zone == "Asia/Tokyo"
        assert not (await stub.ReadVisitors(visitors(), timeout=30)).hours


class TestZonesAndSensors:
    async def test_equal_zones_change_nothing(self, sense: Sense) -> None:
        key = new_id()
        request = wire.ConfigureZonesRequest(request_id=key, zones=[GATE])
        for _ in range(2):
            assert (await sense.admin.ConfigureZones(request, timeout=30)).changed_count == 0
        busier = wire.Zone()
        busier.CopyFrom(GATE)
        busier.crowded_from += 1
        changed = wire.ConfigureZonesRequest(request_id=new_id(), zones=[busier])
        assert (await sense.admin.ConfigureZones(changed, timeout=30)).changed_count == 1
        reused = wire.ConfigureZonesRequest(request_id=key, zones=[busier])
        assert await reason(sense.admin.ConfigureZones(reused, timeout=30)) == "REQUEST_ID_REUSED"

    async def test_one_wrong_zone_changes_none(self, sense: Sense) -> None:
        good, wrong = wire.Zone(), wire.Zone()
        good.CopyFrom(GATE)
        wrong.CopyFrom(GATE)
        good.zone_id, wrong.normal_from = "pond", 9
        request = wire.ConfigureZonesRequest(request_id=new_id(), zones=[good, wrong])
        assert await reason(sense.admin.ConfigureZones(request, timeout=30)) == "INVALID_FIELDS"
        empty = wire.ConfigureZonesRequest(request_id=new_id())
        assert await reason(sense.admin.ConfigureZones(empty, timeout=30)) == "INVALID_FIELDS"
        answer = await sense.admin.ListZones(wire.ListZonesRequest(), timeout=30)
        assert list(answer.zones) == [GATE]

    async def test_enrolment_is_refused_for_a_reason(self, sense: Sense) -> None:
        made_here = make_credential(sense.area, "gate-1", "gate")
        keys = {
            "signing_public_key": made_here.signing_public_key,
            "sealing_public_key": made_here.sealing_public_key,
        }

        async def enroll(**fields: Any) -> str:
            request = wire.EnrollSensorRequest(request_id=new_id(), **{**keys, **fields})
            return await reason(sense.admin.EnrollSensor(request, timeout=30))

        assert await enroll(sensor_id="gate-1", zone_id="gate") == "SENSOR_EXISTS"
        assert await enroll(sensor_id="gate-2", zone_id="moon") == "ZONE_UNKNOWN"
        assert await enroll(sensor_id="Gate 2", zone_id="gate") == "INVALID_FIELDS"
        bad = {"sensor_id": "gate-2", "zone_id": "gate", "signing_public_key": b"short"}
        assert await enroll(**bad) == "INVALID_FIELDS"
        request = wire.RevokeSensorRequest(request_id=new_id(), sensor_id="nobody")
        assert await reason(sense.admin.RevokeSensor(request, timeout=30)) == "SENSOR_UNKNOWN"
        pause = wire.PauseSiteRequest(request_id=new_id(), place_id="moon")
        assert await reason(sense.admin.PauseSite(pause, timeout=30)) == "PLACE_WITHOUT_ZONE"

    async def test_health_is_shown(self, sense: Sense) -> None:
        link = await sense.link()
        await link.fetch_key(day.key_date(SystemClock().now()))  # from now on somebody listens
        await link.say_health("b00t", Counters(observations_dropped=3), 12)

        async def sick() -> bool:
            (found,) = (
                await sense.admin.ListSensors(wire.ListSensorsRequest(), timeout=30)
            ).sensors
            return (found.state, found.batches_waiting, found.observations_dropped) == (
                wire.SENSOR_STATE_SICK, 12, 3,
            )  # fmt: skip

        await until(sick)
        await link.close()


class TestHours:
    async def test_finished_hours_are_said_and_small_ones_withheld(
        self, sense: Sense, tmp_path: Path
    ) -> None:
        # Three hours back: 5 phones in one hour, 40 in the next, 40 now.
        small = made.crowd(5, 1, begin_s=1_700_000_000, span_s=1)
        large = made.crowd(40, 2, begin_s=1_700_003_600, span_s=1)
        now = made.crowd(40, 2, begin_s=1_700_010_800, span_s=1)
        done = await sense.replay(made.pcap(tmp_path / "a", small + large + now))
        counts = await sense.counted(done)
        assert [count.addresses.estimate for count in counts] == [5, 40, 40]

        first, second = await hours_said(sense, frames=[5, 80])
        assert (first.estimate, first.addresses, first.released_estimate) == (5, 5, 0)
        assert (second.estimate, second.frames, second.released_estimate) == (40, 80, 40)
        assert (second.zone_id, second.place_id, list(second.key_epochs)) == (
            "gate", "akiyoshido-main", [1],
        )  # fmt: skip
        assert second.low <= 40 <= second.high
        assert second.kind == wire.COUNT_KIND_DEVICES

        answer = await sense.stub(Role.VISITOR).ReadVisitors(visitors(), timeout=30)
        shown = [(hour.withheld, hour.figure.estimate) for hour in answer.hours]
        assert shown == [(True, 0), (False, 40)]  # the hour that is not over is not shown
        assert [total.withheld for total in answer.totals] == [True, False]
        one = await sense.stub(Role.VISITOR).ReadVisitors(visitors(zone="gate"), timeout=30)
        assert list(one.hours) == list(answer.hours)
        assert not one.totals

    async def test_late_observations_correct_the_hour_with_a_higher_version(
        self, sense: Sense, tmp_path: Path
    ) -> None:
        def two_hours(people: int) -> Path:
            early = made.crowd(people, 1, begin_s=1_700_000_000, span_s=1)
            return made.pcap(tmp_path / "a", [*early, (1_700_007_200.0, made.probe())])

        await sense.counted(await sense.replay(two_hours(20)))
        (first,) = await sense.it.heard(sense.area, "zone_hour_counted", 1)
        done = await sense.replay(two_hours(25))
        assert (await sense.counted(done))[0].addresses.estimate == 25
        first, second = await sense.it.heard(sense.area, "zone_hour_counted", 2)
        assert (first.headers["ce-aggregateversion"], second.headers["ce-aggregateversion"]) == (
            "1", "2",
        )  # fmt: skip
        assert first.headers["ce-subject"] == second.headers["ce-subject"]
        corrected = events.ZoneHourCounted.FromString(second.data)
        assert (corrected.estimate, corrected.released_estimate) == (25, 20)

    async def test_ranges_are_checked(self, sense: Sense) -> None:
        stub = sense.stub(Role.VISITOR)
        assert await reason(stub.ReadVisitors(visitors(32 * 24), timeout=30)) == "INVALID_FIELDS"
        backwards = visitors()
        backwards.to_time.CopyFrom(backwards.from_time)
        backwards.to_time.seconds -= 7200
        assert await reason(stub.ReadVisitors(backwards, timeout=30)) == "INVALID_FIELDS"
        absurd = visitors()
        absurd.to_time.seconds = 10**15
        assert await reason(stub.ReadVisitors(absurd, timeout=30)) == "INVALID_FIELDS"


class TestLive:
    async def level(self, sense: Sense) -> int:
        answer = await sense.stub(Role.VISITOR).ReadOccupancy(
            wire.ReadOccupancyRequest(), timeout=30
        )
        return int(answer.zones[0].level)

    async def busy(self, sense: Sense, tmp_path: Path) -> None:
        await sense.replay(made.pcap(tmp_path / "a", made.crowd(80, 2, span_s=30)))

        async def is_busy() -> bool:
            return await self.level(sense) == wire.OCCUPANCY_LEVEL_BUSY

        await until(is_busy)

    async def test_a_crowd_raises_the_level_and_says_so(self, sense: Sense, tmp_path: Path) -> None:
        await self.busy(sense, tmp_path)
        (said, *_) = await sense.it.heard(sense.area, "occupancy_level_changed", 1)
        changed = events.OccupancyLevelChanged.FromString(said.data)
        assert changed.zone_id == "gate"
        assert changed.previous_level == wire.OCCUPANCY_LEVEL_UNKNOWN

    async def test_live_figures_lost_are_rebuilt_from_the_stream(
        self, sense: Sense, tmp_path: Path, valkey_server: str
    ) -> None:
        await self.busy(sense, tmp_path)
        client = valkey.Redis.from_url(valkey_server)
        name = f"sense:{sense.area}:gate:*"
        assert await client.keys(name)
        await client.flushdb()

        async def is_back() -> bool:
            return bool(await client.keys(name))

        await until(is_back)
        await client.aclose()
        assert await self.level(sense) == wire.OCCUPANCY_LEVEL_BUSY  # and never fell meanwhile

    async def test_a_paused_place_has_no_level_and_counts_nothing(
        self, sense: Sense, tmp_path: Path
    ) -> None:
        await self.busy(sense, tmp_path)
        ((_, before),) = await stored(sense)
        await sense.admin.PauseSite(
            wire.PauseSiteRequest(request_id=new_id(), place_id="akiyoshido-main"), timeout=30
        )
        answer = await sense.admin.ReadOccupancy(wire.ReadOccupancyRequest(), timeout=30)
        assert answer.zones[0].paused
        assert answer.zones[0].level == wire.OCCUPANCY_LEVEL_UNKNOWN
        assert before  # what was counted before the pause stays counted


async def test_a_closed_place_is_said_to_be_closed(sense: Sense) -> None:
    closure = PlaceClosed(
        closure_id="c1", place_id="akiyoshido", affected_place_ids=["akiyoshido", "akiyoshido-main"]
    )
    closure.from_time.FromDatetime(SystemClock().now() - timedelta(minutes=1))

    async def closed() -> bool:
        answer = await sense.stub(Role.VISITOR).ReadOccupancy(
            wire.ReadOccupancyRequest(), timeout=30
        )
        return bool(answer.zones[0].closed)

    async def open_again() -> bool:
        return not await closed()

    assert not await closed()
    reopened = PlaceReopened(closure_id="c1")
    reopened.reopened_time.FromDatetime(SystemClock().now())
    await sense.it.say(sense.area, "directory", "place_closed", closure)
    await until(closed)
    await sense.it.say(sense.area, "directory", "place_reopened", reopened, version=2)
    await until(open_again)


class TestHttpDoor:
    async def test_a_signed_batch_is_stored_once(self, sense: Sense, tmp_path: Path) -> None:
        await sense.replay(made.pcap(tmp_path / "a", made.crowd(10)))
        ((_, payload),) = await stored(sense)
        stub = sense.stub(Role.VISITOR)
        request = wire.RecordObservationsRequest(request_id=new_id(), signed_batch=payload)
        assert (await stub.RecordObservations(request, timeout=30)).duplicate
        forged = bytearray(payload)
        forged[-1] ^= 1
        for body, expected in (
            (bytes(forged), "SIGNATURE_INVALID"),
            (b"", "SIGNATURE_INVALID"),
            (b"\xff\xff", "BATCH_MALFORMED"),
        ):
            bad = wire.RecordObservationsRequest(request_id=new_id(), signed_batch=body)
            assert await reason(stub.RecordObservations(bad, timeout=30)) == expected
