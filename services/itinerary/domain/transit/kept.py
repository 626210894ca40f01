"""What is kept of an area's timetables: lines by hand and feeds of operators, and how many runs of
each somebody has confirmed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from services.itinerary.domain.transit.faults import Fault
from services.itinerary.domain.transit.line import KeptLine, LineStop
from services.itinerary.domain.transit.timetable import Timetable


class TimetableKind(StrEnum):
    """What kind of timetable is kept."""

    LINE = "line"
    FEED = "feed"


@dataclass(frozen=True)
class KeptFeed:
    """A feed of an operator. language: of its texts (BCP 47). phone: of the operator."""

    timetable_id: str
    timetable: Timetable
    language: str = "ja"
    phone: str = ""


@dataclass(frozen=True)
class Facts:
    """What a list tells of a timetable, without its times.

    confirmed: number of runs by the last date they are confirmed for. last_date: the last date
    anything runs, "" for no bound or never. stops: of a line, for their places. nowhere: how many
    stops without a place have no published point.
    """

    kind: TimetableKind
    names: Mapping[str, str]
    operator: str
    phone: str
    run_count: int
    confirmed: Mapping[str, int] = field(default_factory=dict)
    last_date: str = ""
    suspended: bool = False
    stops: tuple[LineStop, ...] = ()
    nowhere: int = 0

    def confirmed_on(self, day: date) -> int:
        """Returns how many runs are confirmed for a date."""
        return sum(runs for until, runs in self.confirmed.items() if until >= day.isoformat())

    @property
    def first_until(self) -> str:
        """The first date on which a confirmation ends; "" where there is none."""
        return min(self.confirmed, default="")


@dataclass(frozen=True)
class Summary:
    """A timetable in a list. unknown_points: stops to which no walk leads."""

    timetable_id: str
    facts: Facts
    version: int
    confirmed_run_count: int
    unknown_points: int


def facts_of_line(line: KeptLine) -> Facts:
    """Returns what a list tells of a line."""
    said = (run.confirmation for run in line.runs)
    stops = {stop.stop_id: stop for stop in line.stops}
    return Facts(
        TimetableKind.LINE, line.names, line.operator, line.phone, len(line.runs),
        dict(sorted(Counter(each.until_date for each in said if each).items())),
        line.last_date, line.suspended, tuple(stops.values()),
        sum(not stop.place_id and not _published(stop) for stop in stops.values()),
    )  # fmt: skip


def facts_of_feed(feed: KeptFeed) -> Facts:
    """Returns what a list tells of a feed: its publisher vouches for it until its last date."""
    table = feed.timetable
    operators = list(dict.fromkeys(line.operator for line in table.lines.values() if line.operator))
    until = table.valid_until
    name = table.publisher or next(iter(operators), "") or feed.timetable_id
    return Facts(
        TimetableKind.FEED, {feed.language: name}, ", ".join(operators)[:200], feed.phone,
        len(table.runs), {until.isoformat(): len(table.runs)} if until and table.runs else {},
        until.isoformat() if until else "",
        nowhere=sum(stop.point is None for stop in table.stops),
    )  # fmt: skip


def differing_stops(line: KeptLine, others: Mapping[str, Facts]) -> list[Fault]:
    """Returns the stops of a line that are said to be something else by another line of the area.

    others: facts by timetable id. What one of both leaves open (a name in a language) is no
    difference.
    """
    faults = []
    for index, stop in enumerate(line.stops):
        for other_id, facts in others.items():
            there = next((each for each in facts.stops if each.stop_id == stop.stop_id), None)
            if there is not None and other_id != line.timetable_id and not agree(stop, there):
                text = f"the line {other_id} says something else of the stop {stop.stop_id}"
                faults.append(Fault(f"line.stops[{index}]", "STOP_DIFFERS", text))
                break
    return faults


def sharing(line: KeptLine, others: Mapping[str, Facts]) -> list[str]:
    """Returns the ids of other lines that say something else of a stop of this one."""
    ours = {stop.stop_id: stop for stop in line.stops}
    return [
        other_id
        for other_id, facts in others.items()
        if other_id != line.timetable_id
        and any(not agree(ours.get(stop.stop_id, stop), stop) for stop in facts.stops)
    ]


def with_stops_of(line: KeptLine, other: KeptLine) -> KeptLine:
    """Returns a line that says of shared stops what another one says; names in languages that the
    other leaves open stay."""
    theirs = {stop.stop_id: stop for stop in other.stops}
    stops = (
        replace(found, names={**stop.names, **found.names})
        if (found := theirs.get(stop.stop_id))
        else stop
        for stop in line.stops
    )
    return replace(line, stops=tuple(stops))


def agree(one: LineStop, other: LineStop) -> bool:
    """Tells whether two lines can mean the same stop by one id."""
    names = all(other.names.get(locale, name) == name for locale, name in one.names.items())
    return names and one.place_id == other.place_id and one.location == other.location


def place_ids(stops: Iterable[LineStop]) -> set[str]:
    """Returns the places that stops are at."""
    return {stop.place_id for stop in stops if stop.place_id}


def _published(stop: LineStop) -> bool:
    return stop.location is not None and stop.location.published
