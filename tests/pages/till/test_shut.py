"""The counter of a closed place says so: by itself, and to a page that stays open."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from services.edge.parts import Parts
from tests.pages.edge.fakes import FakeServices
from tests.pages.gate.test_closed_gate import cave, close
from tests.pages.till.test_sale import EN, SHOP, Payments, payments

__all__ = ["cave", "payments"]

HIDDEN = "data-shut hidden"


@pytest.fixture(autouse=True)
def shops(services: FakeServices, payments: Payments) -> None:
    """A gate of the city, and a shop elsewhere."""
    gate = pb.Shop()
    gate.CopyFrom(SHOP)
    gate.shop_place_id, gate.owner = "gate-a", pb.SHOP_OWNER_CITY
    services.answers["ListShops"] = lambda _: pb.ListShopsResponse(shops=[gate, SHOP])


def look(till: FlaskClient, shop: str = "gate-a") -> str:
    return till.get(f"/till?shop={shop}", headers=EN).text


def test_the_counter_of_an_open_gate_says_nothing(browser: FlaskClient) -> None:
    assert HIDDEN in look(browser)


@pytest.mark.parametrize("place_id", ["gate-a", "cave"])
def test_the_counter_of_a_closed_gate_says_why_until_when_and_what_is_still_sold(
    browser: FlaskClient, services: FakeServices, parts: Parts, place_id: str
) -> None:
    close(services, parts, place_id, None)
    page = look(browser)
    assert HIDDEN not in page
    for words in (
        f"The {place_id} is closed", "High water · until further notice", "増水のため",
        "No ticket for today", "Tickets of other days are still sold",
    ):  # fmt: skip
        assert words in page
    services.answers["ReadTotals"] = lambda _: pb.ReadTotalsResponse(business_date="2026-11-29")
    assert "until further notice" in browser.get("/till/today?shop=gate-a", headers=EN).text
    assert HIDDEN in look(browser, "shop-a"), "another shop is open"


def test_a_page_that_stays_open_hears_it_with_the_answer_that_tells_it_of_the_line(
    browser: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    address = "/till/waiting?shop=gate-a"
    before = browser.get(address, headers=EN).json
    assert before is not None
    assert (before["closures"], before["user"]) == ([], "u1")
    close(services, parts, "gate-a", timedelta(hours=2))
    after = browser.get(address, headers=EN).json
    assert after is not None
    assert [each["title"] for each in after["closures"]] == ["The gate-a is closed"]
    plain = browser.get("/till/waiting", headers=EN).json
    assert plain is not None
    assert plain.keys() == {"user", "form_token"}


def test_pages_of_tickets_say_it_once(
    browser: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    services.answers["ListPriceClasses"] = lambda _: tickets_pb.ListPriceClassesResponse()
    close(services, parts, "gate-a")
    page = browser.get("/till/tickets?shop=gate-a", headers=EN).text
    assert HIDDEN in page
    assert page.count("data-shut-sent") == 1
    assert page.count("Tickets of other days are still sold") == 2, (
        "shown once: the other is hidden"
    )
