"""GTFS archives: what is in them is in the timetable, or in the report with its reason."""

import random
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.place import Point
from services.itinerary.domain.transit.timetable import MAX_MINUTE, Boarding, Line
from services.itinerary.gateways.gtfs import archive as archives
from services.itinerary.gateways.gtfs.archive import BadFeed
from services.itinerary.gateways.gtfs.calls import minutes_of
from services.itinerary.gateways.gtfs.reader import Feed, day_of, read
from tests.examples import share
from tests.unit.itinerary.transit.feeds import TABLES, archive, plus


def reasons(feed: Feed) -> list[tuple[str, int, str]]:
    return [(each.table, each.row, each.reason) for each in feed.report.problems]


def test_a_feed_becomes_a_timetable(tmp_path: Path) -> None:
    feed = read(archive(tmp_path))
    table = feed.timetable
    assert [(stop.stop_id, stop.station_id) for stop in table.stops] == [("hub_1", "hub"),
                                                                        ("pond", "")]  # fmt: skip
    assert table.stops[1].point == Point(34.29, 131.25)
    assert table.lines == {"1": Line("1", "10 弁天線", "町営バス")}
    assert (table.version, table.publisher, feed.time_zone) == ("2026-10", "町", "Asia/Tokyo")
    assert table.valid_until == date(2027, 3, 31)
    assert reasons(feed) == []
    assert feed.report.used == feed.report.read
    assert feed.report.read["stop_times"] == 4


def test_dates_are_those_of_calendar_and_of_its_exceptions(tmp_path: Path) -> None:
    table = read(archive(tmp_path)).timetable
    runs = {
        day: [run.run_id for run in table.runs_on(day)]
        for day in (date(2026, 10, 6), date(2026, 11, 3), date(2026, 11, 29), date(2026, 12, 2))
    }
    assert list(runs.values()) == [["out"], [], ["late"], []]
    only_dates = read(archive(tmp_path, {"calendar.txt": None}))
    assert only_dates.timetable.runs_on(date(2026, 10, 6)) == []
    assert reasons(only_dates) == [("trips", 2, "NEVER_RUNS")]


def test_calls_are_in_the_order_of_their_numbers_and_seconds_promise_nothing(
    tmp_path: Path,
) -> None:
    out, late = read(archive(tmp_path)).timetable.runs
    assert [(c.stop, c.arrive_minute, c.depart_minute) for c in out.calls] == [
        (0, 540, 540), (1, 561, 560),
    ]  # fmt: skip
    assert [(c.on, c.off) for c in out.calls] == [
        (Boarding.REGULAR, Boarding.NONE), (Boarding.ASK_DRIVER, Boarding.CALL_AHEAD),
    ]  # fmt: skip
    assert [(c.stop, c.depart_minute) for c in late.calls] == [(0, 1490), (1, 1510)]


@pytest.mark.parametrize(
    ("table", "line", "found"),
    [
        ("stops.txt", "door,入口,34,131,2,hub", [("stops", 5, "NO_POLE")]),
        ("stops.txt", "pond,弁天池,34,131,0,", [("stops", 5, "TWICE")]),
        ("stops.txt", "sea,海,0,0,0,", [("stops", 5, "NO_POINT")]),
        ("stops.txt", "sea,海,nan,131,0,", [("stops", 5, "NO_POINT")]),
        ("stops.txt", "sea,海,34,181,0,", [("stops", 5, "NO_POINT")]),
        ("routes.txt", "1,1,,,3", [("routes", 3, "TWICE")]),
        ("routes.txt", "2,1,,,3", [("routes", 3, "NO_NAME")]),
        ("calendar.txt", "Tue,0,0,0,0,0,0,0,20261001,20261002", [("calendar", 3, "TWICE")]),
        ("calendar.txt", "We,0,0,1,0,0,0,0,20261001,20260931", [("calendar", 3, "BAD_DATES")]),
        ("calendar.txt", "We,0,0,1,0,0,0,0,20261001,20260930", [("calendar", 3, "BAD_DATES")]),
        ("calendar.txt", "We,0,0,x,0,0,0,0,20261001,20261002", [("calendar", 3, "BAD_DATES")]),
        ("calendar_dates.txt", "Tue,20261231,3", [("calendar_dates", 4, "BAD_DATES")]),
        ("trips.txt", "9,Tue,x,", [("trips", 4, "UNKNOWN_LINE")]),
        ("trips.txt", "1,Wed,x,", [("trips", 4, "UNKNOWN_SERVICE")]),
        ("trips.txt", "1,Tue,out,", [("trips", 4, "TWICE")]),
        ("trips.txt", "1,Tue,ghost,", [("trips", 4, "NO_CALLS")]),
        ("stop_times.txt", "x,09:30:00,,pond,3,,", [("stop_times", 6, "UNKNOWN_RUN")]),
        ("stop_times.txt", "out,09:30:00,,moon,3,,", [("stop_times", 6, "UNKNOWN_STOP")]),
        ("stop_times.txt", "out,,,hub_1,3,,", [("stop_times", 6, "NO_TIME")]),
        ("stop_times.txt", "out,9h30,,hub_1,3,,", [("stop_times", 6, "BAD_TIME")]),
        ("stop_times.txt", "out,99:30:00,,hub_1,3,,", [("stop_times", 6, "BAD_TIME")]),
        ("stop_times.txt", "out,09:30:00,,hub_1,x,,", [("stop_times", 6, "BAD_SEQUENCE")]),
        ("stop_times.txt", "out,09:30:00,,hub_1,3,7,", [("stop_times", 6, "BAD_BOARDING")]),
    ],
)  # fmt: skip
def test_one_row_that_is_wrong_is_told_and_takes_nothing_else_along(
    tmp_path: Path, table: str, line: str, found: list[tuple[str, int, str]]
) -> None:
    feed = read(archive(tmp_path, plus(table, line)))
    assert reasons(feed) == found
    assert [run.run_id for run in feed.timetable.runs] == ["out", "late"]
    assert len(feed.timetable.runs[0].calls) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("out,08:59:00,08:59:00,hub_1,3,,", "TIMES_GO_BACK"),
        ("out,09:40:00,09:30:00,hub_1,3,,", "TIMES_GO_BACK"),
        ("out,09:40:00,09:40:00,hub_1,2,,", "SEQUENCE_TWICE"),
    ],
)
def test_a_run_that_cannot_be_true_is_left_out_whole(
    tmp_path: Path, line: str, reason: str
) -> None:
    feed = read(archive(tmp_path, plus("stop_times.txt", line)))
    assert reasons(feed) == [("stop_times", 2, reason), ("trips", 2, "NO_CALLS")]
    assert (feed.report.refused["stop_times"], feed.report.used["stop_times"]) == (3, 2)
    assert [run.run_id for run in feed.timetable.runs] == ["late"]


