"""What differs between a line as somebody typed it and as a colleague kept it meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from services.edge.studio.timetables import clock
from services.edge.studio.timetables.typed import Line, Run, one_name

MOST_SHOWN = 60


@dataclass(frozen=True)
class Difference:
    """One thing. theirs, mine: "" for nothing there. key: of merging.py, which takes theirs over;
    "" where nothing of theirs is there to take."""

    what: str
    theirs: str
    mine: str
    key: str = ""


def between(theirs: Line, mine: Line, locale: str) -> list[Difference]:
    """Returns what differs, the smaller of two long lists first: names, stops, runs, fares."""
    found = [
        *_facts(theirs, mine, locale),
        *_runs(theirs, mine, locale),
        *_fares(theirs, mine, locale),
    ]
    return found[:MOST_SHOWN]


def _facts(theirs: Line, mine: Line, locale: str) -> Iterator[Difference]:
    rows = (
        (_("Name"), one_name(theirs.names, locale), one_name(mine.names, locale), "names"),
        (_("Operator"), theirs.operator, mine.operator, "operator"),
        (
            _("Operator in other languages"),
            *(", ".join(each.operator_names.values()) for each in (theirs, mine)),
            "operator_names",
        ),
        (_("Telephone"), theirs.phone, mine.phone, "phone"),
        (_("Where the times come from"), theirs.source, mine.source, "source"),
        (
            _("Suspended"),
            *(_("yes") if each.suspended else _("no") for each in (theirs, mine)),
            "suspended",
        ),
        (
            _("Why it is suspended"),
            one_name(theirs.note, locale), one_name(mine.note, locale), "note",
        ),
        (_("Stops"), _stops(theirs, locale), _stops(mine, locale), "stops"),
    )  # fmt: skip
    yield from (Difference(*row) for row in rows if row[1] != row[2])


def _stops(line: Line, locale: str) -> str:
    return " → ".join(one_name(each.names, locale) for each in line.stops)


def _runs(theirs: Line, mine: Line, locale: str) -> Iterator[Difference]:
    ours = {each.run_id: each for each in mine.runs if each.run_id}
    known = {each.run_id: each for each in theirs.runs}
    for run_id in dict.fromkeys([*known, *ours]):
        left, right = known.get(run_id), ours.get(run_id)
        told = _told(left), _told(right)
        what = _("Run of %(time)s", time=_first(left or right))
        if left is None or right is None:
            yield Difference(what, *told, f"run:{run_id}")
            continue
        yield from _times(theirs, left, mine, right, what, locale)
        if _days(theirs, left) != _days(mine, right):
            yield Difference(f"{what}, {_('days')}", told[0], told[1], f"days:{run_id}")
    for run in mine.runs:
        if not run.run_id and any(run.times):
            yield Difference(_("Run of %(time)s", time=_first(run)), "", _told(run))


def _times(
    theirs: Line, left: Run, mine: Line, right: Run, what: str, locale: str
) -> Iterator[Difference]:
    names = {each.stop_id: one_name(each.names, locale) for each in (*theirs.stops, *mine.stops)}
    one, other = _calls(theirs, left), _calls(mine, right)
    for stop_id in dict.fromkeys([*one, *other]):
        if one.get(stop_id, "") != other.get(stop_id, ""):
            at = f"{what}, {names.get(stop_id, '')}"
            key = f"time:{left.run_id}:{stop_id}"
            yield Difference(at, one.get(stop_id, ""), other.get(stop_id, ""), key)


def _calls(line: Line, run: Run) -> dict[str, str]:
    pairs = zip(line.stops, run.times, strict=False)
    return {stop.stop_id: even for stop, typed in pairs if (even := _even(typed))}


def _even(typed: str) -> str:
    """Returns a time as it is shown; what is none as it was typed."""
    try:
        return clock.show(clock.read_minutes(typed))
    except ValueError:
        return typed


def _first(run: Run | None) -> str:
    return next((even for each in (run.times if run else ()) if (even := _even(each))), "–")


def _told(run: Run | None) -> str:
    if run is None:
        return ""
    return "–".join((_first(run), *[even for each in run.times if (even := _even(each))][-1:]))


def _days(line: Line, run: Run) -> tuple[object, ...]:
    days = line.days_of(run)
    if days is None:
        return ()
    return (days.weekdays, days.as_sunday, days.first, days.last, days.added, days.removed)


def _fares(theirs: Line, mine: Line, locale: str) -> Iterator[Difference]:
    left, right = _yen(theirs, locale), _yen(mine, locale)
    for pair in dict.fromkeys([*left, *right]):
        if left.get(pair, "") != right.get(pair, ""):
            told = (left.get(pair, ""), right.get(pair, ""))
            yield Difference(_("Fare %(way)s", way=pair), *told, "fares")


def _yen(line: Line, locale: str) -> dict[str, str]:
    names = {each.key: one_name(each.names, locale) for each in line.stops}
    return {
        f"{names.get(each.from_key, '')} – {names.get(each.to_key, '')}": " / ".join(
            filter(None, (each.yen, each.child))
        )
        for each in line.fares
        if not each.is_empty
    }
