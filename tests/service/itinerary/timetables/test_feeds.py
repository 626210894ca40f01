"""Feeds of operators: taken in whole or refused whole, whatever is in the archive."""

import asyncio
import io
import random
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from meguri.itinerary.v1 import itinerary_events_pb2 as own
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from tests.service.itinerary.conftest import new_id
from tests.service.itinerary.timetables.conftest import Desk, line, refused
from tests.unit.itinerary.transit.feeds import TABLES, archive, plus

pytestmark = pytest.mark.long

SHARED = Path(__file__).resolve().parents[4].parent / "shared" / "data" / "gtfs"


def packed(folder: Path, changes: Mapping[str, str | None] | None = None) -> bytes:
    return archive(folder, changes).read_bytes()


async def changes(desk: Desk, count: int) -> list[own.TimetableChanged]:
    messages = await desk.it.heard(desk.area, "timetable_changed", count)
    return [own.TimetableChanged.FromString(message.data) for message in messages]


async def test_a_feed_is_taken_in_with_a_report(desk: Desk, tmp_path: Path) -> None:
    body = packed(tmp_path, plus("stops.txt", "gate,門,34.2,131.3,2,hub"))
    answer = await desk.feed(body, phone="0837-62-0000")
    kept = answer.summary
    assert (kept.version, kept.kind, kept.run_count) == (1, pb.TIMETABLE_KIND_FEED, 2)
    assert (dict(kept.names), kept.operator, kept.phone) == (
        {"ja": "町"}, "町営バス", "0837-62-0000",
    )  # fmt: skip
    assert (kept.confirmed_run_count, kept.first_until_date, kept.last_date) == (
        2, "2027-03-31", "2027-03-31",
    )  # fmt: skip
    tables = {table.name: (table.read_count, table.refused_count) for table in answer.tables}
    assert tables["stops"] == (4, 1)
    assert tables["stop_times"] == (4, 0)
    assert [(note.row, note.field, note.reason) for note in answer.notes] == [
        (5, "stops", "NO_POLE"),
    ]  # fmt: skip
    assert await desk.listed() == {"town-bus": kept}
    assert (await refused(desk.read("town-bus"))).reason == "NOT_FOUND"


async def test_an_equal_feed_changes_nothing_and_another_takes_its_place(
    desk: Desk, tmp_path: Path
) -> None:
    first = await desk.feed(packed(tmp_path))
    assert (await desk.feed(packed(tmp_path))).summary == first.summary
    less = await desk.feed(packed(tmp_path, {"calendar_dates.txt": None}))
    assert (less.summary.version, less.summary.run_count) == (2, 1)
    called = await desk.feed(packed(tmp_path, {"calendar_dates.txt": None}), phone="0837-1")
    assert called.summary.version == 3
    assert [each.run_count for each in await changes(desk, 3)] == [2, 1, 1]


async def test_a_dry_run_reports_and_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    answer = await desk.feed(packed(tmp_path), dry_run=True)
    assert (answer.summary.run_count, answer.summary.version) == (2, 0)
    assert await desk.listed() == {}
    await desk.feed(packed(tmp_path))
    assert (await desk.feed(packed(tmp_path), dry_run=True)).summary.version == 1


async def test_a_repeated_request_gets_the_first_report(desk: Desk, tmp_path: Path) -> None:
    request_id, body = new_id(), packed(tmp_path)  # an archive has the time in it
    first = await desk.feed(body, request_id=request_id)
    await desk.delete("town-bus", 1)
    assert await desk.feed(body, request_id=request_id) == first
    assert await desk.listed() == {}


async def test_a_line_and_a_feed_do_not_share_an_id(desk: Desk, tmp_path: Path) -> None:
    await desk.save(line())
    problem = await refused(desk.feed(packed(tmp_path), timetable_id="cave-line"))
    assert problem.reason == "OTHER_KIND"
    await desk.feed(packed(tmp_path))
    assert (await refused(desk.save(line(timetable_id="town-bus"), 1))).reason == "OTHER_KIND"


async def reason_of(desk: Desk, body: bytes) -> str:
    for _ in range(3):  # on a busy machine a bomb is given up before it is understood
        problem = await refused(desk.feed(body))
        if problem.reason != "FEEDS_BUSY":
            break
    if problem.reason != "FEED_UNUSABLE":
        return problem.reason
    [(field, text)] = problem.fields
    assert field == "archive"
    return text.rpartition("[")[2].rstrip("]")


