"""The map of the area."""

from datetime import UTC, datetime

import grpc
from flask import Blueprint, Response, render_template

from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.edge.clients import stub
from services.edge.errors import is_away
from services.edge.parts import area, locale, parts
from services.edge.visitor import area_map, keeping

SHOWN = (pb.PLACE_KIND_SITE, pb.PLACE_KIND_POI)
SURE = (pb.COORDINATE_QUALITY_SOURCE, pb.COORDINATE_QUALITY_ADJACENT)

blueprint = Blueprint("map", __name__)


@blueprint.get("/map")
def area_sketch() -> Response:
    """Where things are, roughly, and what is closed."""
    turn = parts().ready.turn(area().area)
    closed = {shut.place_id for shut in parts().closures.in_force(area().area)}
    places, stale = _places(turn)
    spots = [_spot(place, closed) for place in places if _is_shown(place)]
    plan = area_map.sketch(spots) if spots else None
    body = render_template(
        "visitor/map.html", plan=plan, drawing=area_map.draw(plan) if plan else ""
    )
    return keeping.answer(body, "/map", turn, keeping.until(stale=stale))


def _places(turn: int) -> tuple[list[pb.Place], bool]:
    """Returns all places, and whether they come from the shelf because directory is away."""
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


def _is_shown(place: pb.Place) -> bool:
    return place.kind in SHOWN and place.coordinate_quality != pb.COORDINATE_QUALITY_UNSPECIFIED


def _spot(place: pb.Place, closed: set[str]) -> area_map.Spot:
    return area_map.Spot(
        place.place_id,
        place.names.get(locale()) or place.names.get("en") or place.names["ja"],
        place.latitude,
        place.longitude,
        place.coordinate_quality in SURE,
        place.place_id in closed or place.parent_place_id in closed,
        place.kind == pb.PLACE_KIND_POI,
    )
