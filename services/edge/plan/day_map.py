"""A planned day on a map to move and to zoom: visits numbered, joined in their order."""

from collections.abc import Sequence

from flask import Blueprint, Response, make_response, render_template

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1.itinerary_service_pb2_grpc import ItineraryServiceStub
from services.edge import tiles
from services.edge.clients import stub
from services.edge.errors import Problem
from services.edge.parts import locale
from services.edge.plan import present
from services.edge.plan.shown import DayPage

blueprint = Blueprint("day_map", __name__)


@blueprint.get("/plan/<itinerary_id>/map")
def on_map(itinerary_id: str) -> Response:
    """The day on a map drawn from our own data."""
    return _answer(itinerary_id, None)


@blueprint.get("/plan/<itinerary_id>/map/tiles")
def with_tiles(itinerary_id: str) -> Response:
    """The same on pictures of the area that others serve, for a visitor who asked for them."""
    found = tiles.of_area()
    if found is None:
        raise Problem(404, "not_found")
    return _answer(itinerary_id, found)


def pins_of(page: DayPage) -> list[dict[str, object]]:
    """Returns start, visits in order and end as static/js/map.js draws them; what nobody has
    recorded a point of is left out."""
    ends = [(page.start.text, page.itinerary.start.location)]
    if page.itinerary.end != page.itinerary.start:
        ends.append((page.end.text, page.itinerary.end.location))
    made = [_pin("", title, location, "", end=True) for title, location in ends]
    for stay, visit in zip(page.stays, page.itinerary.visits, strict=True):
        text = f"{stay.begin}–{stay.leave}"
        made.append(
            _pin(str(stay.number), stay.name.text, visit.location, text, shut=bool(stay.closed))
        )
    return [each for each in made if each]


def line_of(itinerary: pb.Itinerary) -> list[tuple[float, float]]:
    """Returns the points of a day in order, latitude and longitude."""
    visits = (visit.location for visit in itinerary.visits)
    way: Sequence[pb.KnownPoint] = (itinerary.start.location, *visits, itinerary.end.location)
    return [
        (each.point.latitude, each.point.longitude) for each in way if each.HasField("point")
    ]  # fmt: skip


def _pin(
    label: str, title: str, location: pb.KnownPoint, text: str, *, end: bool = False,
    shut: bool = False,
) -> dict[str, object]:  # fmt: skip
    if not location.HasField("point"):
        return {}
    return {
        "lat": location.point.latitude, "lng": location.point.longitude, "label": label,
        "title": title, "text": text, "end": end, "shut": shut,
        "estimated": location.quality != pb.POINT_QUALITY_SOURCE,
    }  # fmt: skip


def _answer(itinerary_id: str, shown: tiles.Tiles | None) -> Response:
    asked = pb.GetItineraryRequest(itinerary_id=itinerary_id)
    page = present.build(stub(ItineraryServiceStub).GetItinerary(asked).itinerary, locale())
    response = make_response(
        render_template(
            "plan/day_map.html", page=page, pins=pins_of(page), line=line_of(page.itinerary),
            shown=shown, offered=tiles.of_area(),
        )
    )  # fmt: skip
    if shown:
        response.headers["Content-Security-Policy"] = shown.policy
    return response
