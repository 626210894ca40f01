"""A typed line and the fields of its form; a typed line and the one that is kept."""

import re
from collections.abc import Iterable, Mapping
from itertools import zip_longest

from werkzeug.datastructures import MultiDict

from meguri.itinerary.v1 import itinerary_service_pb2 as base_pb
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.edge.studio.timetables import clock
from services.edge.studio.timetables.typed import (
    EMPTY_FARES,
    GUESSED,
    MOST_DAYS,
    MOST_RUNS,
    MOST_STOPS,
    RECORDED,
    Days,
    Fare,
    Line,
    Run,
    Stop,
)
from services.edge.whole import read_whole

Form = MultiDict[str, str]
WEEKDAYS = tuple("1234567")
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_NAMED = re.compile(r"(stop-name-[a-z0-9]{1,8}|name|note|operator)-")
_MOST = 2_000  # characters of a field; the service knows what is too long and says so


def read(form: Form, timetable_id: str) -> Line:
    """Reads a form of the page, whatever it holds: what is wrong with it is said elsewhere."""
    texts = {key: form[key] for key in form if _NAMED.match(key)}
    line = Line(
        timetable_id=timetable_id,
        version=read_whole(_text(form, "version"), 18) or 0,
        names=by_locale(texts, "name-"),
        operator=_text(form, "operator"),
        phone=_text(form, "phone"),
        source=_text(form, "source"),
        suspended="suspended" in form,
        note=by_locale(texts, "note-"),
        stops=[_stop(form, key, texts) for key in _keys(form, "stop", MOST_STOPS)],
        days=[_days(form, key) for key in _keys(form, "days", MOST_DAYS)],
        operator_names=by_locale(texts, "operator-"),
    )
    line.runs = [_run(form, key, len(line.stops)) for key in _keys(form, "run", MOST_RUNS)]
    rows = zip_longest(
        *(form.getlist(name) for name in ("fare-from", "fare-to", "fare-yen", "fare-child")),
        fillvalue="",
    )
    line.fares = [Fare(*(cell.strip()[:20] for cell in row)) for row in rows]
    return with_empty_fares(line)


def with_empty_fares(line: Line) -> Line:
    """Returns the line with a few empty rows at the end of its fares."""
    line.fares = [each for each in line.fares if not each.is_empty]
    line.fares += [Fare() for _ in range(EMPTY_FARES)]
    return line


def of_kept(kept: pb.Line, version: int) -> Line:
    """Returns a line that is kept, as somebody would have typed it."""
    line = Line(
        kept.timetable_id, version, dict(kept.names), kept.operator, kept.phone, kept.source,
        kept.suspended, dict(kept.suspended_note), operator_names=dict(kept.operator_names),
    )  # fmt: skip
    line.stops = [_kept_stop(each, f"s{at}") for at, each in enumerate(kept.stops)]
    for at, run in enumerate(kept.runs):
        days = _days_of(line.days, run.days)
        times = [clock.show(minutes) for minutes in run.minutes]
        recorded = run.basis == base_pb.TIME_BASIS_RECORDED
        line.runs.append(
            Run(f"r{at}", run.run_id, days.key, times, run.call_ahead,
                RECORDED if recorded else GUESSED, run.as_of)
        )  # fmt: skip
    keys = {each.stop_id: each.key for each in line.stops}
    line.fares = [
        Fare(
            keys.get(each.from_stop_id, ""),
            keys.get(each.to_stop_id, ""),
            str(each.amount_yen),
            str(each.child_amount_yen) if each.HasField("child_amount_yen") else "",
        )
        for each in kept.fares
    ]
    return with_empty_fares(line)


def by_locale(form: Mapping[str, str], start: str) -> dict[str, str]:
    """Returns texts by locale of fields whose names begin alike, those that are not empty."""
    found = {key.removeprefix(start): _text(form, key) for key in form if key.startswith(start)}
    return {key: text for key, text in found.items() if text and _LOCALE.fullmatch(key)}


def point_text(point: base_pb.KnownPoint) -> str:
    """Returns a point as one field has it; "" for none."""
    if not point.HasField("point"):
        return ""
    return f"{point.point.latitude:.6f}, {point.point.longitude:.6f}"


def _kept_stop(stop: pb.LineStop, key: str) -> Stop:
    return Stop(key, stop.stop_id, stop.place_id, dict(stop.names), point_text(stop.location))


def _days_of(known: list[Days], kept: pb.RunDays) -> Days:
    """Returns the kind of days of a run: one that is known, or a new one."""
    found = Days(
        "", tuple(str(each) for each in sorted(kept.weekdays)),
        kept.holidays == pb.HOLIDAY_RULE_AS_SUNDAY, kept.first_date, kept.last_date,
        " ".join(kept.added_dates), " ".join(kept.removed_dates),
    )  # fmt: skip
    for each in known:
        found.key = each.key
        if each == found:
            return each
    found.key = f"d{len(known)}"
    known.append(found)
    return found


def _stop(form: Form, key: str, texts: Mapping[str, str]) -> Stop:
    return Stop(
        key, _text(form, f"stop-id-{key}"), _text(form, f"stop-place-{key}"),
        by_locale(texts, f"stop-name-{key}-"), _text(form, f"stop-point-{key}"),
    )  # fmt: skip


def _days(form: Form, key: str) -> Days:
    weekdays = tuple(each for each in WEEKDAYS if each in form.getlist(f"days-week-{key}"))
    return Days(
        key, weekdays, f"days-holiday-{key}" in form, _text(form, f"days-first-{key}"),
        _text(form, f"days-last-{key}"), _text(form, f"days-added-{key}", 2_000),
        _text(form, f"days-removed-{key}", 2_000),
    )  # fmt: skip


def _run(form: Form, key: str, stops: int) -> Run:
    typed = [each.strip()[:20] for each in form.getlist(f"time-{key}")[:stops]]
    return Run(
        key, _text(form, f"run-id-{key}"), _text(form, f"run-days-{key}"),
        typed + [""] * (stops - len(typed)), f"run-ahead-{key}" in form,
        RECORDED if _text(form, f"run-basis-{key}") == RECORDED else GUESSED,
        _text(form, f"run-of-{key}"),
    )  # fmt: skip


def _keys(form: Form, name: str, most: int) -> Iterable[str]:
    return list(dict.fromkeys(each[:8] for each in form.getlist(name)))[:most]


def _text(form: Mapping[str, str], name: str, most: int = _MOST) -> str:
    return form.get(name, "").strip()[:most]
