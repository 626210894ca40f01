"""A display on a device of its own: paired by a scanned code, follows its till and no other, by
stream, by polling and without JavaScript, survives reloads, and says when it lost the till."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from services.payments.domain.emvqr.merchant import parse_merchant
from tests.platform import Platform
from tests.system.look import check_axe, look, shoot
from tests.system.payments.test_till_in_a_browser import signed_in, tap

pytestmark = [pytest.mark.platform, pytest.mark.browser]

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=800)
SHOP, OTHER = "/till?shop=taishodo", "/till?shop=akiyoshido-main"
SOON_MS = 4_000


@contextmanager
def screen(chromium: Browser, platform: Platform, **options: object) -> Iterator[BrowserContext]:
    """A device at the counter on which nobody is signed in."""
    given = {"viewport": PHONE, "locale": "en", **options}
    context = chromium.new_context(base_url=platform.url, **given)  # type: ignore[arg-type]
    yield context
    context.close()


def code_of(till: Page, shop: str = "taishodo", locale: str = "ja") -> str:
    """Has the till show a code; returns the address a camera reads."""
    till.goto(f"/till/displays?shop={shop}&locale={locale}")
    till.click("form[action='/till/displays'] button")
    picture = till.locator(".pair-code .till-scan").screenshot()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return str(found.text)


def pair(
    till: Page, device: BrowserContext, locale: str = "en", shop: str = "taishodo"
) -> tuple[Page, Locator]:
    """Pairs a device with a till as its owner would."""
    display = device.new_page()
    display.goto(code_of(till, shop))
    display.click("main button")
    display.wait_for_url("**/till/display")
    display.goto(f"/till/display?customer={locale}")
    return display, display.locator("[data-display] section:visible")


@pytest.fixture(scope="module")
def clerk(chromium: Browser, platform: Platform) -> Iterator[BrowserContext]:
    """The one till of these tests; signing in takes its time on purpose."""
    context = signed_in(chromium, platform)
    yield context
    context.close()


@pytest.fixture
def till(clerk: BrowserContext) -> Iterator[Page]:
    page = clerk.new_page()
    yield page
    page.close()


@pytest.fixture
def device(chromium: Browser, platform: Platform) -> Iterator[BrowserContext]:
    with screen(chromium, platform) as made:
        yield made


@pytest.mark.parametrize(
    ("locale", "welcome", "thanks"),
    [("ja", "いらっしゃいませ", "ありがとうございました"), ("en", "Welcome", "Thank you")],
)
def test_it_follows_basket_change_and_thanks(
    till: Page, device: BrowserContext, locale: str, welcome: str, thanks: str
) -> None:
    display = device.new_page()
    said: list[str] = []
    display.on("console", lambda message: said.append(message.text))
    display.on("pageerror", lambda error: said.append(str(error)))
    address = code_of(till, locale=locale)
    look(till, f"displays-code-{locale}")
    display.goto(f"{address}&locale={locale}")
    look(display, f"display-pair-{locale}")
    display.click("main button")
    display.wait_for_url("**/till/display")
    display.goto(f"/till/display?customer={locale}")
    shown = display.locator("[data-display] section:visible")
    expect(shown).to_contain_text(welcome)
    till.goto(SHOP)
    tap(till, "1300")
    expect(shown).to_contain_text("¥1,300", timeout=SOON_MS)
    tap(till, "0")
    expect(shown).to_contain_text("¥13,000", timeout=SOON_MS)
    look(display, f"display-paired-sum-{locale}")
    display.reload()
    expect(shown).to_contain_text("¥13,000")
    till.click("button[value='7:cash_record']")
    till.click("button[value='20000']")
    expect(shown).to_contain_text(thanks, timeout=SOON_MS)
    expect(shown).to_contain_text("¥7,000")
    expect(display.locator("[data-link] svg")).to_have_count(0)  # this computer's, for no phone
    look(display, f"display-paired-thanks-{locale}")
    till.click("[data-next]")
    expect(shown).to_contain_text(welcome, timeout=SOON_MS)
    expect(display.locator("[data-lost]")).to_be_hidden()
    till.goto(f"/till/displays?shop=taishodo&locale={locale}")
    look(till, f"displays-list-{locale}")
    assert said == []


def test_a_declined_sale_another_till_s_and_another_shop_s(
    chromium: Browser, platform: Platform, clerk: BrowserContext, till: Page, device: BrowserContext
) -> None:
    _, shown = pair(till, device, "ko")
    till.goto(SHOP)
    tap(till, "9901")
    expect(shown).to_contain_text("¥9,901", timeout=SOON_MS)
    with screen(chromium, platform) as elsewhere:  # the same login in another browser
        session = [c for c in clerk.cookies() if c["name"] == "meguri_session"]
        elsewhere.add_cookies(session)  # type: ignore[arg-type] # as the browser gave them
        other = elsewhere.new_page()
        other.goto(SHOP)
        tap(other, "55")
        other.wait_for_timeout(500)
        expect(shown).to_contain_text("¥9,901")
    till.click("button[value='1:acquirer_simulator']")
    expect(shown).to_contain_text("결제되지 않았습니다", timeout=SOON_MS)
    till.goto(OTHER)  # the same till, for another shop
    tap(till, "777")
    till.wait_for_timeout(700)
    expect(shown).to_contain_text("결제되지 않았습니다")


def test_the_shop_s_code_is_shown_to_the_customer(till: Page, device: BrowserContext) -> None:
    display, shown = pair(till, device, shop="akiyoshido-main")
    till.goto("/till/code?shop=akiyoshido-main&amount_yen=1300")
    expect(shown).to_contain_text("¥1,300", timeout=SOON_MS)
    expect(shown).to_contain_text("Please scan to pay")
    picture = display.locator("[data-code] svg").screenshot()
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert parse_merchant(code.text).value("54") == "1300"
    look(display, "display-paired-code")


def test_it_polls_where_streams_are_cut_and_says_when_the_till_is_gone(
    till: Page, device: BrowserContext
) -> None:
    device.route("**/till/display/feed*", lambda route: route.abort())
    display, shown = pair(till, device)
    till.goto(SHOP)
    tap(till, "820")
    expect(shown).to_contain_text("¥820", timeout=SOON_MS)
    device.set_offline(True)
    lost = display.locator("[data-lost]")
    expect(lost).to_be_visible()
    shoot(display, "display-paired-lost")
    check_axe(display)
    device.set_offline(False)
    expect(lost).to_be_hidden(timeout=SOON_MS)
    expect(shown).to_contain_text("¥820")


def test_without_javascript_it_is_loaded_anew(
    chromium: Browser, platform: Platform, clerk: BrowserContext
) -> None:
    with (
        screen(chromium, platform, java_script_enabled=False) as counter,
        screen(chromium, platform, java_script_enabled=False) as plain,
    ):
        session = [c for c in clerk.cookies() if c["name"] == "meguri_session"]
        counter.add_cookies(session)  # type: ignore[arg-type] # as the browser gave them
        till = counter.new_page()
        _, shown = pair(till, plain)
        till.goto(SHOP)
        till.fill("[name=amount_yen]", "640")
        till.click("button[value='7:cash_record']")
        expect(shown).to_contain_text("¥640")
        till.click("button[value='1000']")
        expect(shown).to_contain_text("¥360")


def test_a_code_works_once_and_a_pairing_is_ended_on_the_till(
    chromium: Browser, platform: Platform, till: Page, device: BrowserContext
) -> None:
    address = code_of(till)
    display = device.new_page()
    display.goto(address)
    display.click("main button")
    expect(display.locator("[data-display]")).to_be_visible()
    with screen(chromium, platform) as thief:
        second = thief.new_page()
        second.goto(address)
        second.click("main button")
        expect(second.locator(".field__error")).to_contain_text("wrong, used or too old")
        shoot(second, "display-pair-refused")
        check_axe(second)
        second.goto("/till/display")
        expect(second).to_have_url(re.compile(r"/till/display/pair$"))
    till.goto("/till/displays?shop=taishodo")
    till.locator(".pair-row button").first.click()  # the newest is this one
    expect(display).to_have_url(re.compile(r"/till/display/pair$"))
