"""How long it takes to get from one point to another where no road network is at hand.

Estimate: great-circle distance × detour factor ÷ speed, plus the possible error of both points
and, by car, the time to park and walk up. Factors: roads of the plateau against 15 min by car from
Akiyoshi-do to Beppu Benten Pond and about 40 min to Shin-Yamaguchi (public access pages).
"""

from collections.abc import Sequence
from math import asin, ceil, cos, radians, sin, sqrt

from services.itinerary.domain.place import KnownPoint, Point
from services.itinerary.domain.remembered import Remembered
from services.itinerary.domain.trip import TravelMode

EARTH_RADIUS_M = 6_371_009.0
DETOUR = {TravelMode.CAR: 1.4, TravelMode.FOOT: 1.3}
METERS_PER_MINUTE = {TravelMode.CAR: 40_000 / 60, TravelMode.FOOT: 4_500 / 60}
PARKING_MINUTES = {TravelMode.CAR: 4, TravelMode.FOOT: 0}
# Nobody is sent on a longer walk between two visits unless a must-visit needs it.
MAX_WALK_MINUTES = 90
LEAST_SHARED = 2  # a single sight, looked at by itself, is not remembered
TABLES_KEPT = 64  # of the sights of a day; a table of a hundred takes about 90 KB


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


def travel_table(points: Sequence[KnownPoint], mode: TravelMode, again: int = 0) -> list[list[int]]:
    """Returns travel_minutes between all points, and 0 from each to itself.

    again: how many of the first points are asked for by many, such as the sights of an area: the
    ways between them are remembered.
    """
    shared = tuple(points[:again])
    if len(shared) < LEAST_SHARED:
        return _filled([], points, mode)
    rows = _SHARED.get((shared, mode), lambda: _filled([], shared, mode))
    return _filled(rows, points, mode)


_SHARED: Remembered[list[list[int]]] = Remembered(TABLES_KEPT)


def _filled(
    rows: list[list[int]], points: Sequence[KnownPoint], mode: TravelMode
) -> list[list[int]]:
    """Returns the ways between all points. rows: those between the first ones.

    A day needs thousands of them: what belongs to one point is taken once, and a way there is one
    back.
    """
    detour, pace, parking = DETOUR[mode], METERS_PER_MINUTE[mode], PARKING_MINUTES[mode]
    known = [
        (radians(each.point.latitude), cos(radians(each.point.latitude)), each.point.longitude,
         each.allowance_m)
        for each in points
    ]  # fmt: skip
    fresh = len(points) - len(rows)
    table = [[*row, *[0] * fresh] for row in rows] + [[0] * len(points) for _ in range(fresh)]
    for one in range(len(rows), len(points)):
        phi, cos_phi, east, allowed = known[one]
        row = table[one]
        for other in range(one):
            psi, cos_psi, other_east, more = known[other]
            half = sin((psi - phi) / 2) ** 2 + cos_phi * cos_psi * (
                sin(radians(other_east - east) / 2) ** 2
            )
            direct = 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half))) * detour
            way = round(direct) + allowed + more
            row[other] = table[other][one] = ceil(way / pace) + parking if way else 0
    return table
