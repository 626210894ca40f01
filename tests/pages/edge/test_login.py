"""Who may open what, and where an expired login leads."""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

import grpc
import pytest
from flask.testing import FlaskClient

from infra.local.home import ROOT
from meguri.directory.v1 import directory_service_pb2 as pb
from services.edge.language import own_path
from services.edge.parts import Parts
from tests.pages.edge.fakes import AWAY, SESSION, Failure, FakeServices, stamp

ORIGIN = {"Origin": "http://localhost"}


def test_a_page_for_staff_leads_to_the_login_and_back(browser: FlaskClient) -> None:
    answer = browser.get("/admin/users?x=1")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?next=/admin/users%3Fx%3D1"
    assert 'name="next" value="/admin/users?x=1"' in browser.get(answer.headers["Location"]).text


@pytest.mark.parametrize("away", [False, True])
def test_signing_in_ends_the_session_of_before(
    browser: FlaskClient, services: FakeServices, *, away: bool
) -> None:
    def sign_out(_: pb.SignOutRequest) -> pb.SignOutResponse:
        if away:
            raise AWAY
        return pb.SignOutResponse()

    services.answers["SignIn"] = lambda _: pb.SignInResponse(
        session_id=SESSION, user=services.user, expire_time=stamp(datetime(2100, 1, 1, tzinfo=UTC))
    )
    services.answers["SignOut"] = sign_out
    form = {"login_name": "hanako", "password": "p", "next": "/admin/users"}
    assert browser.post("/login", data=form, headers=ORIGIN).status_code == 303
    assert services.called("SignOut") == []  # there was none
    browser.set_cookie("meguri_session", "of-somebody-before")
    assert browser.post("/login", data=form, headers=ORIGIN).status_code == 303
    (request,) = services.called("SignOut")
    assert request.session_id == "of-somebody-before"


def test_signing_in_sets_a_cookie_scripts_cannot_read(
    browser: FlaskClient, services: FakeServices
) -> None:
    until = stamp(datetime(2100, 1, 1, tzinfo=UTC))
    services.answers["SignIn"] = lambda _: pb.SignInResponse(
        session_id=SESSION, user=services.user, expire_time=until
    )
    form = {"login_name": " Hanako ", "password": "p", "next": "/admin/users"}
    answer = browser.post("/login", data=form, headers=ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/users")
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    (request,) = services.called("SignIn")
    assert request.login_name == "hanako"
    assert browser.get("/admin/users").status_code == 200


def test_a_wrong_password_says_so_on_the_same_page(
    browser: FlaskClient, services: FakeServices
) -> None:
    def refuse(_: object) -> pb.SignInResponse:
        raise Failure(grpc.StatusCode.UNAUTHENTICATED, "SIGN_IN_REFUSED")

    services.answers["SignIn"] = refuse
    answer = browser.post("/login", data={"login_name": "a", "password": "b"}, headers=ORIGIN)
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "Set-Cookie" not in answer.headers


def test_an_expired_login_on_a_form_changes_nothing_and_leads_back(
    browser: FlaskClient, services: FakeServices
) -> None:
    browser.set_cookie("meguri_session", "a-session-that-is-over")
    answer = browser.post(
        "/admin/closures", data={}, headers={**ORIGIN, "Referer": "http://localhost/admin"}
    )
    assert answer.status_code == 401
    assert "/login?next=/admin" in answer.text
    assert "login_expired" in answer.text
    assert services.called("ClosePlace") == []


def test_a_role_that_does_not_include_the_page_is_told(
    browser: FlaskClient, services: FakeServices
) -> None:
    del services.user.roles[:]
    services.user.roles.append(pb.ROLE_CLERK)
    browser.set_cookie("meguri_session", SESSION)
    assert browser.get("/admin").status_code == 403


def test_the_services_are_told_who_calls(browser: FlaskClient, services: FakeServices) -> None:
    browser.set_cookie("meguri_session", SESSION)
    browser.get("/admin/users")
    (caller,) = [caller for name, _, caller in services.calls if name == "ReadSession"]
    assert (caller.principal, caller.area) == ("edge", "mine")


def test_a_session_is_remembered_for_a_moment_only(
    browser: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    browser.set_cookie("meguri_session", SESSION)
    browser.get("/admin/users")
    browser.get("/admin/users")
    assert len(services.called("ReadSession")) == 1
    parts.sessions.forget_all()  # what hearing does on user_changed
    browser.get("/admin/users")
    assert len(services.called("ReadSession")) == 2


def test_a_first_password_that_ended_is_told_and_one_that_will_is_too(
    browser: FlaskClient, services: FakeServices
) -> None:
    def refuse(_: object) -> pb.SignInResponse:
        raise Failure(grpc.StatusCode.UNAUTHENTICATED, "FIRST_PASSWORD_ENDED")

    services.answers["SignIn"] = refuse
    form = {"login_name": "a", "password": "b"}
    answer = browser.post("/login", data=form, headers={**ORIGIN, "Accept-Language": "en"})
    assert (answer.status_code, "Ask an admin for a new one" in answer.text) == (401, True)
    browser.set_cookie("meguri_session", SESSION)
    page = browser.get("/admin", headers={"Accept-Language": "en"}).text
    assert "made for you" not in page
    services.user.password_until_time.CopyFrom(stamp(datetime(2026, 12, 6, 16, tzinfo=UTC)))
    browser.application.extensions["meguri"].sessions.forget_all()
    page = browser.get("/admin", headers={"Accept-Language": "en"}).text
    assert "ends on Dec 7, 2026" in page  # of the area's time
    for path in ("/", "/till/display", "/gate"):  # what customers see says nothing of it
        assert "made for you" not in browser.get(path, headers={"Accept-Language": "en"}).text


def test_signing_out_clears_what_was_shown_and_not_what_waits(
    browser: FlaskClient, services: FakeServices
) -> None:
    services.answers["SignOut"] = lambda _: pb.SignOutResponse()
    browser.set_cookie("meguri_session", SESSION)
    found = re.search(r'name="form_token" value="(\w+)"', browser.get("/admin").text)
    assert found
    answer = browser.post("/logout", data={"form_token": found[1]}, headers=ORIGIN)
    assert answer.status_code == 303
    # "storage" would take the sales of a till that wait for a line, "cookies" which till it is.
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    script = (ROOT / "services/edge/static/js/sign-out.js").read_text()
    assert "caches.delete(COUNTERS)" in script
    assert "indexedDB" not in script


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "/a\r\nb",
        "/till/../..",
        "/till/./x",
        "/till/%2e%2E/admin?x=1",
        "/till/..#part",
        "/..",
    ],
)
def test_no_next_leads_off_the_site(path: str) -> None:
    assert own_path(path) == "/"


