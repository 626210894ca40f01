"""Rides and the plan B of a day by bus on the wire."""

from collections.abc import Callable

from google.protobuf.timestamp_pb2 import Timestamp

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary.domain.plan import PlanB, PlannedRide, RideEffect
from services.itinerary.domain.transit.timetable import Boarding
from services.itinerary.wire.words import number

At = Callable[[int | None], Timestamp | None]


def ride_message(ride: PlannedRide, at: At) -> pb.Ride:
    """Encodes a ride. at: turns minutes of the plan into timestamps."""
    return pb.Ride(
        timetable_id=ride.timetable_id,
        line_names=dict(ride.line_names),
        headsign=ride.headsign,
        operator=ride.operator,
        phone=ride.phone,
        from_names=dict(ride.from_names),
        to_names=dict(ride.to_names),
        depart_time=at(ride.depart_minute),
        arrive_time=at(ride.arrive_minute),
        walk_minutes=ride.walk_minutes,
        basis=number(pb.TimeBasis, "TIME_BASIS", ride.basis),
        as_of=ride.as_of,
        fare_amount_yen=ride.fare_yen,
        child_fare_amount_yen=ride.child_fare_yen,
        call_ahead=Boarding.CALL_AHEAD in (ride.on, ride.off),
        ask_driver=Boarding.ASK_DRIVER in (ride.on, ride.off),
        next_depart_time=at(ride.next_depart_minute),
        operator_names=dict(ride.operator_names),
    )


def plan_b_message(plan_b: PlanB, at: At) -> pb.PlanB:
    """Encodes what is left when the last ride is missed."""
    return pb.PlanB(
        slack_minutes=plan_b.slack_minutes,
        next_depart_time=at(plan_b.next_depart_minute),
        next_arrive_time=at(plan_b.next_arrive_minute),
        taxi_distance_m=plan_b.taxi_distance_m,
        taxis=[
            pb.TaxiOffer(
                names=dict(taxi.names), phone=taxi.phone, estimated_amount_yen=taxi.estimated_yen
            )
            for taxi in plan_b.taxis
        ],
    )


def ride_effect_message(effect: RideEffect, at: At) -> pb.RideEffect:
    """Encodes what no longer holds of a ride."""
    return pb.RideEffect(
        trouble=number(pb.RideTrouble, "RIDE_TROUBLE", effect.trouble),
        leg=effect.leg,
        ride=effect.ride,
        timetable_id=effect.timetable_id,
        line_names=dict(effect.line_names),
        from_names=dict(effect.from_names),
        to_names=dict(effect.to_names),
        planned_depart_time=at(effect.planned_depart_minute),
        depart_time=at(effect.depart_minute),
        arrive_time=at(effect.arrive_minute),
        minutes=effect.minutes,
        holds=effect.holds,
        poi_id=effect.poi_id,
        live=effect.live,
        notes=dict(effect.notes),
    )
