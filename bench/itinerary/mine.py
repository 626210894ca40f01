"""The area of data/mine as the planner has it, without a service: sights, places, buses."""

from datetime import date

from infra.local.home import ROOT
from meguri.directory.v1 import directory_service_pb2 as directory
from services.directory.cli import read_places
from services.itinerary.cli import read_pois
from services.itinerary.cli.line_files import read
from services.itinerary.domain.bus import bus_day
from services.itinerary.domain.place import KnownPoint, Place, Point, PointQuality
from services.itinerary.domain.poi import Poi
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.transit.merge import network_of
from services.itinerary.domain.transit.network import Network
from services.itinerary.domain.transit.ways import Ways
from services.itinerary.wire.pois import poi_of
from services.itinerary.wire.timetables import line_of, ways_of
from services.itinerary.wire.words import value_of

MINE = ROOT / "data" / "mine"


class Mine:
    """The whole area, read once."""

    def __init__(self) -> None:
        decoded = (poi_of(row, record) for row, record in enumerate(read_pois(MINE / "pois.csv")))
        self._pois = {poi.poi_id: poi for poi in decoded if isinstance(poi, Poi)}
        self._places = {place.place_id: _place(place) for place in read_places(MINE)}
        self._network = _network()

    def on(self, day: date, *, by_bus: bool) -> Catalog:
        """Returns what the area offers on a date."""
        bus = bus_day(self._network, self._places, day) if by_bus else None
        return Catalog("Asia/Tokyo", self._pois, self._places, (), bus)


def _place(place: directory.Place) -> Place:
    names = directory.CoordinateQuality
    quality = value_of(PointQuality, names, "COORDINATE_QUALITY", place.coordinate_quality)
    location = None
    if quality is not None:
        location = KnownPoint(Point(place.latitude, place.longitude), quality, place.error_m)
    return Place(place.place_id, dict(place.names), location, 1)


def _network() -> Network:
    tables = read(MINE / "buses")
    ways = ways_of(tables.ways) if tables.ways else Ways((), ())
    return network_of("mine", [line_of(draft.line) for draft in tables.lines], [], ways)
