"""Moments of a plan as a clock on the wall there shows them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from google.protobuf.timestamp_pb2 import Timestamp

from meguri.itinerary.v1 import itinerary_service_pb2 as pb


def now() -> datetime:
    """Returns the present moment."""
    return datetime.now(UTC)


def has_begun(visit: pb.PlannedVisit) -> bool:
    """Tells whether a visit is under way or over: the planner moves it no more."""
    return visit.start_time.ToDatetime(tzinfo=UTC) <= now()


def is_over(itinerary: pb.Itinerary) -> bool:
    """Tells whether the time a party had for a day is over: nothing of it is planned any more."""
    zone = ZoneInfo(itinerary.time_zone or "Asia/Tokyo")
    midnight = datetime.fromisoformat(itinerary.trip.visit_date).replace(tzinfo=zone)
    return midnight + timedelta(minutes=itinerary.trip.end_minute) <= now()


def is_under_way(itinerary: pb.Itinerary) -> bool:
    """Tells whether it is the day itself, and not over."""
    zone = ZoneInfo(itinerary.time_zone or "Asia/Tokyo")
    midnight = datetime.fromisoformat(itinerary.trip.visit_date).replace(tzinfo=zone)
    return midnight <= now() and not is_over(itinerary)


class Clock:
    """The wall clock of an area."""

    def __init__(self, time_zone: str) -> None:
        self._zone = ZoneInfo(time_zone or "Asia/Tokyo")

    def local(self, stamp: Timestamp) -> datetime:
        """Returns a moment in the area's time."""
        return stamp.ToDatetime(tzinfo=UTC).astimezone(self._zone)

    def of(self, stamp: Timestamp) -> str:
        """Returns a moment in digits: 8:05."""
        local = self.local(stamp)
        return f"{local.hour}:{local.minute:02}"
