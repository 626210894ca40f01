"""`./meguri itinerary timetable`: what is in a GTFS feed, what could not be used, what runs when.

Nothing is kept: a person looks before anything is taken over.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from errno import ENOENT
from gettext import gettext as _
from pathlib import Path
from typing import Any

from kit.pure.errors import Refusal
from kit.pure.marked import N_
from services.itinerary.domain.transit.access import NEVER, Access
from services.itinerary.domain.transit.day import TransitDay, transit_day
from services.itinerary.domain.transit.journey import Journey, journey
from services.itinerary.domain.transit.timetable import MAX_MINUTE, Timetable
from services.itinerary.gateways.gtfs.archive import BadFeed
from services.itinerary.gateways.gtfs.calls import minutes_of
from services.itinerary.gateways.gtfs.reader import Feed, read
from services.itinerary.gateways.gtfs.report import Problem

# What became of a row, by its reason; the JSON answer has the values too.
REASONS = {
    "NO_POLE": N_("an entrance or a part of a station; nobody gets on there"),
    "TWICE": N_("its id is empty or there twice"),
    "NO_POINT": N_("nobody says where it is, so nobody is led there"),
    "NO_NAME": N_("it has no name"),
    "BAD_DATES": N_("its dates cannot be read"),
    "UNKNOWN_LINE": N_("its line is not in routes.txt"),
    "UNKNOWN_SERVICE": N_("neither calendar says when it runs"),
    "NEVER_RUNS": N_("its dates are none"),
    "NO_TIMES_BUT_A_PACE": N_("it is only told how often it runs (frequencies.txt)"),
    "NO_CALLS": N_("it has no calls that can be used"),
    "UNKNOWN_RUN": N_("its run is not used"),
    "UNKNOWN_STOP": N_("its transit stop is not in stops.txt"),
    "BAD_SEQUENCE": N_("stop_sequence is no number"),
    "NO_TIME": N_("no time is given there, so none can be promised"),
    "BAD_TIME": N_("its time is none such as 09:05:00"),
    "BAD_BOARDING": N_("pickup_type and drop_off_type are 0, 1, 2 or 3"),
    "SEQUENCE_TWICE": N_("one stop_sequence of the run is there twice"),
    "TIMES_GO_BACK": N_("the times of the run go back"),
    "TOO_FEW_CALLS": N_("the run calls at less than two transit stops"),
}
BAD_FEEDS = {
    "NO_ARCHIVE": N_("%(file)s is no zip archive; give the feed as it was published"),
    "NO_TABLE": N_("%(file)s lacks a table that every GTFS feed has: %(said)s"),
    "NO_COLUMN": N_("%(file)s lacks a column that every GTFS feed has: %(said)s"),
    "BAD_TABLE": N_("%(file)s cannot be read as a GTFS feed: %(said)s"),
    "TOO_LARGE": N_("%(file)s is larger than any timetable of an area: %(said)s"),
}
LISTED = 20  # rows told one by one; all are in the JSON answer, up to a thousand
NAMED = 5


class TimetableRefused(Refusal):
    """A feed or a question that cannot be used. reason: stable; the text says what to do."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__(f"{text} [{reason}]")


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `timetable`."""
    parser = commands.add_parser(
        "timetable", help=_("look at a timetable in GTFS: what is in it, and what runs on a date")
    )
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--date", metavar="DATE", help=_("a day, such as 2026-12-01; today if not"))
    parser.add_argument("--from", dest="start", metavar="NAME", help=_("transit stop to begin at"))
    parser.add_argument("--to", metavar="NAME", help=_("transit stop to get to"))
    parser.add_argument("--at", metavar="TIME", default="09:00", help=_("leave then or later"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Tells about a feed. Returns 1 when a row was left out. Errors: TimetableRefused, OSError."""
    if not arguments.file.is_file():  # told as for any other command; a pipe is no archive
        raise FileNotFoundError(ENOENT, "not a file", str(arguments.file))
    with arguments.file.open("rb"):
        pass
    try:
        feed = read(arguments.file)
    except BadFeed as error:
        told = {"file": arguments.file.name, "said": str(error)}
        raise TimetableRefused(error.reason, _(BAD_FEEDS[error.reason]) % told) from error
    day = _day(arguments.date)
    today = transit_day(feed.timetable, day)
    answer = _answer(feed, day)
    way = None
    if arguments.start or arguments.to:
        way = _way(feed.timetable, today, arguments)
        answer["way"] = _way_answer(today, way)
    if arguments.json:
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _in_words(feed, answer)))
        if arguments.start or arguments.to:
            sys.stdout.write(
                "".join(f"{line}\n" for line in _way_in_words(feed.timetable, today, way))
            )
    return 1 if feed.report.refused.total() else 0


def _day(text: str | None) -> date:
    if text is None:
        return date.today()  # noqa: DTZ011 - of the machine somebody sits at
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise TimetableRefused("BAD_DATE", _("a day is written like 2026-11-28")) from error


