"""What insights needs to know of an area."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class AreaState:
    """Settings as last heard.

    demo: nothing of the area is a KPI. dropped_time: what was said up to then is gone for good.
    configured_time: when the settings were said; None before any.
    """

    zone: ZoneInfo
    demo: bool = False
    dropped_time: datetime | None = None
    configured_time: datetime | None = None

    def outlived(self, said_time: datetime) -> bool:
        """Tells whether something was said before the area was dropped, so that it is gone.

        Not whether it happened before: a phone may report to a new area what it read earlier.
        """
        return self.dropped_time is not None and said_time <= self.dropped_time
