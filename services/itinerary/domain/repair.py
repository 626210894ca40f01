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
    Leg,
    PlannedVisit,
)
from services.itinerary.domain.prepare import Catalog, Remainder
from services.itinerary.domain.trip import TripRequest
from services.itinerary.domain.under_way import ridden_on, under_way
from services.itinerary.domain.why import ConflictKind, WhyIn


def effects_on(plan: DayPlan, closures: Sequence[Closure]) -> tuple[Effect, ...]:
    """Returns the closures that overlap a visit, in order of the visits, behind those of the place
    where the cycles are fetched and brought back."""
    found = _rental_effects(plan, closures)
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


def _rental_effects(plan: DayPlan, closures: Sequence[Closure]) -> list[Effect]:
    rental = plan.rental
    told = any(each.kind is ConflictKind.CYCLE_RENTAL_CLOSED for each in plan.conflicts)
    if rental is None or told:  # a repair has nothing more to offer
        return []
    return [
        Effect(rental.poi_id, each.closure_id, each.reason, each.from_time, each.until_time)
        for each in closures
        if each.hits(rental.poi_id, rental.place_id)
        and any(
            shut.open_minute <= minute < shut.close_minute
            for shut in (each.span(plan.trip.day, plan.time_zone),)
            for minute in (plan.depart_minute, plan.finish_minute)
        )
    ]


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
    """A kept day cut at a minute: visits begun before it, and what is still to be planned.

    leg: of the move that is under way by bus what has been ridden when the rest begins; None for
    none.
    """

    visits: tuple[PlannedVisit, ...]
    remainder: Remainder
    trip: TripRequest
    keep_poi_ids: tuple[str, ...]
    leg: Leg | None = None


def cut(
    catalog: Catalog, plan: DayPlan, minute: int, late_minutes: int = 0, *, leaving: bool = False
) -> Begun:
    """Returns what of a day has begun at a minute after its midnight (0 or less: nothing).

    late_minutes: by how much the party is behind its day: it is where it should have been so long
    ago, and what it is in the middle of ends so much later. leaving: the visit it is at, or was at
    last, ends at that minute, whatever the day says.
    """
    on_time = minute - late_minutes
    aboard = under_way(plan, catalog.bus, on_time) if catalog.bus and not leaving else None
    begun = tuple(visit for visit in plan.visits if visit.start_minute <= on_time)
    if aboard is not None:
        begun = plan.visits[: aboard.number]
    elif begun:
        last = begun[-1]
        ends = max(last.start_minute, minute) if leaving else last.end_minute + late_minutes
        pause = 0 if leaving else last.pause_minutes
        begun = (*begun[:-1], replace(last, end_minute=ends, pause_minutes=pause))
    elif late_minutes:
        minute = max(minute, plan.depart_minute + late_minutes)
    rest = plan.visits[len(begun) :]
    gone = frozenset(visit.poi_id for visit in begun)
    groups = {catalog.pois[poi_id].group for poi_id in gone if poi_id in catalog.pois}
    here = None
    if aboard is not None:
        here, minute = aboard.there, aboard.leg.arrive_minute + late_minutes
    elif begun:
        last = begun[-1]
        here = EndPoint(last.place_id, last.names, last.location)
        minute = max(minute, last.leave_minute)
    moved = replace(plan, legs=(*plan.legs[: len(begun)], *([aboard.leg] if aboard else ())))
    remainder = Remainder(
        poi_ids=gone,
        groups=frozenset(groups - {""}),
        here=here,
        minute=max(0, minute),
        spent_yen=sum(visit.fee_yen for visit in begun)
        + fares_of(moved.rides, plan.trip.party).yen,
        had_lunch=any(visit.is_lunch for visit in begun),
        walked_minutes=sum(moved.walked),
        rental=plan.rental,
        left=bool(plan.legs) and (bool(begun) or on_time > plan.depart_minute),
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
    leg = aboard.leg if aboard else None
    return Begun(begun, remainder, trip, tuple(visit.poi_id for visit in rest), leg)


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
    if not begun.visits and begun.leg is None:
        return replace(rest, trip=plan.trip)
    already = InReason(WhyIn.ALREADY_BEGUN)
    kept = tuple(
        visit if already in visit.reasons else replace(visit, reasons=(*visit.reasons, already))
        for visit in begun.visits
    )
    following = rest.legs
    if begun.leg is not None:
        following = (ridden_on(begun.leg, *rest.legs[:1]), *rest.legs[1:])
    elif not following:
        # No way leads on: the conflict says so, and the day ends where the party is.
        here, end = kept[-1], kept[-1].end_minute
        stuck = Leg(here.place_id, plan.end.place_id, end, end, 0, from_estimated_point=False)
        following = (stuck,)
    legs = (*plan.legs[: len(kept)], *following)
    return replace(
        rest,
        trip=plan.trip,
        start=plan.start,
        visits=(*kept, *rest.visits),
        legs=legs,
        depart_minute=legs[0].depart_minute,
        finish_minute=legs[-1].arrive_minute,
    )
