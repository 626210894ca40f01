"""A line in one direction as the staff of an area keeps it by hand, before it is planned with.

Dates are texts as they were typed; check_line (line_check.py) makes sure that they are dates.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from services.itinerary.domain.place import KnownPoint
from services.itinerary.domain.transit.network import RunFacts, TimeBasis
from services.itinerary.domain.transit.timetable import Service

PASSES = -1  # in LineRun.minutes: it does not stop there
MOST_STOPS, MOST_RUNS = 60, 300


class HolidayRule(StrEnum):
    """What a public holiday does to a run."""

    AS_WEEKDAY = "as_weekday"
    AS_SUNDAY = "as_sunday"


@dataclass(frozen=True)
class Confirmation:
    """Who says that times are right. confirmed_by: in the staff's words. Dates: YYYY-MM-DD."""

    confirmed_by: str
    confirmed_date: str
    until_date: str


@dataclass(frozen=True)
class LineStop:
    """One transit stop of a line. place_id: place of directory it is at, "" for none; its pin then
    says where it is, else location does."""

    stop_id: str
    names: Mapping[str, str]
    place_id: str = ""
    location: KnownPoint | None = None


@dataclass(frozen=True)
class RunDays:
    """On which dates a run goes. weekdays: 1 Monday to 7 Sunday (ISO 8601); dates: YYYY-MM-DD, ""
    for no bound. added and removed dates are stronger than weekdays, holidays and bounds."""

    weekdays: tuple[int, ...] = ()
    holidays: HolidayRule = HolidayRule.AS_WEEKDAY
    first_date: str = ""
    last_date: str = ""
    added_dates: tuple[str, ...] = ()
    removed_dates: tuple[str, ...] = ()

    def service(self, service_id: str) -> Service:
        """Returns the same as a service of a timetable."""
        return Service(
            service_id,
            frozenset(weekday - 1 for weekday in self.weekdays),
            date.fromisoformat(self.first_date) if self.first_date else date.min,
            date.fromisoformat(self.last_date) if self.last_date else date.max,
            frozenset(map(date.fromisoformat, self.added_dates)),
            frozenset(map(date.fromisoformat, self.removed_dates)),
            holidays_as_sunday=self.holidays is HolidayRule.AS_SUNDAY,
        )


@dataclass(frozen=True)
class LineRun:
    """One journey along a line. minutes: after local midnight, one for each stop, or PASSES.

    basis and as_of (YYYY, YYYY-MM or YYYY-MM-DD): what the times rest on while nobody has
    confirmed them, and of when that is.
    """

    run_id: str
    days: RunDays
    minutes: tuple[int, ...]
    confirmation: Confirmation | None = None
    call_ahead: bool = False
    basis: TimeBasis = TimeBasis.GUESSED
    as_of: str = ""

    @property
    def first_minute(self) -> int:
        """When it begins; 0 where it stops nowhere."""
        return min((minute for minute in self.minutes if minute != PASSES), default=0)

    @property
    def facts(self) -> RunFacts:
        """What a passenger is told of its times."""
        said = self.confirmation
        if said is None:
            return RunFacts(self.basis, self.as_of)
        until = date.fromisoformat(said.until_date)
        return RunFacts(self.basis, self.as_of, until, said.confirmed_date)


@dataclass(frozen=True)
class LineFare:
    """A fare between two stops of a line, either way, in yen: of one adult, and of one child at
    primary school where somebody has recorded it."""

    from_stop_id: str
    to_stop_id: str
    amount_yen: int
    child_amount_yen: int | None = None


@dataclass(frozen=True)
class KeptLine:
    """A line in one direction. phone: as printed, "" for not known. suspended: nothing runs, and it
    is never planned with; suspended_note says why, by locale. operator: as printed; operator_names:
    in other languages."""

    timetable_id: str
    names: Mapping[str, str]
    operator: str
    stops: tuple[LineStop, ...]
    runs: tuple[LineRun, ...]
    phone: str = ""
    fares: tuple[LineFare, ...] = ()
    suspended: bool = False
    suspended_note: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    operator_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def tidied(self) -> "KeptLine":
        """The same line, written in the one way in which two equal lines are equal."""
        runs = [replace(run, days=_tidied(run.days)) for run in self.runs]
        runs.sort(key=lambda run: (run.first_minute, run.run_id))
        return replace(self, runs=tuple(runs))

    @property
    def last_date(self) -> str:
        """The last date anything runs on; "" for no bound, or where nothing ever runs."""
        lasts = [run.days.last_date for run in self.runs if run.days.weekdays]
        if "" in lasts:
            return ""
        return max(
            [*lasts, *(day for run in self.runs for day in run.days.added_dates)], default=""
        )


def with_confirmation(
    line: KeptLine, run_ids: Iterable[str], confirmation: Confirmation | None
) -> KeptLine:
    """Returns a line with some of its runs confirmed, or with None: no longer. No ids: all runs."""
    wanted = frozenset(run_ids)
    runs = (
        replace(run, confirmation=confirmation) if not wanted or run.run_id in wanted else run
        for run in line.runs
    )  # fmt: skip
    return replace(line, runs=tuple(runs))


def _tidied(days: RunDays) -> RunDays:
    return replace(
        days,
        weekdays=tuple(sorted(set(days.weekdays))),
        added_dates=tuple(sorted(set(days.added_dates))),
        removed_dates=tuple(sorted(set(days.removed_dates))),
    )
