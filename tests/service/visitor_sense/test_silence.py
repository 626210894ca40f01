"""A sensor that hears only in part: kept once per batch, told with the hours, and forgotten."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from kit.auth import Role
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.domain import day
from tests.service.visitor_sense.conftest import Sense, Start, enroll
from tests.unit.visitor_sense import made

ALL = (1 << 60) - 1


def rows(sense: Sense) -> list[tuple[datetime, int, int, dict[str, int]]]:
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
        return connection.execute(
            "select hour, frames, minutes, by_mhz from sensor_hours order by hour"
        ).fetchall()


async def test_what_a_sensor_heard_is_kept_once_per_batch(sense: Sense, tmp_path: Path) -> None:
    done = await sense.replay(made.pcap(tmp_path / "crowd", made.crowd(40, span_s=90)))
    await sense.counted(done)
    heard = rows(sense)
    assert sum(frames for _, frames, _, _ in heard) == done.probe_frames
    assert sum(sum(by_mhz.values()) for _, _, _, by_mhz in heard) == done.probe_frames
    assert all(minutes for _, _, minutes, _ in heard)


async def read(sense: Sense, since: datetime, until: datetime) -> list[wire.FlawedHour]:
    request = wire.ReadVisitorsRequest()
    request.from_time.FromDatetime(since)
    request.to_time.FromDatetime(until)
    answer = await sense.stub(Role.VISITOR).ReadVisitors(request, timeout=30)
    return list(answer.flawed_hours)


async def test_the_hours_it_touches_are_told(start: Start) -> None:
    now = datetime.now(UTC)
    hour = day.hour_of(now) - timedelta(hours=2)
    with_past = [
        (hour - timedelta(days=back, hours=beside), 400, ALL)
        for back in range(1, 8)
        for beside in (-1, 0, 1)
    ]
    async with start() as sense:
        await enroll(sense)
        with psycopg.connect(sense.database_url) as connection:
            connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
            for at, frames, minutes in [*with_past, (hour, 12, 0b111)]:
                connection.execute(
                    "insert into sensor_hours values (%s, 'gate-1', %s, %s, %s, %s)",
                    (sense.area, at, frames, minutes, json.dumps({})),
                )
        (flawed,) = await read(sense, hour, now)
        assert (flawed.sensor_id, flawed.zone_id, flawed.amount) == ("gate-1", "gate", 3)
        assert flawed.flaw == wire.HEARING_FLAW_FEW_FRAMES
        assert flawed.hour_start_time.ToDatetime(tzinfo=UTC) == hour
        assert await read(sense, hour + timedelta(hours=1), now) == []
        await sense.admin.RevokeSensor(
            wire.RevokeSensorRequest(request_id=str(uuid.uuid4()), sensor_id="gate-1"), timeout=30
        )
        assert await read(sense, hour, now) == []
