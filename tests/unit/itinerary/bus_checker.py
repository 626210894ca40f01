"""An independent judge of legs by bus: it looks into the timetable, not into any scan of it."""

from datetime import timedelta

from bench.itinerary.ground import FOOT, way_minutes
from services.itinerary.domain.place import KnownPoint, PointQuality
from services.itinerary.domain.plan import DayPlan, Leg, PlannedRide
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.transit.network import Network, RunFacts, TimeBasis
from services.itinerary.domain.transit.timetable import Boarding, Run, TransitStop

CHANGE = 2


def ride_faults(plan: DayPlan, known: Catalog) -> list[str]:
    """Returns every ride and walk of a day by bus that nobody could take."""
    assert known.bus
    points = [plan.start.location, *(visit.location for visit in plan.visits), plan.end.location]
    found = []
    for leg, one, other in zip(plan.legs, points, points[1:], strict=False):
        found += _leg(plan, leg, one, other, known, known.bus.network)
    last = plan.legs[-1] if plan.legs else None
    if (plan.plan_b is not None) != bool(last and last.rides):
        found.append("a plan B where no ride ends the day, or none where one does")
    return found


def _leg(
    plan: DayPlan, leg: Leg, one: KnownPoint | None, other: KnownPoint | None,
    known: Catalog, network: Network,
) -> list[str]:  # fmt: skip
    name = f"{leg.from_place_id} to {leg.to_place_id}"
    if not leg.rides:
        needed = _walk(leg.from_place_id, one, leg.to_place_id, other, network)
        took = leg.arrive_minute - leg.depart_minute
        return [] if needed is not None and took >= needed else [f"{name}: a walk of {took}"]
    found: list[str] = []
    clock, here, place = leg.depart_minute, one, leg.from_place_id
    for number, ride in enumerate(leg.rides):
        fitting = [
            (stops, run, shift) for run, shift in _running(network, plan)
            if (stops := _calls(network, run, ride, shift))
        ]  # fmt: skip
        if not fitting:
            return [*found, f"{name}: no such ride at {ride.depart_minute}"]
        (on, off), run, shift = fitting[0]
        where = _where(on, known, network)
        walk = _walk(place, here, network.stop_places.get(on.stop_id, ""), where, network)
        spare = CHANGE if number else 0
        if walk is None or clock + walk + spare > ride.depart_minute or ride.walk_minutes < walk:
            found.append(f"{name}: {ride.depart_minute} cannot be caught from {clock}")
        facts = network.runs.get(run.run_id, RunFacts())
        began = plan.trip.day + timedelta(minutes=shift)
        sure = facts.confirmed_until is not None and began <= facts.confirmed_until
        if (ride.basis is TimeBasis.CONFIRMED) != sure:
            found.append(f"{name}: confirmed is wrong")
        clock, here = ride.arrive_minute, _where(off, known, network)
        place = network.stop_places.get(off.stop_id, "")
    walk = _walk(place, here, leg.to_place_id, other, network)
    if walk is None or clock + walk > leg.arrive_minute or leg.last_walk_minutes < walk:
        found.append(f"{name}: not there at {leg.arrive_minute}")
    return found


def _running(network: Network, plan: DayPlan) -> list[tuple[Run, int]]:
    """The runs of the date, and those of the next one for a day that goes on until then."""
    services = network.timetable.services
    shifts = [0, 1440] if plan.trip.end_minute > 1440 else [0]
    return [
        (run, shift) for shift in shifts for run in network.timetable.runs
        if services[run.service_id].runs_on(plan.trip.day + timedelta(minutes=shift))
    ]  # fmt: skip


def _calls(
    network: Network, run: Run, ride: PlannedRide, shift: int
) -> tuple[TransitStop, TransitStop] | None:
    stops = network.timetable.stops
    for number, one in enumerate(run.calls):
        for other in run.calls[number + 1 :]:
            times = (one.depart_minute + shift, other.arrive_minute + shift)
            names = (stops[one.stop].name, stops[other.stop].name)
            if (
                times == (ride.depart_minute, ride.arrive_minute)
                and names == (ride.from_names["ja"], ride.to_names["ja"])
                and one.on is not Boarding.NONE
                and other.off is not Boarding.NONE
            ):
                return stops[one.stop], stops[other.stop]
    return None


def _where(stop: TransitStop, known: Catalog, network: Network) -> KnownPoint | None:
    if place := known.places.get(network.stop_places.get(stop.stop_id, "")):
        return place.location
    return KnownPoint(stop.point, PointQuality.SOURCE) if stop.point else None


def _walk(
    from_id: str, one: KnownPoint | None, to_id: str, other: KnownPoint | None, network: Network
) -> int | None:
    """Returns the fewest minutes a walk may take; None where nobody may be led."""
    if from_id and from_id == to_id:
        return 0
    known = [
        walk.minutes for walk in network.walks
        if {walk.from_place_id, walk.to_place_id} == {from_id, to_id}
    ]  # fmt: skip
    if known:
        return min(known)
    if one is None or other is None or {one.quality, other.quality} != {PointQuality.SOURCE}:
        return None
    return way_minutes(one.point, other.point, one.error_m + other.error_m, FOOT)
