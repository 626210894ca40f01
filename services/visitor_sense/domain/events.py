"""What visitor_sense says to others."""

from dataclasses import dataclass
from datetime import date, datetime

from kit.pure.event import Event
from services.visitor_sense.domain.sketch import Bounded
from services.visitor_sense.domain.zones import Level


@dataclass(frozen=True, kw_only=True)
class ZoneHourCounted(Event):
    """An hour of a zone is over and counted. Aggregate: zone_id/hour.

    released: the figure that may leave the installation, None when withheld.
    """

    zone_id: str
    place_id: str
    hour: datetime
    devices: Bounded
    addresses: int
    frames: int
    key_date: date
    key_epochs: tuple[int, ...]
    released: int | None


@dataclass(frozen=True, kw_only=True)
class OccupancyLevelChanged(Event):
    """A zone is quieter or busier than before. Aggregate: the zone."""

    zone_id: str
    place_id: str
    previous_level: Level
    level: Level
