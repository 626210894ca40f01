"""The line of a receipt about Help: on the page and on every paper, in both widths."""

import io

import grpc
import pypdf
import pytest
from flask.testing import FlaskClient

from kit.pure import languages
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import help_service_pb2 as help_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.parts import Parts
from tests.pages.edge.fakes import AWAY, Failure, FakeServices, mine
from tests.pages.till.test_linked import LINK, link
from tests.pages.till.test_named import PATH
from tests.pages.till.test_no_answer import HIDDEN
from tests.pages.till.test_sale import EN, Payments, payments

__all__ = ["link", "payments"]

PHONE = "0837-62-0115"
OWN = f"Help: {PHONE} (Mon–Fri・Sun 9:00–17:00) · Receipt R-1"


@pytest.fixture(autouse=True)
def phone(services: FakeServices, parts: Parts) -> None:
    """An area that can be called."""
    known(services, parts, PHONE)


def known(services: FakeServices, parts: Parts, phone: str, address: str = "") -> None:
    """Has directory tell how the area is reached."""
    found = mine()
    found.help_phone, found.public_url = phone, address
    found.locales[:] = languages.LOCALES
    services.answers["ListAreas"] = lambda _: directory_pb.ListAreasResponse(areas=[found])
    parts.areas.forget()


def text_of(content: bytes) -> str:
    """The words of a PDF on one line each blank, however they were broken."""
    pages = pypdf.PdfReader(io.BytesIO(content), strict=True).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def test_the_page_says_whom_to_call_when_and_which_number_to_say(
    browser: FlaskClient, payments: Payments
) -> None:
    page = browser.get(PATH, headers=EN).text
    assert OWN in page
    assert f"困ったときは: {PHONE} (月–金・日 9:00–17:00) · 領収書 R-1" in page


def test_a_pdf_and_both_widths_of_paper_say_it_too(
    browser: FlaskClient, payments: Payments
) -> None:
    assert "".join(OWN.split()) in text_of(browser.get(f"{PATH}.pdf", headers=EN).data)
    for width in ("58", "80"):
        form = dict(HIDDEN.findall(browser.get(PATH, headers=EN).text))
        form |= {"name": "", "purpose": "", "width": width}
        assert OWN in browser.post(PATH, data=form, headers=EN).text
        paper = browser.post(PATH, data={**form, "as": "pdf"}, headers=EN)
        assert "".join(OWN.split()) in text_of(paper.data)


@pytest.mark.parametrize("locale", ["de", "es", "fr", "id", "ja", "ko", "th", "vi", "zh-Hant"])
def test_a_customer_reads_it_in_their_own_language(
    browser: FlaskClient, link: pb.ReadLinkedReceiptResponse, locale: str
) -> None:
    page = browser.get(LINK, headers={"Accept-Language": locale}).text
    line = next(each for each in page.splitlines() if PHONE in each and "9:00" in each)
    assert link.receipt.receipt_number in line
    assert "Mon–" not in line
    assert "Help:" not in line


def test_nobody_waits_for_hours_that_nobody_tells(
    browser: FlaskClient, services: FakeServices, payments: Payments
) -> None:
    def silent(_: object) -> help_pb.ReadHelpDeskResponse:
        raise AWAY

    services.answers["ReadHelpDesk"] = silent
    assert f"Help: {PHONE} · Receipt R-1" in browser.get(PATH, headers=EN).text

    def denied(_: object) -> help_pb.ReadHelpDeskResponse:
        raise Failure(grpc.StatusCode.PERMISSION_DENIED, "NOT_ALLOWED")

    services.answers["ReadHelpDesk"] = denied
    assert browser.get(PATH, headers=EN).status_code == 200


def test_where_nobody_can_be_called_there_is_no_line(
    browser: FlaskClient, services: FakeServices, parts: Parts, payments: Payments
) -> None:
    known(services, parts, "", "https://meguri.example.jp")
    page = browser.get(PATH, headers=EN).text
    assert "Help: meguri.example.jp/help · Receipt R-1" in page
    known(services, parts, "")
    page = browser.get(PATH, headers=EN).text
    assert "Help: " not in page.split("<main")[1].split("</main>")[0]
