"""What the map offers to plan a day with."""

from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as pb
from tests.pages.edge.fakes import FakeServices


def place(place_id: str, kind: pb.PlaceKind.ValueType, parent: str = "") -> pb.Place:
    return pb.Place(
        place_id=place_id, kind=kind, parent_place_id=parent, latitude=34.23, longitude=131.30,
        coordinate_quality=pb.COORDINATE_QUALITY_SOURCE,
    )  # fmt: skip


def test_a_cave_without_gates_is_planned_with_and_one_with_gates_by_them(
    services: FakeServices, browser: FlaskClient
) -> None:
    found = [
        place("akiyoshido", pb.PLACE_KIND_SITE),
        place("akiyoshido-main", pb.PLACE_KIND_GATE, "akiyoshido"),
        place("taishodo", pb.PLACE_KIND_SITE),
        place("karstar", pb.PLACE_KIND_POI, "akiyoshido"),
    ]
    services.answers["ListPlaces"] = lambda _: pb.ListPlacesResponse(places=found)
    page = browser.get("/map").text
    assert 'href="/plan?must=taishodo"' in page
    assert 'href="/plan?must=karstar"' in page
    assert 'href="/plan?must=akiyoshido"' not in page, "no place of the planner"
