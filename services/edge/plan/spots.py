"""What the area offers, as the services tell it; remembered for a few seconds per area and day."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import grpc
from flask import request

from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import timetable_service_pb2 as timetables
from meguri.itinerary.v1.itinerary_service_pb2_grpc import ItineraryServiceStub
from meguri.itinerary.v1.timetable_service_pb2_grpc import TimetableServiceStub
from services.edge.clients import stub
from services.edge.errors import is_away
from services.edge.parts import area

KEEP_S = 5.0
OLD_S = 60.0  # so long after that the last answer is good enough while somebody asks for the next
WAIT_S = 2.0  # for somebody who asks, where there is no answer yet
KEPT_AT_MOST = 200
PAGE = 500
MOST_POIS = 2_000  # more would be no page anybody reads


@dataclass(frozen=True)
class Station:
    """A station or bus stop: somewhere to start."""

    place_id: str
    names: Mapping[str, str]
    location: pb.KnownPoint


@dataclass(frozen=True)
class Spots:
    """POIs and stations of an area on one day. by_bus: whether any timetable is kept."""

    pois: Sequence[pb.Poi]
    stations: Sequence[Station]
    by_bus: bool = False

    def by_id(self) -> dict[str, pb.Poi]:
        """Returns the POIs by id."""
        return {poi.record.poi_id: poi for poi in self.pois}


_Key = tuple[str, str]  # area, day

_kept: dict[_Key, tuple[float, Spots]] = {}
_asking: dict[_Key, threading.Lock] = {}
_lock = threading.Lock()


def today() -> date:
    """Returns the date in the area's time zone."""
    return now().date()


def now() -> datetime:
    """Returns the wall clock of the area."""
    return datetime.now(UTC).astimezone(ZoneInfo(area().time_zone))


def load(day: str) -> Spots:
    """Returns what the area offers on a day, YYYY-MM-DD; of up to a minute ago where nobody
    answers. Errors: grpc.RpcError.

    One thread asks. Were all to ask whenever the last answer is over, services that are busy would
    answer none of them in time, and there would never be an answer to keep again.
    """
    key, anew = (area().area, day), "no-cache" in request.cache_control
    found, now_s = _kept.get(key), time.monotonic()
    if found and found[0] > now_s and not anew:
        return found[1]
    with _lock:
        if len(_asking) > KEPT_AT_MOST:
            _asking.clear()
        asking = _asking.setdefault(key, threading.Lock())
    good_enough = found is not None and found[0] + OLD_S > now_s and not anew
    if found and good_enough:
        if not asking.acquire(blocking=False):
            return found[1]  # somebody asks already
        mine = True
    else:
        mine = asking.acquire(timeout=WAIT_S)
    try:
        known = _kept.get(key)
        if known and known is not found and known[0] > time.monotonic() and not anew:
            return known[1]  # whoever was waited for has asked
        return _ask(key, day)
    except grpc.RpcError as error:
        if found and good_enough and is_away(error):
            return found[1]
        raise
    finally:
        if mine:
            asking.release()


def _ask(key: _Key, day: str) -> Spots:
    spots = Spots(_pois(day), _stations(), _any_timetable())
    with _lock:
        if len(_kept) > KEPT_AT_MOST:
            _kept.clear()
        _kept[key] = (time.monotonic() + KEEP_S, spots)
    return spots


def forget() -> None:
    """Has the next page ask again."""
    with _lock:
        _kept.clear()


def _pois(day: str) -> list[pb.Poi]:
    itinerary = stub(ItineraryServiceStub)
    pois: list[pb.Poi] = []
    token = ""
    while len(pois) < MOST_POIS:
        page = itinerary.ListPois(
            pb.ListPoisRequest(page_size=PAGE, page_token=token, visit_date=day)
        )
        pois += page.pois
        token = page.next_page_token
        if not token:
            break
    return pois


def _any_timetable() -> bool:
    kept = stub(TimetableServiceStub).ListTimetables(timetables.ListTimetablesRequest(page_size=1))
    return bool(kept.timetables)


def _stations() -> list[Station]:
    found = stub(DirectoryServiceStub).ListPlaces(
        directory.ListPlacesRequest(kind=directory.PLACE_KIND_TRANSIT_STOP)
    )
    return [
        Station(
            place.place_id,
            dict(place.names),
            pb.KnownPoint(
                point=pb.Point(latitude=place.latitude, longitude=place.longitude),
                quality=pb.PointQuality.ValueType(int(place.coordinate_quality)),
                error_m=place.error_m,
            ),
        )
        for place in found.places
        if place.coordinate_quality
    ]
