"""What the counter shows while a customer pays, and what it offers to give back."""

import io
import re

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image, ImageDraw

from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.till.scan_code import drawing
from tests.pages.edge.fakes import SESSION, FakeServices
from tests.pages.till.test_no_answer import PAID, SHOP

CODE = "https://qr.example/28180104?p=04-1a2b3c"


def shown(browser: FlaskClient, services: FakeServices, path: str, payment: pb.Payment) -> str:
    """A page of the till about a payment, in English."""
    services.answers |= {
        "ListShops": lambda _: pb.ListShopsResponse(shops=[SHOP]),
        "GetPayment": lambda _: pb.GetPaymentResponse(payment=payment),
    }
    services.answers["ListClerks"] = lambda _: office_pb.ListClerksResponse()
    browser.set_cookie("meguri_session", SESSION)
    return browser.get(f"/till/payments/p-1{path}", headers={"Accept-Language": "en"}).text


def waiting(customer_code: str = "") -> pb.Payment:
    """A sale that waits for its customer."""
    return pb.Payment(
        payment_id="p-1", shop_place_id="shop-a", tender=pb.TENDER_CODE_PAYMENT, amount_yen=1200,
        state=pb.PAYMENT_STATE_CREATED, customer_acts=True, provider_refunds=True,
        customer_code=customer_code,
    )  # fmt: skip


def taken(*, provider_refunds: bool) -> pb.Payment:
    """A sale whose provider gives money back, or does not."""
    payment = pb.Payment()
    payment.CopyFrom(PAID)
    payment.provider_refunds, payment.tender = provider_refunds, pb.TENDER_TRANSIT_IC
    return payment


def test_the_drawn_code_is_read_by_a_scanner() -> None:
    svg = str(drawing(CODE, "label"))
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    image = Image.new("L", (size * 8, size * 8), 255)
    pen = ImageDraw.Draw(image)
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", svg):
        left, top = int(x) * 8, int(y) * 8
        pen.rectangle((left, top, left + 7, top + 7), fill=0)
    image.save(io.BytesIO(), "PNG")
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [CODE]


def test_a_label_is_escaped() -> None:
    assert "<script" not in str(drawing(CODE, '"><script>'))


def test_a_code_to_scan_is_drawn_and_not_written(
    browser: FlaskClient, services: FakeServices
) -> None:
    page = shown(browser, services, "", waiting(customer_code=CODE))
    assert "Show this code" in page
    assert 'class="till-scan"' in page
    assert "qr.example" not in page


def test_without_a_code_the_terminal_asks(browser: FlaskClient, services: FakeServices) -> None:
    page = shown(browser, services, "", waiting())
    assert "The customer pays now" in page
    assert "do not charge again" in page
    assert "data-open" in page
    assert 'action="/till/payments/p-1/void"' in page
    assert 'class="till-scan"' not in page


@pytest.mark.parametrize("refunds", [True, False])
def test_only_what_the_provider_does_is_offered(
    browser: FlaskClient,
    services: FakeServices,
    refunds: bool,  # noqa: FBT001 - a parameter
) -> None:
    page = shown(browser, services, "/refund", taken(provider_refunds=refunds))
    assert ('value="provider"' in page) is refunds
    assert ('value="cash" checked' in page) is not refunds
    assert ("cannot be refunded by its provider" in page) is not refunds
    payment = shown(browser, services, "", taken(provider_refunds=refunds))
    assert ("Cancel this sale" in payment) is refunds
