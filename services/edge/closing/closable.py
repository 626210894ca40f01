"""What can be closed or have a note of today: whatever somebody could stand before."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import grpc
from flask_babel import lazy_gettext as _l

from kit.config import ConfigError
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from services.edge.clients import stub

# In the order of the list. Transit stops are not the association's, occasions have their dates.
KINDS: Mapping[int, Any] = {
    pb.PLACE_KIND_SITE: _l("Whole sites, with all gates and tickets"),
    pb.PLACE_KIND_GATE: _l("One gate, with its tickets"),
    pb.PLACE_KIND_POI: _l("Sights"),
    pb.PLACE_KIND_SHOP: _l("Shops"),
    pb.PLACE_KIND_STOP: _l("One stop of the guide; tickets are sold on"),
}
# What has pages of its own, beside the whole area.
NOTED: Mapping[int, Any] = {
    pb.PLACE_KIND_SITE: _l("Sites"),
    pb.PLACE_KIND_STOP: _l("Stops of the guide"),
}
NOWHERE = frozenset({guide_pb.STOP_GROUP_ANIMAL, guide_pb.STOP_GROUP_HISTORY})


def groups(places: Sequence[pb.Place]) -> list[tuple[Any, list[pb.Place]]]:
    """Returns the places that can be closed by kind, kinds without one left out."""
    gates = {each.place_id for each in places if each.kind == pb.PLACE_KIND_GATE}
    # A stop at a gate is closed with its gate. Two lines of one name, of which one alone stops
    # tickets, would be a trap on a bad day.
    chosen = [each for each in standing(places) if each.parent_place_id not in gates]
    return _by_kind([*chosen, *_not_stops(places)], KINDS)


def noted(places: Sequence[pb.Place]) -> list[tuple[Any, list[pb.Place]]]:
    """Returns what a note of today can be about beside the whole area, by kind."""
    return _by_kind([*standing(places), *_not_stops(places)], NOTED)


def standing(places: Sequence[pb.Place]) -> list[pb.Place]:
    """Returns the stops of the guide that are somewhere; an animal or a year is not."""
    nowhere = _stops_without_place()
    return [
        each for each in places if each.kind == pb.PLACE_KIND_STOP and each.place_id not in nowhere
    ]


def _not_stops(places: Iterable[pb.Place]) -> list[pb.Place]:
    return [each for each in places if each.kind != pb.PLACE_KIND_STOP]


def _by_kind(
    places: Sequence[pb.Place], kinds: Mapping[int, Any]
) -> list[tuple[Any, list[pb.Place]]]:
    found = [(label, of_kind(places, kind)) for kind, label in kinds.items()]
    return [(label, there) for label, there in found if there]


def of_kind(places: Iterable[pb.Place], kind: int) -> list[pb.Place]:
    """Returns the places of one kind in the order of their Japanese reading, as staff look a name
    up; directory's own order is that of ids, which nobody reads."""
    found = [place for place in places if place.kind == kind]
    return sorted(
        found, key=lambda place: (place.kana or place.names.get("ja", ""), place.place_id)
    )


def _stops_without_place() -> Collection[str]:
    """Returns stops of the guide that are about something that is nowhere; none while it is away:
    a closure must be possible on a bad day."""
    try:
        found = stub(GuideServiceStub).ListStops(guide_pb.ListStopsRequest())
    except (grpc.RpcError, ConfigError):
        return ()
    return {stop.place_id for stop in found.stops if stop.group in NOWHERE}
