"""What the commands of sensors say to a person: times of the area, the zone named."""

import argparse
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from kit.pure.local_time import zone_of
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense import cli

HEARD = Timestamp()
HEARD.FromDatetime(datetime(2026, 11, 28, 15, 30, tzinfo=UTC))
SENSORS = wire.ListSensorsResponse(
    sensors=[
        wire.Sensor(sensor_id="gate-1", zone_id="gate", state=wire.SENSOR_STATE_OK,
                    heard_time=HEARD),
        wire.Sensor(sensor_id="gate-2", zone_id="gate", state=wire.SENSOR_STATE_NEVER_HEARD),
    ]
)  # fmt: skip


@pytest.fixture
def area(monkeypatch: pytest.MonkeyPatch) -> None:
    """An area in Japan with two sensors."""

    def sensors(_request: Any, **_deadline: float) -> wire.ListSensorsResponse:
        return SENSORS

    stub, zone = SimpleNamespace(ListSensors=sensors), zone_of("Asia/Tokyo")
    monkeypatch.setattr(cli, "_peers", lambda _area: None)
    monkeypatch.setattr(cli, "_stub", lambda _peers: stub)
    monkeypatch.setattr(cli, "_zone", lambda _area: zone)


def test_sensors_are_listed_with_the_time_of_the_area(
    area: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run_sensors(argparse.Namespace(json=False)) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.split() == ["gate-1", "gate", "2026-11-29", "00:30:00", "JST", "ok"]
    assert second.split() == ["gate-2", "gate", "-", "never", "heard"]


def test_programs_are_told_the_time_of_the_world(
    area: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run_sensors(argparse.Namespace(json=True)) == 0
    told: Any = json.loads(capsys.readouterr().out)
    assert [each["heard"] for each in told["sensors"]] == ["2026-11-28T15:30:00Z", None]
    assert [each["state"] for each in told["sensors"]] == ["ok", "never_heard"]


def test_every_state_has_its_word() -> None:
    states = {name.removeprefix("SENSOR_STATE_").lower() for name in wire.SensorState.keys()}  # noqa: SIM118 - no dict
    assert states - {"unspecified"} == set(cli.STATES)
