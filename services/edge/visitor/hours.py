"""When the sites of the area are open today, way in by way in, for the home page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import grpc

from kit.config import ConfigError
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1.itinerary_service_pb2_grpc import ItineraryServiceStub
from services.edge.clients import stub
from services.edge.listed import listed
from services.edge.parts import area, locale, parts
from services.edge.visitor import places as places_of_area

DEADLINE_S = 0.6  # home opens also while the planner is slow
PAGE = 1000
MINUTES_PER_DAY = 1440
UNSURE = frozenset({"opening", "last_entry"})
# What matters most to somebody who is about to set out comes first.
STATES = ("open", "later", "late", "over", "off", "closed", "unknown")


@dataclass(frozen=True)
class Way:
    """One way into a site. state: one of STATES. hours, last_entry: in digits, "" where none.

    reason: of a closure in force. unsure: nobody has confirmed the hours yet.
    """

    name: str
    state: str
    hours: str
    last_entry: str
    reason: str
    unsure: bool

    @property
    def says(self) -> tuple[str, str, str]:
        """What a reader is told, without the name."""
        return self.state, self.hours, self.last_entry


@dataclass(frozen=True)
class Site:
    """A site today. all: what holds for every way in; ways: one by one where they differ."""

    name: str
    all: Way
    ways: Sequence[Way]

    @property
    def unsure(self) -> bool:
        """Something of what is shown is not confirmed."""
        return any(
            way.unsure and way.state not in ("closed", "unknown") for way in (self.all, *self.ways)
        )


def sites_today(turn: int) -> list[Site]:
    """Returns the sites with their hours today; [] while nobody can tell. turn: of ready pages."""
    zone = ZoneInfo(area().time_zone)
    now = datetime.now(UTC).astimezone(zone)
    try:
        places, _stale = places_of_area.all_places(turn)
        pois = _pois(now.date().isoformat(), turn)
    except (grpc.RpcError, ConfigError):
        return []
    shut = {one.place_id: one.reason for one in parts().closures.in_force(area().area)}
    return build(places, pois, shut, now.hour * 60 + now.minute, locale())


def build(
    places: Sequence[directory.Place],
    pois: Sequence[pb.Poi],
    shut: Mapping[str, str],
    minute: int,
    wanted: str,
) -> list[Site]:
    """Returns the sites in the order of their worth.

    shut: reasons of closures in force, by place. minute: of the area's day, now.
    """
    known = {place.place_id: place for place in places}
    found: dict[str, list[Way]] = {}
    for poi in sorted(pois, key=lambda poi: (-poi.record.score, poi.record.poi_id)):
        place = known.get(poi.record.place_id)
        if place is None or place.kind not in (
            directory.PLACE_KIND_SITE,
            directory.PLACE_KIND_GATE,
        ):
            continue
        site = known.get(place.parent_place_id, place)
        reason = shut.get(place.place_id) or shut.get(site.place_id, "")
        way = _way(poi, places_of_area.name_of(place, wanted), reason, minute, wanted)
        found.setdefault(site.place_id, []).append(way)
    return [
        _site(places_of_area.name_of(known[site_id], wanted), ways)
        for site_id, ways in found.items()
    ]


def _site(name: str, ways: Sequence[Way]) -> Site:
    first = min(ways, key=lambda way: STATES.index(way.state))
    same = all(way.says == first.says for way in ways)
    unsure = any(way.unsure for way in ways) if same else first.unsure
    last = first.last_entry if same else ""
    whole = Way(name, first.state, first.hours, last, first.reason, unsure)
    return Site(name, whole, () if same else ways)


def _way(poi: pb.Poi, name: str, reason: str, minute: int, wanted: str) -> Way:
    record = poi.record
    unsure = bool(UNSURE & set(record.estimated_fields)) or record.status not in (
        pb.POI_STATUS_UNSPECIFIED, pb.POI_STATUS_OPEN,
    )  # fmt: skip
    # A closure that begins today cuts the hours; before it does, what is left is the truth.
    spans = [s for s in poi.open_spans if not reason or s.open_minute > minute]
    hours = listed((f"{digits(s.open_minute)}–{digits(s.close_minute)}" for s in spans), wanted)
    if any(span.close_minute - span.open_minute >= MINUTES_PER_DAY for span in spans):
        hours = ""
    last = digits(spans[-1].last_entry_minute) if spans else ""
    if not spans or spans[-1].last_entry_minute >= spans[-1].close_minute:
        last = ""
    return Way(name, _state(poi, spans, reason, minute), hours, last, reason, unsure)


def _state(poi: pb.Poi, spans: Sequence[pb.MinuteSpan], reason: str, minute: int) -> str:
    if reason:
        return "closed"
    if not spans:
        return "unknown" if poi.closed_why == pb.WHY_OUT_HOURS_UNKNOWN else "off"
    if any(span.open_minute <= minute <= span.last_entry_minute for span in spans):
        return "open"
    if any(minute < span.open_minute for span in spans):
        return "later"
    return "late" if minute < spans[-1].close_minute else "over"


def digits(minute: int) -> str:
    """Returns minutes after midnight as people write them: 8:30."""
    return f"{minute // 60 % 24}:{minute % 60:02}"


def _pois(day: str, turn: int) -> Sequence[pb.Poi]:
    """Returns the POIs with their hours of a day, from the shelf while the planner is away."""
    key, shelf = ("hours", area().area, day), parts().shelf
    try:
        asked = pb.ListPoisRequest(page_size=PAGE, visit_date=day)
        found = stub(ItineraryServiceStub, deadline_s=DEADLINE_S).ListPois(asked).pois
    except grpc.RpcError:
        kept = shelf.get(key)
        if kept is None:
            raise
        return list(kept.value)
    shelf.put(key, list(found), datetime.now(UTC), turn)
    return found
