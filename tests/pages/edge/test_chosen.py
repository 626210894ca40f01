"""A bookmark of a page that is about one shop or gate: it asks which, and then shows the page."""

import re
from collections.abc import Iterator
from functools import partial
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from google.protobuf.message import Message

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.payments.v1 import display_service_pb2 as display_pb
from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from services.edge import chosen, cookies
from services.edge.parts import Parts
from tests.pages.edge.fakes import SESSION, FakeServices

SHOPS = [
    pb.Shop(shop_place_id=name, names={"ja": name}, owner=pb.SHOP_OWNER_CITY)
    for name in ("gate-a", "gate-b")
]
CLASS = tickets_pb.PriceClass(
    class_id="adult", number=1, site_place_id="cave", gate_place_ids=["gate-a", "gate-b"],
    names={"ja": "大人"}, unit_amount_yen=1300, persons_min=1, persons_max=19,
)  # fmt: skip
# For programs and scripts of a page, which name their shop or gate always.
NO_PAGES = {"/gate/setup", "/gate/worker.js", "/till/display/feed", "/till/display/now"}


def _answer(made: Message, _request: Message) -> Message:
    return made


@pytest.fixture
def staff(browser: FlaskClient, services: FakeServices) -> FlaskClient:
    """Somebody with all roles and two shops that are gates."""
    answers: dict[str, Message] = {
        "ListShops": pb.ListShopsResponse(shops=SHOPS),
        "ListPriceClasses": tickets_pb.ListPriceClassesResponse(price_classes=[CLASS]),
        "ListClerks": office_pb.ListClerksResponse(),
        "ListProducts": office_pb.ListProductsResponse(),
        "ListPayments": pb.ListPaymentsResponse(),
        "ReadTotals": pb.ReadTotalsResponse(business_date="2026-05-03"),
        "ListTaxFreeSales": pb.ListTaxFreeSalesResponse(),
        "ListDisplays": display_pb.ListDisplaysResponse(),
        "MakeMerchantCode": pb.MakeMerchantCodeResponse(svg=b"<svg/>"),
        "ListAdmissionProblems": tickets_pb.ListAdmissionProblemsResponse(),
        "ListUnusedTickets": tickets_pb.ListUnusedTicketsResponse(),
        "ListTicketBatches": tickets_pb.ListTicketBatchesResponse(),
    }
    for name, made in answers.items():
        services.answers[name] = partial(_answer, made)
    services.user.roles.extend([directory_pb.ROLE_SHOP_OWNER, directory_pb.ROLE_ACCOUNTANT])
    browser.set_cookie("meguri_session", SESSION)
    return browser


def pages(app: Flask, below: str) -> Iterator[str]:
    """Returns the addresses of all pages below one that say nothing of themselves."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(below) and "GET" in (rule.methods or ()) and not rule.arguments:
            yield rule.rule


@pytest.mark.parametrize("asking", [chosen.SHOP, chosen.GATE], ids=["till", "gate"])
def test_no_bookmark_below_till_or_gate_is_told_that_its_shop_is_unknown(
    app: Flask, staff: FlaskClient, asking: chosen.Asking
) -> None:
    found = set(pages(app, asking.pages)) - NO_PAGES
    assert len(found) >= 5
    for address in sorted(found):
        answer = staff.get(address)
        assert answer.status_code != 404, address


@pytest.mark.parametrize(
    ("address", "field"),
    [(each, "shop") for each in ("/till/today", "/till/code", "/till/tickets", "/till/tax-free",
                                 "/till/clerk", "/till/displays", "/till/today?day=2026-05-03",
                                 "/till/today?day=&paid=",
                                 "/till/office/setup?step=products")]
    + [(each, "gate") for each in ("/gate/unused", "/gate/printed")],
)  # fmt: skip
def test_it_asks_and_goes_on_to_the_page(staff: FlaskClient, address: str, field: str) -> None:
    asked = staff.get(address)
    assert asked.status_code == 303
    page = staff.get(asked.headers["Location"])
    links = [unescape(each) for each in re.findall(r'class="tile" href="([^"]+)"', page.text)]
    assert len(links) == 2
    gone_on = staff.get(links[1])
    assert gone_on.status_code == 303
    went = urlsplit(gone_on.headers["Location"])
    wanted = urlsplit(address)
    assert went.path == wanted.path
    asked_for = parse_qs(wanted.query, keep_blank_values=True)
    assert parse_qs(went.query, keep_blank_values=True) == asked_for | {field: ["gate-b"]}
    assert staff.get(gone_on.headers["Location"]).status_code == 200
    # From now on the device knows.
    assert staff.get(address).status_code == 200


def test_an_unknown_shop_is_still_unknown(staff: FlaskClient) -> None:
    for address in ("/till/today?shop=nowhere", "/till/choose?shop=nowhere&next=/till/today",
                    "/gate/unused?gate=nowhere"):  # fmt: skip
        assert staff.get(address).status_code == 404, address


def test_an_accountant_may_choose_what_an_accountant_may_read(
    staff: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    del services.user.roles[:]
    services.user.roles.append(directory_pb.ROLE_ACCOUNTANT)
    parts.sessions.forget_all()
    asked = staff.get("/till/today")
    assert staff.get(asked.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example/till/",
        "https://evil.example/",
        "/logout",
        "/tillage",
        "\\till/",
        "",
        "/till",
        "/till/../..",
        "/till/%2e%2e/admin",
    ],
)
def test_it_leads_nowhere_else(staff: FlaskClient, elsewhere: str) -> None:
    answer = staff.get("/till/choose", query_string={"shop": "gate-a", "next": elsewhere})
    assert answer.headers["Location"] == "/till?shop=gate-a"


def test_a_device_that_remembers_a_shop_it_may_not_see_is_asked(staff: FlaskClient) -> None:
    staff.set_cookie(cookies.TILL_SHOP.name, "another", path="/till")
    assert staff.get("/till/today").status_code == 303


def test_the_only_shop_is_not_asked_for(staff: FlaskClient, services: FakeServices) -> None:
    services.answers["ListShops"] = lambda _: pb.ListShopsResponse(shops=SHOPS[:1])
    assert staff.get("/till/today").status_code == 200
    assert staff.get("/gate/printed").status_code == 200
