"""Gadgets over the real MQTT of NATS, with TLS: logins, what is refused, and nothing lost."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nats as nats_py
import psycopg
import pytest

from infra.local import nats as bus
from infra.local.bus_layout import OPERATOR, STREAMS, USER_NAMES, users
from infra.local.ports import HOST
from infra.local.prepare import prepare_streams
from kit.auth import Role
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.domain import gadgets
from services.visitor_sense.events.gadgets import USHER
from tests import servers
from tests.service.visitor_sense.conftest import GATE, Sense, until
from tests.service.visitor_sense.gadget import (
    GADGET,
    PASSWORD,
    Broker,
    Paxcounter,
    enroll,
    running,
    running_broker,
)

pytestmark = pytest.mark.long


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(tmp_path) as found:
        yield found


@pytest.fixture
async def sense(
    broker: Broker, service_database: Callable[[str], str], valkey_server: str
) -> AsyncIterator[Sense]:
    area = "t" + uuid.uuid4().hex[:12]
    async with running(broker, service_database("visitor_sense"), valkey_server, area) as found:
        await found.admin.ConfigureZones(
            wire.ConfigureZonesRequest(request_id=str(uuid.uuid4()), zones=[GATE]), timeout=30
        )
        await enroll(found)
        yield found


@pytest.fixture
def connect(broker: Broker, sense: Sense) -> Iterator[Callable[..., Paxcounter]]:
    open_ones: list[Paxcounter] = []

    def begin(*given: Any, **named: Any) -> Paxcounter:
        open_ones.append(Paxcounter(broker, sense, *given, **named))
        return open_ones[-1]

    yield begin
    for one in open_ones:
        one.close()


def minutes(sense: Sense) -> list[tuple[datetime, int]]:
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
        return connection.execute(
            "select minute, devices from gadget_minutes order by minute"
        ).fetchall()


async def listed(sense: Sense, gadget: str = GADGET) -> wire.Sensor:
    answer = await sense.admin.ListSensors(wire.ListSensorsRequest(), timeout=30)
    return next(one for one in answer.sensors if one.sensor_id == gadget)


async def refusals(sense: Sense) -> dict[str, int]:
    return {one.reason: one.count for one in (await listed(sense)).refusals}


async def told(sense: Sense, count: int) -> None:
    async def there() -> bool:
        return len(minutes(sense)) >= count

    await until(there, 15)


def at(minutes_ago: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes_ago)).isoformat()


async def test_reports_are_counted_and_the_gadget_is_listed(
    sense: Sense, connect: Callable[..., Paxcounter]
) -> None:
    gadget = connect()
    now = datetime.now(UTC)
    gadget.tell({"wifi": 12, "ble": 3, "pax": 15, "time": at(2)})
    gadget.tell({"wifi": 20, "ble": 1, "time": at(1)})
    await gadget.acknowledged()
    gadget.tell({"wifi": 30}, qos=0)
    await told(sense, 3)
    assert [devices for _, devices in minutes(sense)] == [15, 21, 30]
    assert all(now - timedelta(minutes=4) < at <= datetime.now(UTC) for at, _ in minutes(sense))
    one = await listed(sense)
    assert (one.kind, one.state) == (wire.SENSOR_KIND_GADGET, wire.SENSOR_STATE_OK)
    assert (one.observations, one.observations_refused, list(one.refusals)) == (3, 0, [])


async def test_nothing_of_a_gadget_is_in_levels_hours_or_sums(
    sense: Sense, connect: Callable[..., Paxcounter]
) -> None:
    gadget = connect()
    for number in range(1, 6):
        gadget.tell({"pax": 500, "time": at(number)})
    await told(sense, 5)
    zones = await sense.admin.ReadOccupancy(wire.ReadOccupancyRequest(), timeout=30)
    assert [zone.level for zone in zones.zones] == [wire.OCCUPANCY_LEVEL_UNKNOWN]
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
        for query in ("select count(*) from zone_hours", "select count(*) from zone_minutes"):
            assert connection.execute(query).fetchone() == (0,)


async def test_a_wrong_password_lets_nobody_in_and_is_shown(
    sense: Sense, connect: Callable[..., Paxcounter]
) -> None:
    stranger = connect(password="not that of the gadget")
    nobody = connect(gadget="nobody-pax")

    async def refused() -> bool:
        return bool(stranger.answers and nobody.answers) and "PASSWORD_WRONG" in await refusals(
            sense
        )

    await until(refused, 15)
    assert set(stranger.answers) == set(nobody.answers) == {"Not authorized"}
    stranger.tell({"pax": 50})
    gadget = connect()
    gadget.tell({"pax": 20})
    await told(sense, 1)
    assert [devices for _, devices in minutes(sense)] == [20]


async def test_the_password_of_a_gadget_opens_mqtt_and_nothing_else(
    broker: Broker, sense: Sense
) -> None:
    user = gadgets.user_name(sense.area, GADGET)
    for password in (PASSWORD, "wrong"):
        reader, writer = await asyncio.open_connection(broker.host, broker.port)
        await reader.readline()  # what the server says of itself
        login = json.dumps({"user": user, "pass": password, "verbose": False, "pedantic": False})
        writer.write(f"CONNECT {login}\r\nPING\r\n".encode())
        said = await reader.read()  # until the server hangs up
        assert b"Authorization Violation" in said
        assert b"PONG" not in said
        writer.close()
        await writer.wait_closed()
    # The programs of the house are asked about by nobody.
    operator = await nats_py.connect(broker.url, allow_reconnect=False)
    assert operator.is_connected
    await operator.close()


async def test_a_gadget_speaks_for_itself_alone(
    sense: Sense, connect: Callable[..., Paxcounter]
) -> None:
    await enroll(sense, gadget="other-pax")
    gadget = connect()
    gadget.tell({"pax": 90}, topic=gadgets.topic(sense.area, "other-pax"))
    gadget.tell({"pax": 90}, topic=f"observations/{sense.area}/{GADGET}")
    gadget.tell({"pax": 20})
    await told(sense, 1)
    assert [devices for _, devices in minutes(sense)] == [20]
    assert (await listed(sense, "other-pax")).state == wire.SENSOR_STATE_NEVER_HEARD


async def test_a_new_password_ends_the_login_with_the_old_one(
    sense: Sense, connect: Callable[..., Paxcounter]
) -> None:
    gadget = connect()
    gadget.tell({"pax": 20, "time": at(2)})
    await told(sense, 1)
    await enroll(sense, "quite another password")

    async def out() -> bool:
        return gadget.answers[-1] == "Not authorized"

    await until(out, 15)
    renewed = connect(password="quite another password")
    renewed.tell({"pax": 21, "time": at(1)})
    await told(sense, 2)


async def test_a_revoked_gadget_is_out_at_once(
    sense: Sense, connect: Callable[..., Paxcounter]
) -> None:
    gadget = connect()
    gadget.tell({"pax": 20, "time": at(2)})
    await told(sense, 1)
    await sense.admin.RevokeSensor(
        wire.RevokeSensorRequest(request_id=str(uuid.uuid4()), sensor_id=GADGET), timeout=30
    )

    async def out() -> bool:
        return gadget.answers[-1] == "Not authorized"

    await until(out, 15)

    async def shown() -> bool:
        return (await refusals(sense)).get("SENSOR_REVOKED", 0) >= 1

    await until(shown)
    assert len(minutes(sense)) == 1


async def test_what_is_no_report_is_refused_with_its_reason(
    sense: Sense, connect: Callable[..., Paxcounter]
) -> None:
    gadget = connect()
    for bad in (b"", b"{", b"[1]", b'{"wifi": "12"}', b'{"wifi": -1}', b"[" * 3_000, b"x" * 9_000):
        gadget.tell(bad)
    gadget.tell({"pax": 20})
    await told(sense, 1)

    async def all_refused() -> bool:
        return (await refusals(sense)).get("REPORT_MALFORMED") == 7

    await until(all_refused, 15)
    assert (await listed(sense)).observations_refused == 7


@pytest.mark.parametrize("days", [-1, 1])
async def test_a_clock_that_is_a_day_off_loses_nothing(
    sense: Sense, connect: Callable[..., Paxcounter], days: int
) -> None:
    gadget = connect()
    before = datetime.now(UTC)
    gadget.tell({"pax": 44, "time": (before + timedelta(days=days)).isoformat()})
    await told(sense, 1)
    ((minute, devices),) = minutes(sense)
    assert devices == 44
    assert before - timedelta(minutes=1) < minute <= datetime.now(UTC)
    one = await listed(sense)
    assert one.state == wire.SENSOR_STATE_SICK
    assert one.clock_ahead_s == pytest.approx(86_400 * days, abs=30)
    assert await refusals(sense) == {"CLOCK_SKEWED": 1}


async def test_a_flood_is_cut_off_and_others_go_on(
    sense: Sense, connect: Callable[..., Paxcounter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gadgets, "BURST", 50)
    await enroll(sense, gadget="other-pax")
    flood, other = connect(), connect(gadget="other-pax")
    flood.tell({"pax": 99})
    await flood.acknowledged()
    for number in range(400):
        flood.tell({"pax": 99}, qos=number % 2)
    other.tell({"pax": 20})
    await other.acknowledged()

    async def cut() -> bool:
        return "Not authorized" in flood.answers

    await until(cut, 20)
    assert (await refusals(sense))["TOO_MANY_REPORTS"] >= 1

    async def counted() -> bool:
        return (await listed(sense, "other-pax")).observations == 1

    await until(counted, 10)


async def test_while_the_service_is_away_reports_wait(
    broker: Broker, service_database: Callable[[str], str], valkey_server: str
) -> None:
    url, area = service_database("visitor_sense"), "t" + uuid.uuid4().hex[:12]
    async with running(broker, url, valkey_server, area) as sense:
        await sense.admin.ConfigureZones(
            wire.ConfigureZonesRequest(request_id=str(uuid.uuid4()), zones=[GATE]), timeout=30
        )
        await enroll(sense)
        gadget = Paxcounter(broker, sense)
        gadget.tell({"pax": 20, "time": at(9)})
        await told(sense, 1)
    for number in range(1, 6):
        gadget.tell({"pax": 20 + number, "time": at(9 - number)})
    await gadget.acknowledged()
    gadget.close()
    async with running(broker, url, valkey_server, area) as sense:
        await told(sense, 6)
        assert [devices for _, devices in minutes(sense)] == [20, 21, 22, 23, 24, 25]
        one = await listed(sense)
        assert (one.batches, one.observations) == (6, 6)


async def test_what_the_server_acknowledged_outlives_it(
    tmp_path: Path, service_database: Callable[[str], str], valkey_server: str
) -> None:
    url, area = service_database("visitor_sense"), "t" + uuid.uuid4().hex[:12]
    with running_broker(tmp_path) as broker:
        async with running(broker, url, valkey_server, area) as sense:
            await sense.admin.ConfigureZones(
                wire.ConfigureZonesRequest(request_id=str(uuid.uuid4()), zones=[GATE]), timeout=30
            )
            await enroll(sense)
            gadget = Paxcounter(broker, sense)
            gadget.tell({"pax": 30, "time": at(5)})
            await told(sense, 1)
        gadget.tell({"pax": 31, "time": at(4)})
        await gadget.acknowledged()
    gadget.tell({"pax": 32, "time": at(3)})  # while there is no server
    with running_broker(tmp_path) as broker:
        async with running(broker, url, valkey_server, area) as sense:
            await told(sense, 3)
            assert [devices for _, devices in minutes(sense)] == [30, 31, 32]
    gadget.close()


async def test_pauses_hold_and_twice_is_once(
    sense: Sense, connect: Callable[..., Paxcounter]
) -> None:
    gadget = connect()
    for _ in range(3):
        gadget.tell({"pax": 20, "time": at(10)})
    gadget.tell({"pax": 19, "time": at(10)})
    await told(sense, 1)
    place = wire.PauseSiteRequest(request_id=str(uuid.uuid4()), place_id=GATE.place_id)
    await sense.admin.PauseSite(place, timeout=30)
    gadget.tell({"pax": 50})

    async def refused() -> bool:
        return (await refusals(sense)).get("SITE_PAUSED") == 1

    await until(refused, 15)
    assert [devices for _, devices in minutes(sense)] == [20]


async def test_hours_tell_the_mean_from_ten_on(
    sense: Sense, connect: Callable[..., Paxcounter]
) -> None:
    await enroll(sense, gadget="few-pax")
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    many, few = connect(), connect(gadget="few-pax")
    for number in range(4):
        time = (hour + timedelta(minutes=10 * number)).isoformat()
        many.tell({"pax": 10 * number + 10, "time": time})
        few.tell({"pax": 9, "time": time})
    await told(sense, 8)
    request = wire.ReadGadgetHoursRequest()
    request.from_time.FromDatetime(hour)
    request.to_time.FromDatetime(hour + timedelta(hours=1))
    found: list[wire.GadgetHour] = []

    async def both() -> bool:
        answer = await sense.stub(Role.VISITOR).ReadGadgetHours(request, timeout=30)
        found[:] = answer.hours
        return [one.minutes for one in found] == [4, 4]

    await until(both, 15)
    assert [(one.sensor_id, one.devices, one.withheld) for one in found] == [
        ("few-pax", 0, True), (GADGET, 25, False),
    ]  # fmt: skip


async def test_streams_of_an_installation_without_the_door_are_there_with_it(
    tmp_path: Path,
) -> None:
    port, monitor_port = servers._ports.choose(0), servers._ports.choose(0)
    config = bus.write_config(tmp_path / "nats", users(dict.fromkeys(USER_NAMES, "x")))
    command = bus.command(config, port, monitor_port)
    with servers._running("nats", command, tmp_path, servers.opens(port)):
        url = f"nats://{OPERATOR}:x@{HOST}:{port}"
        await prepare_streams(url, OPERATOR, "x", STREAMS)
        connection = await nats_py.connect(url)
        await connection.jetstream().publish("observations.mine.gate-1", b"kept")
        await connection.close()
    with running_broker(tmp_path) as broker:
        connection = await nats_py.connect(broker.url)
        kept = await connection.jetstream().get_msg("OBSERVATIONS", 1)
        await connection.close()
    assert kept.data == b"kept"


def test_the_usher_is_named_alike_on_both_sides() -> None:
    assert USHER == bus.USHER
