"""A typed line as the service takes it, or what is wrong with it beside each field."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as base_pb
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.edge.studio.timetables import clock, points
from services.edge.studio.timetables.fields import point_text
from services.edge.studio.timetables.typed import RECORDED, Days, Line, Run, Stop
from services.edge.whole import read_whole

LEAST_STOPS = 2
PHONE = re.compile(r"[+0-9(][0-9()\- ]{2,29}")  # as itinerary takes it


@dataclass
class Checked:
    """What was typed as a line. wrong: sentences by the id of their field, in the page's order.

    lost: first times of runs that were confirmed and are no longer, because they were changed.
    """

    line: pb.Line
    wrong: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def check(line: Line, kept: pb.Line | None) -> Checked:
    """Returns what was typed. kept: the line as it is; of a run that stays as it was its
    confirmation stays too."""
    found = Checked(
        pb.Line(
            timetable_id=line.timetable_id, names=line.names, operator=line.operator,
            phone=line.phone, suspended=line.suspended, suspended_note=line.note,
            source=line.source, operator_names=line.operator_names,
        )
    )  # fmt: skip
    wrong = found.wrong
    if not line.names.get("ja"):
        wrong["f-name-ja"] = _("Write what the line is called, as on the front of the bus.")
    if line.phone and not PHONE.fullmatch(clock.plain(line.phone)):
        wrong["f-phone"] = _("A phone number has digits, spaces, - and ( ) only.")
    found.line.phone = clock.plain(line.phone)
    places = {each.stop_id: each.location for each in kept.stops} if kept else {}
    before_id = ""
    for stop in line.stops:
        if stop.stop_id == before_id:
            wrong[f"stop-name-{stop.key}-ja"] = _("The stop before is the same one.")
        before_id = stop.stop_id
        found.line.stops.append(_stop(stop, places, wrong))
    if len(line.stops) < LEAST_STOPS:
        wrong["add-place"] = _("A line has at least two stops.")
    days = {each.key: _days(each, wrong) for each in line.days if _is_used(each, line.runs)}
    before = {each.run_id: each for each in kept.runs} if kept else {}
    taken = {each.run_id for each in line.runs}
    for run in line.runs:
        made = _run(run, line, days, taken, wrong)
        if made is not None:
            _confirmation(made, before.get(made.run_id), kept, found)
            found.line.runs.append(made)
    found.line.runs.sort(key=first_minute)
    _fares(line, found)
    return found


def first_minute(run: pb.LineRun) -> int:
    """Returns when a run begins; what never stops anywhere stands last."""
    return min((each for each in run.minutes if each >= 0), default=clock.MOST_MINUTES)


def calls(run: pb.LineRun, stops: Iterable[pb.LineStop]) -> list[tuple[str, int]]:
    """Returns where a run stops, in order: ids of stops and minutes."""
    pairs = zip(stops, run.minutes, strict=False)
    return [(stop.stop_id, minutes) for stop, minutes in pairs if minutes >= 0]


def _stop(stop: Stop, known: dict[str, base_pb.KnownPoint], wrong: dict[str, str]) -> pb.LineStop:
    made = pb.LineStop(stop_id=stop.stop_id, place_id=stop.place_id, names=stop.names)
    if not stop.names.get("ja"):
        wrong[f"stop-name-{stop.key}-ja"] = _("Write the name of the stop.")
    if not stop.point or stop.place_id:
        return made
    before = known.get(stop.stop_id, base_pb.KnownPoint())
    if stop.point == point_text(before):
        made.location.CopyFrom(before)  # its possible error stands nowhere on the page
        return made
    try:
        latitude, longitude = points.read_pair(stop.point)
    except ValueError:
        wrong[f"stop-point-{stop.key}"] = points.how_to_type()
        return made
    made.location.CopyFrom(
        base_pb.KnownPoint(
            point=base_pb.Point(latitude=latitude, longitude=longitude),
            quality=base_pb.POINT_QUALITY_SOURCE,
        )
    )
    return made


def _is_used(days: Days, runs: Iterable[Run]) -> bool:
    return any(run.days == days.key for run in runs)


def _days(days: Days, wrong: dict[str, str]) -> pb.RunDays:
    made = pb.RunDays(
        weekdays=[int(each) for each in days.weekdays],
        holidays=pb.HOLIDAY_RULE_AS_SUNDAY if days.as_sunday else pb.HOLIDAY_RULE_AS_WEEKDAY,
    )
    for name, typed in (("first", days.first), ("last", days.last)):
        try:
            setattr(made, f"{name}_date", clock.read_date(typed))
        except ValueError:
            wrong[f"days-{name}-{days.key}"] = _("Write the date as 2026-12-31.")
    for name, typed in (("added", days.added), ("removed", days.removed)):
        try:
            getattr(made, f"{name}_dates").extend(clock.read_dates(typed))
        except ValueError:
            wrong[f"days-{name}-{days.key}"] = _(
                "Write each date as 2026-12-31, with a space between, at most 100."
            )
    if made.first_date and made.last_date and made.first_date > made.last_date:
        wrong[f"days-last-{days.key}"] = _("The last date is before the first.")
    if both := sorted({*made.added_dates} & {*made.removed_dates}):
        wrong[f"days-removed-{days.key}"] = _("%(date)s is an extra date, too.", date=both[0])
    if not made.weekdays and not made.added_dates and f"days-added-{days.key}" not in wrong:
        wrong[f"days-week-{days.key}"] = _("Choose a day of the week, or write extra dates.")
    return made


def _run(
    run: Run, line: Line, days: dict[str, pb.RunDays], taken: set[str], wrong: dict[str, str]
) -> pb.LineRun | None:
    """Returns a run; None for a new one into which nothing was typed."""
    if not run.run_id and not any(clock.plain(each) for each in run.times):
        return None
    made = pb.LineRun(
        run_id=run.run_id or _free_id(taken), call_ahead=run.call_ahead,
        basis=base_pb.TIME_BASIS_RECORDED if run.basis == RECORDED else base_pb.TIME_BASIS_GUESSED,
        as_of=_as_of(run, wrong),
    )  # fmt: skip
    taken.add(made.run_id)
    if run.days in days:
        made.days.CopyFrom(days[run.days])
    else:
        wrong[f"run-days-{run.key}"] = _("Choose on which days it goes.")
    _times(run, line, made, wrong)
    return made


def _free_id(taken: set[str]) -> str:
    return next(name for n in range(1, len(taken) + 2) if (name := f"run-{n}") not in taken)


def _as_of(run: Run, wrong: dict[str, str]) -> str:
    typed = clock.plain(run.as_of)
    if run.basis != RECORDED:
        return ""
    if not clock.is_day(typed) or typed > date.max.isoformat():
        wrong[f"run-of-{run.key}"] = _("Write of when it is: 2026, 2026-11 or 2026-11-29.")
        return ""
    return typed


def _times(run: Run, line: Line, made: pb.LineRun, wrong: dict[str, str]) -> None:
    before, stops = clock.NEVER, 0
    for stop, typed in zip(line.stops, run.times, strict=False):
        at = f"time-{run.key}-{stop.key}"
        try:
            minutes = clock.read_minutes(typed)
        except ValueError:
            wrong[at] = _("No time: write 8:37 or 0837, nothing where it does not stop.")
            minutes = clock.NEVER
        if 0 <= minutes < before:
            wrong[at] = _(
                "Earlier than the stop before (%(time)s). After midnight write 24:10.",
                time=clock.show(before),
            )
        if minutes >= 0:
            before, stops = max(before, minutes), stops + 1
        made.minutes.append(minutes)
    if stops < LEAST_STOPS and line.stops:
        first = f"time-{run.key}-{line.stops[0].key}"
        wrong.setdefault(first, _("A run stops at two stops or more. Fill it in, or remove it."))


def _confirmation(
    made: pb.LineRun, before: pb.LineRun | None, kept: pb.Line | None, found: Checked
) -> None:
    if before is None or kept is None or not before.HasField("confirmation"):
        return
    stays = calls(made, found.line.stops) == calls(before, kept.stops) and made.days == before.days
    if stays:
        made.confirmation.CopyFrom(before.confirmation)
    else:
        found.lost.append(clock.show(first_minute(made)))


def _fares(line: Line, found: Checked) -> None:
    ids = {each.key: each.stop_id for each in line.stops}
    seen: set[frozenset[str]] = set()
    for at, fare in enumerate(line.fares):
        if fare.is_empty:
            continue
        amount, child = _yen(fare.yen), _yen(fare.child)
        pair = frozenset({fare.from_key, fare.to_key})
        if not pair <= ids.keys() or len(pair) != LEAST_STOPS:
            found.wrong[f"fare-from-{at}"] = _("Choose two different stops.")
        elif pair in seen:
            found.wrong[f"fare-from-{at}"] = _("There is a fare between these two already.")
        if amount is None:
            found.wrong[f"fare-yen-{at}"] = _("Write the fare in yen, such as 1170.")
        if fare.child and child is None:
            found.wrong[f"fare-child-{at}"] = _("Write the fare in yen, such as 1170.")
        seen.add(pair)
        found.line.fares.add(
            from_stop_id=ids.get(fare.from_key, ""), to_stop_id=ids.get(fare.to_key, ""),
            amount_yen=amount or 0, child_amount_yen=child,
        )  # fmt: skip


def _yen(text: str) -> int | None:
    return read_whole(clock.plain(text).replace(",", "").removesuffix("円"), 6)
