"""Timetables, known walks and taxis on the wire. What a number of an enumeration of a later
version means nobody knows: it is refused."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from meguri.itinerary.v1 import itinerary_service_pb2 as words
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.itinerary.app.feeds import FeedReport
from services.itinerary.domain.place import KnownPoint, Point, PointQuality
from services.itinerary.domain.transit.faults import Fault, refuse
from services.itinerary.domain.transit.kept import Summary
from services.itinerary.domain.transit.line import (
    Confirmation,
    HolidayRule,
    KeptLine,
    LineFare,
    LineRun,
    LineStop,
    RunDays,
)
from services.itinerary.domain.transit.network import KnownWalk, Taxi, TimeBasis
from services.itinerary.domain.transit.ways import KeptTaxi, KeptWalk, Ways
from services.itinerary.wire.words import Value, number, value_of

Made = TypeVar("Made")


def line_of(message: pb.Line) -> KeptLine:
    """Decodes a line. Errors: Faulty for what cannot be read at all."""
    faults: list[Fault] = []
    line = KeptLine(
        timetable_id=message.timetable_id,
        names=dict(message.names),
        operator=message.operator,
        stops=_each("line.stops", message.stops, _stop_of, faults),
        runs=_each("line.runs", message.runs, _run_of, faults),
        phone=message.phone,
        fares=tuple(
            LineFare(
                fare.from_stop_id,
                fare.to_stop_id,
                fare.amount_yen,
                fare.child_amount_yen if fare.HasField("child_amount_yen") else None,
            )
            for fare in message.fares
        ),
        suspended=message.suspended,
        suspended_note=dict(message.suspended_note),
        source=message.source,
        operator_names=dict(message.operator_names),
    )
    refuse(faults)
    return line


def _each(
    path: str, messages: Sequence[Any], make: Callable[[str, Any, list[Fault]], Made],
    faults: list[Fault],
) -> tuple[Made, ...]:  # fmt: skip
    return tuple(make(f"{path}[{index}]", each, faults) for index, each in enumerate(messages))


def _stop_of(path: str, message: pb.LineStop, faults: list[Fault]) -> LineStop:
    location = None
    if message.HasField("location"):
        known = message.location
        quality = value_of(PointQuality, words.PointQuality, "POINT_QUALITY", known.quality)
        if quality is None:
            faults.append(Fault(f"{path}.location", "BAD_POINT", "say how well it is known"))
        else:
            point = Point(known.point.latitude, known.point.longitude)
            location = KnownPoint(point, quality, known.error_m)
    return LineStop(message.stop_id, dict(message.names), message.place_id, location)


def _run_of(path: str, message: pb.LineRun, faults: list[Fault]) -> LineRun:
    days = message.days
    holidays = _known(
        HolidayRule, pb.HolidayRule, "HOLIDAY_RULE", days.holidays, HolidayRule.AS_WEEKDAY
    )
    basis = _known(
        TimeBasis, words.TimeBasis, "TIME_BASIS", message.basis, TimeBasis.GUESSED
    )  # fmt: skip
    if holidays is None:
        faults.append(Fault(f"{path}.days.holidays", "BAD_HOLIDAYS", "give one of the rules"))
    if basis is None:
        faults.append(Fault(f"{path}.basis", "BAD_BASIS", "give one of those there are"))
    return LineRun(
        run_id=message.run_id,
        days=RunDays(
            tuple(days.weekdays), holidays or HolidayRule.AS_WEEKDAY, days.first_date,
            days.last_date, tuple(days.added_dates), tuple(days.removed_dates),
        ),
        minutes=tuple(message.minutes),
        confirmation=confirmation_of(message),
        call_ahead=message.call_ahead,
        basis=basis or TimeBasis.GUESSED,
        as_of=message.as_of,
    )  # fmt: skip


def _known(kind: type[Value], names: Any, prefix: str, code: int, unsaid: Value) -> Value | None:
    return value_of(kind, names, prefix, code) if code else unsaid


def confirmation_of(message: pb.LineRun | pb.ConfirmRunsRequest) -> Confirmation | None:
    """Decodes who says that times are right; None where nobody does."""
    if not message.HasField("confirmation"):
        return None
    said = message.confirmation
    return Confirmation(said.confirmed_by, said.confirmed_date, said.until_date)


def line_message(line: KeptLine, *, with_people: bool) -> pb.Line:
    """Encodes a line. with_people: also who of the staff asked whom, which visitors do not read."""
    return pb.Line(
        timetable_id=line.timetable_id,
        names=dict(line.names),
        operator=line.operator,
        phone=line.phone,
        stops=[_stop_message(stop) for stop in line.stops],
        runs=[_run_message(run, with_people=with_people) for run in line.runs],
        fares=[
            pb.LineFare(
                from_stop_id=fare.from_stop_id,
                to_stop_id=fare.to_stop_id,
                amount_yen=fare.amount_yen,
                child_amount_yen=fare.child_amount_yen,
            )
            for fare in line.fares
        ],
        suspended=line.suspended,
        suspended_note=dict(line.suspended_note),
        source=line.source,
        operator_names=dict(line.operator_names),
    )


def _stop_message(stop: LineStop) -> pb.LineStop:
    location = None
    if stop.location:
        point = stop.location.point
        location = words.KnownPoint(
            point=words.Point(latitude=point.latitude, longitude=point.longitude),
            quality=number(words.PointQuality, "POINT_QUALITY", stop.location.quality),
            error_m=stop.location.error_m,
        )
    return pb.LineStop(
        stop_id=stop.stop_id, names=dict(stop.names), place_id=stop.place_id, location=location
    )


def _run_message(run: LineRun, *, with_people: bool) -> pb.LineRun:
    days, confirmation = run.days, None
    if said := run.confirmation:
        confirmation = pb.Confirmation(
            confirmed_by=said.confirmed_by if with_people else "",
            confirmed_date=said.confirmed_date,
            until_date=said.until_date,
        )
    return pb.LineRun(
        run_id=run.run_id,
        days=pb.RunDays(
            weekdays=days.weekdays,
            holidays=number(pb.HolidayRule, "HOLIDAY_RULE", days.holidays),
            first_date=days.first_date,
            last_date=days.last_date,
            added_dates=days.added_dates,
            removed_dates=days.removed_dates,
        ),
        minutes=run.minutes,
        confirmation=confirmation,
        call_ahead=run.call_ahead,
        basis=number(words.TimeBasis, "TIME_BASIS", run.basis),
        as_of=run.as_of,
    )


def summary_message(summary: Summary) -> pb.TimetableSummary:
    """Encodes a timetable without its times."""
    facts = summary.facts
    return pb.TimetableSummary(
        timetable_id=summary.timetable_id,
        kind=number(pb.TimetableKind, "TIMETABLE_KIND", facts.kind),
        names=dict(facts.names),
        operator=facts.operator,
        run_count=facts.run_count,
        confirmed_run_count=summary.confirmed_run_count,
        first_until_date=facts.first_until,
        last_date=facts.last_date,
        unknown_point_count=summary.unknown_points,
        suspended=facts.suspended,
        version=summary.version,
        phone=facts.phone,
    )


def report_message(report: FeedReport) -> pb.ImportFeedResponse:
    """Encodes what became of a feed."""
    return pb.ImportFeedResponse(
        summary=summary_message(report.summary),
        tables=[
            pb.FeedTable(name=table.name, read_count=table.read, refused_count=table.refused)
            for table in report.tables
        ],
        notes=[
            words.RowNote(row=note.row, field=note.table, reason=note.reason, text=note.text[:200])
            for note in report.notes
        ],
    )


def ways_of(message: pb.SaveWaysRequest) -> Ways:
    """Decodes known walks and taxis."""
    return Ways(
        tuple(
            KeptWalk(KnownWalk(each.from_place_id, each.to_place_id, each.minutes), each.source)
            for each in message.walks
        ),
        tuple(
            KeptTaxi(
                Taxi(dict(each.names), each.phone, each.first_amount_yen, each.first_m,
                     each.step_amount_yen, each.step_m),
                each.source,
            )
            for each in message.taxis
        ),
    )  # fmt: skip


def ways_message(ways: Ways, version: int) -> pb.GetWaysResponse:
    """Encodes known walks and taxis."""
    return pb.GetWaysResponse(
        walks=[
            pb.KnownWalk(
                from_place_id=kept.walk.from_place_id,
                to_place_id=kept.walk.to_place_id,
                minutes=kept.walk.minutes,
                source=kept.source,
            )
            for kept in ways.walks
        ],
        taxis=[
            pb.Taxi(
                names=dict(kept.taxi.names),
                phone=kept.taxi.phone,
                first_amount_yen=kept.taxi.first_yen,
                first_m=kept.taxi.first_m,
                step_amount_yen=kept.taxi.step_yen,
                step_m=kept.taxi.step_m,
                source=kept.source,
            )
            for kept in ways.taxis
        ],
        version=version,
    )
