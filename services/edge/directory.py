"""What the edge reads of directory for itself: areas, sessions, closures."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

from google.protobuf.timestamp_pb2 import Timestamp

from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.edge.areas import DEFAULT_LOCALES, Area
from services.edge.clients import Clients
from services.edge.closures import Shut
from services.edge.parts import edge_itself

DEADLINE_S = 1.0


def load_areas(clients: Clients, default_area: str) -> Sequence[Area]:
    """Reads all areas. Errors: grpc.RpcError."""
    directory = clients.stub(DirectoryServiceStub, DEADLINE_S, edge_itself(default_area))
    return [_area(area) for area in directory.ListAreas(pb.ListAreasRequest()).areas]


def load_closures(clients: Clients, area: str) -> Sequence[Shut]:
    """Reads the closures of an area that are not over. Errors: grpc.RpcError."""
    directory = clients.stub(DirectoryServiceStub, DEADLINE_S, edge_itself(area))
    found = directory.ListClosures(pb.ListClosuresRequest()).closures
    if not found:
        return []
    places = directory.ListPlaces(pb.ListPlacesRequest()).places
    names = {place.place_id: dict(place.names) for place in places}
    shut = [
        replace(shut_of(closure, names.get(closure.place_id, {})), below=_below(closure, places))
        for closure in found
    ]
    return sorted(shut, key=lambda each: (each.since, each.closure_id))


def shut_of(closure: pb.Closure, names: Mapping[str, str] = MappingProxyType({})) -> Shut:
    """Reads a closure as directory sends it. names: of its place, by locale."""
    until = _time(closure.until_time) if closure.HasField("until_time") else None
    return Shut(
        closure.closure_id, closure.place_id, closure.reason, closure.note,
        _time(closure.from_time), until, dict(names),
    )  # fmt: skip


def with_all_below(place_ids: Set[str], places: Sequence[pb.Place]) -> Set[str]:
    """Returns places and everything that is part of them, as a closure reaches it."""
    found, before = set(place_ids), -1
    while len(found) > before:
        before = len(found)
        found |= {place.place_id for place in places if place.parent_place_id in found}
    return found


def _below(closure: pb.Closure, places: Sequence[pb.Place]) -> frozenset[str]:
    return frozenset(with_all_below({closure.place_id}, places)) - {closure.place_id}


def _time(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)


def _area(area: pb.Area) -> Area:
    return Area(
        area.area, dict(area.names), tuple(area.hosts), area.public_url,
        area.time_zone or "Asia/Tokyo", tuple(area.locales) or DEFAULT_LOCALES, area.demo,
        area.help_phone,
    )  # fmt: skip
