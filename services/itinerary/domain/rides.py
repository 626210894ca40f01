"""The rides of a day by bus in words: which line, from where, how sure, what it costs, what if."""

from collections.abc import Sequence
from math import ceil

from services.itinerary.domain.bus import BusDay
from services.itinerary.domain.place import KnownPoint
from services.itinerary.domain.plan import PlanB, PlannedRide, TaxiOffer
from services.itinerary.domain.timing import LegTimes
from services.itinerary.domain.transit.journey import Ride
from services.itinerary.domain.transit.network import LineFacts, RunFacts, Taxi
from services.itinerary.domain.travel import way_m
from services.itinerary.domain.trip import TravelMode


def rides_of(bus: BusDay, leg: LegTimes) -> tuple[PlannedRide, ...]:
    """Returns the rides of a leg; none where it is walked."""
    if leg.journey is None:
        return ()
    after = leg.missed.rides if leg.missed else ()
    following = after[0].depart_minute if after else None
    return tuple(
        _ride(bus, ride, walk, following if number == 0 else None)
        for number, (ride, walk) in enumerate(
            zip(leg.journey.rides, leg.journey.walks, strict=False)
        )
    )


def _ride(bus: BusDay, ride: Ride, walk: int, following: int | None) -> PlannedRide:
    day, network = bus.day, bus.network
    run = day.runs[ride.run]
    line = network.timetable.lines[run.line_id]
    facts = network.lines.get(run.line_id, LineFacts("", {"ja": line.name}, line.operator))
    basis, as_of = network.runs.get(run.run_id, RunFacts()).basis_on(day.date_of(ride.run))
    one, other = day.stops[ride.from_stop], day.stops[ride.to_stop]
    return PlannedRide(
        timetable_id=facts.timetable_id,
        line_names=facts.names or {"ja": line.name},
        headsign=run.headsign,
        operator=facts.operator,
        phone=facts.phone,
        from_names=network.stop_names.get(one.stop_id) or {"ja": one.name},
        to_names=network.stop_names.get(other.stop_id) or {"ja": other.name},
        depart_minute=ride.depart_minute,
        arrive_minute=ride.arrive_minute,
        walk_minutes=walk,
        basis=basis,
        as_of=as_of,
        fare_yen=network.fare_yen(run.line_id, one.stop_id, other.stop_id),
        on=ride.on,
        off=ride.off,
        next_depart_minute=following,
        child_fare_yen=network.child_fare_yen(run.line_id, one.stop_id, other.stop_id),
        run_id=run.run_id,
        from_stop_id=one.stop_id,
        to_stop_id=other.stop_id,
        line_id=run.line_id,
        operator_names=facts.operator_names,
    )


def plan_b(
    bus: BusDay, leg: LegTimes, since: int, here: KnownPoint | None, end: KnownPoint | None
) -> PlanB | None:
    """Returns what is left when the last ride is missed; None where the day ends on foot.

    since: minute from which one could have left.
    """
    if leg.journey is None or not leg.journey.rides:
        return None
    meters = way_m(here, end, TravelMode.CAR) if here and end else 0
    after = leg.missed if leg.missed and leg.missed.rides else None
    return PlanB(
        slack_minutes=leg.depart_minute - since,
        next_depart_minute=after.rides[0].depart_minute if after else None,
        next_arrive_minute=after.arrive_minute if after else None,
        taxi_distance_m=meters,
        taxis=_offers(bus.network.taxis, meters),
    )


def _offers(taxis: Sequence[Taxi], meters: int) -> tuple[TaxiOffer, ...]:
    return tuple(TaxiOffer(taxi.names, taxi.phone, taxi_fare_yen(taxi, meters)) for taxi in taxis)


def taxi_fare_yen(taxi: Taxi, meters: int) -> int:
    """Returns the fare by distance alone, without waiting or surcharges; 0 where it is unknown."""
    if meters <= 0 or taxi.first_yen <= 0:
        return 0
    beyond = max(0, meters - taxi.first_m)
    steps = ceil(beyond / taxi.step_m) if taxi.step_m > 0 else 0
    return taxi.first_yen + steps * taxi.step_yen
