"""The map of the area."""

from collections.abc import Set

from flask import Blueprint, Response, render_template

from meguri.directory.v1 import directory_service_pb2 as pb
from services.edge.directory import with_all_below
from services.edge.parts import area, locale, parts
from services.edge.visitor import area_map, keeping, places

SHOWN = (pb.PLACE_KIND_SITE, pb.PLACE_KIND_POI)
SURE = (pb.COORDINATE_QUALITY_SOURCE, pb.COORDINATE_QUALITY_ADJACENT)

blueprint = Blueprint("map", __name__)


@blueprint.get("/map")
def area_sketch() -> Response:
    """Where things are, roughly, and what is closed."""
    turn = parts().ready.turn(area().area)
    found, stale = places.all_places(turn)
    shut = {one.place_id for one in parts().closures.in_force(area().area)}
    closed = with_all_below(shut, found)
    gated = {place.parent_place_id for place in found if place.kind == pb.PLACE_KIND_GATE}
    spots = [_spot(place, closed, gated) for place in found if _is_shown(place)]
    plan = area_map.sketch(spots) if spots else None
    body = render_template(
        "visitor/map.html", plan=plan, drawing=area_map.draw(plan) if plan else ""
    )
    return keeping.answer(body, "/map", turn, keeping.until(stale=stale))


def _is_shown(place: pb.Place) -> bool:
    return place.kind in SHOWN and place.coordinate_quality != pb.COORDINATE_QUALITY_UNSPECIFIED


def _spot(place: pb.Place, closed: Set[str], gated: Set[str]) -> area_map.Spot:
    # A day goes to a gate where there are several; a site without one is gone to itself.
    is_goal = place.kind == pb.PLACE_KIND_POI or place.place_id not in gated
    return area_map.Spot(
        place.place_id,
        places.name_of(place, locale()),
        place.latitude,
        place.longitude,
        place.coordinate_quality in SURE,
        place.place_id in closed,
        is_goal,
    )
