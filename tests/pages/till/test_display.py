"""The customer's display speaks the customer's language, not the clerk's."""

import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from tests.pages.edge.fakes import FakeServices, mine
from tests.pages.till.test_sale import Payments, payments

__all__ = ["payments"]


@pytest.mark.parametrize(
    ("tag", "thanks"),
    [("ja", "ありがとうございました"), ("en", "Thank you"), ("ko", "감사합니다"),
     ("zh-Hans", "谢谢惠顾"), ("zh-Hant", "謝謝惠顧")],
)  # fmt: skip
def test_it_speaks_the_customer_s_language(
    browser: FlaskClient, payments: Payments, tag: str, thanks: str
) -> None:
    page = browser.get(f"/till/display?customer={tag}", headers={"Accept-Language": "ja"}).text
    assert thanks in page
    assert f'<html lang="{tag}"' in page


def test_it_offers_every_language_of_the_area_and_the_till_only_the_staff_s(
    browser: FlaskClient, payments: Payments, services: FakeServices
) -> None:
    area = mine()
    area.locales.append("fr")
    services.answers["ListAreas"] = lambda _: directory_pb.ListAreasResponse(areas=[area])
    page = browser.get("/till/display?customer=fr", headers={"Accept-Language": "ja"}).text
    assert '<html lang="fr"' in page
    assert all(f"?customer={tag}" in page for tag in area.locales)
    assert "Français" not in browser.get("/till?shop=shop-a").text


def test_an_unknown_language_is_the_clerk_s(browser: FlaskClient, payments: Payments) -> None:
    page = browser.get("/till/display?customer=xx", headers={"Accept-Language": "en"}).text
    assert "Thank you" in page


def test_it_is_for_people_who_are_signed_in(browser: FlaskClient) -> None:
    assert browser.get("/till/display").status_code == 303
