"""How long it takes to get from one point to another where no road network is at hand.

Estimate: great-circle distance × detour factor ÷ speed, plus the possible error of both points, the
climb, and the time to park or to lock.

Car: roads of the plateau against 15 min by car from Akiyoshi-do to Beppu Benten Pond and about 40
min to Shin-Yamaguchi (public access pages). Cycle: the detour of the same roads; 14.5 km/h, as
measured on roads, lanes and cycle paths (Yamamoto, Owaki, Uesaka: differences of travelling speed
by cycling space, National Institute for Land and Infrastructure Management, 2011; assisted cycles
are about 2 km/h faster, which is not counted on); two minutes to unlock and to lock are ours.

Climb, where both heights are known: a minute for ten meters, downhill nothing. On foot that is
Naismith's rule (1892: an hour for 2,000 feet). Cyclists in races lose less (1 m up as 8 m along:
Scarf and Grehan, J Sports Sci 23, 2005); who rents a cycle is in no race, and who cannot get up
pushes: so the rate of a walker is taken. Hills between two points, and heights that nobody has
recorded, are not counted.
"""

from collections.abc import Sequence
from math import asin, ceil, cos, radians, sin, sqrt

from services.itinerary.domain.place import KnownPoint, Point
from services.itinerary.domain.remembered import Remembered
from services.itinerary.domain.trip import TravelMode

EARTH_RADIUS_M = 6_371_009.0
CAR, FOOT, CYCLE = TravelMode.CAR, TravelMode.FOOT, TravelMode.CYCLE
DETOUR = {CAR: 1.4, FOOT: 1.3, CYCLE: 1.4}
METERS_PER_MINUTE = {CAR: 40_000 / 60, FOOT: 4_500 / 60, CYCLE: 14_500 / 60}
PARKING_MINUTES = {CAR: 4, FOOT: 0, CYCLE: 2}
CLIMBED_M_PER_MINUTE = 10
# Nobody is sent on a longer way between two visits unless a must-visit needs it.
MAX_WALK_MINUTES = 90
MAX_CYCLE_MINUTES = 60
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

    mode: any but by bus; what a bus takes is in its timetable.
    """
    direct = distance_m(one.point, other.point) * DETOUR[mode]
    return round(direct) + one.allowance_m + other.allowance_m


def travel_minutes(one: KnownPoint, other: KnownPoint, mode: TravelMode) -> int:
    """Returns whole minutes of the way, rounded up; 0 between equal and exact points.

    By cycle it is never more than on foot: what is too short is walked.
    """
    straight = distance_m(one.point, other.point)
    climb = _up(one.height_m, other.height_m)
    return _minutes(straight, one.allowance_m + other.allowance_m, climb, mode)


def _up(low: int | None, high: int | None) -> int:
    """Returns the meters to climb; none where a height is not known."""
    return max(0, high - low) if low is not None and high is not None else 0


def _minutes(straight_m: float, allowed_m: int, climb_m: int, mode: TravelMode) -> int:
    way = round(straight_m * DETOUR[mode]) + allowed_m
    climb = 0 if mode is CAR else climb_m
    if not way and not climb:
        return 0
    minutes = ceil(way / METERS_PER_MINUTE[mode] + climb / CLIMBED_M_PER_MINUTE)
    if mode is CYCLE:
        walked = _minutes(straight_m, allowed_m, climb_m, FOOT)
        return min(minutes + PARKING_MINUTES[mode], walked)
    return minutes + PARKING_MINUTES[mode]


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
    back, but for the climb.
    """
    detour, pace, parking = DETOUR[mode], METERS_PER_MINUTE[mode], PARKING_MINUTES[mode]
    plain = mode is CAR or (mode is FOOT and all(each.height_m is None for each in points))
    known = [
        (radians(each.point.latitude), cos(radians(each.point.latitude)), each.point.longitude,
         each.allowance_m, each.height_m)
        for each in points
    ]  # fmt: skip
    fresh = len(points) - len(rows)
    table = [[*row, *[0] * fresh] for row in rows] + [[0] * len(points) for _ in range(fresh)]
    for one in range(len(rows), len(points)):
        phi, cos_phi, east, allowed, height = known[one]
        row = table[one]
        for other in range(one):
            psi, cos_psi, other_east, more, other_height = known[other]
            half = sin((psi - phi) / 2) ** 2 + cos_phi * cos_psi * (
                sin(radians(other_east - east) / 2) ** 2
            )
            straight = 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))
            if plain:
                way = round(straight * detour) + allowed + more
                row[other] = table[other][one] = ceil(way / pace) + parking if way else 0
            else:
                climb, back = _up(height, other_height), _up(other_height, height)
                there = row[other] = _minutes(straight, allowed + more, climb, mode)
                table[other][one] = (
                    there if climb == back else _minutes(straight, allowed + more, back, mode)
                )
    return table
