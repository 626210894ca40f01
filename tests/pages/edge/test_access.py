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
from tests.pages.edge.fakes import SESSION, Failure, FakeServices, mine

ROLES = ("clerk", "shop_owner", "editor", "reviewer", "analyst", "accountant", "admin")
TILL = {"clerk", "shop_owner", "admin"}
BOOKS = {"clerk", "shop_owner", "accountant", "admin"}
TEXTS = {"editor", "reviewer", "admin"}
FIGURES = {"analyst", "accountant", "admin"}
CLOSERS = {"editor", "admin"}
ADMIN, GATE = {"admin"}, {"clerk", "admin"}
OFFICE = {"shop_owner", "accountant", "admin"}
MAKERS = {"shop_owner", "admin"}
AUDITORS = {"accountant", "admin"}
NEW_POIS, ONE_POI = ("/new", "/import"), "/<path:poi_id>"
OF_POI = (f"{ONE_POI}/names", f"{ONE_POI}/retire")
PIN, QUESTION = "pins/<path:place_id>", "/<question_id>/<locale>"
BOTH = ("GET", "POST")

# By role: whoever is not named gets 403, and a visitor is asked to sign in.
STAFF: dict[str, set[str]] = {
    "GET /admin": ADMIN,
    "GET /admin/closures": CLOSERS,
    "POST /admin/closures": CLOSERS,
    "POST /admin/closures/<closure_id>/reopen": CLOSERS,
    "GET /admin/sensing": ADMIN,
    "POST /admin/sensing": ADMIN,
    "POST /admin/sensing/forget": ADMIN,
    "GET /admin/users": ADMIN,
    "POST /admin/users": ADMIN,
    "POST /admin/users/<user_id>/disable": ADMIN,
    "POST /admin/users/<user_id>/password": ADMIN,
    "GET /api/v1/insights/agreement": FIGURES,
    "GET /api/v1/insights/feedback": FIGURES,
    "GET /api/v1/insights/days": FIGURES,
    "GET /api/v1/insights/days/<on>": FIGURES,
    "GET /api/v1/insights/today": FIGURES,
    "GET /api/v1/insights/visitors/dwell": FIGURES,
    "GET /api/v1/insights/visitors/presence": FIGURES,
    "GET /insights": FIGURES,
    "GET /insights/agreement": FIGURES,
    "GET /insights/feedback": FIGURES | TEXTS,
    "GET /insights/days": FIGURES,
    "GET /insights/days.csv": FIGURES,
    "GET /insights/days/<on>": FIGURES,
    "GET /insights/days/<on>.csv": FIGURES,
    "GET /insights/live": FIGURES,
    "GET /insights/visitors": FIGURES,
    "GET /insights/visitors.csv": FIGURES,
    "GET /insights/visitors/compare": FIGURES,
    "GET /insights/visitors/sensors": {"analyst", "admin"},
    "GET /till/choose": BOOKS,
    "GET /studio": TEXTS,
    "GET /studio/drafts": TEXTS,
    "GET /studio/drafts/<locale>": TEXTS,
    "POST /studio/drafts/<locale>": TEXTS,
    "GET /studio/drafts/<locale>/<code>": TEXTS,
    "POST /studio/drafts/<locale>/<code>": TEXTS,
    "POST /studio/policies": ADMIN,
    "POST /studio/<code>/<locale>/review": {"reviewer", "admin"},
    "POST /studio/<code>/<locale>/link": TEXTS,
    "GET /studio/exchange": TEXTS,
    "POST /studio/exchange": TEXTS,
    "GET /studio/exchange/file": TEXTS,
    "GET /studio/signs": TEXTS,
    "POST /studio/signs": TEXTS,
    "GET /studio/signs/<print_id>.pdf": TEXTS,
    "POST /studio/signs/hung": TEXTS,
    "GET /studio/languages": TEXTS,
    "POST /studio/languages/<locale>": {"reviewer", "admin"},
    "GET /studio/stops": TEXTS,
    "POST /studio/stops": CLOSERS,
    "GET /studio/stops/<code>": TEXTS,
    "POST /studio/stops/<code>": CLOSERS,
    "POST /studio/stops/<code>/move": CLOSERS,
    "GET /studio/stops/<code>/retire": TEXTS,
    "POST /studio/stops/<code>/retire": CLOSERS,
    "POST /studio/stops/<code>/bring-back": CLOSERS,
    "GET /studio/asked": TEXTS,
    "POST /studio/asked/marks": TEXTS,
    "POST /studio/asked/marks/<mark_id>/take-back": TEXTS,
    "GET /studio/today": TEXTS,
    "POST /studio/today/preview": CLOSERS,
    "POST /studio/today/closures": CLOSERS,
    "POST /studio/today/closures/<closure_id>/reopen": CLOSERS,
    "POST /studio/today/notes": TEXTS,
    "POST /studio/today/notes/<note_id>/withdraw": TEXTS,
    "GET /studio/spots": CLOSERS, "GET /studio/spots.csv": CLOSERS,
    "GET /studio/spots/<path:poi_id>": CLOSERS, "POST /studio/spots/<path:poi_id>": CLOSERS,
    "GET /studio/timetables": CLOSERS,
    "GET /studio/timetables/new": CLOSERS,
    "GET /studio/timetables/feed": CLOSERS,
    "POST /studio/timetables/feed": CLOSERS,
    "POST /studio/timetables/feed/live": CLOSERS,
    "GET /studio/timetables/<timetable_id>": CLOSERS,
    "POST /studio/timetables/<timetable_id>": CLOSERS,
    "POST /studio/timetables/<timetable_id>/delete": CLOSERS,
    "GET /studio/timetables/<timetable_id>/confirm": CLOSERS,
    "POST /studio/timetables/<timetable_id>/confirm": CLOSERS,
    **{f"GET /studio/pois{at}": CLOSERS for at in ("", *NEW_POIS, ONE_POI)},
    **{f"POST /studio/pois{at}": CLOSERS for at in (*NEW_POIS, ONE_POI, *OF_POI)},
    **{f"GET /studio/{at}": CLOSERS for at in ("ways", "pins", "pins/choose", PIN)},
    **{f"POST /studio/{at}": CLOSERS for at in ("ways", PIN)},
    "GET /studio/help": CLOSERS,
    "GET /studio/help/<help_id>": CLOSERS,
    "POST /studio/help/<help_id>": CLOSERS,
    "GET /studio/help/desk": CLOSERS,
    "POST /studio/help/desk": CLOSERS,
    "POST /studio/help/templates/<template_id>/<of_locale>": CLOSERS,
    **{f"{method} /studio/survey{at}": TEXTS for method in BOTH for at in ("", QUESTION)},
    **{f"{method} /studio/<code>/<locale>": TEXTS for method in BOTH},
    "GET /studio/<code>/<locale>/preview": TEXTS,
    "POST /studio/<code>/<locale>/publish": TEXTS,
    "GET /studio/<code>/label.<kind>": TEXTS,
    "GET /studio/<code>/<locale>/record": TEXTS,
    "GET /studio/stops/<code>/photos": TEXTS,
    "POST /studio/stops/<code>/photos": TEXTS,
    "POST /studio/stops/<code>/photos/<photo_id>": TEXTS,
    "GET /studio/stops/<code>/videos": TEXTS,
    "POST /studio/stops/<code>/videos": TEXTS,
    "POST /studio/stops/<code>/videos/pieces": TEXTS,
    "POST /studio/stops/<code>/videos/<video_id>": TEXTS,
    "GET /studio/<code>/<locale>/recording": TEXTS,
    "POST /studio/<code>/<locale>/recording": TEXTS,
    "POST /studio/<code>/<locale>/recording/remove": TEXTS,
    "POST /studio/<code>/<locale>/recording/restore": TEXTS,
    "POST /studio/stops/<code>/name": CLOSERS,
    "GET /studio/recordings": TEXTS,
    "GET /studio/recordings/erase": TEXTS,
    "POST /studio/recordings/erase": TEXTS,
    "GET /till": TILL,
    "POST /till/basket": TILL,
    "GET /till/clerk": TILL,
    "GET /till/displays": TILL,
    "POST /till/displays": TILL,
    "POST /till/displays/<display_id>/remove": TILL,
    "POST /till/display/news": TILL,
    "POST /till/clerk": TILL,
    "POST /till/lock": TILL,
    "GET /till/waiting": TILL,
    "POST /till/waiting": TILL,
    "POST /till/last/cancel": TILL,
    "POST /till/payments": TILL,
    "GET /till/payments/<payment_id>": BOOKS,
    "GET /till/payments/<payment_id>/receipt": BOOKS,
    "GET /till/payments/<payment_id>/receipt.pdf": BOOKS,
    "POST /till/payments/<payment_id>/receipt": BOOKS,
    "GET /till/payments/<payment_id>/refund": TILL,
    "POST /till/payments/<payment_id>/refund": TILL,
    "POST /till/payments/<payment_id>/void": TILL,
    "GET /till/splits": TILL,
    "POST /till/splits": TILL,
    "GET /till/splits/<split_sale_id>": BOOKS,
    "GET /till/splits/<split_sale_id>/parts": TILL,
    "POST /till/splits/<split_sale_id>/parts": TILL,
    "POST /till/splits/<split_sale_id>/give-back": TILL,
    "GET /till/today": BOOKS,
    "GET /till/payments": TILL,
    "GET /till/code": TILL,
    "GET /till/code.<kind>": TILL,
    "GET /till/refunds/<refund_id>/invoice": BOOKS,
    "GET /till/refunds/<refund_id>/invoice.pdf": BOOKS,
    "GET /till/tickets": TILL,
    "POST /till/tickets": TILL,
    "POST /till/tickets/split": TILL,
    "GET /till/tickets/<ticket_id>": BOOKS,
    "GET /till/office": OFFICE,
    "GET /till/office/audit": AUDITORS,
    "GET /till/office/close": OFFICE,
    "POST /till/office/close": OFFICE,
    "GET /till/office/closes": OFFICE,
    "GET /till/office/closes/<close_id>": OFFICE,
    "GET /till/office/journal.csv": OFFICE,
    "GET /till/office/reconcile": OFFICE,
    "POST /till/office/reconcile": OFFICE,
    "POST /till/office/findings/<finding_id>": OFFICE,
    "GET /till/office/tax-free": OFFICE,
    "GET /till/tax-free": TILL,
    **{f"{method} /till/payments/<payment_id>/tax-free": TILL for method in ("GET", "POST")},
    "POST /till/payments/<payment_id>/tax-free/customs": TILL,
    "POST /till/payments/<payment_id>/tax-free/refund": TILL,
    "GET /till/office/journals": OFFICE,
    "POST /till/office/journals": MAKERS,
    "GET /till/office/journals/<import_id>/undo": MAKERS,
    "POST /till/office/journals/<import_id>/undo": MAKERS,
    "GET /till/office/registers": OFFICE,
    "POST /till/office/registers": MAKERS,
    "GET /till/office/registers/<address_id>": OFFICE,
    **{f"POST /till/office/registers/<address_id>/{action}": MAKERS for action in (
        "test", "secret", "switch", "remove", "again",
    )},
    "GET /till/office/mine": MAKERS,
    "GET /till/office/settlement": OFFICE,
    "GET /till/office/shops": MAKERS,
    "GET /till/office/setup": MAKERS,
    **{f"POST /till/office/setup/{step}": MAKERS for step in (
        "basics", "products", "contracts", "clerks", "practice", "live",
    )},
    "GET /gate": GATE,
    "GET /gate/setup": GATE,
    "POST /gate/scans": GATE,
    "POST /gate/queue": GATE,
    "POST /gate/origins": GATE,
    "GET /gate/problems": GATE,
    "POST /gate/problems/<scan_id>/settle": GATE,
    "GET /gate/unused": GATE,
    "POST /gate/unused": GATE,
    "GET /gate/printed": GATE,
    "POST /gate/printed": GATE,
    "GET /gate/printed/<batch_id>": GATE,
    "POST /gate/printed/<batch_id>/enter": GATE,
    "POST /gate/printed/<batch_id>/withdraw": GATE,
    "GET /admin/users/<user_id>/shops": ADMIN,
    "POST /admin/users/<user_id>/shops": ADMIN,
}  # fmt: skip
# Open to a device by its signature, to no login whatever.
SIGNED = {
    "POST /api/v1/payments", "GET /api/v1/payments/<payment_id>",
    "POST /api/v1/payments/<payment_id>/capture", "POST /api/v1/payments/<payment_id>/void",
    "POST /api/v1/payments/<payment_id>/refunds",
    "POST /api/v1/payments/split-sales", "GET /api/v1/payments/split-sales/<split_sale_id>",
    "POST /api/v1/payments/split-sales/<split_sale_id>/give-back",
}  # fmt: skip
# Open to everybody. A sensor's batch carries its proof inside, which visitor_sense checks.
OPEN = {
    "GET /", "GET /G/", "GET /G/<code>", "GET /g", "GET /g/", "GET /g/<code>",
    "GET /g/<code>/qr.svg", "GET /help", "GET /map", "GET /map/tiles", "GET /privacy",
    "GET /privacy/sensing", "GET /privacy/sensing/sign.pdf", "GET /favicon.ico", "GET /robots.txt",
    "GET /site.webmanifest", "GET /till/sw.js", "GET /till/site.webmanifest",
    "GET /pack", "GET /safety", "GET /scan", "GET /sw.js", "POST /stay", "GET /media/<sha256>",
    "GET /packs/keys.json", "GET /packs/<name>/<wanted>/manifest.json",
    "GET /packs/<name>/<wanted>/notices.json", "GET /packs/<name>/<wanted>/files/<sha256>",
    "GET /plan", "POST /plan", "GET /plan/<itinerary_id>", "GET /plan/<itinerary_id>/day.gpx",
    "GET /plan/<itinerary_id>/map", "GET /plan/<itinerary_id>/map/tiles",
    "GET /plan/<itinerary_id>/day.ics", "GET /api/v1/pois.csv", "GET /api/v1/pois.geojson",
    "GET /api/v1/pois.jsonld", "POST /plan/<itinerary_id>/repair", "GET /plan/<path:itinerary_id>",
    "GET /plan/days/<sojourn_id>", "POST /plan/<itinerary_id>/change",
    "POST /plan/<itinerary_id>/late", "POST /api/v1/itineraries/<itinerary_id>/late",
    "GET /plan/<itinerary_id>/others", "POST /plan/<itinerary_id>/take", "GET /plan/weights",
    "GET /plan/<itinerary_id>/live", "GET /plan/<itinerary_id>/now", "GET /api/asyncapi.json",
    "GET /api/openapi.json", "GET /api/v1/stops", "GET /api/v1/stops/<code>", "POST /api/v1/scans",
    "POST /api/v1/itineraries", "POST /api/v1/ratings", "POST /api/v1/surveys",
    "GET /g/<code>/rating", "POST /g/<code>/rating", "GET /survey", "POST /survey",
    "POST /survey/no", "GET /api/v1/ticket-keys", "POST /help", "GET /help/answers",
    "POST /help/answers", "POST /api/v1/help-requests", "GET /api/v1/itineraries/<itinerary_id>",
    "GET /api/v1/occupancy", "GET /api/v1/visitors", "POST /plan/<itinerary_id>/quieter",
    "GET /api/v1/visitors/days", "POST /api/v1/sensors/<sensor_id>/observations",
    "GET /api/v1/meraki/<sensor_id>", "POST /api/v1/meraki/<sensor_id>",  # by the secret inside
    "GET /healthz", "GET /readyz", "GET /metrics", "POST /language", "GET /login", "POST /login",
    "POST /logout", "GET /gate/worker.js", "GET /gate/site.webmanifest",
    # Whoever holds the secret of a receipt, or the code or secret of a screen at a counter.
    "GET /receipt/<secret>", "GET /receipt/<secret>/pdf", "POST /plan/<itinerary_id>/undo",
    "GET /receipt/<secret>/returns/<refund_id>", "GET /receipt/<secret>/returns/<refund_id>/pdf",
    "GET /till/display", "GET /till/display/now", "GET /till/display/feed",
    "GET /till/display/pair", "POST /till/display/pair", "GET /plan/days/<sojourn_id>/days.ics",
    "GET /studio/read/<secret>", "POST /studio/read/<secret>",  # by the link to one text
    "POST /hooks/<provider>",  # a provider signs what it says; payments checks it
}  # fmt: skip
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
        if route != "POST /logout":  # leads to the sign-in page by nature
            assert ask(browser, route) not in (401, 403), route
