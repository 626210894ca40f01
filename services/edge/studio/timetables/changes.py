"""What the buttons of the page do to a typed line: stops, runs and kinds of days come and go.

Nothing is kept by them, and nothing that was typed is lost.
"""

from collections.abc import Callable, Mapping

from services.edge.studio.timetables import clock
from services.edge.studio.timetables.typed import (
    GUESSED,
    MOST_DAYS,
    MOST_RUNS,
    MOST_STOPS,
    RECORDED,
    Days,
    Line,
    Run,
    Stop,
    free_key,
)
from services.edge.whole import read_whole

MOST_COPIES = 40
WORKDAYS, WEEKEND = tuple("12345"), tuple("67")


def act(line: Line, action: str, form: Mapping[str, str]) -> str:
    """Does what a button says to the line. Returns the id of what to look at next, "" for none."""
    name, _colon, key = action.partition(":")
    known: dict[str, Callable[[], str]] = {
        "stop-up": lambda: move_stop(line, key, -1),
        "stop-down": lambda: move_stop(line, key, 1),
        "stop-drop": lambda: drop_stop(line, key),
        "days-add": lambda: add_days(line),
        "days-drop": lambda: drop_days(line, key),
        "run-add": lambda: add_run(line),
        "run-drop": lambda: drop_run(line, key),
        "run-copy": lambda: copy_run(
            line, form.get("copy-from", ""), _number(form, "copy-by"), _number(form, "copy-times")
        ),
        "all-basis": lambda: all_rest_on(
            line, form.get("all-basis", ""), form.get("all-of", "").strip()
        ),
        "fares": lambda: "fares",
    }
    return known[name]() if name in known else ""


def add_stop(line: Line, stop: Stop, after: str = "") -> str:
    """Adds a stop behind another one, at the end without one. Its key is made here."""
    if len(line.stops) >= MOST_STOPS:
        return "stops"
    stop.key = free_key("s", (each.key for each in line.stops))
    keys = [each.key for each in line.stops]
    at = keys.index(after) + 1 if after in keys else len(keys)
    line.stops.insert(at, stop)
    for run in line.runs:
        run.times.insert(at, "")
    return "add-place"


def move_stop(line: Line, key: str, steps: int) -> str:
    """Moves a stop by places of the order, with its times."""
    keys = [each.key for each in line.stops]
    if key not in keys or not 0 <= keys.index(key) + steps < len(keys):
        return "stops"
    at = keys.index(key)
    line.stops.insert(at + steps, line.stops.pop(at))
    for run in line.runs:
        run.times.insert(at + steps, run.times.pop(at))
    return f"stop-{key}"


def drop_stop(line: Line, key: str) -> str:
    """Takes a stop out, with its times and fares."""
    keys = [each.key for each in line.stops]
    if key not in keys:
        return "stops"
    at = keys.index(key)
    del line.stops[at]
    for run in line.runs:
        del run.times[at]
    line.fares = [each for each in line.fares if key not in {each.from_key, each.to_key}]
    return "stops"


def add_days(line: Line) -> str:
    """Adds a kind of days: first the workdays, then the weekend, which holidays belong to."""
    if len(line.days) >= MOST_DAYS:
        return "days"
    key = free_key("d", (each.key for each in line.days))
    used = {each.weekdays for each in line.days}
    if not line.days:
        line.days.append(Days(key, tuple("1234567"), as_sunday=True))
    elif WEEKEND not in used and WORKDAYS in used:
        line.days.append(Days(key, WEEKEND, as_sunday=True))
    else:
        line.days.append(Days(key, as_sunday=True))
    return f"days-{key}"


def drop_days(line: Line, key: str) -> str:
    """Takes a kind of days out that no run has."""
    if all(run.days != key for run in line.runs):
        line.days = [each for each in line.days if each.key != key]
    return "days"


def add_run(line: Line) -> str:
    """Adds an empty run, on the days of the last one."""
    if len(line.runs) >= MOST_RUNS:
        return "runs"
    if not line.days:
        add_days(line)
    last = line.runs[-1] if line.runs else None
    run = Run(
        free_key("r", (each.key for each in line.runs)), "", line.days[0].key,
        [""] * len(line.stops),
    )  # fmt: skip
    if last is not None:
        run.days, run.basis, run.as_of, run.call_ahead = (
            last.days, last.basis, last.as_of, last.call_ahead,
        )  # fmt: skip
    line.runs.append(run)
    return f"run-{run.key}"


def drop_run(line: Line, key: str) -> str:
    """Takes a run out."""
    line.runs = [each for each in line.runs if each.key != key]
    return "runs"


def copy_run(line: Line, key: str, by_minutes: int, times: int) -> str:
    """Adds copies of a run, each so many minutes after the one before."""
    source = next((each for each in line.runs if each.key == key), None)
    if source is None or not by_minutes:
        return "copy-by"
    at = line.runs.index(source) + 1
    made = ""
    for number in range(1, min(max(times, 1), MOST_COPIES, MOST_RUNS - len(line.runs)) + 1):
        run = Run(
            free_key("r", (each.key for each in line.runs)), "", source.days,
            [clock.shifted(each, by_minutes * number) for each in source.times],
            source.call_ahead, source.basis, source.as_of,
        )  # fmt: skip
        line.runs.insert(at, run)
        at, made = at + 1, made or f"run-{run.key}"
    return made or "runs"


def all_rest_on(line: Line, basis: str, as_of: str) -> str:
    """Says of every run what its times rest on, and of when that is."""
    for run in line.runs:
        run.basis = RECORDED if basis == RECORDED else GUESSED
        run.as_of = as_of if run.basis == RECORDED else ""
    return "runs"


def backwards(line: Line) -> Line:
    """Returns the way back of a line: its stops the other way round, without runs."""
    stops = [
        Stop(f"s{at}", each.stop_id, each.place_id, dict(each.names), each.point)
        for at, each in enumerate(reversed(line.stops))
    ]
    keys = {old.key: new.key for old, new in zip(reversed(line.stops), stops, strict=True)}
    fares = [
        type(each)(keys.get(each.to_key, ""), keys.get(each.from_key, ""), each.yen, each.child)
        for each in line.fares
    ]
    return Line(
        operator=line.operator, operator_names=dict(line.operator_names), phone=line.phone,
        source=line.source, stops=stops,
        days=[Days(**vars(each)) for each in line.days], fares=fares,
    )  # fmt: skip


def _number(form: Mapping[str, str], name: str) -> int:
    typed = clock.plain(form.get(name, ""))
    number = read_whole(typed.removeprefix("-"), 4) or 0
    return -number if typed.startswith("-") else number
