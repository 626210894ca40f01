"""`/api/v1/itineraries`: shapes, refusals, and agreement with the OpenAPI document."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.edge.openapi import document
from tests.pages.plan.conftest import PLAN_ID, Planner

PATH = "/api/v1/itineraries"
BODY: dict[str, Any] = {
    "visit_date": "2026-11-21", "start": {"place_id": "akiyoshido-main"}, "start_time": "09:30",
    "end_time": "16:30", "mode": "car", "party": {"adults": 2}, "seed": 1,
}  # fmt: skip


def check(name: str, value: Any) -> None:
    schemas = {"components": {"schemas": document()["components"]["schemas"]}}
    jsonschema: Any = pytest.importorskip("jsonschema")
    schema = {"$ref": f"#/components/schemas/{name}", **schemas}
    jsonschema.Draft202012Validator(schema).validate(value)


def test_a_plan_is_made_kept_and_read(visitor: FlaskClient) -> None:
    made = visitor.post(PATH, json=BODY, headers={"Accept-Language": "ko"})
    assert (made.status_code, made.location) == (201, f"{PATH}/{PLAN_ID}")
    plan = made.json
    assert plan
    check("TripRequest", BODY)
    check("Itinerary", plan)
    assert plan["status"] == "planned"
    assert plan["depart_time"] == "2026-11-21T09:30:00+09:00"
    assert len(plan["legs"]) == len(plan["visits"]) + 1
    pond = next(visit for visit in plan["visits"] if visit["poi_id"] == "pond")
    assert (pond["name"], pond["locale"], pond["requested_locale"], pond["fallback"]) == (
        "Benten Pond", "en", "ko", True,
    )  # fmt: skip
    assert pond["location"]["quality"] == "source"
    assert {left["why"] for left in plan["left_out"]} >= {"closed_that_day"}
    assert visitor.get(made.location, headers={"Accept-Language": "ko"}).json == plan


def test_contradictions_are_a_plan_and_not_an_error(visitor: FlaskClient) -> None:
    answer = visitor.post(PATH, json={**BODY, "must": ["museum"]})
    assert answer.status_code == 201
    assert answer.json
    assert answer.json["status"] == "conflict"
    assert answer.json["conflicts"][0]["kind"] == "must_visit_impossible"
    assert answer.json["conflicts"][0]["why_out"] == "closed_that_day"
    check("Itinerary", answer.json)


def test_times_may_be_rfc_3339(visitor: FlaskClient, planner: Planner) -> None:
    visitor.post(PATH, json={**BODY, "start_time": "2026-11-21T10:05:00+09:00"})
    assert planner.called("PlanItinerary")[0].trip.start_minute == 605


def test_own_points_budget_and_end(visitor: FlaskClient, planner: Planner) -> None:
    body = {**BODY, "start": {"latitude": 34.22, "longitude": 131.3}, "budget_yen": 0,
            "end": {"place_id": "pond"}}  # fmt: skip
    assert visitor.post(PATH, json=body).status_code == 201
    trip = planner.called("PlanItinerary")[0].trip
    assert trip.start.point.latitude == 34.22
    assert trip.end.place_id == "pond"
    assert trip.HasField("budget_amount_yen")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"visit_date": 20261121}, "visit_date"), ({"visit_date": None}, "visit_date"),
        ({"start": "akiyoshido-main"}, "start"), ({"start": {"latitude": "x"}}, "start"),
        ({"start": {"latitude": 1e999, "longitude": 0}}, "start"), ({"start": None}, "start"),
        ({"start": {"latitude": True, "longitude": False}}, "start"), ({"end": 5}, "end"),
        ({"start_time": "25"}, "start_time"), ({"end_time": -60}, "end_time"),
        ({"mode": "unspecified"}, "mode"), ({"pace": 7}, "pace"), ({"must": "pond"}, "must"),
        ({"must": [1]}, "must"), ({"must": ["pond"] * 9}, None),
        ({"must": list("abcdefghi")}, "must"),
        ({"never": {}}, "never"), ({"never": [None]}, "never"),
        ({"interests": "nature"}, "interests"), ({"interests": ["war"]}, "interests"),
        ({"party": 2}, "party"), ({"party": {"dogs": 1}}, "party"), ({"party": {}}, "party"),
        ({"party": {"adults": 1.5}}, "adults"), ({"party": {"adults": 10**9}}, "party"),
        ({"budget_yen": -1}, "budget_yen"), ({"budget_yen": True}, "budget_yen"),
        ({"budget_yen": 2**70}, "budget_yen"), ({"seed": "x"}, "seed"),
        ({"request_id": "short"}, "request_id"), ({"request_id": 12345678}, "request_id"),
    ],
)  # fmt: skip
def test_each_wrong_field_is_named(
    visitor: FlaskClient, planner: Planner, change: dict[str, Any], field: str | None
) -> None:
    answer = visitor.post(
        PATH, data=json.dumps({**BODY, **change}), content_type="application/json"
    )
    if field is None:
        assert answer.status_code == 201
        return
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.json
    assert answer.json["reason"] == "invalid_fields"
    assert field in [error["field"] for error in answer.json["errors"]]
    assert not planner.called("PlanItinerary")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'"plan"', b"\xff\xfe"])
def test_what_is_no_json_object_is_malformed(visitor: FlaskClient, body: bytes) -> None:
    answer = visitor.post(PATH, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json
    assert answer.json["reason"] == "malformed_json"


def test_the_idempotency_key_is_passed_on(visitor: FlaskClient, planner: Planner) -> None:
    visitor.post(PATH, json=BODY, headers={"Idempotency-Key": "bus-load-0001"})
    visitor.post(PATH, json={**BODY, "request_id": "bus-load-0002"})
    visitor.post(PATH, json=BODY)
    ids = [call.request_id for call in planner.called("PlanItinerary")]
    assert ids[:2] == ["bus-load-0001", "bus-load-0002"]
    assert len(set(ids)) == 3


def test_unknown_and_away(visitor: FlaskClient, planner: Planner) -> None:
    assert visitor.get(f"{PATH}/nonsense").status_code == 404
    planner.away.add("itinerary")
    answer = visitor.post(PATH, json=BODY)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
