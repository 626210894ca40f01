"""Small timetables, and the earliest arrival in them found by trying everything."""

from collections.abc import Sequence
from datetime import date

from hypothesis import strategies as st

from services.itinerary.domain.place import Point
from services.itinerary.domain.transit.access import NEVER, Access
from services.itinerary.domain.transit.day import CHANGE_MINUTES, TransitDay, transit_day
from services.itinerary.domain.transit.timetable import (
    Boarding,
    Call,
    Line,
    Run,
    Service,
    Timetable,
    TransitStop,
)

DAY = date(2026, 12, 1)  # a Tuesday
DAILY = Service("daily", frozenset(range(7)), date(2026, 4, 1), date(2027, 3, 31))
STOPS = 5


def stop(index: int, point: Point | None = None) -> TransitStop:
    return TransitStop(f"s{index}", f"バス停{index}", point)


def run(*calls: tuple[int, int] | Call, run_id: str = "r", service: str = "daily") -> Run:
    """A run with (stop, minute) or whole calls."""
    whole = [each if isinstance(each, Call) else Call(each[0], each[1], each[1]) for each in calls]
    return Run(run_id, "line", service, "秋芳洞", tuple(whole))


def town(*runs: Run, services: Sequence[Service] = (DAILY,), stops: int = STOPS) -> Timetable:
    return Timetable(
        [stop(index) for index in range(stops)], {"line": Line("line", "秋吉線", "バス会社")},
        {each.service_id: each for each in services}, runs,
    )  # fmt: skip


def day_of(
    timetable: Timetable,
    changes: Sequence[Sequence[tuple[int, int]]] | None = None,
    day: date = DAY,
) -> TransitDay:
    return transit_day(timetable, day, changes)


@st.composite
def days(draw: st.DrawFn) -> TransitDay:
    """A short day: few stops, runs that meet often, calls where nobody gets on or off, walks."""
    runs = []
    for number in range(draw(st.integers(0, 6))):
        minute, calls = draw(st.integers(0, 30)), []
        for place in draw(st.lists(st.integers(0, STOPS - 1), min_size=2, max_size=5)):
            leave = minute + draw(st.integers(0, 2))
            on = draw(st.sampled_from([Boarding.REGULAR, Boarding.REGULAR, Boarding.NONE]))
            off = draw(st.sampled_from([Boarding.REGULAR, Boarding.ASK_DRIVER, Boarding.NONE]))
            calls.append(Call(place, minute, leave, on, off))
            minute = leave + draw(st.integers(0, 9))
        runs.append(run(*calls, run_id=f"r{number}"))
    pairs = draw(st.lists(st.tuples(st.integers(0, STOPS - 1), st.integers(0, STOPS - 1),
                                    st.integers(1, 6)), max_size=3))  # fmt: skip
    changes = [{index: 0} for index in range(STOPS)]
    for one, other, walk in pairs:
        if one != other:
            changes[one][other] = walk
    return day_of(town(*runs), [sorted(each.items()) for each in changes])


@st.composite
def accesses(draw: st.DrawFn, places: int = 3) -> Access:
    """Places near some transit stops, some of them near enough to walk from one to the other."""
    near = st.dictionaries(st.integers(0, STOPS - 1), st.integers(0, 5), max_size=2)
    walks = st.sampled_from([NEVER, NEVER, 7, 25])
    return Access(
        tuple(tuple(sorted(draw(near).items())) for _ in range(places)),
        tuple(
            tuple(0 if one == other else draw(walks) for other in range(places))
            for one in range(places)
        ),
    )  # fmt: skip


def earliest(day: TransitDay, access: Access, one: int, other: int, minute: int) -> int:
    """Returns the earliest arrival by taking every ride there is until nothing is new."""
    ready = {place: minute + walk for place, walk in access.stops[one]}
    best = minute + access.walks[one][other]
    out = dict(access.stops[other])
    changed = True
    while changed:
        changed = False
        for index, each in enumerate(day.runs):
            offset = day.offsets[index]
            for on, got_on in enumerate(each.calls):
                depart = got_on.depart_minute + offset
                if not got_on.on.possible or ready.get(got_on.stop, NEVER) > depart:
                    continue
                for got_off in each.calls[on + 1 :]:
                    if not got_off.off.possible:
                        continue
                    arrive = got_off.arrive_minute + offset
                    if got_off.stop in out:
                        best = min(best, arrive + out[got_off.stop])
                    for change, walk in day.changes[got_off.stop]:
                        then = arrive + walk + CHANGE_MINUTES
                        if then < ready.get(change, NEVER):
                            ready[change], changed = then, True
    return min(best, NEVER)
