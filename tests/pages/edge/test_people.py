"""Who belongs to which shop: the admin chooses, an owner without a shop is told whom to ask."""

import re

import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from tests.pages.edge.fakes import SESSION, FakeServices

EN = {"Origin": "http://localhost", "Accept-Language": "en"}


@pytest.fixture
def people(browser: FlaskClient, services: FakeServices) -> list[pb.User]:
    """An admin is signed in; there are an owner and a clerk without shops, and one shop."""
    browser.set_cookie("meguri_session", SESSION)
    known = [
        pb.User(user_id="o1", login_name="owner", roles=[pb.ROLE_SHOP_OWNER], version=7),
        pb.User(user_id="c1", login_name="till", roles=[pb.ROLE_CLERK], version=1),
        pb.User(user_id="e1", login_name="words", roles=[pb.ROLE_EDITOR], version=1),
    ]
    shops = [payments_pb.Shop(shop_place_id="shop-a", names={"ja": "売店", "en": "Kiosk"})]
    services.answers |= {
        "ListUsers": lambda _: pb.ListUsersResponse(users=known),
        "ListShops": lambda _: payments_pb.ListShopsResponse(shops=shops),
        "ChangeUser": lambda _: pb.ChangeUserResponse(user=known[0]),
    }
    return known


def row_of(page: str, login_name: str) -> str:
    found = re.search(rf"<tr>(?:(?!</tr>).)*>{login_name}<.*?</tr>", page, re.DOTALL)
    assert found
    return found[0]


def test_the_list_says_who_has_which_shop(browser: FlaskClient, people: list[pb.User]) -> None:
    page = browser.get("/admin/users", headers=EN).text
    assert "none yet" in row_of(page, "owner")
    assert "/admin/users/c1/shops" in row_of(page, "till")
    assert "none yet" not in row_of(page, "till")
    assert "/shops" not in row_of(page, "words")
    assert "A shop owner without a shop sees nothing" in page
    people[0].shop_place_ids.append("shop-a")
    page = browser.get("/admin/users", headers=EN).text
    assert "A shop owner without a shop sees nothing" not in page
    assert "Kiosk" in row_of(browser.get("/admin/users", headers=EN).text, "owner")


def test_an_owner_is_bound_with_the_version_that_was_seen(
    browser: FlaskClient, services: FakeServices, people: list[pb.User]
) -> None:
    page = browser.get("/admin/users/o1/shops", headers=EN).text
    assert "without one, nothing" in page
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    answer = browser.post("/admin/users/o1/shops", data={**hidden, "shops": ["shop-a"]}, headers=EN)
    assert answer.headers["Location"] == "/admin/users"
    (call,) = services.called("ChangeUser")
    assert (call.user_id, call.version, call.disabled) == ("o1", 7, False)
    assert list(call.shops.shop_place_ids) == ["shop-a"]
    assert list(call.roles) == []


def test_taking_every_shop_away_is_a_choice_too(
    browser: FlaskClient, services: FakeServices, people: list[pb.User]
) -> None:
    people[0].shop_place_ids.append("shop-a")
    people[0].disabled = True
    page = browser.get("/admin/users/o1/shops", headers=EN).text
    assert re.search(r'value="shop-a" checked', page)
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    browser.post("/admin/users/o1/shops", data=hidden, headers=EN)
    (call,) = services.called("ChangeUser")
    assert call.HasField("shops")
    assert call.disabled  # binding switches nobody on


def test_somebody_unknown_is_not_found_and_logins_open_while_payments_is_away(
    browser: FlaskClient, services: FakeServices, people: list[pb.User]
) -> None:
    assert browser.get("/admin/users/nobody/shops").status_code == 404
    people[0].shop_place_ids.append("shop-a")
    services.away.add("payments")
    assert "shop-a" in row_of(browser.get("/admin/users", headers=EN).text, "owner")


def test_only_the_admin_binds(
    browser: FlaskClient, services: FakeServices, people: list[pb.User]
) -> None:
    del services.user.roles[:]
    services.user.roles.append(pb.ROLE_EDITOR)
    assert browser.get("/admin/users/o1/shops").status_code == 403


def test_an_owner_without_a_shop_is_told_whom_to_ask(
    browser: FlaskClient, services: FakeServices, people: list[pb.User]
) -> None:
    del services.user.roles[:]
    services.user.roles.append(pb.ROLE_SHOP_OWNER)
    services.answers["ListShops"] = lambda _: payments_pb.ListShopsResponse()
    page = browser.get("/till", headers=EN).text
    assert "belongs to no shop" in page
    assert "Ask the association" in page
    services.user.shop_place_ids.append("shop-a")
    browser.application.extensions["meguri"].sessions.forget_all()
    assert "belongs to no shop" not in browser.get("/till", headers=EN).text


@pytest.mark.parametrize(("host", "told"), [("192.168.1.20:8080", True), ("localhost", False)])
def test_whoever_is_invited_gets_a_card_with_address_login_and_password(
    browser: FlaskClient, services: FakeServices, people: list[pb.User], host: str, *, told: bool
) -> None:
    """Where the address is that of this computer alone a phone would find itself there."""
    services.answers["CreateUser"] = lambda _: pb.CreateUserResponse(
        user=pb.User(user_id="n1", login_name="hanako", display_name="Hanako"), password="long-one"
    )
    browser.set_cookie("meguri_session", SESSION, domain=host.partition(":")[0])
    base = f"http://{host}"
    listed = browser.get("/admin/users", base_url=base, headers=EN).text
    token = re.search(r'name="form_token" value="(\w+)"', listed)
    assert token
    card = browser.post(
        "/admin/users", base_url=base, headers={**EN, "Origin": base},
        data={"form_token": token[1], "request_id": "r-12345678", "login_name": "hanako",
              "roles": "clerk"},
    ).text  # fmt: skip
    assert "long-one" in card
    assert (f"{base}/login</dd>" in card) == told
    assert ('class="made__code"' in card) == told


def test_the_page_says_what_to_do_when_a_tablet_is_lost(
    browser: FlaskClient, people: list[pb.User]
) -> None:
    page = browser.get("/admin/users", headers={"Accept-Language": "ja"}).text
    assert "タブレットをなくしたとき" in page
    assert "「新しいパスワード」" in page
