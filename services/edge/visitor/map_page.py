"""The map of the area."""

from collections.abc import Set
from urllib.parse import quote

from flask import Blueprint, Response, make_response, render_template
from flask_babel import gettext as _

from meguri.directory.v1 import directory_service_pb2 as pb
from services.edge import tiles
from services.edge.directory import with_all_below
from services.edge.errors import Problem
from services.edge.parts import area, locale, parts
from services.edge.visitor import area_map, keeping, places

SHOWN = (pb.PLACE_KIND_SITE, pb.PLACE_KIND_POI)
SURE = (pb.COORDINATE_QUALITY_SOURCE, pb.COORDINATE_QUALITY_ADJACENT)

blueprint = Blueprint("map", __name__)


@blueprint.get("/map")
def area_sketch() -> Response:
    """Where things are, roughly, and what is closed."""
    return _page(None)


@blueprint.get("/map/tiles")
def with_tiles() -> Response:
    """The same on pictures of the area that others serve, for a visitor who asked for them."""
    found = tiles.of_area()
    if found is None:
        raise Problem(404, "not_found")
    return _page(found)


def _page(shown: tiles.Tiles | None) -> Response:
    turn = parts().ready.turn(area().area)
    found, stale = places.all_places(turn)
    shut = {one.place_id for one in parts().closures.in_force(area().area)}
    closed = with_all_below(shut, found)
    gated = {place.parent_place_id for place in found if place.kind == pb.PLACE_KIND_GATE}
    spots = [_spot(place, closed, gated) for place in found if _is_shown(place)]
    plan = area_map.sketch(spots) if spots else None
    body = render_template(
        "visitor/map.html", plan=plan, drawing=area_map.draw(plan) if plan else "",
        pins=_pins(plan) if plan else [], shown=shown, offered=tiles.of_area(),
    )  # fmt: skip
    if shown:
        # Not kept: kept pages allow no host but this one.
        response = make_response(body)
        response.headers["Content-Security-Policy"] = shown.policy
        return response
    return keeping.answer(body, "/map", turn, keeping.until(stale=stale))


def _pins(plan: area_map.Sketch) -> list[dict[str, object]]:
    """Returns each place with the letter it has on the drawing and in the list."""
    return [
        {
            "lat": spot.latitude, "lng": spot.longitude, "label": mark.letter, "title": spot.name,
            "estimated": not spot.sure, "shut": spot.closed,
            "text": ", ".join(_said(spot)),
            **_way_on(spot),
        }
        for mark in plan.marks
        for spot in mark.spots
    ]  # fmt: skip


def _said(spot: area_map.Spot) -> list[str]:
    said = ((spot.closed, _("Closed")), (not spot.sure, _("estimate")))
    return [text for holds, text in said if holds]


def _way_on(spot: area_map.Spot) -> dict[str, str]:
    if not spot.plannable or spot.closed:
        return {}
    return {"url": f"/plan?must={quote(spot.place_id, safe='')}", "link": _("Plan a day with it")}


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
