"""What the pages know of the area's POIs: all that is kept, and where it lies."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import grpc

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.itinerary.v1 import itinerary_service_pb2 as base
from meguri.itinerary.v1 import poi_service_pb2 as pb
from meguri.itinerary.v1.poi_service_pb2_grpc import PoiServiceStub
from services.edge.clients import DEADLINE_S, stub
from services.edge.errors import Problem
from services.edge.studio.timetables import known

PAGE, MOST_PAGES = 1_000, 10
ASKED_LONG_AGO = timedelta(days=365)
# Somewhere to sleep, park or change: nobody asks for its hours.
NOT_A_VISIT = frozenset({
    base.POI_CATEGORY_LODGING, base.POI_CATEGORY_TRANSPORT, base.POI_CATEGORY_PARKING,
})  # fmt: skip
_DATED = re.compile(r"(?:^|[-, ])([0-9]{4}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
                    r"(?: ([0-9]{1,2}))?")  # fmt: skip
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Row:
    """A POI on the list. flags: of words.FLAGS, what is to be looked at."""

    poi: pb.KeptPoi
    names: Mapping[str, str]
    kana: str
    flags: tuple[str, ...]


def service(deadline_s: float = DEADLINE_S) -> PoiServiceStub:
    """Returns the stub of the service for the request at hand."""
    return stub(PoiServiceStub, deadline_s=deadline_s)


def all_pois() -> list[pb.KeptPoi]:
    """Returns all POIs of the area by id. Errors: grpc.RpcError."""
    found: list[pb.KeptPoi] = []
    token = ""
    for _page in range(MOST_PAGES):
        page = service().ListKeptPois(pb.ListKeptPoisRequest(page_size=PAGE, page_token=token))
        found += page.pois
        token = page.next_page_token
        if not token:
            break
    return found


def one(poi_id: str) -> pb.GetPoiResponse:
    """Returns all that is kept of a POI. Errors: Problem not_found, grpc.RpcError."""
    try:
        return service().GetPoi(pb.GetPoiRequest(poi_id=poi_id))
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.NOT_FOUND:
            raise Problem(404, "not_found") from error
        raise


def place_of(poi: pb.KeptPoi) -> directory_pb.Place | None:
    """Returns the place of a POI as directory has it; None where it has none."""
    wanted = poi.record.place_id
    return next((each for each in known.places() if each.place_id == wanted), None)


def rows(
    pois: Sequence[pb.KeptPoi], places: Sequence[directory_pb.Place], today: date
) -> list[Row]:
    """Returns the list: what is to be looked at stands with each, names are directory's."""
    by_id = {place.place_id: place for place in places}
    found = []
    for poi in pois:
        place = by_id.get(poi.record.place_id)
        names = dict(place.names) if place else dict(poi.names)
        found.append(
            Row(poi, names, place.kana if place else "", flags_of(poi, place, today))
        )  # fmt: skip
    return found


def flags_of(poi: pb.KeptPoi, place: directory_pb.Place | None, today: date) -> tuple[str, ...]:
    """Returns what of a POI is to be looked at; of a retired one only that it is."""
    if poi.state == pb.POI_STATE_RETIRED:
        return ("retired",)
    found = ["draft"] if poi.state == pb.POI_STATE_DRAFT else []
    if poi.record.estimated_fields:
        found.append("estimated")
    if not poi.record.opening and poi.record.category not in NOT_A_VISIT:
        found.append("no-hours")
    nowhere = directory_pb.COORDINATE_QUALITY_UNSPECIFIED
    if place is None or place.coordinate_quality == nowhere:
        found.append("no-point")
    asked = [each.confirmed_date for each in poi.confirmations]
    old = (today - ASKED_LONG_AGO).isoformat()
    if any(each < old for each in asked) or is_over(poi.record.opening, today):
        found.append("outdated")
    return tuple(found)


def is_over(opening: str, today: date) -> bool:
    """Tells whether opening hours name dates of certain years alone, all of them past."""
    rules = [rule for rule in opening.split(";") if rule.strip() and not rule.endswith(" off")]
    last = ""
    for rule in rules:
        found = list(_DATED.finditer(rule.strip()))
        if not found:
            return False
        last = max([last, *(_iso(each) for each in found)])
    return bool(last) and last < today.isoformat()


def _iso(found: re.Match[str]) -> str:
    return f"{found[1]}-{_MONTHS.index(found[2]) + 1:02d}-{int(found[3] or 31):02d}"


def chosen(found: Sequence[Row], text: str, category: int, flag: str) -> list[Row]:
    """Returns the rows that fit a search. Without one that asks for them, retired ones are left
    aside."""
    wanted = text.casefold()
    return [
        row
        for row in found
        if (not wanted or wanted in _searched(row))
        and (not category or row.poi.record.category == category)
        and (flag in row.flags if flag else "retired" not in row.flags)
    ]


def _searched(row: Row) -> str:
    said = (row.poi.record.poi_id, row.kana, *row.names.values(), row.poi.record.phone)
    return "\n".join(said).casefold()
