"""Return slips and the shop's payment code, as pages."""

import re

import pytest
from flask.testing import FlaskClient

from meguri.payments.v1 import payments_service_pb2 as pb
from tests.pages.edge.fakes import SESSION, FakeServices

SHOP = pb.Shop(
    shop_place_id="shop-a", names={"ja": "試しの店", "en": "Test shop"},
    registration_number="T7000012050002",
    tenders=[pb.TenderSetting(tender=pb.TENDER_CODE_PAYMENT, gateway="other_device")],
)  # fmt: skip
INVOICE = pb.ReturnInvoice(
    refund_id="r-1", payment_id="p-1", return_number="20261122-AAAA", shop=SHOP,
    receipt_number="20261121-BBBB", business_date="2026-11-22", sale_date="2026-11-21",
    total_yen=751, channel=pb.REFUND_CHANNEL_CASH,
    items=[pb.Item(name="饅頭", quantity=2, unit_amount_yen=300, tax_rate_percent=8)],
    rate_totals=[
        pb.RateTotal(tax_rate_percent=10, amount_yen=501, tax_yen=45),
        pb.RateTotal(tax_rate_percent=8, amount_yen=250, tax_yen=18),
    ],
)  # fmt: skip


def made(request: pb.MakeMerchantCodeRequest, *, sample: bool) -> pb.MakeMerchantCodeResponse:
    return pb.MakeMerchantCodeResponse(
        payload="x", sample=sample, svg=b"<svg/>", png=f"png {request.amount_yen}".encode()
    )


@pytest.fixture
def till(browser: FlaskClient, services: FakeServices) -> FlaskClient:
    """A signed-in clerk of a shop that has a code of its own, issued."""
    services.answers |= {
        "ListShops": lambda _: pb.ListShopsResponse(shops=[SHOP]),
        "ReadReturnInvoice": lambda _: pb.ReadReturnInvoiceResponse(return_invoice=INVOICE),
        "MakeMerchantCode": lambda request: made(request, sample=False),
    }
    browser.set_cookie("meguri_session", SESSION)
    return browser


def test_a_return_slip_says_what_the_law_asks_for(till: FlaskClient) -> None:
    text = till.get("/till/refunds/r-1/invoice", headers={"Accept-Language": "ja"}).text
    said = re.sub(r"<[^>]+>|\s+", " ", text)
    for word in (
        "試しの店", "T7000012050002", "適格返還請求書", "2026-11-22", "2026-11-21", "20261121-BBBB",
        "饅頭 ※", "10%対象", "8%対象", "現金",
    ):  # fmt: skip
        assert word in said, word
    for amount in ("501", "45", "250", "18", "751"):
        assert re.search(rf"-\s*¥\s*{amount}|-{amount}|−¥?{amount}", said), amount


def test_a_slip_without_number_is_no_qualified_one(
    till: FlaskClient, services: FakeServices
) -> None:
    plain = pb.ReturnInvoice()
    plain.CopyFrom(INVOICE)
    plain.shop.registration_number = ""
    services.answers["ReadReturnInvoice"] = lambda _: pb.ReadReturnInvoiceResponse(
        return_invoice=plain
    )
    page = till.get("/till/refunds/r-1/invoice", headers={"Accept-Language": "ja"}).text
    for word in ("適格返還請求書", "登録番号"):
        assert word not in page
    assert "返金伝票" in page


def test_an_issued_code_with_amount_can_be_recorded_as_paid(
    till: FlaskClient, services: FakeServices
) -> None:
    text = till.get("/till/code?shop=shop-a&amount_yen=１，３００").text
    assert services.called("MakeMerchantCode")[0].amount_yen == 1300
    assert 'src="/till/code.svg?shop=shop-a&amp;amount_yen=1300"' in text
    assert 'name="pay" value="5:other_device"' in text
    assert "見本" not in text


def test_a_sample_says_so_and_takes_no_money(till: FlaskClient, services: FakeServices) -> None:
    services.answers["MakeMerchantCode"] = lambda request: made(request, sample=True)
    text = till.get("/till/code?shop=shop-a&amount_yen=1300").text
    assert "見本・支払いできません" in text
    assert 'name="pay"' not in text


@pytest.mark.parametrize("amount", ["1.5", "0", "-3", "99999999", "abc"])
def test_a_wrong_amount_is_explained_and_in_no_code(
    till: FlaskClient, services: FakeServices, amount: str
) -> None:
    answer = till.get(f"/till/code?shop=shop-a&amount_yen={amount}")
    assert answer.status_code == 422
    assert "digits only" in answer.text
    assert services.called("MakeMerchantCode")[0].amount_yen == 0


def test_pictures_are_private_and_of_two_kinds(till: FlaskClient) -> None:
    drawing = till.get("/till/code.svg?shop=shop-a&amount_yen=1300")
    picture = till.get("/till/code.png?shop=shop-a&amount_yen=1300")
    assert (drawing.mimetype, picture.mimetype) == ("image/svg+xml", "image/png")
    assert picture.data == b"png 1300"
    assert "no-store" in drawing.headers["Cache-Control"]
    for bad in ("-1", "1e3", "99999999", "٣"):
        assert till.get(f"/till/code.png?shop=shop-a&amount_yen={bad}").data == b"png 0"
    assert till.get("/till/code.gif?shop=shop-a").status_code == 404


def test_a_shop_of_others_and_a_stranger_see_nothing(
    till: FlaskClient, services: FakeServices
) -> None:
    assert till.get("/till/code?shop=shop-b").status_code == 404
    till.delete_cookie("meguri_session")
    assert till.get("/till/code?shop=shop-a").status_code in (302, 303)
    assert till.get("/till/refunds/r-1/invoice").status_code in (302, 303)
    assert services.called("MakeMerchantCode") == []