def test_a_run_with_one_call_and_one_of_a_pace_are_left_out(tmp_path: Path) -> None:
    feed = read(
        archive(
            tmp_path,
            {
                "frequencies.txt": "trip_id,start_time,end_time,headway_secs\n"
                "late,08:00:00,18:00:00,600\n",
                "stop_times.txt": TABLES["stop_times.txt"].replace("pond,2", "moon,2"),
            },
        )
    )
    assert {reason for _, _, reason in reasons(feed)} == {
        "NO_TIMES_BUT_A_PACE", "UNKNOWN_RUN", "UNKNOWN_STOP", "TOO_FEW_CALLS", "NO_CALLS",
    }  # fmt: skip
    assert feed.timetable.runs == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stops.txt": None}, "NO_TABLE"),
        ({"calendar.txt": None, "calendar_dates.txt": None}, "NO_TABLE"),
        ({"stops.txt": ""}, "NO_COLUMN"),
        ({"stop_times.txt": "trip_id,stop_id\nout,pond\n"}, "NO_COLUMN"),
        ({"trips.txt": 'route_id,service_id,trip_id\n1,Tue,"out\n'}, "BAD_TABLE"),
    ],
)
def test_a_feed_of_which_nothing_can_be_used_says_why(
    tmp_path: Path, changes: dict[str, str | None], reason: str
) -> None:
    with pytest.raises(BadFeed) as refused:
        read(archive(tmp_path, changes))
    assert refused.value.reason == reason


def test_a_table_that_is_no_utf8_and_what_is_no_archive_say_so(tmp_path: Path) -> None:
    path = archive(tmp_path, {"stops.txt": None})
    with zipfile.ZipFile(path, "a") as made:
        made.writestr("stops.txt", TABLES["stops.txt"].encode("cp932"))
    for file, reason in ((path, "BAD_TABLE"), (tmp_path, "NO_ARCHIVE"),
                         (tmp_path / "none.zip", "NO_ARCHIVE")):  # fmt: skip
        with pytest.raises(BadFeed) as refused:
            read(file)
        assert refused.value.reason == reason


def test_a_folder_in_the_archive_and_a_byte_order_mark_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "packed.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name, text in TABLES.items():
            made.writestr(f"feed/{name}", "\ufeff" + text)
    assert len(read(path).timetable.runs) == 2


def test_a_table_that_unpacks_without_end_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "TABLE_BYTES", 100_000)
    bomb = plus("stops.txt", *["x" * 90 + f"{n}," for n in range(2_000)])
    with pytest.raises(BadFeed) as refused:
        read(archive(tmp_path, bomb))
    assert refused.value.reason == "TOO_LARGE"


@pytest.mark.parametrize(
    ("text", "up", "minute"),
    [
        ("9:05", False, 545), ("09:05:59", False, 545), ("09:05:01", True, 546),
        ("25:00:00", True, 1500), ("48:00:00", True, MAX_MINUTE), ("48:00:01", True, None),
        ("", True, None), ("24:60:00", True, None), ("１２:00", True, None), ("-1:00", True, None),
    ],
)  # fmt: skip
def test_times(text: str, up: bool, minute: int | None) -> None:  # noqa: FBT001 - a case
    assert minutes_of(text, up=up) == minute


def test_dates() -> None:
    assert day_of("20240229") == date(2024, 2, 29)
    assert [day_of(text) for text in ("20260229", "2026-01-01", "２０２６０１０１", "")] == [
        None
    ] * 4


@given(st.integers(0, 2**32))
@share(40)
def test_damaged_archives_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    chance = random.Random(seed)
    path = archive(tmp_path_factory.mktemp("damaged"))
    content = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 20)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(content[: chance.randint(1, len(content))] if seed % 3 == 0 else content)
    try:
        report = read(path).report
    except BadFeed:
        return
    assert all(0 <= report.refused[table] <= count for table, count in report.read.items())
