"""A kept day that a closure has hit: what has begun stays, the rest is planned around it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.itinerary.domain.calendar import instant
from services.itinerary.domain.crowd import CrowdLevel
from services.itinerary.domain.fares import fares_of
from services.itinerary.domain.place import Closure
from services.itinerary.domain.plan import (
    DayPlan,
    Effect,
    EndPoint,
    InReason,
    PlannedVisit,
)
from services.itinerary.domain.prepare import Catalog, Remainder
from services.itinerary.domain.trip import TripRequest
from services.itinerary.domain.why import WhyIn


def effects_on(plan: DayPlan, closures: Sequence[Closure]) -> tuple[Effect, ...]:
    """Returns the closures that overlap a visit, in order of the visits."""
    found = []
    for visit in plan.visits:
        for closure in closures:
            if not closure.hits(visit.poi_id, visit.place_id):
                continue
            shut = closure.span(plan.trip.day, plan.time_zone)
            if shut.open_minute < visit.end_minute and visit.arrive_minute < shut.close_minute:
                found.append(
                    Effect(
                        visit.poi_id, closure.closure_id, closure.reason,
                        closure.from_time, closure.until_time,
                    )
                )  # fmt: skip
    return tuple(found)


def closed_ends(plan: DayPlan, closures: Sequence[Closure]) -> dict[str, str]:
    """Returns the reasons of closures in force where the day starts and ends, by place."""
    found: dict[str, str] = {}
    for point, minute in ((plan.start, plan.depart_minute), (plan.end, plan.finish_minute)):
        now = instant(plan.trip.day, minute, plan.time_zone)
        for closure in closures:
            if closure.shuts(point.place_id, now):
                found.setdefault(point.place_id, closure.reason)
    return found


@dataclass(frozen=True)
class Begun:
    """A kept day cut at a minute: visits begun before it, and what is still to be planned."""

    visits: tuple[PlannedVisit, ...]
    remainder: Remainder
    trip: TripRequest
    keep_poi_ids: tuple[str, ...]


def cut(catalog: Catalog, plan: DayPlan, minute: int) -> Begun:
    """Returns what of a day has begun at a minute after its midnight (0 or less: nothing)."""
    begun = tuple(visit for visit in plan.visits if visit.start_minute <= minute)
    rest = plan.visits[len(begun) :]
    gone = frozenset(visit.poi_id for visit in begun)
    groups = {catalog.pois[poi_id].group for poi_id in gone if poi_id in catalog.pois}
    here = None
    if begun:
        last = begun[-1]
        here = EndPoint(last.place_id, last.names, last.location)
        minute = max(minute, last.leave_minute)
    remainder = Remainder(
        poi_ids=gone,
        groups=frozenset(groups - {""}),
        here=here,
        minute=max(0, minute),
        spent_yen=sum(visit.fee_yen for visit in begun)
        + fares_of(
            (ride for leg in plan.legs[: len(begun)] for ride in leg.rides), plan.trip.party
        ).yen,
        had_lunch=any(visit.is_lunch for visit in begun),
        walked_minutes=sum(plan.walked[: len(begun)]),
    )
    trip = replace(
        plan.trip,
        must_poi_ids=tuple(
            poi_id for poi_id in plan.trip.must_poi_ids
            if poi_id not in gone and poi_id in catalog.pois
        ),
        visit_wishes=tuple(
            wish for wish in plan.trip.visit_wishes
            if wish.poi_id not in gone and wish.poi_id in catalog.pois
        ),
    )  # fmt: skip
    return Begun(begun, remainder, trip, tuple(visit.poi_id for visit in rest))


def put_off(plan: DayPlan) -> dict[str, int]:
    """Returns the begins of visits that were planned at a quieter time, by POI: they need not move
    to a fuller one because something else changes."""
    return {
        visit.poi_id: visit.start_minute
        for visit in plan.visits
        if visit.crowd and visit.crowd.level is CrowdLevel.QUIETER_TIME
    }


def joined(plan: DayPlan, begun: Begun, rest: DayPlan) -> DayPlan:
    """Returns the kept part of a day followed by its newly planned rest."""
    if not begun.visits:
        return replace(rest, trip=plan.trip)
    already = InReason(WhyIn.ALREADY_BEGUN)
    kept = tuple(
        visit if already in visit.reasons else replace(visit, reasons=(*visit.reasons, already))
        for visit in begun.visits
    )
    legs = plan.legs[: len(kept)]
    return replace(
        rest,
        trip=plan.trip,
        start=plan.start,
        visits=(*kept, *rest.visits),
        legs=(*legs, *rest.legs),
        depart_minute=legs[0].depart_minute,
    )
