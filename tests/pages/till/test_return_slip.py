"""Return slips as pages, as PDF and behind the receipt link: the same words and figures."""

import io
import re
from datetime import UTC, datetime

import grpc
import pypdf
import pytest
from flask.testing import FlaskClient

from meguri.payments.v1 import payments_service_pb2 as pb
from tests.pages.edge.fakes import LOCALES, SESSION, Failure, FakeServices
from tests.pages.till.test_linked import LINK, SECRET, link, page_at, scanned
from tests.pages.till.test_papers import INVOICE
from tests.pages.till.test_sale import EN

__all__ = ["link"]

RETURN = f"{LINK}/returns/r-1"
WORDS = (
    "試しの店", "T7000012050002", "適格返還請求書", "2026-11-22", "20261122-AAAA", "2026-11-21",
    "20261121-BBBB", "饅頭", "※", "-¥501", "-¥45", "-¥250", "-¥18", "-¥751",
)  # fmt: skip


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def text_of(data: bytes) -> str:
    document = pypdf.PdfReader(io.BytesIO(data), strict=True)
    (page,) = document.pages
    xmp = document.xmp_metadata
    assert xmp is not None
    assert b"pdfuaid" in xmp.stream.get_data()  # read aloud like a receipt
    return page.extract_text()


def read(data: bytes) -> str:
    return bare(text_of(data))


def figures(text: str) -> list[str]:
    return sorted(re.findall(r"-?¥[\d,]+", text))


def slip_of(page: str) -> str:
    text = page[page.index("<article") : page.index("</article>")]
    return bare(re.sub(r"<[^>]+>", "", text))


@pytest.fixture
def returned(
    services: FakeServices, link: pb.ReadLinkedReceiptResponse
) -> pb.ReadLinkedReturnInvoiceResponse:
    """A sale behind a link of which something went back."""
    link.returns.add(
        refund_id="r-1", return_number="20261122-AAAA", business_date="2026-11-22", total_yen=751
    )
    answer = pb.ReadLinkedReturnInvoiceResponse(return_invoice=INVOICE)
    answer.link_expire_time.CopyFrom(link.link_expire_time)

    def find(request: pb.ReadLinkedReturnInvoiceRequest) -> pb.ReadLinkedReturnInvoiceResponse:
        if request.link_secret != SECRET:
            raise Failure(grpc.StatusCode.NOT_FOUND, "RECEIPT_LINK_UNKNOWN")
        if request.refund_id != "r-1":
            raise Failure(grpc.StatusCode.NOT_FOUND, "UNKNOWN_PAYMENT")
        return answer

    services.answers["ReadLinkedReturnInvoice"] = find
    return answer


@pytest.fixture
def till(browser: FlaskClient, services: FakeServices) -> pb.ReadReturnInvoiceResponse:
    """A signed-in clerk, and what payments says of the refund."""
    answer = pb.ReadReturnInvoiceResponse(return_invoice=INVOICE, link_secret=SECRET)
    answer.link_expire_time.FromDatetime(datetime(2026, 12, 21, 3, tzinfo=UTC))
    services.answers["ReadReturnInvoice"] = lambda _: answer
    browser.set_cookie("meguri_session", SESSION)
    return answer


@pytest.mark.parametrize("locale", LOCALES)
def test_the_pdf_says_what_the_page_says_in_every_language(
    browser: FlaskClient, till: pb.ReadReturnInvoiceResponse, locale: str
) -> None:
    headers = {"Accept-Language": locale}
    page = browser.get("/till/refunds/r-1/invoice", headers=headers).text
    said = slip_of(page)
    answer = browser.get("/till/refunds/r-1/invoice.pdf", headers=headers)
    assert answer.mimetype == "application/pdf"
    assert 'filename="return-20261122-AAAA.pdf"' in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    made = read(answer.data)
    for word in WORDS:
        assert word in said, word
        assert word in made, word
    assert figures(text_of(answer.data)) == figures(page)
    assert len(figures(page)) == 5


def test_a_shop_without_number_and_a_practice_return_say_so_in_the_pdf(
    browser: FlaskClient, till: pb.ReadReturnInvoiceResponse
) -> None:
    till.return_invoice.shop.registration_number = ""
    till.return_invoice.practice = True
    made = read(browser.get("/till/refunds/r-1/invoice.pdf", headers=EN).data)
    assert "練習・入金されません" in made
    for word in ("適格", "登録番号", "T7000012050002", "none"):
        assert word not in made
    del till.return_invoice.items[:]
    assert "お買上げ" in read(browser.get("/till/refunds/r-1/invoice.pdf", headers=EN).data)


def test_the_till_shows_a_code_that_opens_the_slip_while_the_link_lives(
    browser: FlaskClient, till: pb.ReadReturnInvoiceResponse
) -> None:
    here = browser.get("/till/refunds/r-1/invoice", headers=EN).text
    assert ("data-receipt-link" in here, "--domain NAME" in here) == (False, False)
    page = page_at(browser, "192.168.1.20", "/till/refunds/r-1/invoice")
    assert scanned(page) == f"http://192.168.1.20{RETURN}"
    till.link_secret = ""
    assert "data-receipt-link" not in browser.get("/till/refunds/r-1/invoice", headers=EN).text
    browser.delete_cookie("meguri_session")
    assert browser.get("/till/refunds/r-1/invoice.pdf").status_code == 303


def test_the_customer_s_receipt_leads_to_the_slip_and_back(
    browser: FlaskClient, returned: pb.ReadLinkedReturnInvoiceResponse
) -> None:
    receipt = browser.get(LINK, headers=EN).text
    assert f'href="{RETURN}"' in receipt
    assert "-¥751" in receipt
    for path in (RETURN, f"{RETURN}/pdf"):
        answer = browser.get(path, headers=EN)
        assert answer.status_code == 200
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Cache-Control"] == "private, no-store"
    page = browser.get(RETURN, headers=EN).text
    assert f'href="{LINK}"' in page
    assert f'href="{RETURN}/pdf"' in page
    assert f'href="/help?receipt={returned.return_invoice.receipt_number}"' in page  # the sale's
    assert "December 28, 2026" in page
    made = read(browser.get(f"{RETURN}/pdf", headers=EN).data)
    for word in WORDS:
        assert word in slip_of(page), word
        assert word in made, word


@pytest.mark.parametrize(
    "path",
    [f"{LINK}/returns/r-2", f"/receipt/{'A' * 43}/returns/r-1", f"{LINK}/returns/{'é' * 300}"],
)
def test_another_refund_is_answered_like_a_wrong_link(
    browser: FlaskClient, returned: pb.ReadLinkedReturnInvoiceResponse, path: str
) -> None:
    for each in (path, f"{path}/pdf"):
        answer = browser.get(each, headers=EN)
        assert answer.status_code == 404
        assert "There is no receipt here" in answer.text
