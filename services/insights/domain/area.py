"""What insights needs to know of an area."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.insights.domain.fact import Kind


@dataclass(frozen=True)
class AreaState:
    """Settings as last heard.

    demo: nothing of the area is a KPI. dropped_time: what was said up to then is gone for good.
    configured_time: when the settings were said; None before any. sealed: of each kind the first
    date of which single facts are still there; of earlier ones there are sums alone.
    """

    zone: ZoneInfo
    demo: bool = False
    dropped_time: datetime | None = None
    configured_time: datetime | None = None
    sealed: Mapping[Kind, date] = field(default_factory=dict)

    def outlived(self, said_time: datetime) -> bool:
        """Tells whether something was said before the area was dropped, so that it is gone.

        Not whether it happened before: a phone may report to a new area what it read earlier.
        """
        return self.dropped_time is not None and said_time <= self.dropped_time

    def is_sealed(self, kind: Kind, on: date) -> bool:
        """Tells whether single facts of a kind and date are gone."""
        first = self.sealed.get(kind)
        return first is not None and on < first
