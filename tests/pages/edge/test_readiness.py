"""Readiness tells a disk that gets full, and one that is full from parts that are away."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kit import disk
from services.edge import operation
from tests.pages.edge.fakes import SESSION

ALL_WELL = dict.fromkeys((*operation.SERVICES, "nats"), "ok")


@pytest.fixture(autouse=True)
def _well(monkeypatch: pytest.MonkeyPatch) -> None:
    """All other parts answer; nothing is kept from an earlier question."""
    monkeypatch.setattr(operation, "_check", lambda _clients, _name: "ok")
    monkeypatch.setattr(operation, "_kept", {})


def room(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    monkeypatch.setattr(disk, "look", lambda _folder: disk.Room(1, 2, state))


@pytest.fixture
def hearing(browser: FlaskClient) -> None:
    browser.application.extensions["meguri"].hearing.connected = True


@pytest.mark.parametrize(
    ("state", "code", "reason"),
    [("ok", 200, None), ("disk_low", 200, None), ("disk_full", 503, "disk_full")],
)
def test_a_full_disk_is_not_ready_and_says_why(
    browser: FlaskClient, hearing: None, monkeypatch: pytest.MonkeyPatch, state: str, code: int,
    reason: str | None,
) -> None:  # fmt: skip
    room(monkeypatch, state)
    answer = browser.get("/readyz")
    assert answer.status_code == code
    assert answer.json is not None
    assert answer.json["parts"] == ALL_WELL | {"disk": state}
    assert answer.json.get("reason") == reason


def test_a_database_that_is_away_is_not_ready_and_says_why(
    browser: FlaskClient, hearing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    room(monkeypatch, "ok")
    state = {"payments": "database_away"}
    monkeypatch.setattr(operation, "_check", lambda _, name: state.get(name, "ok"))
    answer = browser.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "degraded", "reason": "database_away", "parts": ALL_WELL | state | {"disk": "ok"},
    }  # fmt: skip
    state.clear()
    monkeypatch.setattr(operation, "_kept", {})
    assert browser.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("state", "light", "said"),
    [
        ("ok", "ok", "正常"),
        ("disk_low", "warn", "数日のうちに"),
        ("disk_full", "bad", "今すぐ消して"),
    ],
)
def test_the_operation_page_says_what_to_do(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch, state: str, light: str, said: str
) -> None:
    room(monkeypatch, state)
    browser.set_cookie("meguri_session", SESSION)
    page = browser.get("/admin", headers={"Accept-Language": "ja"}).text
    lamps = page.split('class="lights"')[1].split("</ul>")[0].split("<li")
    assert f"light--{light}" in next(lamp for lamp in lamps if "ディスク" in lamp)
    assert said in page


class Slow:
    """Checks that end when they are let go."""

    def __init__(self) -> None:
        self.asked, self.go = 0, threading.Event()

    def check(self, _clients: Any, _name: str) -> str:
        self.asked += 1
        self.go.wait(5)
        return "ok"


def test_however_many_ask_at_once_each_service_is_asked_once(
    app: Flask, browser: FlaskClient, hearing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks without an earlier answer waits for that of the first."""
    room(monkeypatch, "ok")
    slow = Slow()
    monkeypatch.setattr(operation, "_check", slow.check)
    with ThreadPoolExecutor(30) as strangers:
        asked = [strangers.submit(lambda: app.test_client().get("/readyz")) for _ in range(30)]
        time.sleep(0.2)
        slow.go.set()
        assert {each.result().status_code for each in asked} == {200}
    assert slow.asked == len(operation.SERVICES)


def test_while_one_asks_the_others_are_told_the_last_answer_if_it_is_young(
    app: Flask, browser: FlaskClient, hearing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    room(monkeypatch, "ok")
    slow = Slow()
    monkeypatch.setattr(operation, "_check", slow.check)
    monkeypatch.setattr(operation, "WAIT_S", 0.05)
    last = ALL_WELL | {"disk": "ok", "payments": "away"}
    monkeypatch.setattr(operation, "_kept", {"all": (time.monotonic() - 2, last)})
    with ThreadPoolExecutor(1) as first:
        asking = first.submit(lambda: app.test_client().get("/readyz"))
        while not slow.asked:
            time.sleep(0.01)
        told = browser.get("/readyz")
        monkeypatch.setattr(operation, "_kept", {"all": (time.monotonic() - 60, last)})
        waited = browser.get("/readyz")
        slow.go.set()
        assert asking.result().status_code == 200
    assert (told.status_code, told.json and told.json["parts"]) == (503, last)
    assert waited.status_code == 503
    assert set(waited.json["parts"].values()) == {"unknown"}  # type: ignore[index]


@pytest.mark.parametrize(
    ("host", "headers", "seen"),
    [
        ("127.0.0.1:8080", {}, True), ("[::1]:8080", {}, True), ("192.168.1.4", {}, True),
        ("edge:8080", {}, True), ("demo.localhost:8080", {}, True),
        ("pod.svc.cluster.local", {}, True),
        ("guide.example.jp", {}, False), ("guide.example.jp:8443", {}, False),
        ("evil.localhost.example", {}, False),
        ("127.0.0.1:8080", {"X-Forwarded-For": "203.0.113.9"}, False),
        ("edge", {"Forwarded": "for=203.0.113.9"}, False),
    ],
)  # fmt: skip
def test_figures_of_the_machine_are_not_for_the_world_whoever_lets_it_in(
    browser: FlaskClient, hearing: None, monkeypatch: pytest.MonkeyPatch, host: str,
    headers: dict[str, str], *, seen: bool,
) -> None:  # fmt: skip
    room(monkeypatch, "ok")
    for path in operation.INSIDE:
        answer = browser.get(path, base_url=f"http://{host}", headers=headers)
        assert answer.status_code == (200 if seen else 404)
    assert browser.get("/healthz", base_url=f"http://{host}").status_code == 200
