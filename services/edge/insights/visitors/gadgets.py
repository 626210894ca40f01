"""What gadgets tell that count devices themselves, hour by hour, beside all other figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights.bands import Band
from services.edge.insights.visitors import drawn
from services.edge.insights.visitors.figures import (
    COMING,
    GAP,
    SETTLED,
    TOLD,
    WITHHELD,
    Slot,
    moment,
)
from services.edge.insights.visitors.period import Period

METHOD = "gadget"


@dataclass(frozen=True)
class Told:
    """The hours of one gadget and their curve; a gadget tells a number without an interval."""

    name: str
    zone: str
    hours: Sequence[Slot]
    band: Band


def told_of(
    answer: wire.ReadGadgetHoursResponse, period: Period, names: dict[str, str], zone_id: str
) -> list[Told]:
    """Returns the gadgets that told anything. zone_id: empty for those of all zones."""
    by_gadget: dict[tuple[str, str], dict[datetime, wire.GadgetHour]] = {}
    for hour in answer.hours:
        if zone_id in ("", hour.zone_id):
            mine = by_gadget.setdefault((hour.zone_id, hour.sensor_id), {})
            mine[moment(hour.hour_start_time)] = hour
    found = []
    for (zone, name), hours in sorted(by_gadget.items()):
        slots = [_slot(start, hours.get(start.astimezone(UTC))) for start in period.hours()]
        found.append(Told(name, names.get(zone, zone), slots, drawn.hours_drawn(slots)))
    return found


def _slot(start: datetime, hour: wire.GadgetHour | None) -> Slot:
    if hour is None:
        return Slot(start, COMING if start + SETTLED > datetime.now(UTC) else GAP)
    if hour.withheld:
        return Slot(start, WITHHELD, method=METHOD)
    return Slot(start, TOLD, (hour.devices,) * 3, METHOD)
