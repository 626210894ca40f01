"""A day is closed once after its midnight, tells nothing below k, and outlives its minutes."""

from datetime import UTC, datetime, timedelta

import grpc
import numpy as np
import psycopg
import pytest

from kit.auth import Role
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense import main
from services.visitor_sense.domain import day
from services.visitor_sense.domain.sketch import Distinct
from tests.service.visitor_sense.conftest import Sense, Start, enroll, until

EVENING = timedelta(hours=2)  # before midnight


@pytest.fixture
def _closes_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "DAYS_S", 0.1)


def near_by(sense: Sense, midnight: datetime, phones: int) -> None:
    """Phones near by for ten minutes each, yesterday evening and today."""
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
        for begin in (midnight - EVENING, midnight + timedelta(minutes=1)):
            for minute in range(10):
                near = Distinct()
                near.add(np.arange(phones, dtype=np.uint64))
                connection.execute(
                    "insert into zone_minutes values (%s, 'gate', %s, %s)",
                    (sense.area, begin + timedelta(minutes=minute), near.to_bytes()),
                )


def asked(first: datetime, last: datetime) -> wire.ReadDaysRequest:
    return wire.ReadDaysRequest(
        from_date=day.key_date(first).isoformat(), to_date=day.key_date(last).isoformat()
    )


@pytest.mark.usefixtures("_closes_soon")
@pytest.mark.parametrize("phones", [9, 14])
async def test_yesterday_is_closed_once_and_today_not_yet(start: Start, phones: int) -> None:
    now = datetime.now(UTC)
    midnight = day.next_midnight(now) - timedelta(days=1)
    yesterday = midnight - EVENING
    async with start() as sense:
        await enroll(sense)
        near_by(sense, midnight, phones)
        stub = sense.stub(Role.VISITOR)

        async def closed() -> bool:
            answer = await stub.ReadDays(asked(yesterday, now), timeout=30)
            return bool(answer.closed_dates)

        await until(closed)
        answer = await stub.ReadDays(asked(yesterday, now), timeout=30)
        assert list(answer.closed_dates) == [day.key_date(yesterday).isoformat()]
        assert [(one.zone_id, one.stays, one.median_s) for one in answer.dwell] == (
            [("gate", 10, 600.0)] if phones == 14 else []
        )
        assert list(answer.pairs) == []
        assert list(answer.moves) == []
        assert list(answer.directed_dates) == list(answer.closed_dates)
        assert (answer.privacy.k, answer.privacy.rounded_down_to) == (10, 10)
        with psycopg.connect(sense.database_url) as connection:
            connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
            connection.execute("delete from zone_minutes where area = %s", (sense.area,))
        again = await stub.ReadDays(asked(yesterday, now), timeout=30)
        assert again == answer


@pytest.mark.parametrize(
    ("first", "last"), [("2026-11-02", "2026-11-01"), ("2024-01-01", "2026-01-01"), ("x", "")]
)
async def test_days_that_are_none_are_refused(sense: Sense, first: str, last: str) -> None:
    request = wire.ReadDaysRequest(from_date=first, to_date=last)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await sense.stub(Role.VISITOR).ReadDays(request, timeout=30)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.usefixtures("_closes_soon")
async def test_a_finished_day_tells_ways_curves_and_different_devices(start: Start) -> None:
    now = datetime.now(UTC)
    midnight = day.next_midnight(now) - timedelta(days=1)
    evening = midnight - EVENING
    async with start() as sense:
        await enroll(sense)
        with psycopg.connect(sense.database_url) as connection:
            connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
            for zone_id, after in (("gate", 0), ("hall", 40)):
                for minute in range(10):
                    near = Distinct()
                    near.add(np.arange(30, dtype=np.uint64))
                    connection.execute(
                        "insert into zone_minutes values (%s, %s, %s, %s)",
                        (sense.area, zone_id, evening + timedelta(minutes=after + minute),
                         near.to_bytes()),
                    )  # fmt: skip
            whole = Distinct()
            whole.add(np.arange(57, dtype=np.uint64))
            connection.execute(
                "insert into zone_hours (area, zone_id, hour, frames, addresses, address_estimate,"
                " address_low, address_high, devices, device_estimate, device_low, device_high,"
                " key_epochs, holds_values, dirty) values (%s, 'gate', %s, 99, %s, 57, 57, 57, %s,"
                " 57, 57, 57, '{1}', true, false)",
                (sense.area, evening.replace(minute=0), whole.to_bytes(), whole.to_bytes()),
            )
        stub, found = sense.stub(Role.VISITOR), list[wire.ReadDaysResponse]()

        async def closed() -> bool:
            found.append(await stub.ReadDays(asked(evening, now), timeout=30))
            return bool(found[-1].closed_dates)

        await until(closed)
        answer = found[-1]
        assert [(one.from_zone_id, one.to_zone_id, one.devices) for one in answer.moves] == [
            ("gate", "hall", 30)
        ]
        assert list(answer.pairs) == []  # else who went back would be told from who did not
        (gate, hall) = answer.dwell
        assert (len(gate.came_s), len(hall.left_s)) == (2, 2)
        assert all(step % 600 == 0 for step in (*gate.came_s, *hall.left_s))
        assert [(one.zone_id, one.figure.estimate) for one in answer.devices] == [("gate", 50)]
        figure = answer.devices[0].figure
        assert figure.low < 50
        assert figure.high > 57
        assert (gate.noise_scale, answer.moves[0].noise_scale) == (0.0, 0.0)


@pytest.mark.usefixtures("_closes_soon")
async def test_a_day_with_a_budget_is_told_under_noise_once(start: Start) -> None:
    now = datetime.now(UTC)
    midnight = day.next_midnight(now) - timedelta(days=1)
    async with start() as sense:
        await enroll(sense)
        with psycopg.connect(sense.database_url) as connection:
            connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
            connection.execute(
                "insert into noise_settings values (%s, %s, 400, now())",
                (sense.area, day.key_date(midnight - timedelta(days=3))),
            )
        near_by(sense, midnight, 200)
        stub, found = sense.stub(Role.VISITOR), list[wire.ReadDaysResponse]()

        async def closed() -> bool:
            found.append(await stub.ReadDays(asked(midnight - EVENING, now), timeout=30))
            return bool(found[-1].closed_dates)

        await until(closed)
        (gate,) = found[-1].dwell
        assert abs(gate.stays - 200) < 20
        assert gate.noise_scale == pytest.approx(0.6)
        assert (list(gate.came_s), list(found[-1].devices), list(found[-1].pairs)) == ([], [], [])
        assert (await stub.ReadDays(asked(midnight - EVENING, now), timeout=30)).dwell == (
            found[-1].dwell
        )
