"""What visitor sensing says about a zone."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class ZoneHourSaid:
    """One finished hour of one zone. released_estimate is 0 where the owner withholds it."""

    zone_id: str
    place_id: str
    start_time: datetime
    estimate: int
    low: int
    high: int
    released_estimate: int
    kind: str
    method: str


@dataclass(frozen=True, kw_only=True)
class LevelSaid:
    """How full a zone was at a moment."""

    zone_id: str
    place_id: str
    level: str
    as_of_time: datetime
