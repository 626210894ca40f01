"""Taking over, line by line, what a colleague kept meanwhile into what one has typed oneself."""

from collections.abc import Collection
from dataclasses import replace

from services.edge.studio.timetables.typed import Days, Fare, Line, Run, free_key

FACTS = ("names", "operator", "operator_names", "phone", "source", "suspended", "note")


def take(theirs: Line, mine: Line, keys: Collection[str]) -> None:
    """Changes the typed line where a key of differences.py says so: the colleague's holds there.

    Stops first, for times and fares stand at them; what is not named stays as it was typed.
    """
    for name in FACTS:
        if name in keys:
            value = getattr(theirs, name)
            setattr(mine, name, dict(value) if isinstance(value, dict) else value)
    if "stops" in keys:
        _stops(theirs, mine)
    known = {run.run_id: run for run in theirs.runs}
    for key in keys:
        kind, _, rest = key.partition(":")
        run_id, _, stop_id = rest.partition(":")
        left = known.get(run_id)
        right = next((run for run in mine.runs if run.run_id and run.run_id == run_id), None)
        if kind == "run" and (left is None or right is None):
            _run(theirs, left, mine, right)
        elif kind == "time" and left and right:
            _time(theirs, left, mine, right, stop_id)
        elif kind == "days" and left and right:
            right.days = _same_days(theirs, left, mine)
    if "fares" in keys:
        _fares(theirs, mine)


def _stops(theirs: Line, mine: Line) -> None:
    """Takes their stops in their order; times of mine stay at stops that both have."""
    columns = [dict(zip(_ids(mine), run.times, strict=False)) for run in mine.runs]
    ids = {stop.key: stop.stop_id for stop in mine.stops}
    mine.stops = [
        replace(stop, key=f"s{number}", names=dict(stop.names))
        for number, stop in enumerate(theirs.stops)
    ]
    for run, column in zip(mine.runs, columns, strict=True):
        run.times = [column.get(stop_id, "") for stop_id in _ids(mine)]
    keys = {stop.stop_id: stop.key for stop in reversed(mine.stops)}
    for fare in mine.fares:
        fare.from_key = keys.get(ids.get(fare.from_key, ""), "")
        fare.to_key = keys.get(ids.get(fare.to_key, ""), "")


def _run(theirs: Line, left: Run | None, mine: Line, right: Run | None) -> None:
    """Adds a run that only they have, or takes one out that they no longer have."""
    if left is None:
        mine.runs = [run for run in mine.runs if run is not right]
        return
    times = dict(zip(_ids(theirs), left.times, strict=False))
    key = free_key("r", (run.key for run in mine.runs))
    made = replace(left, key=key, times=[times.get(stop_id, "") for stop_id in _ids(mine)])
    made.days = _same_days(theirs, left, mine)
    mine.runs.append(made)


def _time(theirs: Line, left: Run, mine: Line, right: Run, stop_id: str) -> None:
    times = dict(zip(_ids(theirs), left.times, strict=False))
    for at, each in enumerate(_ids(mine)):
        if each == stop_id:
            right.times[at] = times.get(stop_id, "")


def _same_days(theirs: Line, run: Run, mine: Line) -> str:
    """Returns the key of the kind of days of their run among mine; it is added where need be."""
    wanted = theirs.days_of(run) or Days("")
    for days in mine.days:
        if replace(days, key="") == replace(wanted, key=""):
            return days.key
    mine.days.append(replace(wanted, key=free_key("d", (days.key for days in mine.days))))
    return mine.days[-1].key


def _fares(theirs: Line, mine: Line) -> None:
    ids = {stop.key: stop.stop_id for stop in theirs.stops}
    keys = {stop.stop_id: stop.key for stop in reversed(mine.stops)}
    mine.fares = [
        Fare(keys.get(ids.get(fare.from_key, ""), ""), keys.get(ids.get(fare.to_key, ""), ""),
             fare.yen, fare.child)
        for fare in theirs.fares
    ]  # fmt: skip


def _ids(line: Line) -> list[str]:
    return [stop.stop_id for stop in line.stops]
