"""Every route of the edge by every role, written out: a new route fails here until it is decided.

What a role may do the services decide again (tests/unit/kit/test_who_may.py); here it is who gets
past the door, and that a form needs the token of its session.
"""

import re

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as pb
from services.edge.areas import Areas
from services.edge.directory import load_areas
from services.edge.parts import Parts
from tests.pages.edge.doors import OPEN, ROLES, SIGNED, STAFF
from tests.pages.edge.fakes import SESSION, Failure, FakeServices, mine

ORIGIN = {"Origin": "http://localhost"}
# How a refusal is dressed as a page is tested elsewhere, and takes longer than refusing.
AS_DATA = "application/problem+json"
VALUES = {"code": "8WXC3", "locale": "en", "on": "2026-11-01", "kind": "svg"}
AN_ID = "01a21f31-8a0e-74e2-8b86-6a7ff3375bfb"


def routes(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def ask(browser: FlaskClient, route: str, form: dict[str, str] | None = None, **more: str) -> int:
    method, _, rule = route.partition(" ")
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: VALUES.get(found[1], AN_ID), rule)
    data = {"request_id": "r-1234567890", **(form or {})} if method == "POST" else None
    answer = browser.open(path, method=method, data=data, headers={**ORIGIN, **more})
    if answer.status_code == 303 and "/login" in answer.headers["Location"]:
        return 401
    return answer.status_code


def asked_of_services(services: FakeServices) -> set[str]:
    """Returns what was asked beside who is signed in and what every page shows."""
    return {name for name, _, _ in services.calls} - {"ReadSession", "ListAreas", "ListClosures"}


@pytest.fixture
def token(browser: FlaskClient, services: FakeServices) -> str:
    """The form token of SESSION, read from a page of the admin, who is signed in from here on."""
    browser.set_cookie("meguri_session", SESSION)
    found = re.search(r'name="form_token" value="(\w+)"', browser.get("/admin").text)
    assert found
    services.calls.clear()
    return found[1]


def become(services: FakeServices, parts: Parts, role: str) -> None:
    del services.user.roles[:]
    services.user.roles.append(pb.Role.Value(f"ROLE_{role.upper()}"))
    parts.sessions.forget_all()
    services.calls.clear()


def test_every_route_is_decided(app: Flask) -> None:
    assert not set(STAFF) & OPEN | SIGNED & (set(STAFF) | OPEN)
    assert routes(app) == set(STAFF) | SIGNED | OPEN


@pytest.mark.parametrize("role", ROLES)
def test_who_gets_past_the_door(
    browser: FlaskClient, services: FakeServices, parts: Parts, token: str, role: str
) -> None:
    for route, allowed in STAFF.items():
        become(services, parts, role)
        status = ask(browser, route, {"form_token": token}, Accept=AS_DATA)
        assert (status not in (401, 403)) == (role in allowed), f"{role}: {route}: {status}"
        if role not in allowed:
            assert status == 403, f"{role}: {route}: {status}"
            assert not asked_of_services(services), f"{role}: {route}"


@pytest.mark.parametrize("cookie", ["", "a-session-that-is-over"])
def test_a_visitor_is_asked_to_sign_in(
    browser: FlaskClient, services: FakeServices, cookie: str
) -> None:
    if cookie:
        browser.set_cookie("meguri_session", cookie)
    for route in STAFF:
        assert ask(browser, route) == 401, route
    assert not asked_of_services(services)


def test_a_form_without_the_token_of_its_session_does_nothing(
    browser: FlaskClient, services: FakeServices, parts: Parts, token: str
) -> None:
    forms = [route for route in STAFF if route.startswith("POST")]
    assert len(forms) >= 10
    become(services, parts, "admin")
    for route in forms:
        for form in ({}, {"form_token": ""}, {"form_token": "0" * 64}, {"form_token": token[:-1]}):
            assert ask(browser, route, form, Accept=AS_DATA) == 403, route
        assert ask(browser, route, {"form_token": token}, Origin="http://evil.example") == 403
    assert not asked_of_services(services)


def test_a_login_of_another_area_opens_nothing(
    browser: FlaskClient, services: FakeServices, parts: Parts, token: str
) -> None:
    other = pb.Area(area="demo", time_zone="Asia/Tokyo", locales=["ja"], version=1)
    services.answers["ListAreas"] = lambda _: pb.ListAreasResponse(areas=[mine(), other])
    in_mine = services.answers["ReadSession"]

    def read_session(request: pb.ReadSessionRequest) -> pb.ReadSessionResponse:
        # As directory does it: sessions are looked for in the area of the caller.
        if services.calls[-1][2].area != "mine":
            raise Failure(grpc.StatusCode.UNAUTHENTICATED, "SESSION_OVER")
        return in_mine(request)  # type: ignore[return-value]

    services.answers["ReadSession"] = read_session
    parts.areas = Areas(lambda: load_areas(services, "mine"), "mine")  # type: ignore[arg-type]
    become(services, parts, "admin")
    browser.set_cookie("meguri_session", SESSION, domain="demo.localhost")
    host = {"Host": "demo.localhost", "Origin": "http://demo.localhost"}
    for route in STAFF:
        assert ask(browser, route, {"form_token": token}, **host) == 401, route
    assert not asked_of_services(services)
    assert ask(browser, "GET /admin/users") == 200  # and at home the same login works


@pytest.mark.parametrize("role", ROLES)
def test_no_login_opens_the_doors_of_devices(
    browser: FlaskClient, services: FakeServices, parts: Parts, token: str, role: str
) -> None:
    become(services, parts, role)
    for route in SIGNED:
        assert ask(browser, route, {"form_token": token}) == 401, route
    assert not asked_of_services(services)


def test_what_is_open_asks_nobody_to_sign_in(browser: FlaskClient) -> None:
    for route in OPEN:
        # Signing out, and a code without a password before it, lead to the sign-in page by nature.
        if route not in ("POST /logout", "GET /login/code", "POST /login/code"):
            assert ask(browser, route) not in (401, 403), route
