"""The result: a day plan with its reasons. Stored and shown as it is, so it explains itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.itinerary.domain.crowd import CrowdNote
from services.itinerary.domain.fares import Fares, fares_of
from services.itinerary.domain.paths import NOTHING_KNOWN, Paths
from services.itinerary.domain.place import KnownPoint
from services.itinerary.domain.poi import Category, Interest, PoiStatus, PoiTexts
from services.itinerary.domain.rental import CycleRental
from services.itinerary.domain.transit.network import TimeBasis
from services.itinerary.domain.transit.timetable import Boarding
from services.itinerary.domain.trip import TravelMode, TripRequest
from services.itinerary.domain.why import ConflictKind, WhyIn, WhyOut
from services.itinerary.domain.windows import OpenSpan


class PlanStatus(StrEnum):
    """Whether all that was asked for could be met."""

    PLANNED = "planned"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class InReason:
    """One reason why a POI is in a plan. interest: only where the reason is one. note: the staff's
    own words by locale, where the area recommends it."""

    why: WhyIn
    interest: Interest | None = None
    note: Mapping[str, str] | None = None


@dataclass(frozen=True)
class PlannedVisit:
    """One visit. Minutes count from local midnight of the day.

    slack_minutes: how much the arrival may slip without breaking anything later. pause_minutes: of
    a break there after the visit, with lunch brought along; 0 for none. paths: as far as known.
    crowd: how full it was expected to be when the day was planned; None where nothing is known.
    """

    poi_id: str
    place_id: str
    names: Mapping[str, str]
    location: KnownPoint
    category: Category
    status: PoiStatus
    arrive_minute: int
    start_minute: int
    end_minute: int
    slack_minutes: int
    fee_yen: int
    fee_unknown: bool
    score: int
    reasons: tuple[InReason, ...]
    spans: tuple[OpenSpan, ...]
    texts: PoiTexts
    phone: str
    estimated_fields: tuple[str, ...]
    crowd: CrowdNote | None = None
    pause_minutes: int = 0
    paths: Paths = NOTHING_KNOWN

    @property
    def is_lunch(self) -> bool:
        """Tells whether the party has lunch there, or sits down with what it brought."""
        return bool(self.pause_minutes) or InReason(WhyIn.LUNCH) in self.reasons

    @property
    def leave_minute(self) -> int:
        """When the party can go on."""
        return self.end_minute + self.pause_minutes


@dataclass(frozen=True)
class PlannedRide:
    """One ride of a leg by bus. walk_minutes: before it. fare_yen, child_fare_yen: of one adult and
    one child, None: not known.

    basis, as_of: what the times rest on for the date of the plan. next_depart_minute: of the next
    way to the end of the leg for whoever misses it; None where there is none, and told of the first
    ride of a leg only. run_id, from_stop_id, to_stop_id, line_id: as the network of its time called
    them, "" of days that were kept before these were.
    """

    timetable_id: str
    line_names: Mapping[str, str]
    headsign: str
    operator: str
    phone: str
    from_names: Mapping[str, str]
    to_names: Mapping[str, str]
    depart_minute: int
    arrive_minute: int
    walk_minutes: int
    basis: TimeBasis
    as_of: str
    fare_yen: int | None
    on: Boarding
    off: Boarding
    next_depart_minute: int | None = None
    child_fare_yen: int | None = None
    run_id: str = ""
    from_stop_id: str = ""
    to_stop_id: str = ""
    line_id: str = ""
    operator_names: Mapping[str, str] = field(default_factory=dict)


class RideTrouble(StrEnum):
    """What became of a ride of a kept day."""

    GONE = "gone"  # no such ride that day any more
    SUSPENDED = "suspended"  # its whole line
    CANCELED = "canceled"  # today alone, as the operator tells
    EARLIER = "earlier"
    LATER = "later"
    MISSED = "missed"  # it goes as planned, but what comes before it takes longer now
    UNCONFIRMED = "unconfirmed"  # nobody vouches for its times any more


@dataclass(frozen=True)
class RideEffect:
    """What no longer holds of a ride of a kept day.

    leg, ride: which one. depart_minute, arrive_minute: as it goes now; None where it does not go.
    minutes: how much earlier or later it goes, or by how much it is missed; 0 otherwise. holds: the
    day can be followed all the same. poi_id: the visit for which it comes too late, "" for none.
    live: from what the operator tells today, not from a timetable. notes: why the line is
    suspended, by locale.
    """

    leg: int
    ride: int
    trouble: RideTrouble
    timetable_id: str
    line_names: Mapping[str, str]
    from_names: Mapping[str, str]
    to_names: Mapping[str, str]
    planned_depart_minute: int
    depart_minute: int | None = None
    arrive_minute: int | None = None
    minutes: int = 0
    holds: bool = False
    poi_id: str = ""
    live: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TaxiOffer:
    """A taxi to call. estimated_yen: 0 where the fare or the way is not known."""

    names: Mapping[str, str]
    phone: str
    estimated_yen: int


@dataclass(frozen=True)
class PlanB:
    """What is left when the last ride of the day is missed.

    slack_minutes: between the end of the last visit and leaving for that ride. next_*: the next way
    to the end; None where there is none that day. taxi_distance_m: 0 where a point is not known.
    """

    slack_minutes: int
    next_depart_minute: int | None
    next_arrive_minute: int | None
    taxi_distance_m: int
    taxis: tuple[TaxiOffer, ...] = ()


@dataclass(frozen=True)
class Leg:
    """One move. A place id is empty for the party's own point.

    By bus: rides, none where it is walked, and the walk after the last one. on_roads: time and
    length are those of a road network. climb_m: how much higher its end lies, on foot and by cycle;
    None where that is not known.
    """

    from_place_id: str
    to_place_id: str
    depart_minute: int
    arrive_minute: int
    distance_m: int
    from_estimated_point: bool
    rides: tuple[PlannedRide, ...] = ()
    last_walk_minutes: int = 0
    on_roads: bool = False
    climb_m: int | None = None

    @property
    def walked_minutes(self) -> int:
        """Minutes on foot: all of a leg without a ride."""
        if not self.rides:
            return self.arrive_minute - self.depart_minute
        return self.last_walk_minutes + sum(ride.walk_minutes for ride in self.rides)


@dataclass(frozen=True)
class LeftOut:
    """A POI that is not in the plan. missing_minutes: 0 when not known. other_date: of the day of
    the same sojourn that has it; "" where none has it any more."""

    poi_id: str
    names: Mapping[str, str]
    why: WhyOut
    score: int
    missing_minutes: int = 0
    same_as_poi_id: str = ""
    closure_reason: str = ""
    closed_note: Mapping[str, str] | None = None
    must_visit: bool = False
    other_date: str = ""


@dataclass(frozen=True)
class Conflict:
    """A demand that cannot be met."""

    kind: ConflictKind
    poi_ids: tuple[str, ...] = ()
    why_out: WhyOut | None = None
    missing_minutes: int = 0
    missing_yen: int = 0
    closure_reason: str = ""


@dataclass(frozen=True)
class EndPoint:
    """Where a day starts or ends. location None: nobody has recorded a point."""

    place_id: str
    names: Mapping[str, str]
    location: KnownPoint | None


class ChangeCause(StrEnum):
    """Why an itinerary is another one than before."""

    CLOSURE = "closure"
    WISH = "wish"
    UNDO = "undo"
    TIMETABLE = "timetable"  # what runs was changed; rides says how
    DELAY = "delay"  # the operator tells so today; rides says how
    LATE = "late"  # the party itself is


@dataclass(frozen=True)
class NamedPoi:
    """A POI that came, went or moved."""

    poi_id: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class Effect:
    """A closure that hits a visit of a kept plan."""

    poi_id: str
    closure_id: str
    reason: str
    from_time: datetime
    until_time: datetime | None


@dataclass(frozen=True)
class LatestChange:
    """What the latest change did. moved: what begins at another time. closures, rides: that caused
    it. late_minutes: of the party itself."""

    cause: ChangeCause
    added: tuple[NamedPoi, ...] = ()
    dropped: tuple[NamedPoi, ...] = ()
    moved: tuple[NamedPoi, ...] = ()
    closures: tuple[Effect, ...] = ()
    rides: tuple[RideEffect, ...] = ()
    late_minutes: int = 0


@dataclass(frozen=True)
class DayPlan:
    """A day plan. Legs are one more than visits, or none when there is no way at all.

    plan_b: only of a day that ends with a ride. latest_change: None for as it was planned first.
    network: mark of what ran when it was planned by bus, "" where nobody noted it. rental: where
    its cycles are from.
    """

    trip: TripRequest
    time_zone: str
    status: PlanStatus
    start: EndPoint
    end: EndPoint
    visits: tuple[PlannedVisit, ...]
    legs: tuple[Leg, ...]
    left_out: tuple[LeftOut, ...]
    conflicts: tuple[Conflict, ...]
    depart_minute: int
    finish_minute: int
    proven_best: bool
    stopped_early: bool
    plan_b: PlanB | None = None
    latest_change: LatestChange | None = None
    network: str = ""
    rental: CycleRental | None = None

    @property
    def rides(self) -> tuple[PlannedRide, ...]:
        """All rides, in order."""
        return tuple(ride for leg in self.legs for ride in leg.rides)

    @property
    def walked(self) -> tuple[int, ...]:
        """Minutes on foot of each leg; the way from a car or a cycle is no leg of its own."""
        on_foot = self.trip.mode in (TravelMode.FOOT, TravelMode.BUS)
        return tuple(leg.walked_minutes if on_foot else 0 for leg in self.legs)

    @property
    def lunch_poi_id(self) -> str:
        """Where the day has its lunch; "" for nowhere."""
        return next((visit.poi_id for visit in self.visits if visit.is_lunch), "")

    @property
    def total_score(self) -> int:
        """Sum of the scores of all visits."""
        return sum(visit.score for visit in self.visits)

    @property
    def total_fee_yen(self) -> int:
        """Sum of the known fees of all visits."""
        return sum(visit.fee_yen for visit in self.visits)

    @property
    def fares(self) -> Fares:
        """What the rides of the whole party cost, as far as known."""
        return fares_of((ride for leg in self.legs for ride in leg.rides), self.trip.party)

    @property
    def total_fare_yen(self) -> int:
        """Sum of the known fares of all rides."""
        return self.fares.yen

    @property
    def total_travel_minutes(self) -> int:
        """Minutes on the way in all."""
        return sum(leg.arrive_minute - leg.depart_minute for leg in self.legs)


@dataclass(frozen=True)
class Itinerary:
    """A kept day plan. version counts up with each change. earlier: as it was before the latest
    one; None for none."""

    itinerary_id: str
    version: int
    plan: DayPlan
    create_time: datetime
    earlier: DayPlan | None = None
