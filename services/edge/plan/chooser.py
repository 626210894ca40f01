"""The places a form offers: to start at, to insist on, to leave out."""

from dataclasses import dataclass
from functools import cached_property

from werkzeug.datastructures import MultiDict

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.closures import REASONS
from services.edge.plan import words
from services.edge.plan.spots import Spots
from services.edge.plan.texts import Told, told
from services.edge.plan.visit_wishes import VisitWish, shown

HIGHLIGHTS = 8
STARTS = frozenset({pb.POI_CATEGORY_TRANSPORT, pb.POI_CATEGORY_PARKING, pb.POI_CATEGORY_LODGING})


@dataclass(frozen=True)
class Start:
    """A place to start at. exact: a walk may be drawn from it."""

    place_id: str
    name: Told
    exact: bool


@dataclass(frozen=True)
class Wish:
    """A place to visit or to leave out."""

    poi_id: str
    name: Told
    category: str
    closed: str
    group: str
    must: bool
    never: bool


class Chooser:
    """What a form shows, in the visitor's language."""

    def __init__(self, spots: Spots, locale: str, entries: MultiDict[str, str]) -> None:
        self._spots, self._locale, self._entries = spots, locale, entries
        self._must, self._never = set(entries.getlist("must")), set(entries.getlist("never"))

    @cached_property
    def hubs(self) -> list[Start]:
        """Bus center, car parks and places to stay first, then everything else by worth."""
        pois = sorted(
            (poi for poi in self._spots.pois if poi.location.HasField("point")),
            key=lambda poi: (poi.record.category not in STARTS, -poi.record.score),
        )
        return [
            Start(
                poi.record.place_id,
                told(poi.names, self._locale, poi.record.poi_id),
                poi.location.quality == pb.POINT_QUALITY_SOURCE,
            )
            for poi in pois
            if poi.record.category != pb.POI_CATEGORY_OCCASION
        ]

    @cached_property
    def stations(self) -> list[Start]:
        """Stations and bus stops that are not among the hubs."""
        there = {hub.place_id for hub in self.hubs}
        return [
            Start(
                station.place_id,
                told(station.names, self._locale, station.place_id),
                station.location.quality == pb.POINT_QUALITY_SOURCE,
            )
            for station in self._spots.stations
            if station.place_id not in there
        ]

    @cached_property
    def wishes(self) -> list[Wish]:
        """Everything that can be visited, the most worth first."""
        pois = sorted(self._spots.pois, key=lambda poi: (-poi.record.score, poi.record.poi_id))
        return [self._wish(poi) for poi in pois if poi.record.score > 0]

    @cached_property
    def visit_wishes(self) -> list[VisitWish]:
        """What was changed of single visits."""
        names = {
            poi.record.poi_id: told(poi.names, self._locale, poi.record.poi_id)
            for poi in self._spots.pois
        }
        return shown(self._entries, names, self._locale)

    @property
    def highlights(self) -> list[Wish]:
        """What most people come for; open on the day, one way into each cave."""
        found: dict[str, Wish] = {}
        for wish in self.wishes:
            if not wish.closed:
                found.setdefault(wish.group or wish.poi_id, wish)
        return list(found.values())[:HIGHLIGHTS]

    @property
    def others(self) -> list[Wish]:
        """The rest."""
        first = self.highlights
        return [wish for wish in self.wishes if wish not in first]

    @property
    def opened(self) -> bool:
        """A choice was made among the rest: show it."""
        return any(wish.must for wish in self.others)

    def _wish(self, poi: pb.Poi) -> Wish:
        closed = words.CLOSED_WHY.get(poi.closed_why, "")
        if poi.closure_reason:
            closed = REASONS.get(poi.closure_reason, closed)
        poi_id = poi.record.poi_id
        return Wish(
            poi_id,
            told(poi.names, self._locale, poi_id),
            str(words.CATEGORIES.get(poi.record.category, "")),
            str(closed),
            poi.record.group,
            poi_id in self._must,
            poi_id in self._never,
        )
