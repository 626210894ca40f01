"""Maps to move and to zoom: our own data alone, others' pictures only where a visitor asked."""

import hashlib
import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from infra.local.home import ROOT
from kit.config import ConfigError
from meguri.directory.v1 import directory_service_pb2 as pb
from services.edge import guards, main, tiles
from services.edge.parts import Parts
from tests.pages.edge.fakes import FakeServices, settings

GSI = "https://cyberjapandata.gsi.go.jp"
VENDOR = ROOT / "services/edge/static/vendor/leaflet"
LEAFLET = "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a"


def data_of(page: str) -> dict[str, Any]:
    """Returns what the script of a page is given."""
    (found,) = re.findall(r"data-map='([^']*)'", page)
    given: dict[str, Any] = json.loads(unescape(found))
    return given


@pytest.fixture
def with_tiles(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    told = settings(MEGURI_MAP_TILES="gsi-pale")
    monkeypatch.setattr(parts, "settings", told)


def places() -> pb.ListPlacesResponse:
    def place(place_id: str, name: str, quality: Any, at: float) -> pb.Place:
        return pb.Place(
            place_id=place_id, kind=pb.PLACE_KIND_POI, names={"ja": name, "en": name},
            latitude=34.2 + at, longitude=131.3 - at, coordinate_quality=quality,
        )  # fmt: skip

    return pb.ListPlacesResponse(
        places=[
            place("pond", "Pond <b>'\"&", pb.COORDINATE_QUALITY_SOURCE, 0.0),
            place("hill", "Hill", pb.COORDINATE_QUALITY_ESTIMATE, 0.2),
        ]
    )


def test_the_map_asks_nobody_else(services: FakeServices, browser: FlaskClient) -> None:
    services.answers["ListPlaces"] = lambda _: places()
    answer = browser.get("/map", headers={"Accept-Language": "en"})
    given = data_of(answer.text)
    assert given["tiles"] is None
    assert [(pin["title"], pin["estimated"]) for pin in given["pins"]] == [
        ("Hill", True), ("Pond <b>'\"&", False),
    ]  # fmt: skip
    assert given["pins"][1]["url"] == "/plan?must=pond"
    assert "<svg" in answer.text, "the drawing is there without a script"
    assert answer.text.count('href="/plan?must=') >= 2, "the list is there without a script"
    assert answer.headers["Content-Security-Policy"] == guards.CONTENT_SECURITY_POLICY
    assert "gsi.go.jp" not in answer.text
    assert "/map/tiles" not in answer.text
    assert browser.get("/map/tiles").status_code == 404


@pytest.mark.usefixtures("with_tiles")
def test_pictures_of_others_come_when_asked_for(
    services: FakeServices, browser: FlaskClient
) -> None:
    services.answers["ListPlaces"] = lambda _: places()
    plain = browser.get("/map", headers={"Accept-Language": "en"})
    assert 'href="/map/tiles"' in plain.text
    assert "Nothing is asked before you tap." in plain.text
    assert GSI not in plain.text
    assert GSI not in plain.headers["Content-Security-Policy"]
    answer = browser.get("/map/tiles", headers={"Accept-Language": "en"})
    policy = answer.headers["Content-Security-Policy"]
    assert f"img-src 'self' {GSI} data:" in policy
    assert policy.replace(f" {GSI}", "") == guards.CONTENT_SECURITY_POLICY
    assert answer.headers["Referrer-Policy"] == "same-origin"
    given = data_of(answer.text)["tiles"]
    assert given["url"] == f"{GSI}/xyz/pale/{{z}}/{{x}}/{{y}}.png"
    assert (given["credit"], given["link"][:24]) == ("国土地理院", "https://maps.gsi.go.jp/d")
    assert 'href="/map"' in answer.text
    again = browser.get("/map", headers={"Accept-Language": "en"})
    assert GSI not in again.headers["Content-Security-Policy"], "what is kept allows nobody else"


@pytest.mark.parametrize(
    ("text", "mine", "other"),
    [
        ("", None, None), ("gsi-pale", "gsi-pale", "gsi-pale"),
        ("mine=gsi-photo", "gsi-photo", None),
        ("gsi-std mine=gsi-pale", "gsi-pale", "gsi-std"),
    ],
)  # fmt: skip
def test_each_area_has_its_own(text: str, mine: str | None, other: str | None) -> None:
    known = tiles.read(text)
    for area, layer in (("mine", mine), ("other", other)):
        found = known.get(area, known.get(""))
        assert found == (tiles.LAYERS[layer] if layer else None)


@pytest.mark.parametrize("text", ["google", "mine=osm", "https://example.com/{z}/{x}/{y}.png"])
def test_an_unknown_layer_stops_the_start(text: str) -> None:
    with pytest.raises(ConfigError, match="MEGURI_MAP_TILES"):
        main.create_app(settings(MEGURI_MAP_TILES=text), clients=FakeServices())  # type: ignore[arg-type] # its stand-in


def test_the_code_of_others_is_as_published(made_once: Flask) -> None:
    assert hashlib.sha256((VENDOR / "leaflet.js").read_bytes()).hexdigest() == LEAFLET
    assert "BSD 2-Clause" in (VENDOR / "LICENSE-leaflet").read_text()
    assert "1.9.4" in (VENDOR.parent / "README.md").read_text()
    packed = made_once.extensions["meguri"].assets.find("vendor/leaflet/leaflet.js")[0].packed
    assert len(packed) < 45_000
