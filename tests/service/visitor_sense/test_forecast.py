"""Hours are foretold from released figures alone, once an hour, in a process of its own."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from kit.auth import Role
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense import main
from services.visitor_sense.app import forecasts
from services.visitor_sense.domain import day
from services.visitor_sense.gateways import forecaster
from tests.service.visitor_sense.conftest import Sense, Start, enroll, until

pytestmark = pytest.mark.long
HILL = wire.Zone(
    zone_id="hill", place_id="hill", names={"ja": "展望台", "en": "Hill"},
    normal_from=20, busy_from=60, crowded_from=120,
)  # fmt: skip


def put_hours(sense: Sense, zone_id: str, days: int, *, few: bool = False) -> datetime:
    """Puts told hours of past days into the database; returns this hour."""
    this = day.hour_of(datetime.now(UTC))
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
        for back in range(1, days * 24):
            hour = this - timedelta(hours=back)
            weekday = day.key_date(hour).weekday()
            devices = 8 if few else 40 + 25 * (weekday >= 5) + back % 7 + 2 * (back // 24 % 11)
            connection.execute(
                "insert into zone_hours (area, zone_id, hour, frames, addresses, address_estimate,"
                " address_low, address_high, devices, device_estimate, device_low, device_high,"
                " key_epochs, holds_values, dirty, version, released) values (%s, %s, %s, 1, '',"
                " %s, %s, %s, '', %s, %s, %s, '{1}', false, false, 1, %s)",
                (sense.area, zone_id, hour, *[devices] * 6, None if few else devices),
            )
    return this


async def read(sense: Sense) -> dict[str, wire.ZoneForecast]:
    answer = await sense.stub(Role.VISITOR).ReadForecast(wire.ReadForecastRequest(), timeout=30)
    return {one.zone_id: one for one in answer.zones}


async def test_zones_are_foretold_once_they_have_learned(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "FORECAST_S", 0.2)
    asked = list[Mapping[str, Mapping[datetime, float]]]()
    real = forecaster.foretell

    async def noted(now: datetime, zones: Any) -> dict[str, dict[str, Any]]:
        asked.append(zones)
        return await real(now, zones)

    monkeypatch.setattr(main, "foretell", noted)
    monkeypatch.setattr(forecasts, "refresh", _after_the_hours(forecasts.refresh))
    async with start() as sense:
        await enroll(sense)
        await sense.admin.ConfigureZones(
            wire.ConfigureZonesRequest(request_id=str(uuid.uuid4()), zones=[HILL]), timeout=30
        )
        this = put_hours(sense, "gate", 60)
        put_hours(sense, "hill", 20)
        _READY.append("hours")

        async def foretold() -> bool:
            return bool((await read(sense))["gate"].hours)

        await until(foretold, 60)
        found = await read(sense)
    gate, hill = found["gate"], found["hill"]
    assert gate.not_yet_reason == ""
    assert (gate.kind, gate.days >= 60) == (wire.COUNT_KIND_DEVICES, True)
    assert gate.hours[0].hour_start_time.ToDatetime(tzinfo=UTC) == this
    assert len(gate.hours) == 7 * 24
    assert all(one.figure.low <= one.figure.estimate <= one.figure.high for one in gate.hours)
    assert gate.accuracy.error_share < gate.accuracy.plain_error_share
    assert hill.not_yet_reason == "TOO_FEW_DAYS"
    assert hill.days_needed == 42
    assert 20 <= hill.days <= 21
    assert not hill.hours
    assert [set(zones) for zones in asked] == [{"gate"}]  # once in this hour, and only who is ready


_READY = list[str]()


def _after_the_hours(real: Any) -> Any:
    """A look before the hours are there would be the only one of this hour."""

    async def refresh(deps: Any, foretell: Any) -> int:
        return int(await real(deps, foretell)) if _READY else 0

    return refresh


async def test_what_is_withheld_is_foretold_as_little_and_not_shown() -> None:
    this = day.hour_of(datetime(2026, 5, 20, 3, tzinfo=UTC))
    chance = [4.0, 5.0, 6.0]
    known = {
        this - timedelta(hours=back): chance[back * 7 % 3] + (back // 24) % 2
        for back in range(1, 50 * 24)
    }
    told = (await forecaster.foretell(this, {"gate": known}))["gate"]
    shown = [forecasts._figure(*one[1:]) for one in told["hours"]]
    assert set(shown) <= {None}


async def test_a_child_that_fails_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecaster, "__name__", "services.visitor_sense.gateways.nothing_there")
    with pytest.raises(forecaster.ForecasterDown):
        await forecaster.foretell(datetime(2026, 5, 20, tzinfo=UTC), {"gate": {}})
