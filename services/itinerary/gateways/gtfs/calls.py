"""stop_times.txt: the calls of each run."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.itinerary.domain.transit.timetable import MAX_MINUTE, Boarding, Call
from services.itinerary.gateways.gtfs.archive import Archive
from services.itinerary.gateways.gtfs.report import Report

TABLE = "stop_times"
_TIME = re.compile(r"([0-9]{1,3}):([0-5][0-9])(?::([0-5][0-9]))?")
# pickup_type and drop_off_type; an empty cell is regular.
BOARDING = {
    "": Boarding.REGULAR, "0": Boarding.REGULAR, "1": Boarding.NONE, "2": Boarding.CALL_AHEAD,
    "3": Boarding.ASK_DRIVER,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of a run, and how its feed numbers them."""

    calls: tuple[Call, ...]
    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    sequence: int
    call: Call


def calls_of(
    archive: Archive, stops: Mapping[str, int], known: Collection[str], report: Report
) -> dict[str, Calls]:
    """Returns the calls of each known run that can be used.

    A call of an unknown transit stop or without a time is left out alone: no time can be promised
    there. A run whose times go back or that calls less than twice is left out whole.
    """
    rows: dict[str, list[_Row]] = {}
    for number, cells in archive.rows(TABLE, "trip_id", "stop_id", "stop_sequence"):
        report.read[TABLE] += 1
        run_id = cells["trip_id"]
        if run_id not in known:
            report.refuse(TABLE, number, "UNKNOWN_RUN", f"its run {run_id} is not used")
        elif row := _row(number, cells, stops, report):
            rows.setdefault(run_id, []).append(row)
    found = {run_id: _in_order(run_id, each, report) for run_id, each in rows.items()}
    return {run_id: calls for run_id, calls in found.items() if calls is not None}


def minutes_of(text: str, *, up: bool) -> int | None:
    """Returns a time such as 25:10:30 in minutes, seconds cut down or up; None where it is none."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    minute = int(found[1]) * 60 + int(found[2]) + (up and int(found[3] or 0) > 0)
    return minute if minute <= MAX_MINUTE else None


def _row(
    number: int, cells: Mapping[str, str], stops: Mapping[str, int], report: Report
) -> _Row | None:
    stop = stops.get(cells["stop_id"])
    arrival, departure = cells.get("arrival_time", ""), cells.get("departure_time", "")
    on, off = (BOARDING.get(cells.get(name, "")) for name in ("pickup_type", "drop_off_type"))
    arrive, depart = minutes_of(arrival or departure, up=True), minutes_of(
        departure or arrival, up=False
    )  # fmt: skip
    if stop is None:
        reason, text = "UNKNOWN_STOP", f"its transit stop {cells['stop_id']} is not in stops.txt"
    elif not cells["stop_sequence"].isdecimal() or len(cells["stop_sequence"]) > 9:
        reason, text = "BAD_SEQUENCE", f"stop_sequence {cells['stop_sequence']!r} is no number"
    elif not arrival and not departure:
        reason, text = "NO_TIME", "no time is given there, so none can be promised"
    elif arrive is None or depart is None:
        reason, text = "BAD_TIME", f"{arrival or departure!r} is no time such as 09:05:00"
    elif on is None or off is None:
        reason, text = "BAD_BOARDING", "pickup_type and drop_off_type are 0, 1, 2 or 3"
    else:
        return _Row(number, int(cells["stop_sequence"]), Call(stop, arrive, depart, on, off))
    report.refuse(TABLE, number, reason, text)
    return None


def _in_order(run_id: str, rows: Sequence[_Row], report: Report) -> Calls | None:
    ordered = sorted(rows, key=lambda row: (row.sequence, row.number))
    first = min(row.number for row in rows)
    if any(one.sequence == other.sequence for one, other in pairwise(ordered)):
        reason, text = "SEQUENCE_TWICE", f"run {run_id} has one stop_sequence twice"
    elif _goes_back([row.call for row in ordered]):
        reason, text = "TIMES_GO_BACK", f"the times of run {run_id} go back"
    elif len(ordered) < 2:
        reason, text = "TOO_FEW_CALLS", f"run {run_id} calls at less than two transit stops"
    else:
        calls = tuple(row.call for row in ordered)
        return Calls(calls, tuple(row.sequence for row in ordered))
    report.refuse(TABLE, first, reason, text, rows=len(rows))
    return None


def _goes_back(calls: Sequence[Call]) -> bool:
    # Of one call the arrival may be a minute later than the departure: seconds are cut.
    return any(
        other.arrive_minute < one.arrive_minute or other.depart_minute < one.depart_minute
        or other.arrive_minute < one.depart_minute
        for one, other in pairwise(calls)
    ) or any(call.arrive_minute > call.depart_minute + 1 for call in calls)  # fmt: skip
