"""Pairing a screen with a till: the code on the till, the form on the screen, and the end of it."""

import re
import time

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.payments.v1 import display_service_pb2 as display_pb
from services.edge import cookies
from tests.pages.edge.fakes import SESSION, Failure, FakeServices
from tests.pages.till.test_no_answer import HIDDEN, ORIGIN
from tests.pages.till.test_paired_display import SECRET, TILL, board, till
from tests.pages.till.test_sale import EN, Payments, payments

__all__ = ["board", "payments", "till"]

CODE = "AB3D9KLM"


@pytest.fixture
def displays(services: FakeServices, payments: Payments) -> dict[str, display_pb.Display]:
    """Pairings as payments keeps them."""
    found: dict[str, display_pb.Display] = {}

    def pair(request: display_pb.PairDisplayRequest) -> display_pb.PairDisplayResponse:
        if request.code.replace("-", "").upper() != CODE or found:
            raise Failure(grpc.StatusCode.NOT_FOUND, "DISPLAY_CODE_UNKNOWN")
        found["d-1"] = display_pb.Display(display_id="d-1", shop_place_id="shop-a", counter_id=TILL)
        return display_pb.PairDisplayResponse(display=found["d-1"], display_secret=SECRET)

    def remove(request: display_pb.RemoveDisplayRequest) -> display_pb.RemoveDisplayResponse:
        if found.pop(request.display_id, None) is None:
            raise Failure(grpc.StatusCode.NOT_FOUND, "DISPLAY_UNKNOWN")
        return display_pb.RemoveDisplayResponse()

    offer = display_pb.OfferDisplayResponse(code=CODE)
    offer.expire_time.FromSeconds(int(time.time()) + 300)
    services.answers |= {
        "OfferDisplay": lambda _: offer,
        "PairDisplay": pair,
        "RemoveDisplay": remove,
        "ListDisplays": lambda _: display_pb.ListDisplaysResponse(displays=found.values()),
    }
    return found


def test_a_till_gets_a_name_with_its_first_code(
    browser: FlaskClient, displays: dict[str, display_pb.Display], services: FakeServices
) -> None:
    page = browser.get("/till/displays?shop=shop-a", headers=EN)
    assert cookies.TILL_COUNTER.name not in page.headers.get("Set-Cookie", "")
    form = dict(HIDDEN.findall(page.text))
    shown = browser.post("/till/displays", data=form, headers=EN)
    assert "AB3D-9KLM" in shown.text
    (cookie,) = re.findall(
        rf"{cookies.TILL_COUNTER.name}=([0-9a-f]{{24}}); .*HttpOnly", str(shown.headers)
    )
    (offer,) = services.called("OfferDisplay")
    assert (offer.counter_id, offer.shop_place_id) == (cookie, "shop-a")
    again = browser.post("/till/displays", data={**form, "request_id": "n"}, headers=EN)
    assert cookies.TILL_COUNTER.name not in again.headers.get("Set-Cookie", "")
    assert services.called("OfferDisplay")[1].counter_id == cookie


def test_a_screen_is_paired_by_anybody_who_has_the_code(
    app: Flask, displays: dict[str, display_pb.Display]
) -> None:
    with app.test_client() as screen:
        assert screen.get("/till/display").headers["Location"] == "/till/display/pair"
        page = screen.get("/till/display/pair?code=AB3D-9KLM", headers=EN).text
        assert 'value="AB3D-9KLM"' in page
        assert displays == {}  # looking at the address pairs nothing
        form = dict(HIDDEN.findall(page))
        wrong = screen.post("/till/display/pair", data={**form, "code": "ZZZZ"}, headers=EN)
        assert wrong.status_code == 422
        assert "wrong, used or too old" in wrong.text
        done = screen.post("/till/display/pair", data={**form, "code": "ab3d9klm"}, headers=EN)
        assert (done.status_code, done.headers["Location"]) == (303, "/till/display")
        cookie = done.headers["Set-Cookie"]
        for part in (
            f"{cookies.DISPLAY.name}={SECRET}",
            "HttpOnly",
            "Path=/till/display",
            "SameSite=Lax",
        ):
            assert part in cookie
        foreign = {"Origin": "https://elsewhere.example"}
        assert screen.post("/till/display/pair", data=form, headers=foreign).status_code == 403
        assert (
            screen.post("/till/display/pair", data={"code": CODE}, headers=ORIGIN).status_code
            == 400
        )


def test_displays_are_listed_and_ended_on_the_till(
    till: FlaskClient, displays: dict[str, display_pb.Display]
) -> None:
    displays["d-1"] = display_pb.Display(display_id="d-1", shop_place_id="shop-a", counter_id=TILL)
    displays["d-2"] = display_pb.Display(
        display_id="d-2", shop_place_id="shop-a", counter_id="another0"
    )
    page = till.get("/till/displays?shop=shop-a", headers=EN).text
    assert "follows this till" in page
    assert "follows another till of this shop" in page
    form = dict(HIDDEN.findall(page)) | {"shop": "shop-a"}
    for _ in range(2):  # a second tap changes nothing and breaks nothing
        gone = till.post("/till/displays/d-2/remove", data=form, headers=EN)
        assert (gone.status_code, gone.headers["Location"]) == (303, "/till/displays?shop=shop-a")
    assert list(displays) == ["d-1"]
    assert till.get("/till/displays?shop=shop-b", headers=EN).status_code == 404


def test_displays_are_for_people_who_sell(
    browser: FlaskClient, displays: dict[str, display_pb.Display]
) -> None:
    assert browser.get("/till/displays").status_code == 200  # the only shop
    browser.delete_cookie("meguri_session")
    assert browser.get("/till/displays").status_code == 303
    browser.set_cookie("meguri_session", SESSION)
    assert browser.post("/till/displays", data={"shop": "shop-a"}, headers=EN).status_code == 403
