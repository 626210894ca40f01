"""Lines kept by hand as a folder of tables: lines.csv, stops.csv, runs.csv, fares.csv, and for the
whole area walks.csv and taxis.csv. Columns are explained in docs/how-to.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kit import area_files
from kit.area_files import FIRST_ROW, Row
from kit.pure.languages import texts_of
from meguri.itinerary.v1 import itinerary_service_pb2 as words
from meguri.itinerary.v1 import timetable_service_pb2 as pb

YES_NO = ("no", "yes")
PASSES = "-"
_TIME = re.compile(r"([0-9]{1,2}):([0-5][0-9])")
_STEP = re.compile(r"(\w+)(?:\[([0-9]+)\])?")
# Where a fault of a field is in the tables, by the last part of its path.
_COLUMNS = {
    "timetable_id": "line_id", "names": "name_ja", "minutes": "times", "days": "weekdays",
    "location": "latitude", "suspended_note": "suspended_ja", "line": "line_id",
    "operator_names": "operator_en",
    "runs": "run_id", "fares": "amount_yen", "walks": "minutes", "taxis": "first_amount_yen",
}  # fmt: skip


@dataclass
class Draft:
    """A line as it stands in the tables. row: in lines.csv; runs, fares: rows of theirs; stops:
    rows in stops.csv, in the order of the line."""

    row: int
    line: pb.Line
    stops: list[int]
    runs: list[int] = field(default_factory=list)
    fares: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Tables:
    """A folder that was read. ways: None where it has neither walks.csv nor taxis.csv."""

    lines: list[Draft]
    ways: pb.SaveWaysRequest | None


def read(folder: Path) -> Tables:
    """Reads a folder of tables. Errors: BadFile for a cell that cannot be read, OSError."""
    stops = {
        stop.stop_id: (row, stop)
        for row, stop in enumerate(area_files.read(folder / "stops.csv", _stop), FIRST_ROW)
    }
    drafts: dict[str, Draft] = {}
    for row, (line, stop_ids) in enumerate(
        area_files.read(folder / "lines.csv", lambda cells: _line(cells, stops)), FIRST_ROW
    ):
        draft = drafts.setdefault(line.timetable_id, Draft(row, line, []))
        if draft.row != row:
            told = f"lines.csv, row {row}, column line_id: {line.timetable_id!r} is there twice"
            raise area_files.BadFile(told)
        draft.stops += [stops[stop_id][0] for stop_id in stop_ids]
    for row, (line_id, run) in enumerate(
        area_files.read(folder / "runs.csv", lambda cells: _run(cells, drafts)), FIRST_ROW
    ):
        drafts[line_id].line.runs.append(run)
        drafts[line_id].runs.append(row)
    if (folder / "fares.csv").exists():
        for row, (line_id, fare) in enumerate(
            area_files.read(folder / "fares.csv", lambda cells: _fare(cells, drafts)), FIRST_ROW
        ):
            drafts[line_id].line.fares.append(fare)
            drafts[line_id].fares.append(row)
    return Tables(list(drafts.values()), _ways(folder))


def place_of(path: str, draft: Draft | None) -> tuple[str, int, str]:
    """Returns table, row and column of a field, such as "line.runs[2].days.weekdays"."""
    steps = [found.groups() for found in _STEP.finditer(path)]
    names = [name for name, _ in steps]
    column = _COLUMNS.get(names[-1], names[-1])
    index = next((int(number) for _, number in steps if number), None)
    listed = next((name for name, number in steps if number), "")
    if draft is None:  # of the area: walks, taxis
        column = names[-1] if index is not None and names[-1] != "names" else column
        return f"{listed or names[0]}.csv", (index or 0) + FIRST_ROW, column
    rows = {"stops": draft.stops, "runs": draft.runs, "fares": draft.fares}.get(listed, [])
    if index is None or index >= len(rows):
        return "lines.csv", draft.row, column if listed or names[-1] not in _LISTS else names[-1]
    if listed == names[-1] == "stops":
        column = "stop_id"
    return f"{listed}.csv", rows[index], column


_LISTS = frozenset({"stops", "runs", "fares"})


def _stop(row: Row) -> pb.LineStop:
    stop = pb.LineStop(stop_id=row["stop_id"], names=texts_of(row), place_id=row["place_id"])
    if row["latitude"]:
        point = words.Point(latitude=float(row["latitude"]), longitude=float(row["longitude"]))
        stop.location.CopyFrom(
            words.KnownPoint(
                point=point,
                quality=row.word("coordinate_quality", words.PointQuality, "POINT_QUALITY_"),
                error_m=int(row["error_m"] or 0),
            )
        )
    return stop


def _line(
    row: Row, stops: dict[str, tuple[int, pb.LineStop]]
) -> tuple[pb.Line, list[str]]:  # fmt: skip
    stop_ids = _list(row, "stops")
    if unknown := [stop_id for stop_id in stop_ids if stop_id not in stops]:
        raise ValueError(f"is none of {', '.join(stops)}: {unknown[0]}")
    line = pb.Line(
        timetable_id=row["line_id"],
        names=texts_of(row),
        operator=row["operator"],
        phone=row["phone"],
        stops=[stops[stop_id][1] for stop_id in stop_ids],
        suspended=YES_NO.index(row["suspended"] or "no") == 1,
        suspended_note=texts_of(row, "suspended"),
        source=row["source"],
        operator_names=texts_of(row, "operator"),
    )
    return line, stop_ids


def _run(row: Row, drafts: dict[str, Draft]) -> tuple[str, pb.LineRun]:
    line_id = _known(row, "line_id", drafts)
    run = pb.LineRun(
        run_id=row["run_id"],
        days=pb.RunDays(
            weekdays=[int(digit) for digit in row["weekdays"]],
            holidays=row.word("holidays", pb.HolidayRule, "HOLIDAY_RULE_", "as_weekday"),
            first_date=row["first_date"],
            last_date=row["last_date"],
            added_dates=_list(row, "added_dates"),
            removed_dates=_list(row, "removed_dates"),
        ),
        basis=row.word("basis", words.TimeBasis, "TIME_BASIS_", "guessed"),
        as_of=row["as_of"],
        call_ahead=YES_NO.index(row["call_ahead"] or "no") == 1,
    )
    if row["confirmed_by"]:
        run.confirmation.CopyFrom(
            pb.Confirmation(
                confirmed_by=row["confirmed_by"],
                confirmed_date=row["confirmed_date"],
                until_date=row["until_date"],
            )
        )
    run.minutes.extend(_minute(text) for text in _list(row, "times"))
    return line_id, run


def _minute(text: str) -> int:
    if text == PASSES:
        return -1
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError("is no row of times such as 09:05;09:50")
    return int(found[1]) * 60 + int(found[2])


def _fare(row: Row, drafts: dict[str, Draft]) -> tuple[str, pb.LineFare]:
    line_id = _known(row, "line_id", drafts)
    fare = pb.LineFare(
        from_stop_id=row["from_stop_id"],
        to_stop_id=row["to_stop_id"],
        amount_yen=int(row["amount_yen"]),
    )
    if row.get("child_amount_yen"):
        fare.child_amount_yen = int(row["child_amount_yen"])
    return line_id, fare


def _known(row: Row, column: str, known: dict[str, Draft]) -> str:
    if row[column] not in known:
        raise ValueError(f"is none of {', '.join(known)}")
    return row[column]


def _ways(folder: Path) -> pb.SaveWaysRequest | None:
    walks, taxis = folder / "walks.csv", folder / "taxis.csv"
    if not walks.exists() and not taxis.exists():
        return None
    return pb.SaveWaysRequest(
        walks=area_files.read(walks, _walk) if walks.exists() else (),
        taxis=area_files.read(taxis, _taxi) if taxis.exists() else (),
    )


def _walk(row: Row) -> pb.KnownWalk:
    return pb.KnownWalk(
        from_place_id=row["from_place_id"],
        to_place_id=row["to_place_id"],
        minutes=int(row["minutes"]),
        source=row["source"],
    )


def _taxi(row: Row) -> pb.Taxi:
    return pb.Taxi(
        names=texts_of(row),
        phone=row["phone"],
        first_amount_yen=int(row["first_amount_yen"] or 0),
        first_m=int(row["first_m"] or 0),
        step_amount_yen=int(row["step_amount_yen"] or 0),
        step_m=int(row["step_m"] or 0),
        source=row["source"],
    )


def _list(row: Row, column: str) -> list[str]:
    return list(_parts(row[column]))


def _parts(text: str) -> Iterator[str]:
    return (part.strip() for part in text.split(";") if part.strip())
