"""Every answer carries the headers; a foreign or oversized request changes nothing."""

import re
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, run_wsgi_app

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from tests.pages.edge.fakes import SESSION, Failure, FakeServices, stamp


def sign_in(browser: FlaskClient) -> None:
    browser.set_cookie("meguri_session", SESSION)


def token_of(page: str) -> str:
    found = re.search(r'name="form_token" value="(\w+)"', page)
    assert found
    return found[1]


def close(browser: FlaskClient, **fields: str) -> int:
    form = {
        "place_id": "akiyoshido-kurotani",
        "reason": "flood",
        "request_id": "r-12345678",
        "until": "unknown",
        **fields,
    }
    return browser.post(
        "/admin/closures", data=form, headers={"Origin": "http://localhost"}
    ).status_code


@pytest.mark.parametrize(
    "path", ["/", "/g/8WXC3", "/g/", "/login", "/healthz", "/nope", "/api/v1/stops"]
)
def test_no_page_allows_inline_code_or_foreign_parts(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    page = answer.get_data(as_text=True)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


@pytest.mark.parametrize("path", ["/", "/login", "/api/openapi.json", "/nowhere", "/healthz"])
def test_every_answer_says_what_browsers_must_not_do(browser: FlaskClient, path: str) -> None:
    headers = browser.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["form-action"] == policy["frame-src"] == "'self'"
    assert "object-src" not in policy  # default-src holds: nothing at all
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/admin", "/admin/users", "/week", "/studio", "/nowhere"])
def test_pages_of_somebody_signed_in_are_kept_nowhere(
    browser: FlaskClient, services: FakeServices, path: str
) -> None:
    browser.set_cookie("meguri_session", SESSION)
    assert "no-store" in browser.get(path).headers["Cache-Control"]


def test_a_form_from_another_site_is_refused(browser: FlaskClient) -> None:
    answer = browser.post(
        "/language", data={"locale": "ko"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    answer = browser.post(
        "/language", data={"locale": "ko"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    answer = browser.post("/language", data={"locale": "ko"}, headers={"Origin": "null"})
    assert answer.status_code == 403


def test_a_login_cookie_needs_origin_and_form_token(
    browser: FlaskClient, services: FakeServices
) -> None:
    sign_in(browser)
    token = token_of(browser.get("/admin").get_data(as_text=True))
    assert close(browser) == 403
    assert close(browser, form_token="0" * 64) == 403
    without_origin = browser.post("/admin/closures", data={"form_token": token})
    assert without_origin.status_code == 403
    assert services.called("ClosePlace") == []
    assert close(browser, form_token=token) == 303
    assert len(services.called("ClosePlace")) == 1


def test_a_form_token_of_an_earlier_login_is_refused(
    browser: FlaskClient, services: FakeServices
) -> None:
    """The same person, the same browser: what was opened before the new sign-in is over."""
    known = {SESSION, "a-later-session"}

    def session(request: Any) -> directory_pb.ReadSessionResponse:
        if request.session_id not in known:
            raise Failure(grpc.StatusCode.UNAUTHENTICATED, "SESSION_OVER")
        return directory_pb.ReadSessionResponse(user=services.user)

    services.answers |= {
        "ReadSession": session,
        "SignIn": lambda _: directory_pb.SignInResponse(
            session_id="a-later-session", user=services.user,
            expire_time=stamp(datetime(2100, 1, 1, tzinfo=UTC)),
        ),
    }  # fmt: skip
    sign_in(browser)
    old = token_of(browser.get("/admin").get_data(as_text=True))
    form = {"login_name": "hanako", "password": "p"}
    signed = browser.post("/login", data=form, headers={"Origin": "http://localhost"})
    assert signed.status_code == 303
    new = token_of(browser.get("/admin").get_data(as_text=True))
    assert old != new
    assert old.partition("_")[2] == new.partition("_")[2]  # whose form it is stays the same
    assert close(browser, form_token=old) == 403
    mixed = f"{old.partition('_')[0]}_{new.partition('_')[2]}"
    assert close(browser, form_token=mixed) == 403
    assert services.called("ClosePlace") == []
    assert close(browser, form_token=new) == 303


def test_a_body_that_is_too_large_is_refused_with_a_reason(browser: FlaskClient) -> None:
    answer = browser.post("/api/v1/scans", data=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["reason"] == "body_too_large"


def test_an_unknown_area_is_said_so(browser: FlaskClient) -> None:
    answer = browser.get("/api/v1/stops", headers={"Host": "other.example"})
    assert answer.status_code == 404
    assert answer.get_json()["reason"] == "unknown_area"
    assert "unknown_area" in browser.get("/", headers={"Host": "other.example"}).get_data(
        as_text=True
    )


@pytest.mark.parametrize(
    "header", ["x" * 5000, ";;;,,,", "zh-TW;q=abc", "\x00", "*", "zh-TW,zh;q=0.9"]
)
def test_no_language_header_breaks_a_page(browser: FlaskClient, header: str) -> None:
    answer = browser.get("/g/8WXC3", headers={"Accept-Language": header})
    assert answer.status_code == 200
    assert re.search(r'<html lang="(ja|en|ko|zh-Hans|zh-Hant)"', answer.get_data(as_text=True))


@pytest.mark.parametrize("more", [{}, {"request_id": ""}])
def test_a_form_without_its_request_id_changes_nothing(
    browser: FlaskClient, services: FakeServices, more: dict[str, str]
) -> None:
    sign_in(browser)
    form = {"form_token": token_of(browser.get("/admin").get_data(as_text=True)), **more}
    for path in ("/admin/closures", "/admin/closures/c1/reopen", "/admin/users/u1/disable"):
        fields = {**form, "place_id": "akiyoshido-kurotani", "reason": "flood",
                  "until": "unknown"}  # fmt: skip
        answer = browser.post(path, data=fields, headers={"Origin": "http://localhost"})
        assert answer.status_code == 400
        assert "form_expired" in answer.text
    assert not services.called("ClosePlace") + services.called("ReopenPlace")


@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_an_origin_that_is_no_address_is_foreign(browser: FlaskClient, header: str) -> None:
    answer = browser.post("/language", data={"locale": "ko"}, headers={header: "http://[::1"})
    assert answer.status_code == 403


def test_a_query_that_is_no_text_is_refused(app: Flask) -> None:
    environ = EnvironBuilder(path="/g/").get_environ() | {"QUERY_STRING": "q=\xff\xfe"}
    body, status, _ = run_wsgi_app(app.wsgi_app, environ)
    assert status.startswith("400")
    assert b"bad_request" in b"".join(body)


@pytest.mark.parametrize(
    "origin",
    ["https://evillocalhost", "https://localhost.evil.example", "https://localhost@evil.example",
     "https://evil.example/localhost", "https://localhost:8443", "http://shop.localhost"],
)  # fmt: skip
@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_a_name_that_contains_ours_is_foreign(
    browser: FlaskClient, header: str, origin: str
) -> None:
    answer = browser.post("/language", data={"locale": "ko"}, headers={header: origin})
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize(
    ("site", "code"),
    [("same-origin", 303), ("none", 303), ("same-site", 403), ("cross-site", 403), ("", 403)],
)
def test_a_browser_without_an_origin_must_come_from_here(
    browser: FlaskClient, site: str, code: int
) -> None:
    """Another area is the same site: its pages send no forms here."""
    headers = {"Sec-Fetch-Site": site}
    assert browser.post("/language", data={"locale": "ko"}, headers=headers).status_code == code


def test_a_page_of_somebody_signed_in_is_not_packed(browser: FlaskClient) -> None:
    """The length of a packed page would tell the form token in it, letter by letter (BREACH)."""
    packs = {"Accept-Encoding": "gzip"}
    assert browser.get("/login", headers=packs).headers["Content-Encoding"] == "gzip"
    sign_in(browser)
    page = browser.get("/admin/closures", headers=packs)
    assert token_of(page.text)
    assert len(page.data) > 1_000
    assert "Content-Encoding" not in page.headers
