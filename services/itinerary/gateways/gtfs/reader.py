"""From a GTFS or GTFS-JP archive to a timetable.

Read are agency, stops, routes, calendar, calendar_dates, trips, stop_times and feed_info; fares,
shapes and translations are not. What is known to be wrong in real feeds is met here: runs on single
weekdays, holidays in calendar_dates alone, stations and their poles, times after 24:00, calls where
one waves to the driver. Runs given only as "every ten minutes" (frequencies.txt) are left out and
said so: their times are nobody's promise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite
from pathlib import Path

from services.itinerary.domain.place import Point
from services.itinerary.domain.transit.timetable import (
    Line,
    Run,
    Service,
    Timetable,
    TransitStop,
)
from services.itinerary.gateways.gtfs.archive import Archive, BadFeed, Limits
from services.itinerary.gateways.gtfs.calls import calls_of
from services.itinerary.gateways.gtfs.report import Report

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NEEDED = ("stops", "routes", "trips", "stop_times")
POLE, STATION = ("", "0"), "1"


@dataclass(frozen=True)
class Feed:
    """A feed that was read. time_zone: of its first operator, "" where none is named. language: of
    its texts as it says of itself, "" where it does not."""

    timetable: Timetable
    report: Report
    time_zone: str
    language: str = ""


def read(source: Path | bytes, limits: Limits | None = None) -> Feed:
    """Reads a feed, a file or its bytes. Errors: BadFeed with a reason where nothing of it can be
    used."""
    with Archive(source, limits) as archive:
        if missing := [table for table in NEEDED if not archive.has(table)]:
            raise BadFeed("NO_TABLE", f"{archive.name} has no {missing[0]}.txt")
        if not archive.has("calendar") and not archive.has("calendar_dates"):
            text = f"{archive.name} has no calendar.txt and no calendar_dates.txt"
            raise BadFeed("NO_TABLE", text)
        report = Report()
        operators, time_zone = _operators(archive, report)
        stops = _stops(archive, report)
        lines = _lines(archive, operators, report)
        services = _services(archive, report)
        drafts = _runs(archive, lines, services, report)
        places = {stop.stop_id: index for index, stop in enumerate(stops)}
        calls = calls_of(archive, places, drafts, report)
        runs = [
            replace(run, calls=calls[run_id].calls, sequences=calls[run_id].sequences)
            for run_id, (row, run) in drafts.items()
            if run_id in calls or _empty(row, run_id, report)
        ]
        info = next((cells for _, cells in archive.rows("feed_info")), {})
    timetable = Timetable(
        stops, lines, services, runs,
        version=info.get("feed_version", ""), publisher=info.get("feed_publisher_name", ""),
    )  # fmt: skip
    return Feed(timetable, report, time_zone, info.get("feed_lang", ""))


def _empty(row: int, run_id: str, report: Report) -> bool:
    report.refuse("trips", row, "NO_CALLS", f"run {run_id} has no calls that can be used")
    return False


def _operators(archive: Archive, report: Report) -> tuple[dict[str, str], str]:
    found, zone = {}, ""
    for _, cells in archive.rows("agency", "agency_name"):
        report.read["agency"] += 1
        found[cells.get("agency_id", "")] = cells["agency_name"]
        zone = zone or cells.get("agency_timezone", "")
    return found, zone


def _stops(archive: Archive, report: Report) -> list[TransitStop]:
    found: dict[str, TransitStop] = {}
    for row, cells in archive.rows("stops", "stop_id", "stop_name"):
        report.read["stops"] += 1
        stop_id, kind = cells["stop_id"], cells.get("location_type", "")
        if kind == STATION:
            continue  # its poles name it
        if kind not in POLE:
            report.refuse("stops", row, "NO_POLE", "an entrance or a part: nobody boards there")
        elif not stop_id or stop_id in found:
            report.refuse("stops", row, "TWICE", f"stop_id {stop_id!r} is empty or there twice")
        else:
            point = _point(cells)
            if point is None:
                report.doubt("stops", row, "NO_POINT", f"{cells['stop_name']} is nowhere")
            found[stop_id] = TransitStop(
                stop_id, cells["stop_name"], point, cells.get("parent_station", "")
            )
    return list(found.values())


def _point(cells: Mapping[str, str]) -> Point | None:
    try:
        point = Point(float(cells.get("stop_lat", "")), float(cells.get("stop_lon", "")))
    except ValueError:
        return None
    known = isfinite(point.latitude) and isfinite(point.longitude)
    inside = abs(point.latitude) <= 90 and abs(point.longitude) <= 180
    # 0, 0 lies in the sea and is what programs write for "not known".
    return point if known and inside and (point.latitude or point.longitude) else None


def _lines(archive: Archive, operators: Mapping[str, str], report: Report) -> dict[str, Line]:
    found: dict[str, Line] = {}
    only = next(iter(operators.values()), "") if len(operators) == 1 else ""
    for row, cells in archive.rows("routes", "route_id"):
        report.read["routes"] += 1
        line_id = cells["route_id"]
        if not line_id or line_id in found:
            report.refuse("routes", row, "TWICE", f"route_id {line_id!r} is empty or there twice")
            continue
        names = (cells.get("route_short_name", ""), cells.get("route_long_name", ""))
        name = " ".join(each for each in names if each)
        if not name:
            report.doubt("routes", row, "NO_NAME", f"line {line_id} has no name")
        operator = operators.get(cells.get("agency_id", ""), only)
        found[line_id] = Line(line_id, name or line_id, operator)
    return found


def _services(archive: Archive, report: Report) -> dict[str, Service]:
    found: dict[str, Service] = {}
    for row, cells in archive.rows("calendar", "service_id", *WEEKDAYS, "start_date", "end_date"):
        report.read["calendar"] += 1
        service_id, flags = cells["service_id"], [cells[name] for name in WEEKDAYS]
        first, last = day_of(cells["start_date"]), day_of(cells["end_date"])
        if service_id in found:
            report.refuse("calendar", row, "TWICE", f"service {service_id} is there twice")
        elif first is None or last is None or last < first or not {*flags} <= {"0", "1"}:
            report.refuse("calendar", row, "BAD_DATES", f"the days of {service_id} are unreadable")
        else:
            on = frozenset(number for number, flag in enumerate(flags) if flag == "1")
            found[service_id] = Service(service_id, on, first, last)
    for row, cells in archive.rows("calendar_dates", "service_id", "date", "exception_type"):
        report.read["calendar_dates"] += 1
        service_id, day, kind = cells["service_id"], day_of(cells["date"]), cells["exception_type"]
        if day is None or kind not in ("1", "2"):
            report.refuse("calendar_dates", row, "BAD_DATES", f"{cells['date']!r} {kind!r}")
            continue
        service = found.get(service_id, Service(service_id))
        if kind == "1":
            found[service_id] = replace(service, added=service.added | {day})
        else:
            found[service_id] = replace(service, removed=service.removed | {day})
    return found


def day_of(text: str) -> date | None:
    """Returns a date such as 20261129; None where it is none."""
    if len(text) != 8 or not (text.isascii() and text.isdecimal()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _runs(
    archive: Archive, lines: Mapping[str, Line], services: Mapping[str, Service], report: Report
) -> dict[str, tuple[int, Run]]:
    repeated = {cells["trip_id"] for _, cells in archive.rows("frequencies", "trip_id")}
    found: dict[str, tuple[int, Run]] = {}
    for row, cells in archive.rows("trips", "route_id", "service_id", "trip_id"):
        report.read["trips"] += 1
        run_id, line_id, service_id = (cells[n] for n in ("trip_id", "route_id", "service_id"))
        if not run_id or run_id in found:
            report.refuse("trips", row, "TWICE", f"trip_id {run_id!r} is empty or there twice")
        elif line_id not in lines:
            report.refuse("trips", row, "UNKNOWN_LINE", f"line {line_id} is not in routes.txt")
        elif service_id not in services:
            report.refuse("trips", row, "UNKNOWN_SERVICE", f"nothing says when {service_id} runs")
        elif run_id in repeated:
            report.refuse(
                "trips", row, "NO_TIMES_BUT_A_PACE", "it is given only in frequencies.txt"
            )
        else:
            service, headsign = services[service_id], cells.get("trip_headsign", "")
            if not service.weekdays and not service.added:
                report.doubt("trips", row, "NEVER_RUNS", f"{service_id} runs on no date")
            found[run_id] = (row, Run(run_id, line_id, service_id, headsign, ()))
    return found