@pytest.mark.parametrize("path", ["/", "/admin/users?x=1", "/g/8WXC3", "/a..b/.c?d=/../e"])
def test_own_paths_are_kept(path: str) -> None:
    assert own_path(path) == path
    assert urlsplit(path).netloc == ""


def sign_in_with(browser: FlaskClient, services: FakeServices, name: str) -> pb.SignInRequest:
    services.answers["SignIn"] = lambda _: pb.SignInResponse(
        session_id=SESSION, user=services.user, expire_time=stamp(datetime(2100, 1, 1, tzinfo=UTC))
    )
    browser.post("/login", data={"login_name": name, "password": "p"}, headers=ORIGIN)
    request: pb.SignInRequest = services.called("SignIn")[-1]
    return request


def test_a_browser_is_known_again_for_the_name_it_signed_in(
    browser: FlaskClient, services: FakeServices
) -> None:
    assert sign_in_with(browser, services, "hanako").known_browser == b""
    first = sign_in_with(browser, services, " Hanako ").known_browser
    assert len(first) >= 16
    assert sign_in_with(browser, services, "hanako").known_browser == first
    assert sign_in_with(browser, services, "taro").known_browser == b""
    assert sign_in_with(browser, services, "hanako").known_browser == b""


@pytest.mark.parametrize("cookie", ["", ".", "abc", "abc.", f"abc.{'0' * 64}", "a.b.c", "あ.い"])
def test_a_cookie_made_up_makes_no_known_browser(
    browser: FlaskClient, services: FakeServices, cookie: str
) -> None:
    browser.set_cookie("meguri_known", cookie, path="/login")
    assert sign_in_with(browser, services, "hanako").known_browser == b""


def test_a_wrong_password_makes_no_known_browser(
    browser: FlaskClient, services: FakeServices
) -> None:
    def refuse(_: object) -> pb.SignInResponse:
        raise Failure(grpc.StatusCode.UNAUTHENTICATED, "SIGN_IN_REFUSED")

    services.answers["SignIn"] = refuse
    answer = browser.post("/login", data={"login_name": "a", "password": "b"}, headers=ORIGIN)
    assert "meguri_known" not in answer.headers.get("Set-Cookie", "")


def test_directory_is_told_the_network_and_never_the_address(
    browser: FlaskClient, services: FakeServices
) -> None:
    def told(address: str) -> bytes:
        browser.post(
            "/login", data={"login_name": "a", "password": "b"}, headers=ORIGIN,
            environ_overrides={"REMOTE_ADDR": address},
        )  # fmt: skip
        request = services.called("SignIn")[-1]
        assert address.encode() not in request.SerializeToString()
        return bytes(request.sender)

    assert told("2001:db8:1:2::1") == told("2001:db8:1:2:3::9") != told("2001:db8:1:3::1")
    assert told("192.0.2.1") != told("192.0.2.2")