def _answer(feed: Feed, day: date) -> dict[str, Any]:
    table, report = feed.timetable, feed.report
    return {
        "publisher": table.publisher, "version": table.version, "time_zone": feed.time_zone,
        "lines": len(table.lines), "runs": len(table.runs), "transit_stops": len(table.stops),
        "valid_until": table.valid_until and table.valid_until.isoformat(),
        "date": day.isoformat(), "runs_on_date": len(table.runs_on(day)),
        "read": dict(report.read), "used": report.used,
        "problems": [
            {"table": each.table, "row": each.row, "reason": each.reason, "text": each.text,
             "refused": each.refused}
            for each in report.problems
        ],
        "problem_counts": [
            {"table": table_, "reason": reason, "rows": rows}
            for (table_, reason), rows in report.counts.most_common()
        ],
    }  # fmt: skip


def _in_words(feed: Feed, answer: dict[str, Any]) -> Iterator[str]:
    yield (
        _(
            "%(lines)s lines, %(runs)s runs, %(transit_stops)s transit stops; something runs until"
            " %(valid_until)s"
        )
        % answer
    )
    left_out = feed.report.refused.total()
    yield (
        _("%(count)s rows were left out:") % {"count": left_out}
        if left_out
        else _("no row was left out")
    )
    yield from map(_problem_in_words, feed.report.problems[:LISTED])
    more = sum(feed.report.counts.values()) - min(len(feed.report.problems), LISTED)
    if more > 0:
        yield _("  and %(count)s more; all are counted in --json") % {"count": more}
    yield _("%(runs_on_date)s runs on %(date)s") % answer


def _problem_in_words(problem: Problem) -> str:
    row = (
        _("  left out: %(table)s.txt, row %(row)s: %(text)s [%(reason)s]")
        if problem.refused
        else _("  look again: %(table)s.txt, row %(row)s: %(text)s [%(reason)s]")
    )
    return row % {
        "table": problem.table, "row": problem.row, "text": _(REASONS[problem.reason]),
        "reason": problem.reason,
    }  # fmt: skip


def _way(table: Timetable, today: TransitDay, arguments: argparse.Namespace) -> Journey | None:
    minute = minutes_of(arguments.at, up=False)
    if minute is None or minute > MAX_MINUTE:
        raise TimetableRefused("BAD_TIME", _("a time is written like 09:00"))
    ends = [_poles(table, name or "") for name in (arguments.start, arguments.to)]
    access = Access(
        tuple(tuple((pole, 0) for pole in poles) for poles in ends), ((0, NEVER), (NEVER, 0))
    )
    return journey(today, access, 0, 1, minute)


def _poles(table: Timetable, name: str) -> Sequence[int]:
    found = [index for index, stop in enumerate(table.stops) if stop.name == name]
    if found:
        return found
    if not name:
        raise TimetableRefused("NO_STOP", _("give both --from and --to"))
    alike = sorted({stop.name for stop in table.stops if name in stop.name})[:NAMED]
    text = (
        _("there is no transit stop %(name)s; there are %(alike)s")
        if alike
        else _("there is no transit stop %(name)s")
    )
    raise TimetableRefused("UNKNOWN_STOP", text % {"name": name, "alike": ", ".join(alike)})


def _way_answer(today: TransitDay, way: Journey | None) -> dict[str, Any] | None:
    if way is None:
        return None
    rides = [
        {
            "line_id": today.runs[ride.run].line_id, "run_id": today.runs[ride.run].run_id,
            "from": today.stops[ride.from_stop].stop_id, "depart": _clock(ride.depart_minute),
            "to": today.stops[ride.to_stop].stop_id, "arrive": _clock(ride.arrive_minute),
            "on": ride.on.value, "off": ride.off.value,
        }
        for ride in way.rides
    ]  # fmt: skip
    return {
        "leave": _clock(way.leave_minute), "arrive": _clock(way.arrive_minute), "rides": rides,
        "walks_minutes": list(way.walks),
    }  # fmt: skip


def _way_in_words(table: Timetable, today: TransitDay, way: Journey | None) -> Iterator[str]:
    if way is None:
        yield _("There is no way on that date, at that time or later.")
        return
    for ride in way.rides:
        run_ = today.runs[ride.run]
        names = (table.lines[run_.line_id].name, run_.headsign)
        yield _("  %(depart)s %(start)s → %(arrive)s %(end)s  (%(line)s)") % {
            "depart": _clock(ride.depart_minute), "start": today.stops[ride.from_stop].name,
            "arrive": _clock(ride.arrive_minute), "end": today.stops[ride.to_stop].name,
            "line": " ".join(name for name in names if name),
        }  # fmt: skip


def _clock(minute: int) -> str:
    """Returns a minute as timetables print it, past 24:00 too."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
