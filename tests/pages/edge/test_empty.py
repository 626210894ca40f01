"""Till and gate of an area that nobody has set up yet say how to go on, to whom it is up to."""

import re

import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from tests.pages.edge.fakes import SESSION, FakeServices

COMMAND = "./meguri payments prices FILE --area mine"
SHOP = payments_pb.Shop(shop_place_id="shop-a", names={"ja": "店"})


@pytest.fixture
def nothing(browser: FlaskClient, services: FakeServices) -> FlaskClient:
    """A clerk where nothing is set up."""
    services.answers |= {
        "ListShops": lambda _: payments_pb.ListShopsResponse(),
        "ListClerks": lambda _: office_pb.ListClerksResponse(),
        "ListPriceClasses": lambda _: tickets_pb.ListPriceClassesResponse(),
    }
    del services.user.roles[:]
    services.user.roles.append(directory_pb.ROLE_CLERK)
    browser.set_cookie("meguri_session", SESSION)
    return browser


def empty(browser: FlaskClient, path: str) -> str:
    """What the page says instead of a list."""
    found = re.search(r'class="empty">.*?</div>', browser.get(path).text, re.DOTALL)
    assert found
    return found[0]


def make_admin(services: FakeServices) -> None:
    services.user.roles.append(directory_pb.ROLE_ADMIN)


def test_a_clerk_without_a_shop_is_told_whom_to_ask_and_an_admin_where_to_begin(
    nothing: FlaskClient, services: FakeServices
) -> None:
    said = empty(nothing, "/till")
    assert "Back office, Shops" in said
    assert "<a " not in said  # it would lead to a page that is not theirs
    make_admin(services)
    nothing.application.extensions["meguri"].sessions.forget_all()
    (link,) = re.findall('<a [^>]*href="([^"]+)"', empty(nothing, "/till"))
    services.answers["ListShops"] = lambda _: payments_pb.ListShopsResponse()
    assert nothing.get(link.replace("&amp;", "&")).status_code == 200


def test_a_gate_that_is_not_there_names_the_command_that_makes_it(
    nothing: FlaskClient, services: FakeServices
) -> None:
    assert COMMAND in empty(nothing, "/gate")
    assert "<a " not in empty(nothing, "/gate")
    make_admin(services)
    nothing.application.extensions["meguri"].sessions.forget_all()
    assert 'href="/till/office/shops"' in empty(nothing, "/gate")


def test_a_counter_without_prices_names_the_command(
    nothing: FlaskClient, services: FakeServices
) -> None:
    services.user.roles.append(directory_pb.ROLE_ADMIN)
    gate = payments_pb.Shop()
    gate.CopyFrom(SHOP)
    gate.owner = payments_pb.SHOP_OWNER_CITY
    services.answers["ListShops"] = lambda _: payments_pb.ListShopsResponse(shops=[gate])
    assert COMMAND in empty(nothing, "/till/tickets")
