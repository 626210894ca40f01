"""Moments of a plan as a clock on the wall there shows them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from google.protobuf.timestamp_pb2 import Timestamp


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
