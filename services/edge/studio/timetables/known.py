"""Where a line may stop: places of the area by kind, and stops of other lines."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from flask_babel import lazy_gettext as _l

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from meguri.itinerary.v1.timetable_service_pb2_grpc import TimetableServiceStub
from services.edge import closing
from services.edge.clients import stub
from services.edge.studio.timetables import fields
from services.edge.studio.timetables.typed import Stop, one_name

STOP, PLACE = "stop:", "place:"  # before the id in the list to choose from
MOST_OF_ID = 60
MOST_LINES = 30  # whose stops are offered
# In the order of the list: buses and trains first.
KINDS: dict[int, Any] = {
    directory_pb.PLACE_KIND_TRANSIT_STOP: _l("Bus stops and stations"),
    directory_pb.PLACE_KIND_SITE: _l("Sites"),
    directory_pb.PLACE_KIND_GATE: _l("Gates"),
    directory_pb.PLACE_KIND_POI: _l("Sights"),
    directory_pb.PLACE_KIND_SHOP: _l("Shops"),
}
PUBLISHED = frozenset({
    directory_pb.COORDINATE_QUALITY_SOURCE, directory_pb.COORDINATE_QUALITY_ADJACENT,
})  # fmt: skip


@dataclass(frozen=True)
class Group:
    """Choices of one kind: value, name and reading of each."""

    label: str
    entries: list[tuple[str, str, str]]


def places() -> Sequence[directory_pb.Place]:
    """Returns all places of the area. Errors: grpc.RpcError."""
    return stub(DirectoryServiceStub).ListPlaces(directory_pb.ListPlacesRequest()).places


def place_groups(found: Sequence[directory_pb.Place], start: str = "") -> list[Group]:
    """Returns the places by kind, each by its name. start: stands before each value."""
    groups = []
    for kind, label in KINDS.items():
        entries = [
            (start + each.place_id, closing.name_of(each), each.kana)
            for each in found if each.kind == kind
        ]  # fmt: skip
        if entries:
            groups.append(Group(str(label), sorted(entries, key=lambda each: each[2] or each[1])))
    return groups


def other_stops(summaries: Iterable[pb.TimetableSummary], own: str) -> list[pb.LineStop]:
    """Returns the stops of other lines, each once; none where nobody says."""
    service = stub(TimetableServiceStub)
    found: dict[str, pb.LineStop] = {}
    lines = [each for each in summaries if each.kind == pb.TIMETABLE_KIND_LINE]
    for each in lines[:MOST_LINES]:
        if each.timetable_id == own:
            continue
        try:
            line = service.GetLine(pb.GetLineRequest(timetable_id=each.timetable_id)).line
        except grpc.RpcError:
            return list(found.values())
        found |= {stop.stop_id: stop for stop in line.stops}
    return list(found.values())


def stop_group(label: str, stops: Iterable[pb.LineStop], locale: str) -> list[Group]:
    """Returns the stops of other lines that are at no place as one group, none for no stop."""
    entries = [
        (STOP + each.stop_id, one_name(dict(each.names), locale), "")
        for each in stops if not each.place_id
    ]  # fmt: skip
    return [Group(label, sorted(entries, key=lambda each: each[1]))] if entries else []


def chosen(
    value: str, found: Sequence[directory_pb.Place], stops: Sequence[pb.LineStop]
) -> Stop | None:
    """Returns the stop somebody chose from the list; None for nothing that is on it."""
    for place in found:
        if PLACE + place.place_id == value:
            # One transit stop is the same on each line, with the same names.
            same = next((each for each in stops if each.place_id == place.place_id), None)
            return of_line(same) if same else of_place(place)
    for stop in stops:
        if STOP + stop.stop_id == value and not stop.place_id:
            return of_line(stop)
    return None


def of_line(stop: pb.LineStop) -> Stop:
    """Returns a stop of another line as it is there."""
    point = fields.point_text(stop.location)
    return Stop("", stop.stop_id, stop.place_id, dict(stop.names), point)


def of_place(place: directory_pb.Place) -> Stop:
    """Returns a stop at a place, with an id made of the place's."""
    stop_id = place.place_id.replace("/", "-")[-MOST_OF_ID:].strip("-")
    return Stop("", stop_id, place.place_id, dict(place.names))


def new_stop(names: dict[str, str], point: str = "") -> Stop:
    """Returns a stop that is at no place yet, with an id of its own."""
    return Stop("", f"stop-{secrets.token_hex(4)}", "", names, point)


def is_published(place: directory_pb.Place | None) -> bool:
    """Tells whether a place has a point that walks may lead to."""
    return place is not None and place.coordinate_quality in PUBLISHED
