"""Lines kept by hand, made for tests."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from services.itinerary.domain.transit.line import (
    PASSES,
    Confirmation,
    HolidayRule,
    KeptLine,
    LineFare,
    LineRun,
    LineStop,
    RunDays,
)
from services.itinerary.domain.transit.line_check import check_line
from services.itinerary.domain.transit.network import TimeBasis

TODAY = date(2026, 11, 29)
DAYS = RunDays(weekdays=(1, 2, 3, 4, 5))


def stop(stop_id: str, **more: Any) -> LineStop:
    return LineStop(**{"stop_id": stop_id, "names": {"ja": f"停 {stop_id}"}} | more)


def run(run_id: str, *minutes: int, **more: Any) -> LineRun:
    values: dict[str, Any] = {"run_id": run_id, "days": DAYS, "minutes": minutes}
    return LineRun(**values | more)


def line(**more: Any) -> KeptLine:
    """A line of three stops with two runs, unless told otherwise."""
    values: dict[str, Any] = {
        "timetable_id": "cave-line", "names": {"ja": "洞線"}, "operator": "町営バス",
        "stops": (stop("hub", place_id="bus-center"), stop("pond"), stop("school")),
        "runs": (run("one", 540, 560, 580), run("two", 700, PASSES, 735)),
        "fares": (LineFare("hub", "school", 400),),
    }  # fmt: skip
    return KeptLine(**values | more)


def said(until: str = "2027-03-31", **more: Any) -> Confirmation:
    values = {"confirmed_by": "Sato", "confirmed_date": "2026-11-02", "until_date": until}
    return Confirmation(**values | more)


def faults(kept: KeptLine) -> list[tuple[str, str]]:
    return [(fault.path, fault.reason) for fault in check_line(kept, TODAY)]


DATES = st.dates(date(2026, 1, 1), date(2027, 12, 31)).map(date.isoformat)


@st.composite
def run_days(draw: st.DrawFn) -> RunDays:
    dates = draw(st.lists(DATES, max_size=6, unique=True))
    cut = draw(st.integers(0, len(dates)))
    bounds = sorted(draw(st.tuples(DATES, DATES)))
    some = st.lists(st.integers(1, 7), min_size=1, max_size=8)
    return RunDays(
        tuple(draw(some)), draw(st.sampled_from(HolidayRule)),
        draw(st.sampled_from(["", bounds[0]])), draw(st.sampled_from(["", bounds[1]])),
        tuple(dates[:cut]), tuple(dates[cut:]),
    )  # fmt: skip


@st.composite
def runs(draw: st.DrawFn, run_id: str, stops: int) -> LineRun:
    times = sorted(draw(st.lists(st.integers(0, 2_000), min_size=stops, max_size=stops)))
    passed = draw(st.sets(st.integers(0, stops - 1), max_size=stops - 2))
    recorded = draw(st.booleans())
    return LineRun(
        run_id, draw(run_days()),
        tuple(PASSES if place in passed else minute for place, minute in enumerate(times)),
        draw(st.sampled_from([None, said(), said("2026-12-05")])), draw(st.booleans()),
        TimeBasis.RECORDED if recorded else TimeBasis.GUESSED, "2024-04" if recorded else "",
    )  # fmt: skip


@st.composite
def kept_lines(draw: st.DrawFn, timetable_id: str = "cave-line") -> KeptLine:
    """A line that can be kept, of stops that lie where their ids say on every line."""
    ids = draw(st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=6, unique=True))
    if draw(st.booleans()) and len(ids) > 2:
        ids.append(ids[0])  # a circle
    stops = tuple(stop(name, place_id=f"place-{name}" if name in "abc" else "") for name in ids)
    count = draw(st.integers(0, 4))
    return line(
        timetable_id=timetable_id, stops=stops, fares=(),
        runs=tuple(draw(runs(f"r{number}", len(stops))) for number in range(count)),
        suspended=draw(st.booleans()),
    )  # fmt: skip
