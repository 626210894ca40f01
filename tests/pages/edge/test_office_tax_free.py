"""Tax-free sales at the office: open ones by their last day, the rest below, all pages."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from meguri.payments.v1 import payments_service_pb2 as pb
from tests.pages.edge.fakes import SESSION, FakeServices
from tests.pages.edge.test_office import shop

HERE = "/till/office/tax-free"


def sale(number: int, **more: Any) -> pb.TaxFreeSale:
    day = date(2026, 11, 1) + timedelta(days=number)
    known: dict[str, Any] = {
        "tax_free_sale_id": f"t-{number}", "payment_id": f"p-{number}", "shop_place_id": "shop-a",
        "purchase_record_id": f"PR-{number}", "tax_yen": 100, "sale_date": day.isoformat(),
        "confirm_until": (day + timedelta(days=90)).isoformat(),
        "state": pb.TAX_FREE_STATE_RECORDED,
    }  # fmt: skip
    return pb.TaxFreeSale(**(known | more))


@pytest.fixture
def sales(services: FakeServices, browser: FlaskClient) -> list[pb.TaxFreeSale]:
    """What there is, two to a page, newest first."""
    found: list[pb.TaxFreeSale] = []

    def page(asked: pb.ListTaxFreeSalesRequest) -> pb.ListTaxFreeSalesResponse:
        at = int(asked.page_token or 0)
        token = str(at + 2) if len(found) > at + 2 else ""
        return pb.ListTaxFreeSalesResponse(tax_free_sales=found[at : at + 2], next_page_token=token)

    services.answers |= {
        "ListShops": lambda _: pb.ListShopsResponse(shops=[shop(), shop("shop-b")]),
        "ListTaxFreeSales": page,
    }
    browser.set_cookie("meguri_session", SESSION)
    return found


def test_open_ones_stand_in_the_order_of_their_last_day_and_ended_ones_apart(
    browser: FlaskClient, sales: list[pb.TaxFreeSale]
) -> None:
    sales += [
        sale(5), sale(4, state=pb.TAX_FREE_STATE_CONFIRMED), sale(3),
        sale(2, state=pb.TAX_FREE_STATE_CONFIRMED, refund_id="r"), sale(1, expired=True),
        sale(0, state=pb.TAX_FREE_STATE_REFUSED),
    ]  # fmt: skip
    page = browser.get(HERE, headers={"Accept-Language": "ja"}).text
    places = [page.index(f"PR-{number}<") for number in (4, 3, 5, 2, 1, 0)]
    assert places == sorted(places)
    assert "税関の確認待ち" in page
    assert page.count("¥200") == 1  # what waits for customs
    assert page.count("¥300") == 1  # what has ended


def test_without_any_it_says_where_they_come_from(
    browser: FlaskClient, services: FakeServices, sales: list[pb.TaxFreeSale]
) -> None:
    assert "No shop here has the permission" in browser.get(HERE).text
    permitted = shop()
    permitted.tax_free = True
    services.answers["ListShops"] = lambda _: pb.ListShopsResponse(shops=[permitted])
    assert "at the till" in browser.get(HERE).text
    assert services.called("ListTaxFreeSales")[-1].shop_place_id == "shop-a"
