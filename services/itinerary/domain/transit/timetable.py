"""A timetable as it is published: transit stops, lines, runs and the dates they run on.

Words: a *line* is what GTFS calls a route, a *run* one journey of one vehicle along it (GTFS:
trip), a *call* its time at one transit stop. Times are whole minutes after midnight of the date of
the service and pass 1,440 after it; a feed's seconds are cut so that nobody is promised a bus that
has left: departures down, arrivals up. Source: GTFS Schedule reference (gtfs.org).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from kit.pure.public_holidays import is_public_holiday
from services.itinerary.domain.place import Point

MAX_MINUTE = 48 * 60  # a run that ends more than a day after its date is a mistake
SUNDAY = 6


class Boarding(StrEnum):
    """Whether people get on (or off) at a call, and what they have to do for it."""

    REGULAR = "regular"
    NONE = "none"
    CALL_AHEAD = "call_ahead"  # by telephone, before the day or the ride
    ASK_DRIVER = "ask_driver"  # wave to the driver, or tell where to get off

    @property
    def possible(self) -> bool:
        """Whether anybody gets on or off at all."""
        return self is not Boarding.NONE


@dataclass(frozen=True, slots=True)
class TransitStop:
    """One pole or platform. point None: nobody has published where it is, so nobody is led there.

    station_id: what several poles belong to, "" for none.
    """

    stop_id: str
    name: str
    point: Point | None
    station_id: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is called on the front of the bus."""

    line_id: str
    name: str
    operator: str


@dataclass(frozen=True, slots=True)
class Call:
    """One run at one transit stop. stop: index in Timetable.stops. on, off: getting on and off."""

    stop: int
    arrive_minute: int
    depart_minute: int
    on: Boarding = Boarding.REGULAR
    off: Boarding = Boarding.REGULAR


@dataclass(frozen=True, slots=True)
class Run:
    """One journey of one vehicle; at least two calls, their times never go back. sequences: the
    stop_sequence of each call as its feed numbers it, empty where nobody noted it."""

    run_id: str
    line_id: str
    service_id: str
    headsign: str
    calls: tuple[Call, ...]
    sequences: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """The dates of runs. weekdays: 0 Monday to 6 Sunday, between first and last, both included.

    added and removed dates are stronger than the weekdays, added ones also outside of the period.
    holidays_as_sunday: on a public holiday of Japan (振替休日 too) the weekday counts as Sunday.
    """

    service_id: str
    weekdays: frozenset[int] = frozenset()
    first: date = date.max
    last: date = date.min
    added: frozenset[date] = frozenset()
    removed: frozenset[date] = frozenset()
    holidays_as_sunday: bool = False

    def runs_on(self, day: date) -> bool:
        """Tells whether its runs begin on a date."""
        if day in self.added:
            return True
        if day in self.removed:
            return False
        if not self.first <= day <= self.last:
            return False
        holiday = self.holidays_as_sunday and is_public_holiday(day)
        return (SUNDAY if holiday else day.weekday()) in self.weekdays


@dataclass(frozen=True)
class Timetable:
    """All of a feed. valid_until: the last date of any service; None where nothing ever runs."""

    stops: Sequence[TransitStop]
    lines: Mapping[str, Line]
    services: Mapping[str, Service]
    runs: Sequence[Run]
    version: str = ""
    publisher: str = ""
    _by_service: dict[str, list[Run]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for run in self.runs:
            self._by_service.setdefault(run.service_id, []).append(run)

    def runs_on(self, day: date) -> list[Run]:
        """Returns the runs that begin on a date, also those that end after midnight."""
        return [
            run
            for service in self.services.values()
            if service.runs_on(day)
            for run in self._by_service.get(service.service_id, ())
        ]

    def running_at_midnight(self, day: date) -> list[Run]:
        """Returns the runs of the day before that are still on their way as a date begins."""
        return [
            run
            for run in self.runs_on(day - timedelta(days=1))
            if run.calls[-1].arrive_minute > MINUTES_OF_A_DAY
        ]

    def running_before(self, day: date, minute: int) -> list[Run]:
        """Returns the runs of a date that begin before a minute of it."""
        return [run for run in self.runs_on(day) if run.calls[0].depart_minute < minute]

    @property
    def valid_until(self) -> date | None:
        """The last date on which anything runs."""
        lasts = [
            last for service in self.services.values() for last in (service.last, *service.added)
        ]
        return max((last for last in lasts if last > date.min), default=None)


MINUTES_OF_A_DAY = 1440
