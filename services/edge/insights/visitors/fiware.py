"""Released figures as NGSI-LD entities of the smart data models of tourism (FIWARE).

TourismPresenceObserved and TourismDwellTimeObserved, version 0.0.1, were made for counts of a
mobile operator: they ask for nationality and for visitors. What this installation does not know it
does not make up: nationality is ZZ, devices stand in `deviceCount` and never in `visitorCount`,
and a day's dwell has no hour and no number of visitors (docs/decisions/0060).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights.visitors.figures import METHODS, moment
from services.edge.insights.visitors.levels import has_point, published
from services.edge.insights.visitors.period import Period

CONTEXT = [
    "https://raw.githubusercontent.com/smart-data-models/dataModel.TourismDestinations/master/context.jsonld",
    "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.6.jsonld",
]
MEDIA_TYPE = "application/ld+json"
PERSONS, PIECES, MINUTES = "IE", "C62", "MIN"  # UN/CEFACT codes of units
UNKNOWN_COUNTRY = "ZZ"  # ISO 3166 leaves it to users; CLDR: unknown region

Entity = dict[str, Any]
Places = Mapping[str, directory_pb.Place]


def presence(
    answer: wire.ReadVisitorsResponse,
    zones: Mapping[str, wire.ZoneOccupancy],
    places: Places,
    names: Mapping[str, str],
    area: str,
    period: Period,
) -> list[Entity]:
    """Returns an entity per zone and finished hour; a withheld one carries no count."""
    return [
        _presence(hour, answer.privacy.k, period)
        | _where(hour.zone_id, zones, places, names)
        | {"id": _id("TourismPresenceObserved", area, hour.zone_id,
                     moment(hour.hour_start_time).strftime("%Y-%m-%dT%HZ"))}
        for hour in answer.hours
        if hour.zone_id in zones
    ]  # fmt: skip


def dwell(
    answer: wire.ReadDaysResponse,
    zones: Mapping[str, wire.ZoneOccupancy],
    places: Places,
    names: Mapping[str, str],
    area: str,
    period: Period,
) -> list[Entity]:
    """Returns an entity per zone and finished day: the range in which half of the stays lie."""
    return [
        _dwell(one, period)
        | _where(one.zone_id, zones, places, names)
        | {"id": _id("TourismDwellTimeObserved", area, one.zone_id, one.date)}
        for one in answer.dwell
        if one.zone_id in zones
    ]


def _presence(hour: wire.ZoneHourVisitors, k: int, period: Period) -> Entity:
    start = moment(hour.hour_start_time)
    at = _stamp(start + timedelta(minutes=30))  # the model asks for the middle of the hour
    people = hour.kind == wire.COUNT_KIND_VISITORS
    entity: Entity = {
        "type": "TourismPresenceObserved",
        "dateObserved": _property(at),
        "hour": _property(start.astimezone(period.zone).hour),
        "nationality": _property(UNKNOWN_COUNTRY),
        "aggregationType": _property("hourly_estimate"),
        "countMethod": _property(METHODS.get(hour.method, "")),
        "suppressionThreshold": _property(k),
        "withheld": _property(hour.withheld),
        "@context": CONTEXT,
    }
    if not hour.withheld:
        figure = hour.figure
        entity["visitorCount" if people else "deviceCount"] = _property(
            figure.estimate, observedAt=at, unitCode=PERSONS if people else PIECES,
            low=_property(figure.low), high=_property(figure.high),
        )  # fmt: skip
    if people:
        entity["calibrationVersion"] = _property(hour.calibration_version)
    return entity


def _dwell(one: wire.ZoneDayDwell, period: Period) -> Entity:
    noon = datetime.combine(date.fromisoformat(one.date), time(12), period.zone)
    at = _stamp(noon)
    quarter, half, three = (
        round(seconds / 60, 1) for seconds in (one.first_quartile_s, one.median_s,
                                               one.third_quartile_s)
    )  # fmt: skip
    return {
        "type": "TourismDwellTimeObserved",
        "dateObserved": _property(at),
        "nationality": _property(UNKNOWN_COUNTRY),
        "dwellTimeRange": _property(f"{quarter:g}-{three:g}", observedAt=at),
        "dwellTimeMedian": _property(half, observedAt=at, unitCode=MINUTES),
        "sampledStays": _property(one.stays, observedAt=at, unitCode=PIECES),
        "@context": CONTEXT,
    }


def _where(
    zone_id: str,
    zones: Mapping[str, wire.ZoneOccupancy],
    places: Places,
    names: Mapping[str, str],
) -> Entity:
    place = places.get(zones[zone_id].place_id)
    found = {
        "locationCode": _property(zones[zone_id].place_id),
        "locationName": _property(names.get(zone_id, zone_id)),
    }
    if place is not None and has_point(place):
        point = {"type": "Point", "coordinates": [place.longitude, place.latitude]}
        found["location"] = {"type": "GeoProperty", "value": point}
        found["locationQuality"] = _property("published" if published(place) else "estimate")
    return found


def _property(value: object, **more: object) -> dict[str, object]:
    return {"type": "Property", "value": value, **more}


def _id(kind: str, *parts: str) -> str:
    return f"urn:ngsi-ld:{kind}:{':'.join(parts)}"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
