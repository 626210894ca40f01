"""Where things are: what this service keeps of directory's places, closures and areas."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kit.pure.closing import is_closed
from services.itinerary.domain.calendar import MINUTES_PER_DAY, Span, minute_of_day

# A town section of Mine is up to about 4 km wide; its center is taken as this far off.
TOWN_CENTROID_ERROR_M = 2000
ADJACENT_ERROR_M = 300
FOREVER_MINUTE = 100 * MINUTES_PER_DAY


class PointQuality(StrEnum):
    """How well a coordinate is known; the values of directory."""

    SOURCE = "source"
    ADJACENT = "adjacent"
    TOWN_CENTROID = "town_centroid"
    ESTIMATE = "estimate"
    SAME_AS_PARENT = "same_as_parent"


@dataclass(frozen=True)
class Point:
    """WGS 84, degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class KnownPoint:
    """A point with how well it is known. error_m: as recorded, 0 when published or not given.
    height_m: above the sea, None where nobody has recorded it."""

    point: Point
    quality: PointQuality
    error_m: int = 0
    height_m: int | None = None

    @property
    def published(self) -> bool:
        """Only from and to such a point may a walking leg be drawn."""
        return self.quality is PointQuality.SOURCE

    @property
    def allowance_m(self) -> int:
        """Meters a travel time must allow for because the point may be elsewhere."""
        if self.error_m or self.quality in (PointQuality.SOURCE, PointQuality.SAME_AS_PARENT):
            return self.error_m
        if self.quality is PointQuality.ADJACENT:
            return ADJACENT_ERROR_M
        return TOWN_CENTROID_ERROR_M


@dataclass(frozen=True)
class Place:
    """A place as directory tells of it. location is None while nobody has recorded a point."""

    place_id: str
    names: Mapping[str, str]
    location: KnownPoint | None
    version: int


@dataclass(frozen=True)
class Closure:
    """A time during which places are shut. until_time None: until further notice.

    poi_ids: POIs that are shut by themselves, whatever else is at their place.
    """

    closure_id: str
    place_ids: frozenset[str]
    reason: str
    from_time: datetime
    until_time: datetime | None
    poi_ids: frozenset[str] = frozenset()

    def hits(self, poi_id: str, place_id: str) -> bool:
        """Tells whether it is about a POI at a place."""
        return place_id in self.place_ids or poi_id in self.poi_ids

    def shuts(self, place_id: str, at: datetime) -> bool:
        """Tells whether it shuts a place at a moment."""
        return place_id in self.place_ids and is_closed(self.from_time, self.until_time, at)

    def span(self, day: date, zone: str) -> Span:
        """Returns the minutes of a day that it shuts, as far as they begin or end at all.

        A closure until 12:00:30 still shuts the minute 12:00.
        """
        begin = minute_of_day(self.from_time, day, zone)
        if self.until_time is None:
            return Span(begin, FOREVER_MINUTE)
        end = minute_of_day(self.until_time, day, zone)
        return Span(begin, end + (self.until_time.second > 0 or self.until_time.microsecond > 0))
