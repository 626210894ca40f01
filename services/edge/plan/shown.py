"""The parts of the page of a day, in the visitor's words already (present.py makes them)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge import sketch
from services.edge.plan.beside import Beside
from services.edge.plan.money import Money
from services.edge.plan.rides import MissedRide, RideLine
from services.edge.plan.texts import Told


@dataclass(frozen=True)
class Move:
    """One leg. rides: of a leg by bus; text is then the walk after the last one, "" for none."""

    clock: str
    text: str
    rides: Sequence[RideLine] = ()


@dataclass(frozen=True)
class Stay:
    """One visit, with the move that leads to it.

    recommended: why the area recommends it. crowd: how full it is expected to be, "" for nothing to
    tell; crowd_ok: and that is good news. lunch: says that the party eats there, "" where not.
    native: its name in Japanese, "" where that is shown.
    spare: the time between it, or the break after it, and going on, "" for none; spare_clock: from
    when.
    """

    number: int
    move: Move | None
    clock: str
    leave: str
    name: Told
    category: str
    minutes: str
    waiting: str
    slack: str  # "" for none
    fee: str
    fee_note: Told
    why: Sequence[str]
    recommended: Told
    crowd: str
    crowd_ok: bool
    summary: Told
    access: Told
    payment: Told
    ask_first: bool
    phone: str
    estimated: bool
    hours: str
    closed: str
    poi_id: str
    begin: str
    begin_padded: str
    stay: int
    most: int
    fixed: bool
    must: bool
    done: bool
    paths: Sequence[str]
    pause_clock: str
    pause: str
    lunch: str
    spare_clock: str
    spare: str
    native: str = ""


@dataclass(frozen=True)
class Renting:
    """Where the cycles of a day are from. name: None where no rental place is known. back: by when
    they have to be back. moved: the day begins and ends there though another place was chosen. far:
    how far away that is, "" for near. native: its name in Japanese, "" where that is shown."""

    name: Told | None = None
    hours: str = ""
    hours_known: bool = False
    back: str = ""
    phone: str = ""
    summary: Told | None = None
    unsure: bool = False
    moved: bool = False
    far: str = ""
    children: bool = False
    hills_unknown: bool = False
    native: str = ""


@dataclass(frozen=True)
class Missed:
    """Something that is not in the plan."""

    name: Told
    why: str
    note: Told
    must: bool
    poi_id: str
    takes: bool


@dataclass(frozen=True)
class Trouble:
    """A demand that could not be met, and what to do about it. reasons: why, where that is not the
    same of all that it is about."""

    what: str
    then: str
    reasons: Sequence[str] = ()


@dataclass(frozen=True)
class Change:
    """What the latest change did, in sentences; names already joined, "" for none. closures: what
    caused it, closed places and rides."""

    title: str
    closures: Sequence[str]
    added: str
    dropped: str
    moved: str
    undoable: bool
    undone: bool
    other_rides: bool = False


@dataclass(frozen=True)
class DayPage:
    """All of the page."""

    itinerary: pb.Itinerary
    day: datetime
    depart: str
    finish: str
    start: Told
    end: Told
    stays: Sequence[Stay]
    home: Move | None
    missed: Sequence[Missed]
    more_missed: Sequence[Missed]
    troubles: Sequence[Trouble]
    effects: Sequence[str]
    closed_ends: Sequence[str]
    map: sketch.Sketch | None
    travel: str
    any_estimate: bool
    way_icon: str
    hills: bool
    rides: Sequence[RideLine]
    unsure_phones: Sequence[tuple[Told, str, str]]
    if_missed: MissedRide | None
    mark: str
    change: Change | None
    over: bool
    on_foot_in_all: str
    can_walk_less: bool
    walks_little: bool
    money: Money
    lunch_button: str
    ride_effects: Sequence[str] = ()
    rides_work: bool = True
    needs_repair: bool = False
    messages: Sequence[tuple[Told, Told]] = ()
    as_told: str = ""
    late_choices: Sequence[tuple[int, str]] = ()
    beside: Beside | None = None
    renting: Renting | None = None
    empty: Sequence[str] = ()

    @property
    def kept_as(self) -> str:
        """Where a browser finds it again, below /plan/: the day, or all its days."""
        return f"days/{self.beside.sojourn_id}" if self.beside else self.itinerary.itinerary_id

    @property
    def first_date(self) -> str:
        """The date of that: of the first of its days."""
        return min(self._dates)

    @property
    def last_date(self) -> str:
        """The date of the last of them."""
        return max(self._dates)

    @property
    def _dates(self) -> list[str]:
        days = self.itinerary.together.days
        return [self.itinerary.trip.visit_date, *(day.visit_date for day in days)]
