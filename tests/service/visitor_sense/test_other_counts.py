"""CSV files of other sensors and hours that somebody counted, against the real service."""

import uuid
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest

from kit.clock import SystemClock
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.domain import day
from services.visitor_sense.sensor.batches import Batcher
from services.visitor_sense.sensor.importing import Imported, import_rows
from services.visitor_sense.sensor.replay import Player
from services.visitor_sense.sensor.spool import Spool
from tests.service.visitor_sense.conftest import Sense, until
from tests.service.visitor_sense.test_doors import reason
from tests.service.visitor_sense.test_live_sensor import shown
from tests.service.visitor_sense.test_privacy import MARKERS, everything, hits, needles
from tests.unit.visitor_sense.test_relay import written


def heard(folder: Path, addresses: list[bytes]) -> Path:
    path, now = folder / "heard.csv", datetime.now(UTC) - timedelta(seconds=1)
    rows = [f"{now.isoformat()},{written(each)},-60" for each in addresses]
    path.write_text("\n".join(["time,address,rssi_dbm", *rows]), encoding="utf-8")
    return path


async def sent(sense: Sense, path: Path) -> Imported:
    link = await sense.link()
    try:
        player = Player(link, Spool(sense.folder / "spool"), SystemClock(),
                        sense.credential.sensor_id, partial(Batcher, sense.credential))  # fmt: skip
        return await import_rows(player, path)
    finally:
        await link.close()


async def test_rows_count_like_frames_and_no_address_is_anywhere(
    sense: Sense, valkey_server: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = await sent(sense, heard(tmp_path, MARKERS))
    assert (done.rows, done.sent, done.batches) == (len(MARKERS), len(MARKERS), 1)

    async def counted() -> bool:
        return (await shown(sense)).observations == len(MARKERS)

    await until(counted)
    out, err = capfd.readouterr()
    kept = await everything(sense, valkey_server, out + err)
    assert hits(kept, needles(MARKERS, [])) == []


async def test_who_opted_out_is_left_out_of_a_file_too(sense: Sense, tmp_path: Path) -> None:
    fixed = [each for each in MARKERS if not each[0] & 2]
    await sense.admin.AddOptOut(
        wire.AddOptOutRequest(request_id=str(uuid.uuid4()), address=written(fixed[0])), timeout=30
    )
    done = await sent(sense, heard(tmp_path, fixed))
    assert (done.sent, done.left_out) == (len(fixed) - 1, 1)


def hours(*persons: int, zone: str = "gate", request_id: str = "") -> wire.NoteCountedHoursRequest:
    request = wire.NoteCountedHoursRequest(request_id=request_id or str(uuid.uuid4()), zone_id=zone)
    last = day.hour_of(datetime.now(UTC)) - timedelta(hours=1)
    for ago, count in enumerate(persons):
        request.counts.add(persons=count).hour_start_time.FromDatetime(last - timedelta(hours=ago))
    return request


async def test_counted_hours_are_noted_once_and_replaced_by_later_ones(sense: Sense) -> None:
    note = sense.admin.NoteCountedHours
    first = hours(12, 30, request_id="counted-1")
    assert (await note(first, timeout=30)).hour_count == 2
    assert (await note(hours(14), timeout=30)).hour_count == 1
    assert (await note(first, timeout=30)).hour_count == 2  # a repetition changes nothing
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
        found = connection.execute(
            "select persons from hand_counts where area = %s order by hour_start", (sense.area,)
        ).fetchall()
    assert [persons for (persons,) in found] == [30, 14]


async def test_wrong_counts_change_nothing(sense: Sense) -> None:
    note = sense.admin.NoteCountedHours
    assert await reason(note(hours(5, zone="nowhere"), timeout=30)) == "ZONE_UNKNOWN"
    assert await reason(note(hours(), timeout=30)) == "INVALID_FIELDS"
    assert await reason(note(hours(-1), timeout=30)) == "INVALID_FIELDS"
    twice = hours(5, 7)
    twice.counts[1].hour_start_time.CopyFrom(twice.counts[0].hour_start_time)
    assert await reason(note(twice, timeout=30)) == "INVALID_FIELDS"
    learn = wire.CalibrateZoneRequest(request_id=str(uuid.uuid4()), zone_id="gate")
    learn.counts.extend(twice.counts)
    assert await reason(sense.admin.CalibrateZone(learn, timeout=30)) == "INVALID_FIELDS"
    running = hours(5)
    running.counts[0].hour_start_time.FromDatetime(day.hour_of(datetime.now(UTC)))
    assert await reason(note(running, timeout=30)) == "INVALID_FIELDS"
    never = hours(5)
    never.counts[0].hour_start_time.seconds = 2**60
    assert await reason(note(never, timeout=30)) == "INVALID_FIELDS"
