"""The customer's own copy: opened by its link alone, kept by nobody else."""

import io
import logging
import re
from datetime import UTC, datetime

import grpc
import pypdf
import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image, ImageDraw

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.parts import Parts
from tests.pages.edge.fakes import SESSION, Failure, FakeServices, mine
from tests.pages.till.test_named import PATH
from tests.pages.till.test_no_answer import HIDDEN
from tests.pages.till.test_sale import EN, Payments, payments
from tests.pages.till.test_slip_pdf import GOODS, receipt

__all__ = ["payments"]

SECRET = "S" * 43
LINK = f"/receipt/{SECRET}"


def scanned(page: str) -> str:
    """What a phone reads from the code of a page, drawn from its path."""
    drawing = page[page.index("data-receipt-link") :]
    size = int(re.findall(r'viewBox="0 0 (\d+)', drawing)[0])
    picture = Image.new("L", (size * 4, size * 4), 255)
    pen = ImageDraw.Draw(picture)
    path = re.findall(r'till-scan__ink" d="([^"]+)"', drawing)[0]
    for x, y in re.findall(r"M(\d+) (\d+)", path):
        left, top = int(x) * 4, int(y) * 4
        pen.rectangle((left, top, left + 3, top + 3), fill=0)
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def page_at(browser: FlaskClient, host: str, path: str) -> str:
    """A page as a browser gets it that reached the till by another name, signed in."""
    elsewhere = browser.application.test_client(use_cookies=False)
    cookie = {"Host": host, "Cookie": f"meguri_session={SESSION}"}
    return elsewhere.get(path, headers=EN | cookie).text


@pytest.fixture
def link(services: FakeServices) -> pb.ReadLinkedReceiptResponse:
    """What payments says of the link."""
    answer = pb.ReadLinkedReceiptResponse(receipt=receipt(GOODS))
    answer.receipt.payment_id = "0199aaaa-secret-id"
    answer.link_expire_time.FromDatetime(datetime(2026, 12, 28, 3, tzinfo=UTC))

    def read(request: pb.ReadLinkedReceiptRequest) -> pb.ReadLinkedReceiptResponse:
        if request.link_secret != SECRET:
            raise Failure(grpc.StatusCode.NOT_FOUND, "RECEIPT_LINK_UNKNOWN")
        return answer

    services.answers["ReadLinkedReceipt"] = read
    return answer


@pytest.mark.parametrize(
    ("locale", "title", "day"),
    [("ja", "領収書", "2026年12月28日"), ("en", "Receipt", "December 28, 2026"),
     ("ko", "영수증", "2026년 12월 28일"), ("zh-Hans", "收据", "2026年12月28日"),
     ("zh-Hant", "收據", "2026年12月28日")],
)  # fmt: skip
def test_it_opens_without_a_login_in_the_reader_s_language(
    browser: FlaskClient, link: pb.ReadLinkedReceiptResponse, locale: str, title: str, day: str
) -> None:
    answer = browser.get(LINK, headers={"Accept-Language": locale})
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text
    for text in (title, day, "¥14,700", "¥981", "¥288", "T7000012050002", "夏みかん丸漬"):
        assert text in answer.text


def test_help_is_opened_with_the_number_of_the_receipt(
    browser: FlaskClient, link: pb.ReadLinkedReceiptResponse
) -> None:
    number = link.receipt.receipt_number
    assert number
    assert f'href="/help?receipt={number}"' in browser.get(LINK).text


