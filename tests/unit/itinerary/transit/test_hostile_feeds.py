"""Feeds made to hurt whoever reads them: refused, or every row accounted for, and soon."""

import random
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest

from services.itinerary.domain.transit.access import NEVER, Access
from services.itinerary.domain.transit.day import transit_day
from services.itinerary.domain.transit.journey import journey
from services.itinerary.gateways.gtfs.archive import COLUMNS, LINE_BYTES, BadFeed
from services.itinerary.gateways.gtfs.reader import Feed, read
from tests.unit.itinerary.transit.feeds import TABLES, archive

SOON_S = 5.0  # on a busy machine; each takes a tenth of a second
TUESDAY = date(2026, 12, 1)
STOPS = "stop_id,stop_name,stop_lat,stop_lon\n"
CALLS = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"


def calls(*rows: str) -> dict[str, str | None]:
    return {"stop_times.txt": CALLS + "".join(f"{row}\n" for row in rows)}


def accounted(feed: Feed) -> bool:
    report = feed.report
    return all(report.read[table] == report.refused[table] + report.used[table]
               and report.used[table] >= 0 for table in report.read)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stops.txt": STOPS + "a\0,x,34,131\n"}, "BAD_TABLE"),
        ({"stops.txt": STOPS + 'a,"x,34,131\nb,y,34,131\n'}, "BAD_TABLE"),
        ({"stops.txt": STOPS + f"a,{'x' * 200_000},34,131\n"}, "BAD_TABLE"),
        ({"stops.txt": "stop_id,stop_id,stop_name\na,b,x\n"}, "BAD_TABLE"),
        ({"stops.txt": STOPS.strip() + "," * COLUMNS + "\na,x,34,131\n"}, "BAD_TABLE"),
        ({"stop_times.txt": CALLS + "0" * (LINE_BYTES + 70_000)}, "TOO_LARGE"),
        ({"stop_times.txt": "," * (LINE_BYTES + 70_000)}, "TOO_LARGE"),
    ],
)
def test_what_cannot_be_meant_is_refused_whole(
    tmp_path: Path, changes: dict[str, str | None], reason: str
) -> None:
    began = time.monotonic()
    with pytest.raises(BadFeed) as refused:
        read(archive(tmp_path, changes))
    assert refused.value.reason == reason
    assert time.monotonic() - began < SOON_S


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (calls("out,09:00:00,09:00:00,hub_1,1", "out,08:00:00,08:00:00,pond,2"), "TIMES_GO_BACK"),
        (calls("out,09:00:00,09:00:00,hub_1,1", "out,57:00:00,57:00:00,pond,2"), "BAD_TIME"),
        (calls("out,999999:00:00,09:00:00,hub_1,1", "out,09:00:00,,pond,2"), "BAD_TIME"),
        (calls(f"out,09:00:00,09:00:00,hub_1,{'9' * 5000}"), "BAD_SEQUENCE"),
        (calls("out,09:00:00,09:00:00,hub_1,²", "out,09:10:00,09:10:00,pond,2"), "BAD_SEQUENCE"),
        (calls("out,09:00:00,,hub_1,1", "out,09:10:00,,pond,1"), "SEQUENCE_TWICE"),
        ({"trips.txt": TABLES["trips.txt"] + "1,Tue,out,x\n" * 3}, "TWICE"),
        ({"stops.txt": TABLES["stops.txt"] + "pond,x,1,1,,\n"}, "TWICE"),
        ({"stops.txt": TABLES["stops.txt"].replace("34.2900", "1e999")}, "NO_POINT"),
        ({"stops.txt": TABLES["stops.txt"].replace("34.2900", "9" * 5000)}, "NO_POINT"),
        ({"calendar.txt": TABLES["calendar.txt"].replace("20261001", "20280101")}, "BAD_DATES"),
    ],
)
def test_what_is_wrong_in_a_row_is_told_of_the_row(
    tmp_path: Path, changes: dict[str, str | None], reason: str
) -> None:
    feed = read(archive(tmp_path, changes))
    assert reason in {each.reason for each in feed.report.problems}
    assert accounted(feed)


def test_loops_end(tmp_path: Path) -> None:
    """Stations that are each other's parent, and a bus that goes round and round in no time."""
    loop = TABLES["stops.txt"].replace(
        "pond,弁天池,34.2900,131.2500,,", "pond,x,34.29,131.25,0,hub_1"
    )
    loop = loop.replace("hub_1,秋芳洞,34.2297,131.3033,0,hub", "hub_1,y,34.2297,131.3033,0,pond")
    rounds = [f"out,09:00:00,09:00:00,{('hub_1', 'pond')[n % 2]},{n}" for n in range(2_000)]
    began = time.monotonic()
    feed = read(archive(tmp_path, {"stops.txt": loop, **calls(*rounds)}))
    day = transit_day(feed.timetable, TUESDAY)
    assert len(day.hops) == 1_999
    access = Access((((0, 0),), ((1, 0),)), ((0, NEVER), (NEVER, 0)))
    way = journey(day, access, 0, 1, 500)
    assert way is not None
    assert way.arrive_minute == 540
    assert time.monotonic() - began < SOON_S


@pytest.mark.parametrize("seed", range(4))
def test_of_two_tables_of_one_name_the_outer_one_counts(tmp_path: Path, seed: int) -> None:
    members = [(name, text) for name, text in TABLES.items()]
    members += [("old/stops.txt", STOPS + "zz,zz,1,1\n"), ("a/b/trips.txt", "junk\n"),
                ("../../stops.txt", "junk\n")]  # fmt: skip
    random.Random(seed).shuffle(members)
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as made:
        for name, text in members:
            made.writestr(name, text)
    feed = read(tmp_path / "two.zip")
    assert len(feed.timetable.runs) == 2
    assert not feed.report.refused.total()


def test_cells_over_several_lines_are_cells(tmp_path: Path) -> None:
    stops = STOPS + 'hub_1,"秋\n芳\r\n洞",34.2,131.3\npond,"弁""天",34.3,131.2\n'
    feed = read(archive(tmp_path, {"stops.txt": stops}))
    assert [stop.name for stop in feed.timetable.stops] == ["秋\n芳\r\n洞", '弁"天']
    assert not feed.report.refused.total()
