"""The guide for programs: shapes that stay, bad input refused with a stable reason."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from tests.pages.edge.fakes import FakeServices

SCAN = {"scan_id": "0198c0de-0000-7000-8000-000000000001", "stop_code": "8WXC3"}


def test_stops_have_the_promised_shape(browser: FlaskClient) -> None:
    answer = browser.get("/api/v1/stops", headers={"Accept-Language": "zh-TW"}).get_json()
    first = answer["stops"][0]
    assert {"stop_code", "name", "locale", "requested_locale", "state", "fallback"} <= set(first)
    assert first["name"] == "正面入口"
    assert answer["next"] is None


def test_stops_are_paged(browser: FlaskClient) -> None:
    seen: list[str] = []
    after = ""
    for _ in range(4):
        page = browser.get(f"/api/v1/stops?limit=1&after={after}").get_json()
        seen += [stop["stop_code"] for stop in page["stops"]]
        after = page["next"] or ""
    assert seen == ["K7Q2X", "M4T9B", "8WXC3", "P5RJ6"]
    assert after == ""


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=x", "limit=501", "after=NONE"])
def test_bad_pages_are_refused(browser: FlaskClient, query: str) -> None:
    answer = browser.get(f"/api/v1/stops?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["errors"]


def test_a_stop_says_the_truth_about_each_text(browser: FlaskClient) -> None:
    stop = browser.get("/api/v1/stops/8wxc3?locale=zh-Hant").get_json()
    paragraph = stop["paragraphs"][1]
    assert paragraph["locale"] == "en"
    assert paragraph["requested_locale"] == "zh-Hant"
    assert paragraph["fallback"] is True
    assert stop["next"] == "P5RJ6"


def test_an_unknown_stop_has_a_stable_reason(browser: FlaskClient) -> None:
    answer = browser.get("/api/v1/stops/8WXC4", headers={"Accept-Language": "ja"})
    assert answer.status_code == 404
    problem = answer.get_json()
    assert problem["reason"] == "unknown_stop_code"
    assert problem["cause"] == "stop_code_mistyped"
    assert "案内板" in problem["title"]


def test_an_etag_answers_304(browser: FlaskClient) -> None:
    etag = browser.get("/api/v1/stops").headers["ETag"]
    assert browser.get("/api/v1/stops", headers={"If-None-Match": etag}).status_code == 304


def test_scans_are_handed_on_and_the_same_body_is_the_same_request(
    browser: FlaskClient, services: FakeServices
) -> None:
    services.answers["RecordScans"] = lambda _: pb.RecordScansResponse(recorded_count=1)
    for _ in range(2):
        answer = browser.post("/api/v1/scans", json={"scans": [SCAN]})
        assert answer.get_json() == {"recorded": 1, "repeated": 0, "rejected": []}
    first, second = services.called("RecordScans")
    assert first.request_id == second.request_id
    assert first.scans[0].stop_code == "8WXC3"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "scans"),
        ({"scans": []}, "scans"),
        ({"scans": "x"}, "scans"),
        ({"scans": [SCAN] * 501}, "scans"),
        ({"scans": [1]}, "scans[0]"),
        ({"scans": [SCAN, {"stop_code": "8WXC3"}]}, "scans[1].scan_id"),
        ({"scans": [{**SCAN, "stop_code": ""}]}, "scans[0].stop_code"),
        ({"scans": [{**SCAN, "served_locale": 5}]}, "scans[0].served_locale"),
        ({"scans": [{**SCAN, "scan_time": "yesterday"}]}, "scans[0].scan_time"),
        ({"scans": [{**SCAN, "scan_time": "2026-11-21T10:00:00"}]}, "scans[0].scan_time"),
    ],
)
def test_bad_scans_are_refused_whole(
    browser: FlaskClient, services: FakeServices, body: Any, field: str
) -> None:
    answer = browser.post("/api/v1/scans", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["field"] == field
    assert services.called("RecordScans") == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"nul", b"\xff\xfe", b'"text"'])
def test_malformed_json_has_its_reason(browser: FlaskClient, body: bytes) -> None:
    answer = browser.post("/api/v1/scans", data=body)
    assert answer.status_code == 400
    assert answer.get_json()["reason"] == "malformed_json"


def test_the_host_somebody_made_up_is_in_nobody_elses_answer(browser: FlaskClient) -> None:
    browser.get("/api/v1/stops", headers={"Host": "6.6.6.6", "Accept-Language": "ja"})
    assert "6.6.6.6" not in browser.get("/api/v1/stops", headers={"Accept-Language": "ja"}).text
    app = browser.application
    ready = app.extensions["meguri"].ready
    assert ready.get("mine", "/api/v1/stops", "ja") is None