def test_nobody_keeps_it_and_it_tells_no_id(
    browser: FlaskClient, link: pb.ReadLinkedReceiptResponse, caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    for path in (LINK, f"{LINK}/pdf"):
        answer = browser.get(path)
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert b"secret-id" not in answer.data
        assert "Set-Cookie" not in answer.headers
    assert 'name="robots" content="noindex' in browser.get(LINK).text
    assert SECRET not in caplog.text + "".join(capsys.readouterr())


def test_the_pdf_says_what_the_page_says(
    browser: FlaskClient, link: pb.ReadLinkedReceiptResponse
) -> None:
    answer = browser.get(f"{LINK}/pdf", headers={"Accept-Language": "ko"})
    assert answer.mimetype == "application/pdf"
    assert 'filename="receipt-20261128-7K2M9QXA.pdf"' in answer.headers["Content-Disposition"]
    (page,) = pypdf.PdfReader(io.BytesIO(answer.data)).pages
    said = re.sub(r"\s", "", page.extract_text())
    shown = browser.get(LINK, headers={"Accept-Language": "ko"}).text
    slip = shown[shown.index("<article") : shown.index("</article>")]
    figures = re.findall(r"-?¥[\d,]+", slip)
    assert len(figures) >= 8
    for figure in figures:
        assert figure in said


@pytest.mark.parametrize("path", ["/receipt/x", f"/receipt/{'A' * 43}", f"/receipt/{'é' * 500}"])
def test_a_guess_is_answered_like_any_other(
    browser: FlaskClient, link: pb.ReadLinkedReceiptResponse, path: str
) -> None:
    for each in (path, f"{path}/pdf"):
        answer = browser.get(each, headers=EN)
        assert answer.status_code == 404
        assert "There is no receipt here" in answer.text


def test_a_lapsed_one_says_what_to_do(browser: FlaskClient, services: FakeServices) -> None:
    def lapsed(_: object) -> pb.ReadLinkedReceiptResponse:
        raise Failure(grpc.StatusCode.NOT_FOUND, "RECEIPT_LINK_LAPSED")

    services.answers["ReadLinkedReceipt"] = lapsed
    answer = browser.get(LINK, headers=EN)
    assert answer.status_code == 410
    assert "Ask the shop for another copy" in answer.text


@pytest.fixture
def linked(services: FakeServices, payments: Payments) -> pb.ReadReceiptResponse:
    """What payments says of the receipt to the till, with a link."""
    answer = pb.ReadReceiptResponse(receipt=receipt(GOODS), link_secret=SECRET)
    answer.link_expire_time.FromDatetime(datetime(2026, 12, 28, 3, tzinfo=UTC))
    services.answers["ReadReceipt"] = lambda _: answer
    return answer


@pytest.mark.parametrize("path", ["/till/payments/p-1", "/till/payments/p-1/receipt"])
def test_a_till_shows_a_code_that_opens_it(
    browser: FlaskClient, linked: pb.ReadReceiptResponse, path: str
) -> None:
    """By whatever name the till was reached in its network: a phone there reaches it, too."""
    for host in ("192.168.1.20:8080", "10.0.0.7", "[fd00::7]:8080"):
        page = page_at(browser, host, path)
        assert scanned(page) == f"http://{host}/receipt/{SECRET}"
        assert "December 28, 2026" in page
        assert "--domain" not in page


@pytest.mark.parametrize("path", ["/till/payments/p-1", "/till/payments/p-1/receipt"])
@pytest.mark.parametrize("host", [
    "localhost", "127.0.0.1:8080", "127.9.9.9", "[::1]:8080", "[::ffff:127.0.0.1]", "0.0.0.0:8080",
    "mine.localhost:8080",
])  # fmt: skip
def test_a_till_that_no_phone_reaches_shows_no_code_and_no_command(
    browser: FlaskClient, linked: pb.ReadReceiptResponse, path: str, host: str
) -> None:
    page = page_at(browser, host, path)
    assert "data-receipt-link" not in page
    assert "./meguri" not in page  # of an administrator: see test_for_clerks.py
    assert SECRET not in page


def test_the_area_s_own_address_counts_wherever_the_till_is(
    browser: FlaskClient, linked: pb.ReadReceiptResponse, services: FakeServices, parts: Parts
) -> None:
    for public_url, drawn in (
        ("https://guide.example.jp", f"https://guide.example.jp/receipt/{SECRET}"),
        ("http://127.0.0.1:8080", ""), ("http://127.1", ""), ("http://2130706433", ""),
    ):  # fmt: skip
        area = mine()
        area.public_url = public_url
        known = directory_pb.ListAreasResponse(areas=[area])
        services.answers["ListAreas"] = lambda _, known=known: known  # type: ignore[misc]
        parts.areas.forget()
        page = browser.get("/till/payments/p-1", headers=EN).text
        assert (scanned(page) if drawn else "") == drawn
        assert ("data-receipt-link" in page) == bool(drawn), public_url


def test_no_link_no_code(
    browser: FlaskClient, linked: pb.ReadReceiptResponse, services: FakeServices, payments: Payments
) -> None:
    linked.receipt.voided = True
    assert "data-receipt-link" not in browser.get("/till/payments/p-1/receipt").text
    linked.receipt.voided, linked.link_secret = False, ""
    assert "data-receipt-link" not in browser.get("/till/payments/p-1").text
    del services.answers["ReadReceipt"]  # away: the outcome of the sale is shown all the same
    assert browser.get("/till/payments/p-1").status_code == 200
    payments.payment.state = pb.PAYMENT_STATE_DECLINED
    before = len(services.called("ReadReceipt"))
    assert browser.get("/till/payments/p-1").status_code == 200
    assert len(services.called("ReadReceipt")) == before


def test_the_till_hands_out_pdfs_too(browser: FlaskClient, linked: pb.ReadReceiptResponse) -> None:
    plain = browser.get("/till/payments/p-1/receipt.pdf?tendered=20000", headers=EN)
    (page,) = pypdf.PdfReader(io.BytesIO(plain.data)).pages
    assert "¥5,300" in page.extract_text()
    browser.delete_cookie("meguri_session")
    assert browser.get("/till/payments/p-1/receipt.pdf").status_code == 303


def test_a_named_pdf_is_made_of_the_same_form(
    browser: FlaskClient, linked: pb.ReadReceiptResponse
) -> None:
    shown = browser.get(PATH, headers=EN).text
    form = dict(HIDDEN.findall(shown[shown.index(f'action="{PATH}"') :]))
    form |= {"name": "山田商店", "as": "pdf", "reissued": "1", "width": "80"}
    answer = browser.post(PATH, data=form, headers=EN)
    assert answer.mimetype == "application/pdf"
    (page,) = pypdf.PdfReader(io.BytesIO(answer.data)).pages
    said = re.sub(r"\s", "", page.extract_text())
    assert "山田商店様" in said
    assert "再発行" in said
    refused = browser.post(PATH, data={**form, "name": "長" * 41}, headers=EN)
    assert (refused.status_code, refused.mimetype) == (422, "text/html")


@pytest.mark.parametrize("locale", ["ja", "en", "ko"])
def test_a_shop_without_a_number_has_no_line_for_one(
    browser: FlaskClient, linked: pb.ReadReceiptResponse, locale: str
) -> None:
    headers = {"Accept-Language": locale}
    page = browser.get("/till/payments/p-1/receipt", headers=headers).text
    assert "登録番号" in page
    assert "適格簡易請求書" in page
    linked.receipt.shop.registration_number, linked.receipt.qualified = "", False
    page = browser.get("/till/payments/p-1/receipt", headers=headers).text
    for word in ("登録番号", "適格", "Registration number", "none<", "등록번호"):
        assert word not in page, word
