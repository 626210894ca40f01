"""Trip requests on the wire."""

from dataclasses import replace

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import sojourn_service_pb2 as sojourn_pb
from services.itinerary.domain.paths import Ease
from services.itinerary.domain.place import Point
from services.itinerary.domain.trip import (
    Location,
    LunchWish,
    Pace,
    Party,
    TravelMode,
    TripRequest,
    VisitWish,
    usual_lunch,
)
from services.itinerary.domain.walking import WalkingWish
from services.itinerary.wire.words import interest_numbers, interests_of, number, value_of


def _location_of(location: pb.Location) -> Location:
    if location.WhichOneof("where") == "point":
        return Location(point=Point(location.point.latitude, location.point.longitude))
    return Location(place_id=location.place_id)


def _lunch_of(trip: pb.TripRequest | sojourn_pb.LaterDay) -> LunchWish | None:
    if not trip.HasField("lunch"):
        return usual_lunch(trip.start_minute, trip.end_minute)
    return None if trip.lunch.none else LunchWish(trip.lunch.from_minute, trip.lunch.until_minute)


def trip_of(trip: pb.TripRequest) -> TripRequest:
    """Decodes a trip request; what cannot be used is found by check_trip."""
    start = _location_of(trip.start)
    mode = value_of(TravelMode, pb.TravelMode, "TRAVEL_MODE", trip.mode)
    party = trip.party
    return TripRequest(
        visit_date=trip.visit_date,
        start=start,
        end=_location_of(trip.end) if trip.HasField("end") else start,
        start_minute=trip.start_minute,
        end_minute=trip.end_minute,
        mode=mode or TravelMode.CAR,
        party=Party(
            party.adult_count, party.junior_high_count, party.child_count, party.infant_count
        )
        if trip.HasField("party")
        else Party(),
        interests=interests_of(trip.interests),
        must_poi_ids=tuple(dict.fromkeys(trip.must_poi_ids)),
        never_poi_ids=tuple(dict.fromkeys(trip.never_poi_ids)),
        budget_yen=trip.budget_amount_yen if trip.HasField("budget_amount_yen") else None,
        pace=value_of(Pace, pb.Pace, "PACE", trip.pace) or Pace.NORMAL,
        seed=trip.seed,
        visit_wishes=tuple(
            VisitWish(
                wish.poi_id,
                wish.stay_minutes,
                wish.start_minute if wish.HasField("start_minute") else None,
            )
            for wish in trip.visit_wishes
        ),
        less_poi_ids=tuple(dict.fromkeys(trip.less_poi_ids)),
        quieter=trip.quieter,
        own_cycle=trip.own_cycle,
        lunch=_lunch_of(trip),
        walking=WalkingWish(
            trip.walking.stretch_minutes if trip.walking.HasField("stretch_minutes") else None,
            trip.walking.day_minutes if trip.walking.HasField("day_minutes") else None,
        ),
        ease=value_of(Ease, pb.Ease, "EASE", trip.ease) or Ease.ANY,
    )


def days_of(request: sojourn_pb.PlanSojournRequest) -> tuple[TripRequest, ...]:
    """Decodes days: the first, and for each later one the same wishes at its own time and place."""
    first = trip_of(request.trip)
    later = [
        replace(
            first,
            visit_date=day.visit_date,
            start=(start := _location_of(day.start)),
            end=_location_of(day.end) if day.HasField("end") else start,
            start_minute=day.start_minute,
            end_minute=day.end_minute,
            lunch=_lunch_of(day),
        )
        for day in request.later_days
    ]
    return (first, *later)


def _location(location: Location) -> pb.Location:
    if location.point is not None:
        point = pb.Point(latitude=location.point.latitude, longitude=location.point.longitude)
        return pb.Location(point=point)
    return pb.Location(place_id=location.place_id)


def _lunch_message(lunch: LunchWish | None) -> pb.LunchWish:
    if lunch is None:
        return pb.LunchWish(none=True)
    return pb.LunchWish(from_minute=lunch.from_minute, until_minute=lunch.until_minute)


def _walking_message(wish: WalkingWish) -> pb.WalkingWish | None:
    if wish == WalkingWish():
        return None
    return pb.WalkingWish(stretch_minutes=wish.stretch_minutes, day_minutes=wish.day_minutes)


def trip_message(trip: TripRequest) -> pb.TripRequest:
    """Encodes a trip request."""
    return pb.TripRequest(
        visit_date=trip.visit_date,
        start=_location(trip.start),
        end=_location(trip.end),
        start_minute=trip.start_minute,
        end_minute=trip.end_minute,
        mode=number(pb.TravelMode, "TRAVEL_MODE", trip.mode),
        party=pb.Party(
            adult_count=trip.party.adults,
            junior_high_count=trip.party.junior_high,
            child_count=trip.party.children,
            infant_count=trip.party.infants,
        ),
        interests=interest_numbers(trip.interests),
        must_poi_ids=trip.must_poi_ids,
        never_poi_ids=trip.never_poi_ids,
        budget_amount_yen=trip.budget_yen,
        pace=number(pb.Pace, "PACE", trip.pace),
        seed=trip.seed,
        visit_wishes=[
            pb.VisitWish(
                poi_id=wish.poi_id,
                stay_minutes=wish.stay_minutes,
                start_minute=wish.start_minute,
            )
            for wish in trip.visit_wishes
        ],
        less_poi_ids=trip.less_poi_ids,
        quieter=trip.quieter,
        own_cycle=trip.own_cycle,
        lunch=_lunch_message(trip.lunch),
        walking=_walking_message(trip.walking),
        ease=number(pb.Ease, "EASE", None if trip.ease is Ease.ANY else trip.ease),
    )
