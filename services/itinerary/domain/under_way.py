"""A move by bus that has begun: whoever sits in a bus cannot be sent to another one."""

from dataclasses import dataclass, replace

from services.itinerary.domain.bus import BusDay
from services.itinerary.domain.place import KnownPoint, PointQuality
from services.itinerary.domain.plan import DayPlan, EndPoint, Leg, PlannedRide
from services.itinerary.domain.timetabled import timetabled


@dataclass(frozen=True)
class Aboard:
    """A party in a bus. number: of the leg. leg: what of it will have been ridden. there: where
    the party then is: at the end of the leg, or where it changes."""

    number: int
    leg: Leg
    there: EndPoint


def under_way(plan: DayPlan, bus: BusDay, minute: int) -> Aboard | None:
    """Returns the move that a party is in the middle of at a minute after midnight of the day; None
    where it is not in a bus, or in one that does not go as far as anybody knows."""
    for number, leg in enumerate(plan.legs):
        ridden: list[PlannedRide] = []
        for ride in leg.rides:
            going = timetabled(bus).find(ride)
            if going is None or going.canceled or going.depart_minute > minute:
                break
            ridden.append(
                replace(ride, depart_minute=going.depart_minute, arrive_minute=going.arrive_minute)
            )
        if not ridden:
            continue
        last = ridden[-1]
        if len(ridden) == len(leg.rides):
            arrive = last.arrive_minute + leg.last_walk_minutes
            there = _end_of(plan, number)
        else:
            arrive = last.arrive_minute
            there = _stop(bus, last) or _end_of(plan, number)
        if arrive > minute:
            walk = leg.last_walk_minutes if len(ridden) == len(leg.rides) else 0
            made = replace(
                leg, to_place_id=there.place_id, arrive_minute=arrive, rides=tuple(ridden),
                last_walk_minutes=walk,
            )  # fmt: skip
            return Aboard(number, made, there)
    return None


def ridden_on(leg: Leg, onward: Leg | None = None) -> Leg:
    """Returns the move under way and the one that begins where it ends as one."""
    if onward is None:
        return leg
    rides = onward.rides
    walk = leg.last_walk_minutes + onward.last_walk_minutes
    if rides:
        first = replace(rides[0], walk_minutes=leg.last_walk_minutes + rides[0].walk_minutes)
        rides, walk = (first, *rides[1:]), onward.last_walk_minutes
    elif onward.arrive_minute > onward.depart_minute:
        # Walked on: the time of it is in no ride.
        walk = onward.arrive_minute - leg.arrive_minute + leg.last_walk_minutes
    return replace(
        leg,
        to_place_id=onward.to_place_id,
        arrive_minute=onward.arrive_minute,
        distance_m=onward.distance_m,
        from_estimated_point=leg.from_estimated_point or onward.from_estimated_point,
        rides=(*leg.rides, *rides),
        last_walk_minutes=walk,
    )


def _end_of(plan: DayPlan, number: int) -> EndPoint:
    if number == len(plan.visits):
        return plan.end
    visit = plan.visits[number]
    return EndPoint(visit.place_id, visit.names, visit.location)


def _stop(bus: BusDay, ride: PlannedRide) -> EndPoint | None:
    """Returns where a ride ends as a place to plan from; None where nobody knows where it is."""
    place_id = bus.network.stop_places.get(ride.to_stop_id, "")
    stops = (stop for stop in bus.day.stops if stop.stop_id == ride.to_stop_id)
    point = next((stop.point for stop in stops), None)
    if not place_id and point is None:
        return None
    location = KnownPoint(point, PointQuality.SOURCE) if point else None
    return EndPoint(place_id, ride.to_names, location)
