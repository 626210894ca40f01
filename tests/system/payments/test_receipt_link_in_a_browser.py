"""A receipt on the customer's phone: scanned from the till, read without a login, kept as PDF."""

import io
import re
from collections.abc import Iterator

import pypdf
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.platform import Platform
from tests.system.conftest import LAN
from tests.system.look import PICTURES, check_axe, look, shoot
from tests.system.payments.test_till_in_a_browser import pay, signed_in

pytestmark = [pytest.mark.platform, pytest.mark.browser]

HERE = "127.0.0.1"
FIGURE = re.compile(r"-?¥\d{1,3}(?:,\d{3})*")


def scan(page: Page) -> str:
    """What a phone's camera reads from the till."""
    picture = page.locator("[data-receipt-link] svg").screenshot()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return str(found.text)


def read_back(page: Page, name: str) -> str:
    """Takes the PDF of a page as a browser does, keeps it for people, and returns its words."""
    with page.expect_download() as download:
        page.click("a[href$='/pdf'], a[href*='receipt.pdf'], button[value='pdf']")
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.pdf"
    download.value.save_as(path)
    (sheet,) = pypdf.PdfReader(path).pages
    return re.sub(r"\s", "", sheet.extract_text())


@pytest.fixture(scope="module")
def till(chromium: Browser, platform: Platform) -> Iterator[Page]:
    """The till of a clerk, reached as by another machine of its network: under an address of this
    computer alone it draws no code. Signing in takes its time on purpose."""
    with signed_in(chromium, platform, base_url=platform.url.replace(HERE, LAN)) as context:
        yield context.new_page()


@pytest.mark.parametrize(("locale", "title"), [("ja", "領収書"), ("en", "Receipt")])
def test_a_customer_takes_the_receipt_along(
    chromium: Browser, platform: Platform, till: Page, locale: str, title: str
) -> None:
    pay(till, "1300")
    till.goto(f"{till.url}?locale={locale}")
    look(till, f"paid-with-link-{locale}")
    address = scan(till)
    assert address.startswith(f"{platform.url.replace(HERE, LAN)}/receipt/")
    with chromium.new_context(locale=locale) as own:
        phone = own.new_page()
        said: list[str] = []
        phone.on("console", lambda message: said.append(message.text))
        phone.goto(address.replace(LAN, HERE))
        slip = phone.locator(".slip")
        expect(slip).to_contain_text(title)
        for text in ("¥1,300", "¥118"):
            expect(slip).to_contain_text(text)
        expect(slip).not_to_contain_text("登録番号")  # this shop has none
        look(phone, f"linked-receipt-{locale}")
        written = read_back(phone, f"receipt-{locale}")
        figures = FIGURE.findall(slip.inner_text())
        assert len(figures) >= 4
        assert sorted(FIGURE.findall(written)) == sorted(figures)
        assert said == []


def test_a_link_that_was_guessed_opens_nothing(chromium: Browser, platform: Platform) -> None:
    with chromium.new_context(viewport=ViewportSize(width=390, height=844), locale="ja") as own:
        phone = own.new_page()
        answer = phone.goto(f"{platform.url}/receipt/{'A' * 43}")
        assert answer is not None
        assert answer.status == 404
        expect(phone.locator("main")).to_contain_text("領収書が見つかりません")
        shoot(phone, "linked-receipt-unknown")
        check_axe(phone)


def test_a_named_receipt_is_handed_out_as_a_pdf(till: Page) -> None:
    pay(till, "2200")
    till.click("a[href$='/receipt']")
    till.click("details summary:has-text('宛名')")
    till.fill("[name=name]", "株式会社 髙﨑・𠮷田")
    till.fill("[name=purpose]", "入洞料として")
    till.check("[name=reissued]")
    shoot(till, "receipt-to-be-named")
    check_axe(till)
    written = read_back(till, "receipt-named")
    for text in ("株式会社髙﨑・𠮷田様", "但し入洞料として", "再発行", "¥2,200", "内消費税¥200"):
        assert text in written
