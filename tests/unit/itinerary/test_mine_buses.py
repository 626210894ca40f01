"""The area's own lines: usable, and no more sure of themselves than their sources are."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kit.area_files import BadFile
from services.itinerary.cli.line_files import place_of, read
from services.itinerary.domain.transit.faults import Fault
from services.itinerary.domain.transit.line import KeptLine, LineRun
from services.itinerary.domain.transit.line_check import check_line
from services.itinerary.domain.transit.merge import network_of
from services.itinerary.domain.transit.network import TimeBasis
from services.itinerary.domain.transit.ways import check_ways
from services.itinerary.wire.timetables import line_of, ways_of

MINE = Path(__file__).resolve().parents[3] / "data" / "mine"
TABLES = read(MINE / "buses")
LINES = {draft.line.timetable_id: line_of(draft.line) for draft in TABLES.lines}
TODAY = date(2026, 11, 29)
LOCALES = {"ja", "en", "zh-Hant", "zh-Hans", "ko", "fr", "de", "es", "th", "vi", "id"}


def rows(name: str) -> Iterator[dict[str, str]]:
    with (MINE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def faults(line: KeptLine) -> list[Fault]:
    return check_line(line, TODAY)


def test_every_line_can_be_kept_and_stops_at_places_of_the_area() -> None:
    places = {row["place_id"] for row in rows("places.csv")}
    for line in LINES.values():
        assert faults(line) == []
        assert line.source
        assert set(line.names) == LOCALES
        for stop in line.stops:
            assert stop.place_id in places
            assert set(stop.names) == LOCALES
    assert TABLES.ways is not None
    ways = ways_of(TABLES.ways)
    assert check_ways(ways) == []
    assert {(kept.walk.from_place_id, kept.walk.to_place_id): kept.walk.minutes
            for kept in ways.walks} == {
        ("bus-center", "akiyoshido-main"): 8, ("akiyoshido-elevator", "karst-observatory"): 10,
        ("bus-center", "shotengai"): 3, ("shotengai", "akiyoshido-main"): 5,
    }  # fmt: skip
    assert ways.taxis == ()  # no number is known
    assert {place for kept in ways.walks
            for place in (kept.walk.from_place_id, kept.walk.to_place_id)} <= places  # fmt: skip


def test_only_what_somebody_wrote_down_is_recorded_and_nothing_confirmed() -> None:
    recorded: list[tuple[str, tuple[int, ...], str]] = []
    for line in LINES.values():
        for run in line.runs:
            assert run.confirmation is None
            if run.basis is TimeBasis.RECORDED:
                recorded.append((line.timetable_id, run.minutes, run.as_of))
    assert recorded == [
        ("shin-yamaguchi-akiyoshido", (8 * 60 + 37, 9 * 60 + 22), "2019-07"),
        ("shin-yamaguchi-akiyoshido", (11 * 60 + 27, 12 * 60 + 4), "2024-04"),
    ]


@pytest.mark.parametrize(
    ("line_id", "runs", "minutes", "fare"),
    [
        ("shin-yamaguchi-akiyoshido", 7, range(37, 46), 1_170),
        ("akiyoshido-shin-yamaguchi", 7, range(37, 46), 1_170),
        ("yamaguchi-akiyoshido", 6, range(60, 61), 1_210),
        ("akiyoshido-yamaguchi", 6, range(60, 61), 1_210),
        ("mine-akiyoshido", 6, range(25, 26), 200),
        ("akiyoshido-mine", 6, range(25, 26), 200),
    ],
)
def test_runs_minutes_and_fares_are_those_that_are_known(
    line_id: str, runs: int, minutes: range, fare: int
) -> None:
    line = LINES[line_id]
    assert len(line.runs) == runs
    assert all(length(run) in minutes for run in line.runs)
    assert [each.amount_yen for each in line.fares] == [fare]
    assert line.phone == ""


def length(run: LineRun) -> int:
    return run.minutes[-1] - run.minutes[0]


def test_the_railway_is_suspended_and_says_why_and_only_known_departures_replace_it() -> None:
    for line_id in ("mine-line-north", "mine-line-south"):
        line = LINES[line_id]
        assert (line.suspended, line.runs, len(line.stops)) == (True, (), 12)
        assert set(line.suspended_note) == {"ja", "en", "zh-Hant", "zh-Hans", "ko"}
    assert sum(line.suspended for line in LINES.values()) == 2
    substitute = LINES["mine-line-bus-south"]
    assert [run.first_minute for run in substitute.runs] == [300, 379, 410, 477]
    assert {run.basis for run in substitute.runs} == {TimeBasis.GUESSED}
    assert TABLES.ways is not None
    network = network_of("v", list(LINES.values()), [], ways_of(TABLES.ways))
    assert len(network.timetable.runs) == 42
    assert network.stop_places["bus-center"] == "bus-center"


def test_stations_are_places_where_a_day_can_begin_in_every_language() -> None:
    stations = {row["place_id"]: row for row in rows("places.csv") if row["kind"] == "transit_stop"}
    assert {stop.place_id for line in LINES.values() for stop in line.stops} <= set(stations)
    for place_id, row in stations.items():
        if place_id != "bus-center":  # nobody has published where its buses stop
            assert all(row[column] for column in row if column != "parent"), place_id
            assert row["coordinate_quality"] == "source"


def change(folder: Path, name: str, old: str, new: str) -> Path:
    for path in (MINE / "buses").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("runs.csv", "08:37;09:22", "8.37;09:22",
         "runs.csv, row 2, column times: '8.37;09:22' is no row of times such as 09:05;09:50"),
        ("runs.csv", "recorded", "heard", "row 2, column basis: 'heard' is none of guessed"),
        ("runs.csv", "shin-yamaguchi-akiyoshido,1", "moon,1",
         "row 2, column line_id: 'moon' is none of shin-yamaguchi-akiyoshido, akiyoshido-"),
        ("fares.csv", ",1170", ",much", "fares.csv, row 2, column amount_yen: 'much' is no number"),
        ("lines.csv", "st-shin-yamaguchi;bus-center", "st-shin-yamaguchi;moon",
         "lines.csv, row 2, column stops"),
        ("lines.csv", "akiyoshido-shin-yamaguchi,", "shin-yamaguchi-akiyoshido,",
         "lines.csv, row 3, column line_id: 'shin-yamaguchi-akiyoshido' is there twice"),
        ("walks.csv", ",8,", ",eight,", "walks.csv, row 2, column minutes: 'eight' is no number"),
        ("stops.csv", "place_id", "place", "stops.csv has no column place_id"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, old: str, new: str, told: str
) -> None:
    with pytest.raises(BadFile) as refused:
        read(change(tmp_path, name, old, new))
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("name", "old", "new", "where", "reason"),
    [
        ("runs.csv", "10:00;10:45", "10:50;10:45", ("runs.csv", 3, "times"), "TIMES_GO_BACK"),
        ("runs.csv", "2,1234567", "2,", ("runs.csv", 3, "weekdays"), "NEVER_RUNS"),
        ("runs.csv", "guessed,,", "guessed,2024,", ("runs.csv", 3, "as_of"), "BAD_AS_OF"),
        ("runs.csv", "no,,,", "no,Sato,2026-11-01,x", ("runs.csv", 2, "until_date"), "BAD_DATE"),
        ("fares.csv", ",1170", ",-1", ("fares.csv", 2, "amount_yen"), "BAD_FARE"),
        ("stops.csv", "bus-center,34", "Bus,34", ("stops.csv", 4, "place_id"), "BAD_ID"),
        ("lines.csv", "보초 교통,", "보초 교통,call us", ("lines.csv", 2, "phone"), "BAD_PHONE"),
        ("lines.csv", "st-shin-yamaguchi;bus-center", "bus-center", ("lines.csv", 2, "stops"),
         "TOO_FEW_STOPS"),
    ],
)  # fmt: skip
def test_a_fault_is_told_where_it_is_in_the_tables(
    tmp_path: Path, name: str, old: str, new: str, where: tuple[str, int, str], reason: str
) -> None:
    if name == "stops.csv":
        old, new = ",bus-center,", ",Bus,"
    draft = read(change(tmp_path, name, old, new)).lines[0]
    found = {fault.reason: place_of(fault.path, draft) for fault in faults(line_of(draft.line))}
    assert found[reason] == where


def test_faults_of_ways_are_told_where_they_are() -> None:
    assert place_of("walks[1].minutes", None) == ("walks.csv", 3, "minutes")
    assert place_of("taxis[0].first_amount_yen", None) == ("taxis.csv", 2, "first_amount_yen")
    assert place_of("walks", None) == ("walks.csv", 2, "minutes")
