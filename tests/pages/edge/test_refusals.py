"""Floods and forms of others are security events: by the minute, and of nobody."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.edge import rates
from services.edge.errors import Problem
from services.edge.refusals import Refusals
from tests import noted

HERE = {"Origin": "http://localhost"}


@pytest.fixture
def minute(app: Flask) -> list[float]:
    """The clock of what is counted, in seconds."""
    now = [1_800_000_000.0]
    app.extensions["meguri"].refusals = Refusals(lambda: now[0])
    return now


def told(capfd: pytest.CaptureFixture[str]) -> list[tuple[str, str, str, int]]:
    return [
        (each["area"], each["why"], each["route"], each["count"])
        for each in noted.security(capfd)
        if each["event"] == "requests_refused"
    ]


def test_a_minute_has_one_line_for_a_reason_and_a_route(
    browser: FlaskClient, minute: list[float], capfd: pytest.CaptureFixture[str]
) -> None:
    noted.listen()
    for _ in range(7):
        browser.post("/language", data={}, headers={"Origin": "http://evil.example"})
    browser.post("/api/v1/scans", data="{", headers=HERE, content_type="application/json")
    assert told(capfd) == []
    minute[0] += 60
    browser.get("/healthz")
    assert told(capfd) == [
        ("mine", "foreign_origin", "/language", 7),
        ("mine", "malformed_json", "/api/v1/scans", 1),
    ]
    minute[0] += 60
    browser.get("/healthz")
    assert told(capfd) == []


def test_a_flood_is_counted_and_says_nothing_of_who(
    browser: FlaskClient, minute: list[float], monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def full(*_: Any) -> None:
        raise Problem(429, "too_many_requests", retry_after_s=9)

    monkeypatch.setattr(rates.Rates, "check", full)
    noted.listen()
    for number in range(20):
        browser.post(
            "/login", data={"login_name": "my-secret", "password": "typed"}, headers=HERE,
            environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"},
        )  # fmt: skip
    minute[0] += 61
    browser.get("/healthz")
    lines = noted.security(capfd)
    assert [(each["why"], each["count"]) for each in lines] == [("too_many_requests", 20)]
    text = json.dumps(lines)
    assert not any(word in text for word in ("192.0.2", "my-secret", "typed"))


def test_pages_that_are_not_there_are_no_attempt(
    browser: FlaskClient, minute: list[float], capfd: pytest.CaptureFixture[str]
) -> None:
    noted.listen()
    browser.get("/no/such/page")
    browser.get("/admin")
    minute[0] += 60
    browser.get("/healthz")
    assert told(capfd) == []
