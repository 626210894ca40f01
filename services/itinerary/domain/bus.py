"""A day by bus: what runs on the date, where one gets on, and who is near to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from hashlib import sha256
from math import radians

import msgspec

from services.itinerary.domain.place import KnownPoint, Place, PointQuality
from services.itinerary.domain.problem import Problem
from services.itinerary.domain.remembered import Remembered
from services.itinerary.domain.transit.access import NEVER, Access
from services.itinerary.domain.transit.day import TransitDay, changes_of, transit_day
from services.itinerary.domain.transit.network import Network
from services.itinerary.domain.transit.timetable import TransitStop
from services.itinerary.domain.travel import (
    EARTH_RADIUS_M,
    MAX_WALK_MINUTES,
    travel_minutes,
)
from services.itinerary.domain.trip import TravelMode

MAX_WALK_TO_STOP_MINUTES = 20
# So that all who ask for a date share a table: the minutes most days lie in, and all there are.
DAY, WHOLE = (6 * 60, 23 * 60), (0, 30 * 60)
DAYS_KEPT, ACCESSES_KEPT = 16, 64
UNPACKED_KEPT = 4  # of a worker, as the tables it makes of them
# Beyond this no walk to a transit stop is short enough: 20 minutes at 4.5 km/h without a detour.
FAR_DEGREES = 1500 / (radians(1) * EARTH_RADIUS_M)


@dataclass(frozen=True)
class Node:
    """A place of a day: a POI's, its start or its end. place_id "" for the party's own point."""

    place_id: str
    location: KnownPoint | None


@dataclass(frozen=True)
class BusDay:
    """What runs on a date, with the pins of today. key: another one for anything that differs.

    planned: the same without what operators tell of the day itself; its runs are those of day, one
    by one.
    """

    key: str
    day: TransitDay
    network: Network
    planned: TransitDay

    @cached_property
    def packed(self) -> bytes:
        """The day as workers get it."""
        return msgspec.msgpack.encode(self.day)

    @cached_property
    def _known(self) -> Remembered[Access]:
        return Remembered(ACCESSES_KEPT)

    @cached_property
    def _at_place(self) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index, stop in enumerate(self.day.stops):
            if place_id := self.network.stop_places.get(stop.stop_id):
                found.setdefault(place_id, []).append(index)
        return found

    @cached_property
    def _walks(self) -> Mapping[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for walk in self.network.walks:
            one, other = walk.from_place_id, walk.to_place_id
            found[one, other] = found[other, one] = walk.minutes
        return found

    @cached_property
    def _walked_from(self) -> Mapping[str, list[tuple[str, int]]]:
        found: dict[str, list[tuple[str, int]]] = {}
        for (one, other), minutes in self._walks.items():
            found.setdefault(one, []).append((other, minutes))
        return found

    def leads_to(self, place_id: str) -> bool:
        """Tells whether somebody knows a way to a place whose point is not published."""
        return place_id in self._at_place or place_id in self._walked_from

    def access(self, nodes: Sequence[Node]) -> Access:
        """Returns how one walks between the nodes of a day and from and to its transit stops.

        A walk is drawn only between published points, unless somebody knows its minutes.
        """
        return self._known.get(tuple(nodes), lambda: self._access(nodes))

    def _access(self, nodes: Sequence[Node]) -> Access:
        return Access(
            tuple(tuple(sorted(self._near(node).items())) for node in nodes),
            tuple(
                tuple(
                    0 if one == other else self._walk(here, there)
                    for other, there in enumerate(nodes)
                )
                for one, here in enumerate(nodes)
            ),
        )

    def _near(self, node: Node) -> dict[int, int]:
        found = dict(_stops_around(self.day.stops, node.location))
        for place_id, minutes in ((node.place_id, 0), *self._walked_from.get(node.place_id, ())):
            for stop in self._at_place.get(place_id, ()):
                found[stop] = minutes
        return found

    def _walk(self, here: Node, there: Node) -> int:
        if here.place_id and here.place_id == there.place_id:
            return 0
        known = self._walks.get((here.place_id, there.place_id))
        if known is not None:
            return known
        one, other = here.location, there.location
        if one is None or other is None or not (one.published and other.published):
            return NEVER
        minutes = travel_minutes(one, other, TravelMode.FOOT)
        return minutes if minutes <= MAX_WALK_MINUTES else NEVER


def bus_day(
    network: Network, places: Mapping[str, Place], day: date, *, past_midnight: bool = False
) -> BusDay:
    """Returns what runs on a date. places: with those the transit stops are at. past_midnight: with
    the early runs of the next day. Without need they are not there: who misses the last bus of an
    evening is not told of one in the morning."""
    stops = tuple(_pinned(stop, network, places) for stop in network.timetable.stops)
    changes, pins = _changes(stops)
    key = f"{network.version} {day} {'past midnight ' if past_midnight else ''}{pins}"

    def made() -> BusDay:
        found = transit_day(network.timetable, day, changes, past_midnight=past_midnight)
        planned = replace(found, stops=stops)
        now = network.live.applied(planned) if network.live else planned
        return BusDay(key, now, network, planned)

    return _DAYS.get(key, made)


def span_of(problem: Problem) -> tuple[int, int]:
    """Returns the first and last minute of the table that a day by bus reads."""
    first, last = DAY
    return DAY if first <= problem.start_minute <= problem.end_minute <= last else WHOLE


def unpacked(key: str, packed: bytes) -> TransitDay:
    """Returns a day that was packed; read once for each key."""
    return _UNPACKED.get(key, lambda: _TRANSIT_DAY.decode(packed))


_DAYS: Remembered[BusDay] = Remembered(DAYS_KEPT)
_UNPACKED: Remembered[TransitDay] = Remembered(UNPACKED_KEPT)
_TRANSIT_DAY = msgspec.msgpack.Decoder(TransitDay)


def _pinned(stop: TransitStop, network: Network, places: Mapping[str, Place]) -> TransitStop:
    place_id = network.stop_places.get(stop.stop_id)
    if place_id is None:
        return stop
    place = places.get(place_id)
    location = place.location if place else None
    return replace(stop, point=location.point if location and location.published else None)


@lru_cache(maxsize=4)
def _changes(stops: tuple[TransitStop, ...]) -> tuple[list[list[tuple[int, int]]], str]:
    """Returns where one changes, and a name for where the stops are."""
    pins = repr([(stop.stop_id, stop.point) for stop in stops])
    return changes_of(stops), sha256(pins.encode()).hexdigest()[:16]


def _stops_around(
    stops: Sequence[TransitStop], location: KnownPoint | None
) -> Iterator[tuple[int, int]]:
    if location is None or not location.published:
        return
    point = location.point
    for index, stop in enumerate(stops):
        other = stop.point
        if other is None or abs(other.latitude - point.latitude) > FAR_DEGREES:
            continue
        minutes = travel_minutes(location, KnownPoint(other, PointQuality.SOURCE), TravelMode.FOOT)
        if minutes <= MAX_WALK_TO_STOP_MINUTES:
            yield index, minutes
