"""Kept plans on the wire."""

from collections.abc import Mapping

from google.protobuf.timestamp_pb2 import Timestamp

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary.app.itineraries import Read
from services.itinerary.domain.away import Together
from services.itinerary.domain.calendar import instant
from services.itinerary.domain.plan import (
    Conflict,
    DayPlan,
    Effect,
    EndPoint,
    InReason,
    Itinerary,
    LeftOut,
    Leg,
    NamedPoi,
    PlannedVisit,
)
from services.itinerary.domain.rental import CycleRental
from services.itinerary.wire.live import message_message, state_message
from services.itinerary.wire.rides import plan_b_message, ride_effect_message, ride_message
from services.itinerary.wire.trips import trip_message
from services.itinerary.wire.words import (
    known_point,
    number,
    paths_message,
    span_messages,
    texts_message,
    timestamp,
)


class _Day:
    """Turns minutes of one plan into timestamps."""

    def __init__(self, plan: DayPlan) -> None:
        self._day, self._zone = plan.trip.day, plan.time_zone

    def at(self, minute: int | None) -> Timestamp | None:
        if minute is None:
            return None
        return timestamp(instant(self._day, minute, self._zone))


def itinerary_message(read: Read) -> pb.Itinerary:
    """Encodes an itinerary with the closures that hit it."""
    itinerary, plan = read.itinerary, read.itinerary.plan
    day = _Day(plan)
    return pb.Itinerary(
        itinerary_id=itinerary.itinerary_id,
        version=itinerary.version,
        trip=trip_message(plan.trip),
        status=number(pb.ItineraryStatus, "ITINERARY_STATUS", plan.status),
        visits=[_visit(visit, day, busy=visit.poi_id in read.busy) for visit in plan.visits],
        legs=[_leg(leg, day) for leg in plan.legs],
        left_out=[_left_out(left) for left in plan.left_out],
        conflicts=[_conflict(conflict) for conflict in plan.conflicts],
        effects=[_effect(effect) for effect in read.effects],
        depart_time=day.at(plan.depart_minute),
        finish_time=day.at(plan.finish_minute),
        total_score=plan.total_score,
        total_fee_amount_yen=plan.total_fee_yen,
        total_fare_amount_yen=plan.fares.yen,
        fare_unknown=plan.fares.unknown,
        total_walk_minutes=sum(plan.walked),
        total_travel_minutes=plan.total_travel_minutes,
        search_stopped_early=plan.stopped_early,
        proven_best=plan.proven_best,
        create_time=timestamp(itinerary.create_time),
        time_zone=plan.time_zone,
        start=_end_point(plan.start, read.closed_ends),
        end=_end_point(plan.end, read.closed_ends),
        plan_b=plan_b_message(plan.plan_b, day.at) if plan.plan_b else None,
        latest_change=_latest_change(itinerary, day),
        ride_effects=[ride_effect_message(effect, day.at) for effect in read.rides],
        needs_repair=read.needs_repair,
        messages=[message_message(each) for each in read.messages],
        live_states=[state_message(each) for each in read.live],
        together=_together(read.together) if read.together.days else None,
        rental=_rental(plan.rental, day) if plan.rental else None,
    )


def _rental(rental: CycleRental, day: _Day) -> pb.CycleRental:
    return pb.CycleRental(
        poi_id=rental.poi_id,
        place_id=rental.place_id,
        names=dict(rental.names),
        open_spans=span_messages(rental.spans),
        back_by_time=day.at(rental.back_minute),
        phone=rental.phone,
        texts=texts_message(rental.texts),
        estimated_fields=rental.estimated_fields,
        from_start_m=rental.from_start_m,
    )


def _together(together: Together) -> pb.DaysTogether:
    return pb.DaysTogether(
        sojourn_id=together.sojourn_id,
        days=[
            pb.DayLink(itinerary_id=day.itinerary_id, visit_date=day.visit_date)
            for day in together.days
        ],
    )


def _latest_change(itinerary: Itinerary, day: _Day) -> pb.LatestChange | None:
    change = itinerary.plan.latest_change
    if change is None:
        return None
    return pb.LatestChange(
        cause=number(pb.ChangeCause, "CHANGE_CAUSE", change.cause),
        added=[_named(poi) for poi in change.added],
        dropped=[_named(poi) for poi in change.dropped],
        moved=[_named(poi) for poi in change.moved],
        closures=[_effect(effect) for effect in change.closures],
        undoable=itinerary.earlier is not None,
        rides=[ride_effect_message(effect, day.at) for effect in change.rides],
        late_minutes=change.late_minutes,
    )


