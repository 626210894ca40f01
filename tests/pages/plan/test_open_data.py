"""The area's points of interest as open data: what others read is what the planner knows."""

import csv
import io
import json
from pathlib import Path
from typing import NoReturn

import grpc
import pytest
from flask.testing import FlaskClient

from services.edge.plan.open_data import HEADINGS
from services.itinerary.domain.poi import Fees
from services.itinerary.gateways.municipal_file import read
from tests.pages.edge.fakes import Failure
from tests.pages.plan.conftest import Planner
from tests.unit.itinerary.samples import poi

CSV, GEOJSON, JSONLD = "/api/v1/pois.csv", "/api/v1/pois.geojson", "/api/v1/pois.jsonld"


def rows(visitor: FlaskClient) -> dict[str, dict[str, str]]:
    table = csv.DictReader(io.StringIO(visitor.get(CSV).data.decode("utf-8-sig")))
    assert tuple(table.fieldnames or ()) == HEADINGS
    return {row["POIコード"]: row for row in table}


def test_the_list_of_sights_has_every_poi_and_only_points_that_are_known(
    visitor: FlaskClient, planner: Planner
) -> None:
    found = rows(visitor)
    assert found.keys() == planner.known.pois.keys()
    cave = found["akiyoshido-main"]
    assert (cave["料金(基本)"], cave["説明"], cave["アクセス方法"]) == ("1300円", "洞", "階段")
    assert cave["緯度"]
    assert found["bath"]["緯度"] == ""  # estimated: the list cannot say so
    assert found["bath"]["料金(基本)"] == ""


def test_our_own_importer_reads_it_back(
    visitor: FlaskClient, planner: Planner, tmp_path: Path
) -> None:
    planner.known.pois["shop"] = poi(  # type: ignore[index]
        "shop", opening="09:00-17:00; Mo,Th off", last_entry="-30min", fees=Fees(0, 0, 0)
    )
    path = tmp_path / "pois.csv"
    path.write_bytes(visitor.get(CSV).data)
    file = read(path)
    assert file.refused == ()
    found = {sight.cells["number"]: sight for sight in file.sights}
    assert len(found) == len(planner.known.pois)
    assert found["pond"].hours.opening == "24/7"
    assert found["shop"].hours.opening == "09:00-17:00; Mo,Th off"
    assert found["shop"].hours.last_entry == "-30min"
    assert found["shop"].fees == Fees(0, 0, 0)
    cave = planner.known.places["akiyoshido-main"].location
    assert cave is not None
    assert found["akiyoshido-main"].point == cave.point


def test_geojson_says_how_well_a_point_is_known(visitor: FlaskClient, planner: Planner) -> None:
    answer = visitor.get(GEOJSON)
    assert answer.content_type == "application/geo+json"
    features = {each["id"]: each for each in json.loads(answer.data)["features"]}
    places = planner.known.places
    located = {
        name for name, each in planner.known.pois.items()
        if each.place_id in places and places[each.place_id].location
    }  # fmt: skip
    assert features.keys() == located
    bath = features["bath"]["properties"]
    assert (bath["point_quality"], bath["error_m"]) == ("estimate", 500)
    longitude, latitude = features["akiyoshido-main"]["geometry"]["coordinates"]
    assert 120 < longitude < 150
    assert 20 < latitude < 50
    assert features["akiyoshido-main"]["properties"]["fees_yen"] == {
        "adult": 1300, "junior_high": 1050, "child": 700,
    }  # fmt: skip


def test_json_ld_is_in_the_words_of_schema_org(visitor: FlaskClient) -> None:
    answer = visitor.get(JSONLD)
    assert answer.content_type == "application/ld+json"
    document = json.loads(answer.data)
    assert document["@context"] == "https://schema.org"
    graph = {each["identifier"]: each for each in document["@graph"]}
    assert {each["@type"] for each in graph.values()} == {"TouristAttraction"}
    assert {"@language": "en", "@value": "Benten Pond"} in graph["pond"]["name"]
    assert graph["pond"]["openingHours"] == ["Mo,Tu,We,Th,Fr,Sa,Su 00:00-23:59"]
    assert "openingHours" not in graph["museum"]  # hours that one line cannot say
    assert graph["akiyoshido-main"]["isAccessibleForFree"] is False
    assert "geo" not in graph["bath"]
    assert graph["bath"]["telephone"] == "08396-2-0332"


@pytest.mark.parametrize("path", [CSV, GEOJSON, JSONLD])
def test_what_has_not_changed_is_not_sent_again(visitor: FlaskClient, path: str) -> None:
    first = visitor.get(path)
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age=300" in first.headers["Cache-Control"]
    again = visitor.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_nothing_in_the_list_runs_as_a_formula(visitor: FlaskClient, planner: Planner) -> None:
    planner.known.places["pond"].names["ja"] = "=HYPERLINK(1)"  # type: ignore[index]
    assert rows(visitor)["pond"]["名称"] == "'=HYPERLINK(1)"


def test_without_the_planner_it_says_so(visitor: FlaskClient, planner: Planner) -> None:
    def away(_: object) -> NoReturn:
        raise Failure(grpc.StatusCode.UNAVAILABLE, "")

    planner.answers["ListPois"] = away
    assert visitor.get(GEOJSON).status_code == 503
