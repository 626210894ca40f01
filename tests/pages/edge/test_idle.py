"""A session that nobody uses ends after an hour, where no customer waits; what was typed stays."""

import html
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from meguri.directory.v1 import directory_service_pb2 as pb
from services.edge import idle
from services.edge.idle import IDLE_S, TELL_EVERY_S, Uses
from services.edge.kept_forms import FIELDS
from services.edge.parts import Parts
from tests import noted
from tests.pages.edge.fakes import SESSION, FakeServices, stamp

BEGIN = 1_800_000_000.0
PAGE = {"Origin": "http://localhost", "Accept": "text/html", "Accept-Language": "en"}
DATA = {"Origin": "http://localhost", "Accept": "*/*"}
HIDDEN = re.compile(r'type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture
def clock(parts: Parts) -> list[float]:
    now = [BEGIN]
    parts.uses = Uses(parts.uses._tell, lambda: now[0])
    return now


@pytest.fixture
def desk(browser: FlaskClient, services: FakeServices, parts: Parts) -> FlaskClient:
    """Somebody is signed in; directory last heard of a use at BEGIN."""
    browser.set_cookie("meguri_session", SESSION)
    used = stamp(datetime.fromtimestamp(BEGIN, UTC))
    services.answers |= {
        "ReadSession": lambda _: pb.ReadSessionResponse(user=services.user, use_time=used),
        "NoteSessionUse": lambda _: pb.NoteSessionUseResponse(),
        "SignOut": lambda _: pb.SignOutResponse(),
        "SignIn": lambda _: pb.SignInResponse(
            session_id=SESSION,
            user=services.user,
            expire_time=stamp(datetime(2100, 1, 1, tzinfo=UTC)),
        ),
    }
    return browser


def token_of(desk: FlaskClient) -> str:
    found = re.search(r'name="form_token" value="(\w+)"', desk.get("/admin", headers=PAGE).text)
    assert found
    return found[1]


@pytest.mark.parametrize("path", ["/admin", "/studio/today", "/account", "/week"])
def test_a_page_asks_to_sign_in_after_an_hour_and_the_session_is_over(
    desk: FlaskClient, services: FakeServices, clock: list[float], path: str,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    noted.listen()
    clock[0] = BEGIN + IDLE_S - 1
    assert desk.get(path, headers=DATA).status_code != 303
    assert services.called("SignOut") == []
    clock[0] = BEGIN + IDLE_S + 1
    answer = desk.get(path, headers=PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/login?next={path}")
    (ended,) = services.called("SignOut")
    assert ended.session_id == SESSION
    assert [each["event"] for each in noted.security(capfd)] == ["session_idle"]


def test_whoever_works_is_asked_nothing_for_the_whole_day(
    desk: FlaskClient, services: FakeServices, clock: list[float]
) -> None:
    for _ in range(30):
        clock[0] += 0.9 * IDLE_S / 2
        assert desk.get("/admin", headers=PAGE).status_code == 200
    told = services.called("NoteSessionUse")
    assert len(told) == 30
    assert {(each.session_id, each.part, each.counts) for each in told} == {
        (SESSION, "/admin", True)
    }


def test_what_a_page_asks_by_itself_keeps_no_session_open(
    desk: FlaskClient, services: FakeServices, clock: list[float]
) -> None:
    for _ in range(8):
        clock[0] += IDLE_S / 8
        desk.get("/admin", headers=DATA)
    assert services.called("NoteSessionUse") == []
    clock[0] += 1
    assert desk.get("/admin", headers=DATA).status_code == 303


def test_a_till_stays_open_and_opens_no_office(
    desk: FlaskClient, services: FakeServices, clock: list[float]
) -> None:
    for _ in range(4):
        clock[0] += 0.9 * IDLE_S
        assert desk.get("/till/choose", headers=PAGE).status_code != 303
    assert [each.counts for each in services.called("NoteSessionUse")] == [False]
    assert desk.get("/till/office", headers=PAGE).status_code == 303
    assert desk.get("/admin", headers=PAGE).status_code == 303


def test_directory_is_told_every_few_minutes_and_when_the_part_changes() -> None:
    told: list[tuple[Any, ...]] = []
    now = [BEGIN]
    uses = Uses(lambda *what: told.append(what), lambda: now[0])
    for _ in range(int(TELL_EVERY_S)):
        uses.see("mine", "s", "/studio", counts=True)
        now[0] += 1
    assert told == [("mine", "s", "/studio", True)]
    uses.see("mine", "s", "/studio", counts=True)
    uses.see("mine", "s", "/till", counts=False)
    now[0] += 10 * TELL_EVERY_S
    uses.see("mine", "s", "/till", counts=False)
    assert [each[2] for each in told] == ["/studio", "/studio", "/till"]
    uses.see("mine", "other", "/till", counts=False)
    assert len(told) == 4


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "KEPT_AT_MOST", 10)
    uses = Uses(lambda *_: None, lambda: BEGIN)
    for number in range(100):
        uses.see("mine", str(number), "/studio", counts=True)
    assert len(uses._seen) <= 10
    assert uses.is_over("mine", "0", BEGIN - IDLE_S - 1)


def late(desk: FlaskClient, clock: list[float], path: str, form: Any) -> Any:
    token = token_of(desk)
    clock[0] = BEGIN + 3 * IDLE_S
    return desk.post(path, data=MultiDict([*form, ("form_token", token)]), headers=PAGE)


def test_what_was_typed_comes_back_and_is_sent_by_one_button(
    desk: FlaskClient, services: FakeServices, clock: list[float], parts: Parts
) -> None:
    form = [("request_id", "r-12345678"), ("place_id", "akiyoshido-kurotani"), ("reason", "flood"),
            ("until", "unknown"), ("note", "水が <b>出て</b> います")]  # fmt: skip
    asked = late(desk, clock, "/admin/closures", form)
    assert asked.status_code == 401
    assert "What you typed is kept" in asked.text
    assert services.called("ClosePlace") == []
    hidden = {name: html.unescape(value) for name, value in HIDDEN.findall(asked.text)}
    parts.uses = Uses(lambda *_: None, lambda: BEGIN)
    page = desk.post(
        "/login", data={**hidden, "login_name": "hanako", "password": "p"}, headers=PAGE
    )
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "水が &lt;b&gt;出て&lt;/b&gt; います" in page.text
    assert services.called("ClosePlace") == [], "nothing is sent before somebody presses"
    sent = re.search(r'<form class="section" method="post" action="/admin/closures">.*?</form>',
                     page.text, re.DOTALL)  # fmt: skip
    assert sent
    given = {name: html.unescape(value) for name, value in HIDDEN.findall(sent[0])}
    assert desk.post("/admin/closures", data=given, headers=PAGE).status_code == 303
    (call,) = services.called("ClosePlace")
    assert (call.request_id, call.note) == ("r-12345678", "水が <b>出て</b> います")


def test_another_person_sees_nothing_of_it(
    desk: FlaskClient, services: FakeServices, clock: list[float]
) -> None:
    asked = late(desk, clock, "/admin/closures", [("note", "not for others"), ("request_id", "r")])
    hidden = {name: html.unescape(value) for name, value in HIDDEN.findall(asked.text)}
    assert "not for others" in hidden[FIELDS]
    services.user.user_id = "u7"
    answer = desk.post("/login", data={**hidden, "login_name": "x", "password": "p"}, headers=PAGE)
    assert answer.status_code == 303
    assert "not for others" not in answer.text


@pytest.mark.parametrize("path", ["/account/password", "/account/second-step"])
def test_passwords_are_kept_in_no_page(desk: FlaskClient, clock: list[float], path: str) -> None:
    asked = late(desk, clock, path, [("current", "my old secret"), ("step_password", "my secret")])
    assert asked.status_code == 401
    assert "secret" not in asked.text