def _named(poi: NamedPoi) -> pb.NamedPoi:
    return pb.NamedPoi(poi_id=poi.poi_id, names=dict(poi.names))


def _end_point(point: EndPoint, closed: Mapping[str, str]) -> pb.EndPoint:
    return pb.EndPoint(
        place_id=point.place_id,
        names=dict(point.names),
        location=known_point(point.location),
        closure_reason=closed.get(point.place_id, ""),
    )


def _reason(reason: InReason) -> pb.InReason:
    return pb.InReason(
        why=number(pb.WhyIn, "WHY_IN", reason.why),
        interest=number(pb.Interest, "INTEREST", reason.interest),
        note=dict(reason.note or {}),
    )


def _crowd(visit: PlannedVisit, day: _Day, *, busy: bool) -> pb.CrowdNote | None:
    if busy:
        # What is seen now says more than what was expected when the day was planned.
        return pb.CrowdNote(level=pb.CROWD_LEVEL_BUSY_NOW)
    if visit.crowd is None:
        return None
    return pb.CrowdNote(
        level=number(pb.CrowdLevel, "CROWD_LEVEL", visit.crowd.level),
        quieter_from_time=day.at(visit.crowd.quieter_from_minute),
    )


def _visit(visit: PlannedVisit, day: _Day, *, busy: bool) -> pb.PlannedVisit:
    return pb.PlannedVisit(
        poi_id=visit.poi_id,
        place_id=visit.place_id,
        names=dict(visit.names),
        location=known_point(visit.location),
        arrive_time=day.at(visit.arrive_minute),
        start_time=day.at(visit.start_minute),
        end_time=day.at(visit.end_minute),
        waiting_minutes=visit.start_minute - visit.arrive_minute,
        slack_minutes=visit.slack_minutes,
        fee_amount_yen=visit.fee_yen,
        fee_unknown=visit.fee_unknown,
        score=visit.score,
        reasons=[_reason(reason) for reason in visit.reasons],
        status=number(pb.PoiStatus, "POI_STATUS", visit.status),
        phone=visit.phone,
        texts=texts_message(visit.texts),
        estimated_fields=visit.estimated_fields,
        category=number(pb.PoiCategory, "POI_CATEGORY", visit.category),
        open_spans=span_messages(visit.spans),
        crowd=_crowd(visit, day, busy=busy),
        pause_minutes=visit.pause_minutes,
        paths=paths_message(visit.paths),
    )


def _leg(leg: Leg, day: _Day) -> pb.Leg:
    return pb.Leg(
        from_place_id=leg.from_place_id,
        to_place_id=leg.to_place_id,
        depart_time=day.at(leg.depart_minute),
        arrive_time=day.at(leg.arrive_minute),
        travel_minutes=leg.arrive_minute - leg.depart_minute,
        distance_m=leg.distance_m,
        from_estimated_point=leg.from_estimated_point,
        rides=[ride_message(ride, day.at) for ride in leg.rides],
        last_walk_minutes=leg.last_walk_minutes,
        on_road_network=leg.on_roads,
        climb_m=leg.climb_m,
    )


def _left_out(left: LeftOut) -> pb.LeftOut:
    return pb.LeftOut(
        poi_id=left.poi_id,
        names=dict(left.names),
        why=number(pb.WhyOut, "WHY_OUT", left.why),
        missing_minutes=left.missing_minutes,
        same_as_poi_id=left.same_as_poi_id,
        closure_reason=left.closure_reason,
        score=left.score,
        closed_note=dict(left.closed_note or {}),
        must_visit=left.must_visit,
        other_date=left.other_date,
    )


def _conflict(conflict: Conflict) -> pb.Conflict:
    return pb.Conflict(
        kind=number(pb.ConflictKind, "CONFLICT_KIND", conflict.kind),
        poi_ids=conflict.poi_ids,
        why_out=number(pb.WhyOut, "WHY_OUT", conflict.why_out),
        missing_minutes=conflict.missing_minutes,
        missing_amount_yen=conflict.missing_yen,
        closure_reason=conflict.closure_reason,
    )


def _effect(effect: Effect) -> pb.Effect:
    return pb.Effect(
        poi_id=effect.poi_id,
        closure_id=effect.closure_id,
        reason=effect.reason,
        from_time=timestamp(effect.from_time),
        until_time=timestamp(effect.until_time),
    )
