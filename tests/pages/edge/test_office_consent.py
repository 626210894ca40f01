"""What an owner reads about who reads the shop's sales, and gives or takes back there."""

import html
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient
from google.protobuf.message import Message

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.insights.v1 import shop_service_pb2 as pb
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.edge.test_office import ORIGIN, office, shop
from tests.pages.edge.test_office_owner import EN, only, token_in

__all__ = ["office"]

HOME = "/till/office/consent"


def said(version: int, *, consents: bool, place: str = "shop-a") -> pb.ShopConsent:
    found = pb.ShopConsent(
        shop_place_id=place, version=version, consents=consents, signed_as="田中"
    )
    found.decide_time.seconds = 1_780_000_000
    return found


def decided(office: FakeServices, *found: pb.ShopConsent) -> None:
    office.answers |= {
        "ReadShopConsents": lambda _: pb.ReadShopConsentsResponse(
            consents=found, least_shops=3, most_share_percent=70
        ),
        "SaveShopConsent": lambda _: pb.SaveShopConsentResponse(version=1),
    }


def post(browser: FlaskClient, page: str, **more: str) -> Any:
    form = {"form_token": token_in(page), "request_id": "r-1234567890", "shop": "shop-a"}
    return browser.post(HOME, data={**form, **more}, headers={**ORIGIN, **EN})


def test_an_owner_reads_who_sees_what_and_consents_with_one_button(
    browser: FlaskClient, office: FakeServices
) -> None:
    only(office, shop())
    decided(office)
    page = html.unescape(browser.get(HOME, headers=EN).text)
    assert "Does not consent" in page
    assert "You need do nothing for it to stay so." in page
    assert "at least 3 shops sold and none made more than 70 % of it" in page
    assert page.count("Nothing of yours") == 2
    answer = post(browser, page, consents="1", version="0")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{HOME}?shop=shop-a&done=1"
    (asked,) = office.called("SaveShopConsent")
    assert (asked.shop_place_id, asked.consents, asked.expected_version) == ("shop-a", True, 0)
    assert asked.request_id == "r-1234567890"
    assert asked.signed_as == office.user.display_name
    assert "Kept. It holds from now on" in browser.get(f"{HOME}?done=1", headers=EN).text


def test_consent_is_taken_back_with_one_button_and_all_is_on_record(
    browser: FlaskClient, office: FakeServices
) -> None:
    only(office, shop())
    decided(office, said(3, consents=True), said(2, consents=False), said(1, consents=True))
    page = html.unescape(browser.get(HOME, headers=EN).text)
    assert "Take the consent back" in page
    assert 'name="version" value="3"' in page
    assert 'name="consents" value="0"' in page
    assert page.count("Consent given") == 2
    assert page.count("Consent taken back") == 1
    post(browser, page, consents="0", version="3")
    (asked,) = office.called("SaveShopConsent")
    assert (asked.consents, asked.expected_version) == (False, 3)


def test_who_decided_meanwhile_is_shown_what_holds_now(
    browser: FlaskClient, office: FakeServices
) -> None:
    only(office, shop())
    decided(office, said(1, consents=True))
    page = browser.get(HOME, headers=EN).text

    def refuse(_: Any) -> Message:
        raise Failure(grpc.StatusCode.ABORTED, "VERSION_CONFLICT")

    office.answers["SaveShopConsent"] = refuse
    answer = post(browser, page, consents="0", version="x")
    assert answer.status_code == 409
    assert "Somebody has decided meanwhile" in answer.text
    assert office.called("SaveShopConsent")[-1].expected_version == 0


def test_an_admin_sees_which_shops_consent_and_has_no_button(
    browser: FlaskClient, office: FakeServices
) -> None:
    office.user.roles[:] = [directory_pb.ROLE_ADMIN]
    decided(office, said(1, consents=True, place="shop-b"))
    page = html.unescape(browser.get(HOME, headers=EN).text)
    assert "nobody does it for them" in page
    assert page.count('class="badge badge--ok">Consents') == 1
    assert page.count("Does not consent") == 1
    one = browser.get(f"{HOME}?shop=shop-b", headers=EN).text
    assert office.called("ReadShopConsents")[-1].shop_place_id == "shop-b"
    assert "<button" not in one.partition("<main")[2].partition("</main>")[0]
    assert 'href="/till/office/consent"' in browser.get("/till/office/shops", headers=EN).text


@pytest.mark.parametrize("tag", ["ja", "ko", "zh-CN", "zh-TW"])
def test_it_is_said_in_the_language_of_whoever_decides(
    browser: FlaskClient, office: FakeServices, tag: str
) -> None:
    only(office, shop())
    decided(office)
    page = browser.get(HOME, headers={"Accept-Language": tag}).text
    assert "Without your consent" not in page
    assert "Who reads your sales" not in page
