"""The places of the area as directory tells them, from the shelf while it is away."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache

import grpc

from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.edge.clients import stub
from services.edge.errors import is_away
from services.edge.parts import area, locale, parts


def all_places(turn: int) -> tuple[Sequence[pb.Place], bool]:
    """Returns all places, and whether they come from the shelf because directory is away.

    turn: of the area's ready pages. Errors: grpc.RpcError.
    """
    key, shelf = ("places", area().area), parts().shelf
    try:
        found = list(stub(DirectoryServiceStub).ListPlaces(pb.ListPlacesRequest()).places)
    except grpc.RpcError as error:
        kept = shelf.get(key)
        if kept is None or not is_away(error):
            raise
        return list(kept.value), True
    shelf.put(key, found, datetime.now(UTC), turn)
    return found, False


def names_at(turn: int) -> Callable[[str], str]:
    """Returns what tells a place's name in the reader's language by its id; directory is asked
    once, when a name is wanted, and while it is away there is none. turn: as all_places."""

    @cache
    def names() -> dict[str, str]:
        try:
            found, _ = all_places(turn)
        except grpc.RpcError:
            return {}
        return {each.place_id: name_of(each, locale()) for each in found if each.names}

    return lambda place_id: names().get(place_id, "")


def name_of(place: pb.Place, locale: str) -> str:
    """Returns a place's name in a locale, else in English, else in Japanese."""
    return place.names.get(locale) or place.names.get("en") or place.names["ja"]
