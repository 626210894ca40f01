"""What can be closed: whatever somebody could stand before. An animal or a year cannot."""

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
    pb.PLACE_KIND_SITE: _l("Sites"),
    pb.PLACE_KIND_GATE: _l("Gates"),
    pb.PLACE_KIND_POI: _l("Sights"),
    pb.PLACE_KIND_SHOP: _l("Shops"),
    pb.PLACE_KIND_STOP: _l("Stops of the guide"),
}
NOWHERE = frozenset({guide_pb.STOP_GROUP_ANIMAL, guide_pb.STOP_GROUP_HISTORY})


def groups(places: Sequence[pb.Place]) -> list[tuple[Any, list[pb.Place]]]:
    """Returns the places that can be closed by kind, kinds without one left out."""
    nowhere = _stops_without_place()
    sorted_in = [
        (label, of_kind([each for each in places if each.place_id not in nowhere], kind))
        for kind, label in KINDS.items()
    ]
    return [(label, found) for label, found in sorted_in if found]


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
