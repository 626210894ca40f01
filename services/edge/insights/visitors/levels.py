"""How full the zones are now: a list, and a plan with the zones that have a point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights.present import local, place_name
from services.edge.insights.words import level_word
from services.edge.sketch import Pin, Sketch, draw

LEVELS = {
    wire.OCCUPANCY_LEVEL_QUIET: "quiet",
    wire.OCCUPANCY_LEVEL_NORMAL: "normal",
    wire.OCCUPANCY_LEVEL_BUSY: "busy",
    wire.OCCUPANCY_LEVEL_CROWDED: "crowded",
}


@dataclass(frozen=True)
class Level:
    """How full a zone is. number: as on the plan. as_of: None while it is not known."""

    number: int
    name: str
    level: str
    word: str
    paused: bool
    closed: bool
    as_of: datetime | None


def levels(zones: Sequence[wire.ZoneOccupancy], time_zone: str) -> list[Level]:
    """Returns the zones in their order."""
    found = []
    for number, zone in enumerate(zones, start=1):
        code = LEVELS.get(zone.level, "unknown")
        known = zone.HasField("as_of_time") and code != "unknown"
        as_of = local(zone.as_of_time, time_zone) if known else None
        name = place_name(zone.names, zone.zone_id)
        found.append(Level(number, name, code, level_word(code), zone.paused, zone.closed, as_of))
    return found


def plan(
    zones: Sequence[wire.ZoneOccupancy], places: Mapping[str, directory_pb.Place]
) -> Sketch | None:
    """Returns the plan; None where no zone has a point."""
    pins = [
        Pin(
            str(number), f"{place_name(zone.names, zone.zone_id)}: {level_word(code)}",
            place.latitude, place.longitude, estimated=not published(place), kind=code,
        )
        for number, zone in enumerate(zones, start=1)
        for code in (LEVELS.get(zone.level, "unknown"),)
        if (place := places.get(zone.place_id)) is not None and has_point(place)
    ]  # fmt: skip
    return draw(pins, [])


def has_point(place: directory_pb.Place) -> bool:
    """Tells whether somebody has recorded where a place is."""
    return place.coordinate_quality != directory_pb.COORDINATE_QUALITY_UNSPECIFIED


def published(place: directory_pb.Place) -> bool:
    """Tells whether its point was published; else it is an estimate."""
    return place.coordinate_quality == directory_pb.COORDINATE_QUALITY_SOURCE