def bomb(table: str, size: int) -> bytes:
    """An archive of some kB that unpacks into `size` bytes of one table."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archived:
        for name, text in TABLES.items():
            if name != table:
                archived.writestr(name, text)
        with archived.open(table, "w") as out:
            out.write(TABLES[table].encode())
            block = b"out,09:00:00,09:00:00,hub_1,1,0,1\n" * 30_000
            for _ in range(size // len(block)):
                out.write(block)
    return made.getvalue()


async def test_hostile_archives_are_refused_with_a_reason(desk: Desk, tmp_path: Path) -> None:
    whole, dice = packed(tmp_path), random.Random(6)
    damaged = bytearray(whole)
    for _ in range(200):
        damaged[dice.randrange(len(damaged))] = dice.randrange(256)
    runs = "".join(f"1,Tue,t{n},弁天池\n" for n in range(10_001))
    calls = "".join(f"t{n},09:00,09:00,hub_1,1,,\nt{n},09:09,09:09,pond,2,,\n"
                    for n in range(10_001))  # fmt: skip
    for body, reasons in (
        (b"", {"NO_ARCHIVE"}),
        (b"PK\x03\x04 is no archive", {"NO_ARCHIVE"}),
        (bytes(damaged), {"NO_ARCHIVE", "BAD_TABLE", "NO_COLUMN", "NO_TABLE", "NOTHING_RUNS"}),
        (whole[:-40], {"NO_ARCHIVE"}),
        (b"\0" * (3 * 1024 * 1024 + 1), {"TOO_LARGE"}),
        (packed(tmp_path, {"trips.txt": None}), {"NO_TABLE"}),
        (packed(tmp_path, {"trips.txt": "trip_id\nx\n"}), {"NO_COLUMN"}),
        (packed(tmp_path, {"trips.txt": "route_id,service_id,trip_id\n"}), {"NOTHING_RUNS"}),
        (packed(tmp_path, {"routes.txt": "route_id,route_long_name\n1," + "長" * 201 + "\n"}),
         {"TEXT_TOO_LONG"}),
        (packed(tmp_path, {"routes.txt": "route_id,route_long_name\n1,4242 4242 4242 4242\n"}),
         {"CARD_NUMBER"}),
        (packed(tmp_path, {"trips.txt": TABLES["trips.txt"] + runs,
                           "stop_times.txt": TABLES["stop_times.txt"] + calls}), {"TOO_LARGE"}),
        (bomb("stop_times.txt", 40_000_000), {"TOO_LARGE", "TOO_HEAVY"}),
        (bomb("agency.txt", 200_000_000), {"TOO_LARGE", "TOO_HEAVY"}),
    ):  # fmt: skip
        assert await reason_of(desk, body) in reasons
    assert await desk.listed() == {}


async def test_a_few_wait_and_the_next_is_told_to_come_again(desk: Desk, tmp_path: Path) -> None:
    body = packed(tmp_path)

    async def load(number: int) -> str:
        try:
            await desk.feed(body, timetable_id=f"feed-{number}")
        except Exception as error:  # noqa: BLE001 - looked at below
            return str(getattr(error, "details", lambda: "")())
        return "kept"

    told = await asyncio.gather(*(load(number) for number in range(12)))
    kept = told.count("kept")
    assert 4 <= kept < 12
    assert set(told) == {"kept", "Other feeds are being read. Try again in a moment."}
    assert len(await desk.listed()) == kept


@pytest.mark.parametrize(
    ("name", "runs", "nowhere", "last"),
    [
        ("donanbus_muroran_20200401_gtfs-jp.zip", 541, 0, "2021-04-01"),
        ("nakatsugawa_20201001_gtfs.zip", 82, 0, "2021-03-31"),
    ],
)
async def test_published_feeds_are_taken_in_without_a_row_lost(
    desk: Desk, name: str, runs: int, nowhere: int, last: str
) -> None:
    if not SHARED.is_dir():
        pytest.skip("the feeds lie in ../shared, which is not there")
    answer = await desk.feed((SHARED / name).read_bytes())
    assert (answer.summary.run_count, answer.summary.unknown_point_count) == (runs, nowhere)
    # Both ended long ago: kept all the same, and nothing of them is confirmed today.
    assert (answer.summary.last_date, answer.summary.confirmed_run_count) == (last, 0)
    assert not [table for table in answer.tables if table.refused_count]
    assert {table.name for table in answer.tables} >= {"stops", "routes", "trips", "stop_times"}
