"""The own login: another password by the one of before, and who else is signed in as oneself."""

import re
from datetime import UTC, datetime

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as pb
from tests import noted
from tests.pages.edge.fakes import SESSION, Failure, FakeServices, stamp

EN = {"Origin": "http://localhost", "Accept-Language": "en"}
OLD, NEW = "the password of before", "otter lantern plum 42"


@pytest.fixture
def own(browser: FlaskClient, services: FakeServices) -> FlaskClient:
    """Somebody is signed in here and once elsewhere."""
    browser.set_cookie("meguri_session", SESSION)
    moment = stamp(datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
    services.answers |= {
        "ListOwnSessions": lambda _: pb.ListOwnSessionsResponse(sessions=[
            pb.OwnSession(begin_time=moment, expire_time=moment, asking=True),
            pb.OwnSession(begin_time=moment, expire_time=moment, use_time=moment, part="/studio",
                          handle="ab" * 16),
        ]),
        "ChangeOwnPassword": lambda _: pb.ChangeOwnPasswordResponse(ended_count=1),
        "EndOwnSessions": lambda _: pb.EndOwnSessionsResponse(ended_count=1),
    }  # fmt: skip
    return browser


def hidden_of(page: str, action: str) -> dict[str, str]:
    form = re.search(rf'<form method="post" action="{action}">.*?</form>', page, re.DOTALL)
    assert form
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))


def change(own: FlaskClient, **words: str) -> tuple[int, str]:
    hidden = hidden_of(own.get("/account", headers=EN).text, "/account/password")
    given = {"current": OLD, "new": NEW, "again": NEW} | words
    answer = own.post("/account/password", data=hidden | given, headers=EN)
    return answer.status_code, answer.headers.get("Location") or answer.text


def test_the_page_says_where_one_is_signed_in_in_the_area_s_time(own: FlaskClient) -> None:
    answer = own.get("/account", headers=EN)
    assert answer.text.count("since 2026-12-01 08:30") == 2
    assert answer.text.count(">here<") == 1
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.count('autocomplete="new-password"') == 2
    assert answer.text.count('type="password"') == 5
    assert '<a href="/account">' in own.get("/admin/users", headers=EN).text


def test_another_password_is_handed_on_with_the_session_that_stays(
    own: FlaskClient, services: FakeServices
) -> None:
    assert change(own) == (303, "/account?changed=password")
    (call,) = services.called("ChangeOwnPassword")
    assert (call.session_id, call.current_password, call.new_password) == (SESSION, OLD, NEW)
    assert call.request_id
    assert "signed out" in own.get("/account?changed=password", headers=EN).text


@pytest.mark.parametrize("words", [
    {"new": "short", "again": "short"}, {"new": "", "again": ""}, {"again": "something else"},
    {"new": "x" * 201, "again": "x" * 201},
])  # fmt: skip
def test_what_is_no_password_is_said_and_sent_nowhere(
    own: FlaskClient, services: FakeServices, words: dict[str, str]
) -> None:
    status, page = change(own, **words)
    assert (status, services.called("ChangeOwnPassword")) == (400, [])
    assert "Nothing was changed" in page
    assert OLD not in page
    assert NEW not in page


@pytest.mark.parametrize(("code", "reason", "said"), [
    (grpc.StatusCode.FAILED_PRECONDITION, "PASSWORD_WRONG", "The password of before is wrong."),
    (grpc.StatusCode.FAILED_PRECONDITION, "PASSWORD_TOO_EASY", "easy to guess"),
    (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_ATTEMPTS", "Wait ten minutes"),
])  # fmt: skip
def test_a_refusal_stands_at_its_field(
    own: FlaskClient, services: FakeServices, code: grpc.StatusCode, reason: str, said: str
) -> None:
    def refuse(_: pb.ChangeOwnPasswordRequest) -> pb.ChangeOwnPasswordResponse:
        raise Failure(code, reason)

    services.answers["ChangeOwnPassword"] = refuse
    status, page = change(own)
    assert status == 400
    assert page.count(said) == 2  # above, and at the field
    assert OLD not in page


@pytest.mark.parametrize("path", ["/account", "/admin", "/admin/users", "/week", "/studio/today"])
def test_the_way_out_is_on_every_page_of_the_staff(own: FlaskClient, path: str) -> None:
    page = own.get(path, headers=EN).text
    assert '<form method="post" action="/logout">' in page
    assert '<a href="/account">' in page


def test_whoever_opens_what_is_not_theirs_is_noted(
    own: FlaskClient, services: FakeServices, capfd: pytest.CaptureFixture[str]
) -> None:
    services.user.roles[:] = [pb.ROLE_CLERK]
    noted.listen()
    assert own.get("/admin/users", headers=EN).status_code == 403
    assert own.post("/till/lock", data={}, headers=EN).status_code == 403
    told = [(each["event"], each["user_id"], each["route"]) for each in noted.security(capfd)]
    assert told == [
        ("page_not_allowed", "u1", "/admin/users"), ("form_refused", "u1", "/till/lock"),
    ]  # fmt: skip


@pytest.mark.parametrize(("which", "said"), [("", "sessions"), ("ab" * 16, "session")])
def test_one_session_or_all_others_are_ended_by_the_password(
    own: FlaskClient, services: FakeServices, which: str, said: str
) -> None:
    page = own.get("/account", headers=EN).text
    assert f'name="which" value="{which}"' in page
    hidden = hidden_of(page, "/account/sessions/end")
    given = hidden | {"end_password": OLD, "which": which}
    answer = own.post("/account/sessions/end", data=given, headers=EN)
    assert answer.headers["Location"] == f"/account?changed={said}"
    (call,) = services.called("EndOwnSessions")
    assert (call.session_id, call.current_password, call.handle) == (SESSION, OLD, which)
    assert "signed out" in own.get(answer.headers["Location"], headers=EN).text


@pytest.mark.parametrize(("code", "reason", "told"), [
    (grpc.StatusCode.FAILED_PRECONDITION, "PASSWORD_WRONG", "The password of before is wrong."),
    (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_ATTEMPTS", "Wait ten minutes"),
])  # fmt: skip
def test_no_session_is_ended_without_the_password(
    own: FlaskClient, services: FakeServices, code: grpc.StatusCode, reason: str, told: str
) -> None:
    def refuse(_: pb.EndOwnSessionsRequest) -> pb.EndOwnSessionsResponse:
        raise Failure(code, reason)

    services.answers["EndOwnSessions"] = refuse
    hidden = hidden_of(own.get("/account", headers=EN).text, "/account/sessions/end")
    answer = own.post("/account/sessions/end", data=hidden | {"end_password": "x"}, headers=EN)
    assert answer.status_code == 400
    assert answer.text.count(told) == 2


def test_a_session_says_when_and_in_which_part_and_nothing_of_the_browser(
    own: FlaskClient,
) -> None:
    page = own.get(
        "/account", headers=EN | {"User-Agent": "Mozilla/5.0 (a browser)"},
        environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
    ).text  # fmt: skip
    assert "last at: Texts" in page
    assert "used 2026-12-01 08:30" in page
    assert "192.0.2.7" not in page
    assert "Mozilla" not in page


def test_where_else_nobody_is_signed_in_there_is_nothing_to_end(
    own: FlaskClient, services: FakeServices
) -> None:
    one = pb.ListOwnSessionsResponse(sessions=[pb.OwnSession(asking=True)])
    services.answers["ListOwnSessions"] = lambda _: one
    page = own.get("/account", headers=EN).text
    assert "Nowhere else." in page
    assert 'name="which"' not in page
