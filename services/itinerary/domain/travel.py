"""How long it takes to get from one point to another where no road network is at hand.

Estimate: great-circle distance × detour factor ÷ speed, plus the possible error of both points
and, by car, the time to park and walk up. Factors: roads of the plateau against 15 min by car from
Akiyoshi-do to Beppu Benten Pond and about 40 min to Shin-Yamaguchi (public access pages).
"""

from math import asin, ceil, cos, radians, sin, sqrt

from services.itinerary.domain.place import KnownPoint, Point
from services.itinerary.domain.trip import TravelMode

EARTH_RADIUS_M = 6_371_009.0
DETOUR = {TravelMode.CAR: 1.4, TravelMode.FOOT: 1.3}
METERS_PER_MINUTE = {TravelMode.CAR: 40_000 / 60, TravelMode.FOOT: 4_500 / 60}
PARKING_MINUTES = {TravelMode.CAR: 4, TravelMode.FOOT: 0}
# Nobody is sent on a longer walk between two visits unless a must-visit needs it.
MAX_WALK_MINUTES = 90


def distance_m(one: Point, other: Point) -> float:
    """Returns the great-circle distance in meters (haversine)."""
    phi, psi = radians(one.latitude), radians(other.latitude)
    half = sin((psi - phi) / 2) ** 2 + cos(phi) * cos(psi) * (
        sin(radians(other.longitude - one.longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))


def way_m(one: KnownPoint, other: KnownPoint, mode: TravelMode) -> int:
    """Returns the estimated length of the way in meters, coordinate errors included.

    mode: on foot or by car; what a bus takes is in its timetable.
    """
    direct = distance_m(one.point, other.point) * DETOUR[mode]
    return round(direct) + one.allowance_m + other.allowance_m


def travel_minutes(one: KnownPoint, other: KnownPoint, mode: TravelMode) -> int:
    """Returns whole minutes of the way, rounded up; 0 between equal and exact points."""
    way = way_m(one, other, mode)
    if way == 0:
        return 0
    return ceil(way / METERS_PER_MINUTE[mode]) + PARKING_MINUTES[mode]
