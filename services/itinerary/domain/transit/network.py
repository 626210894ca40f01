"""All timetables of an area as one, with what a passenger is told besides the times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from services.itinerary.domain.transit.live import LiveView
from services.itinerary.domain.transit.timetable import Timetable


class TimeBasis(StrEnum):
    """What the times of a run rest on."""

    GUESSED = "guessed"
    RECORDED = "recorded"
    CONFIRMED = "confirmed"


@dataclass(frozen=True)
class LineFacts:
    """What is known of a line besides its times. names: by locale; phone: "" for not known."""

    timetable_id: str
    names: Mapping[str, str]
    operator: str
    phone: str = ""
    operator_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunFacts:
    """What the times of a run rest on. confirmed_until: None where nobody has confirmed them.

    basis: while they are not confirmed. as_of: of when that, or the confirmation, is; "" for a
    guess and for an operator's feed.
    """

    basis: TimeBasis = TimeBasis.GUESSED
    as_of: str = ""
    confirmed_until: date | None = None
    confirmed_on: str = ""

    def basis_on(self, day: date) -> tuple[TimeBasis, str]:
        """Returns what the times rest on for a date, and of when that is."""
        if self.confirmed_until is not None and day <= self.confirmed_until:
            return TimeBasis.CONFIRMED, self.confirmed_on
        return self.basis, self.as_of


@dataclass(frozen=True)
class KnownWalk:
    """A walk between two places whose time somebody knows, either way; it beats an estimate."""

    from_place_id: str
    to_place_id: str
    minutes: int


@dataclass(frozen=True)
class Taxi:
    """A taxi company. Fares: first_yen for first_m meters, then step_yen each step_m; 0 unknown."""

    names: Mapping[str, str]
    phone: str
    first_yen: int = 0
    first_m: int = 0
    step_yen: int = 0
    step_m: int = 0


@dataclass(frozen=True)
class Network:
    """Timetables of an area, merged; what is suspended is not in it.

    version: another one with each change. lines, runs: by Line.line_id and Run.run_id.
    stop_places: place of directory a transit stop is at, by stop_id; its pin is then where the
    stop is (TransitStop.point is None there). stop_names: by stop_id and locale. fares: of one
    adult by line_id and the ids of both stops, in either order as given, in yen. child_fares: of
    one child, where somebody has recorded them. suspended: timetables that are kept, but take
    nobody anywhere, by their id; why, by locale. live: what operators tell of today; None of other
    days, and where nobody tells anything.
    """

    version: str
    timetable: Timetable
    lines: Mapping[str, LineFacts] = field(default_factory=dict)
    runs: Mapping[str, RunFacts] = field(default_factory=dict)
    stop_places: Mapping[str, str] = field(default_factory=dict)
    stop_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fares: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    walks: tuple[KnownWalk, ...] = ()
    taxis: tuple[Taxi, ...] = ()
    child_fares: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    suspended: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    live: LiveView | None = None

    def fare_yen(self, line_id: str, from_stop_id: str, to_stop_id: str) -> int | None:
        """Returns the fare of one adult in yen; None where it is not known."""
        return _either_way(self.fares, line_id, from_stop_id, to_stop_id)

    def child_fare_yen(self, line_id: str, from_stop_id: str, to_stop_id: str) -> int | None:
        """Returns the fare of one child in yen; None where it is not known."""
        return _either_way(self.child_fares, line_id, from_stop_id, to_stop_id)


def _either_way(
    fares: Mapping[tuple[str, str, str], int], line_id: str, one: str, other: str
) -> int | None:
    there = fares.get((line_id, one, other))
    return fares.get((line_id, other, one)) if there is None else there
