"""What insights needs to know of an area."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class AreaState:
    """Settings as last heard.

    demo: nothing of the area is a KPI. dropped_time: what happened up to then is gone for good.
    configured_time: when the settings were said; None before any.
    """

    zone: ZoneInfo
    demo: bool = False
    dropped_time: datetime | None = None
    configured_time: datetime | None = None

    def outlived(self, occur_time: datetime) -> bool:
        """Tells whether something happened before the area was dropped, so that it is gone."""
        return self.dropped_time is not None and occur_time <= self.dropped_time
