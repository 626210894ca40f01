"""What makes a line that was typed impossible to keep: every fault of it, with its path."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from math import isfinite

from services.itinerary.domain.place import KnownPoint
from services.itinerary.domain.transit.faults import (
    MOST_YEN,
    Fault,
    bad_date,
    bad_id,
    bad_names,
    bad_phone,
    bad_place,
    day_of,
)
from services.itinerary.domain.transit.line import (
    MOST_RUNS,
    MOST_STOPS,
    PASSES,
    Confirmation,
    KeptLine,
    LineFare,
    LineRun,
    LineStop,
    RunDays,
)
from services.itinerary.domain.transit.network import TimeBasis
from services.itinerary.domain.transit.timetable import MAX_MINUTE

MOST_DATES = 400  # added or removed of one run
MOST_DATES_TOGETHER = 20_000  # of all runs: a second and more of looking at them otherwise
MOST_FARES = MOST_STOPS * (MOST_STOPS - 1) // 2
MOST_ERROR_M = 100_000
# Timetables are made anew every year: nobody knows today what runs in three.
CONFIRMED_FOR = timedelta(days=731)
AS_OF = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
SUNDAY_ISO = 7


def check_line(line: KeptLine, today: date) -> list[Fault]:
    """Returns all that is wrong with a line; paths begin with "line.".

    today: the latest date it is anywhere; nobody has confirmed anything after it.
    """
    return [*_head(line), *_stops(line), *_runs(line, today), *_fares(line)]


def check_confirmation(path: str, said: Confirmation, today: date) -> list[Fault]:
    """Returns what is wrong with what somebody says about times."""
    faults = []
    if not said.confirmed_by.strip():
        faults.append(Fault(f"{path}.confirmed_by", "NOBODY", "say who asked whom"))
    faults += bad_date(f"{path}.confirmed_date", said.confirmed_date)
    faults += bad_date(f"{path}.until_date", said.until_date)
    on, until = day_of(said.confirmed_date), day_of(said.until_date)
    if on and on > today:
        faults.append(
            Fault(f"{path}.confirmed_date", "NOT_YET", "nobody has confirmed it on a day to come")
        )
    if on and until and until < on:
        faults.append(
            Fault(f"{path}.until_date", "DATES_GO_BACK", "it ends before it was confirmed")
        )
    if on and until and until - on > CONFIRMED_FOR:
        text = f"at most {CONFIRMED_FOR.days} days after it was confirmed"
        faults.append(Fault(f"{path}.until_date", "TOO_FAR", text))
    return faults


def _head(line: KeptLine) -> Iterator[Fault]:
    yield from bad_id("line.timetable_id", line.timetable_id)
    yield from bad_names("line.names", line.names)
    if line.operator_names:
        yield from bad_names("line.operator_names", line.operator_names)
    yield from bad_phone("line.phone", line.phone)
    yield from bad_names("line.suspended_note", line.suspended_note, needed=False)


def _stops(line: KeptLine) -> Iterator[Fault]:
    if not 2 <= len(line.stops) <= MOST_STOPS:
        reason = "TOO_FEW_STOPS" if len(line.stops) < 2 else "TOO_MANY_STOPS"
        yield Fault("line.stops", reason, f"give 2 to {MOST_STOPS}")
    known: dict[str, LineStop] = {}
    for index, stop in enumerate(line.stops):
        path = f"line.stops[{index}]"
        yield from bad_id(f"{path}.stop_id", stop.stop_id)
        yield from bad_names(f"{path}.names", stop.names)
        if stop.place_id:
            yield from bad_place(f"{path}.place_id", stop.place_id)
        if stop.place_id and stop.location:
            yield Fault(f"{path}.location", "PLACE_AND_POINT", "the place says where it is")
        if stop.location and not _possible(stop.location):
            yield Fault(f"{path}.location", "BAD_POINT", "latitude, longitude or error is none")
        # A line in a circle comes back to where it began.
        if known.setdefault(stop.stop_id, stop) != stop:
            yield Fault(path, "STOP_DIFFERS", f"{stop.stop_id} is another stop further up")
    for index, (one, other) in enumerate(pairwise(line.stops), start=1):
        if one.stop_id == other.stop_id:
            yield Fault(f"line.stops[{index}].stop_id", "STOP_TWICE", "it is where it came from")


def _possible(location: KnownPoint) -> bool:
    point = location.point
    inside = abs(point.latitude) <= 90 and abs(point.longitude) <= 180
    known = isfinite(point.latitude) and isfinite(point.longitude)
    return known and inside and 0 <= location.error_m <= MOST_ERROR_M


def _runs(line: KeptLine, today: date) -> Iterator[Fault]:
    if len(line.runs) > MOST_RUNS:
        yield Fault("line.runs", "TOO_MANY_RUNS", f"give at most {MOST_RUNS}")
        return
    dates = sum(len(run.days.added_dates) + len(run.days.removed_dates) for run in line.runs)
    if dates > MOST_DATES_TOGETHER:
        text = f"all runs together have at most {MOST_DATES_TOGETHER:,} dates"
        yield Fault("line.runs", "TOO_MANY_DATES", text)
        return
    often = Counter(run.run_id for run in line.runs)
    for index, run in enumerate(line.runs):
        path = f"line.runs[{index}]"
        yield from bad_id(f"{path}.run_id", run.run_id)
        if often[run.run_id] > 1:
            yield Fault(f"{path}.run_id", "RUN_TWICE", f"{run.run_id} is there more than once")
        yield from _times(f"{path}.minutes", run, len(line.stops))
        yield from _days(f"{path}.days", run.days)
        yield from _basis(path, run)
        if run.confirmation:
            yield from check_confirmation(f"{path}.confirmation", run.confirmation, today)


def _times(path: str, run: LineRun, stops: int) -> Iterator[Fault]:
    times = [minute for minute in run.minutes if minute != PASSES]
    if len(run.minutes) != stops:
        yield Fault(path, "WRONG_COUNT", f"give one for each of the {stops} stops, -1 for none")
    elif any(not 0 <= minute <= MAX_MINUTE for minute in times):
        yield Fault(path, "BAD_MINUTE", f"0 to {MAX_MINUTE} minutes after midnight, -1 for none")
    elif len(times) < 2:
        yield Fault(path, "TOO_FEW_TIMES", "a run stops at two of the stops at least")
    elif any(other < one for one, other in pairwise(times)):
        yield Fault(path, "TIMES_GO_BACK", "a run is never earlier at a later stop")


def _days(path: str, days: RunDays) -> Iterator[Fault]:
    if any(not 1 <= weekday <= SUNDAY_ISO for weekday in days.weekdays):
        yield Fault(f"{path}.weekdays", "BAD_WEEKDAY", "1 for Monday to 7 for Sunday")
    if not days.weekdays and not days.added_dates:
        yield Fault(path, "NEVER_RUNS", "give weekdays or dates")
    for name in ("first_date", "last_date"):
        if text := getattr(days, name):
            yield from bad_date(f"{path}.{name}", text)
    first, last = day_of(days.first_date), day_of(days.last_date)
    if first and last and last < first:
        yield Fault(f"{path}.last_date", "DATES_GO_BACK", "the last date is before the first")
    for name in ("added_dates", "removed_dates"):
        dates: tuple[str, ...] = getattr(days, name)
        if len(dates) > MOST_DATES:
            yield Fault(f"{path}.{name}", "TOO_MANY_DATES", f"give at most {MOST_DATES}")
        else:
            for index, text in enumerate(dates):
                yield from bad_date(f"{path}.{name}[{index}]", text)
    if both := sorted({*days.added_dates} & {*days.removed_dates}):
        yield Fault(path, "ADDED_AND_REMOVED", f"{both[0][:10]} is added and removed")


def _basis(path: str, run: LineRun) -> Iterator[Fault]:
    if run.basis is TimeBasis.CONFIRMED:
        yield Fault(f"{path}.basis", "BAD_BASIS", "confirmed is what the confirmation says")
    elif run.basis is TimeBasis.GUESSED and run.as_of:
        yield Fault(f"{path}.as_of", "BAD_AS_OF", "a guess is of no date")
    elif run.basis is TimeBasis.RECORDED and not _is_as_of(run.as_of):
        yield Fault(f"{path}.as_of", "BAD_AS_OF", "when it was recorded: 2024, 2024-04, 2024-04-27")


def _is_as_of(text: str) -> bool:
    return bool(AS_OF.fullmatch(text)) and day_of((text + "-01-01")[:10]) is not None


def _fares(line: KeptLine) -> Iterator[Fault]:
    if len(line.fares) > MOST_FARES:
        yield Fault("line.fares", "TOO_MANY_FARES", f"give at most {MOST_FARES}")
        return
    stops = {stop.stop_id for stop in line.stops}
    seen: set[frozenset[str]] = set()
    for index, fare in enumerate(line.fares):
        path, ends = f"line.fares[{index}]", _ends(fare)
        for name in ("from_stop_id", "to_stop_id"):
            if getattr(fare, name) not in stops:
                yield Fault(f"{path}.{name}", "UNKNOWN_STOP", "the line does not stop there")
        if len(ends) < 2:
            yield Fault(path, "STOP_TWICE", "a fare is from one stop to another")
        if ends in seen:
            yield Fault(path, "FARE_TWICE", "there is one already, either way")
        seen.add(ends)
        for name in ("amount_yen", "child_amount_yen"):
            if not 0 <= (getattr(fare, name) or 0) <= MOST_YEN:
                yield Fault(f"{path}.{name}", "BAD_FARE", f"0 to {MOST_YEN:,} yen")


def _ends(fare: LineFare) -> frozenset[str]:
    return frozenset((fare.from_stop_id, fare.to_stop_id))
