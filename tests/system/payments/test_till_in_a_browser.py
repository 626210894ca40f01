"""The till in a real browser: a sale with and without JavaScript, a double tap, a refund, a void,
what an unheard answer looks like, five languages, and no accessibility violation on any page."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from services.edge import cookies
from services.payments.domain.emvqr.merchant import parse_merchant
from tests.platform import Platform
from tests.system.look import check_axe, shoot

pytestmark = [pytest.mark.platform, pytest.mark.browser]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
GATE = "/till?shop=akiyoshido-main"


_sessions: dict[str, Any] = {}


def signed_in(chromium: Browser, platform: Platform, **options: Any) -> BrowserContext:
    """A context in which the clerk of the first start is signed in, by one session for all.

    alone, of the options: by a session of its own, for whoever signs out.
    """
    alone = options.pop("alone", False)
    options = {"base_url": platform.url, "viewport": PHONE, "locale": "ja", **options}
    context = chromium.new_context(**options)
    known = None if alone else _sessions.get(options["base_url"])
    if known:
        context.add_cookies([known])
        return context
    page = context.new_page()
    login = platform.state["first_logins"]["clerk"]
    page.goto("/till")
    page.fill("[name=login_name]", login["user"])
    page.fill("[name=password]", login["password"])
    page.click("form[action='/login'] button")
    page.wait_for_url("**/till*")
    page.close()
    if not alone:
        _sessions[options["base_url"]] = next(
            cookie for cookie in context.cookies() if cookie["name"] == cookies.SESSION.name
        )
    return context


@pytest.fixture(scope="module")
def clerk(chromium: Browser, platform: Platform) -> Iterator[BrowserContext]:
    """The clerk on a phone, in Japanese."""
    context = signed_in(chromium, platform, has_touch=True)
    yield context
    context.close()


@pytest.fixture
def page(clerk: BrowserContext) -> Iterator[Page]:
    """A page of the clerk; a word on the console is a failure."""
    opened = clerk.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    opened.close()
    # Answers the tests provoke (422, no connection) are logged by the browser itself.
    assert [text for text in said if not text.startswith("Failed to load resource")] == []


CASH = "7:cash_record"


def tap(page: Page, keys: str) -> None:
    """Taps keys of the keypad."""
    for key in keys:
        page.click(f"[data-key='{key}']")


def pay(page: Page, amount: str, tender: str = "1:acquirer_simulator") -> None:
    """Types an amount, chooses a way to pay and waits for the outcome."""
    page.goto(GATE)
    page.fill("[name=amount_yen]", amount)
    page.click(f"button[value='{tender}']")
    if tender == CASH:
        page.click(".till-cash__exact")
    page.wait_for_url("**/till/payments/**")


def test_a_sale_by_keypad_with_receipt_refund_and_list(page: Page) -> None:
    page.goto(GATE)
    tap(page, "1300")
    expect(page.locator("[name=amount_yen]")).to_have_value("1,300")
    shoot(page, "counter")
    check_axe(page)
    page.click("button[value='1:acquirer_simulator']")
    expect(page.locator("h1")).to_have_text("お支払い完了")
    expect(page.locator("main")).to_contain_text("練習・入金されません")
    shoot(page, "paid")
    check_axe(page)

    page.click("a[href$='/receipt']")
    slip = page.locator(".slip")
    for text in ("領収書", "練習・入金されません", "10%対象", "¥118", "¥1,300"):
        expect(slip).to_contain_text(text)
    shoot(page, "receipt")
    check_axe(page)

    page.go_back()
    page.click("a[href$='/refund']")
    check_axe(page)
    page.fill("[name=amount_yen]", "1301")
    page.fill("[name=reason]", "人数の間違い")
    page.click("main form .button--bad")
    expect(page.locator(".field__error")).to_be_visible()
    page.fill("[name=amount_yen]", "500")
    page.click("main form .button--bad")
    expect(page.locator("main")).to_contain_text("返金済み")

    page.click("a[href^='/till/today']")
    expect(page.locator("main")).to_contain_text("¥500返金済み")
    shoot(page, "today")
    check_axe(page)


def tap_twice(page: Page, selector: str) -> None:
    """Taps a button twice before the page can change."""
    page.wait_for_selector(selector)
    page.evaluate("(s) => { const b = document.querySelector(s); b.click(); b.click(); }", selector)


def test_the_shop_s_code_is_scanned_off_the_screen(page: Page) -> None:
    page.goto(GATE)
    page.click("a[href^='/till/code']")
    page.fill("[name=amount_yen]", "1300")
    page.click("main form button")
    expect(page.locator("main")).to_contain_text("見本・支払いできません")
    picture = page.locator(".till-code__picture")
    expect(picture).to_have_js_property("complete", value=True)
    (scanned,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.screenshot())))
    code = parse_merchant(scanned.text)
    assert (code.is_jpqr, code.value("54"), code.value("64", "01")) == (
        True, "1300", "秋芳洞 正面口"
    )  # fmt: skip
    shoot(page, "code")
    check_axe(page)


def test_what_came_back_is_printed_per_rate(page: Page) -> None:
    pay(page, "12000", "7:cash_record")
    page.click("a[href$='/refund']")
    page.fill("[name=amount_yen]", "11000")
    page.fill("[name=reason]", "人数の間違い")
    page.click("main form .button--bad")
    page.click("a[href$='/invoice']")
    slip = page.locator(".slip")
    for text in ("返金伝票", "お買上げ日", "10%対象", "-¥1,000", "-¥11,000", "現金"):
        expect(slip).to_contain_text(text)
    shoot(page, "return-slip")
    check_axe(page)


def test_two_taps_are_one_payment(page: Page) -> None:
    page.goto(GATE)
    tap(page, "777")
    tap_twice(page, "button[value='7:cash_record']")
    tap_twice(page, ".till-cash__exact")
    expect(page.locator("h1")).to_have_text("お支払い完了")
    page.goto("/till/today?shop=akiyoshido-main")
    expect(page.locator(".list-row", has_text="¥777")).to_have_count(1)


def test_a_lost_connection_keeps_the_sale_and_its_id(page: Page, clerk: BrowserContext) -> None:
    page.goto(GATE)
    tap(page, "888")
    before = page.locator("[data-till] [name=request_id]").get_attribute("value")
    page.route("**/till/payments", lambda route: route.abort())
    page.click("button[value='7:cash_record']")
    expect(page.locator(".till__offline")).to_be_visible()
    assert page.locator("[data-till] [name=request_id]").get_attribute("value") == before
    page.unroute("**/till/payments")
    page.click("button[value='7:cash_record']")
    page.wait_for_selector(".till-cash__exact")
    assert page.locator("form [name=request_id]").first.get_attribute("value") == before
    page.route("**/till/payments", lambda route: route.abort())
    page.click(".till-cash__exact")
    expect(page.locator(".till__offline")).to_be_visible()
    page.unroute("**/till/payments")
    page.click(".till-cash__exact")
    expect(page.locator("h1")).to_have_text("お支払い完了")


def test_change_is_worked_out_and_stands_on_the_receipt(page: Page) -> None:
    page.goto(GATE)
    tap(page, "1234")
    page.click("button[value='7:cash_record']")
    expect(page.locator("h1")).to_have_text("現金でのお支払い")
    shoot(page, "cash")
    check_axe(page)
    page.click("button[value='5000']")
    expect(page.locator(".till-change__back dd")).to_have_text("¥3,766")
    shoot(page, "change")
    check_axe(page)
    page.click("a[href*='/receipt']")
    expect(page.locator(".slip")).to_contain_text("¥3,766")


def test_an_unusual_amount_is_asked_about_and_a_full_refund_is_no_longer_paid(page: Page) -> None:
    page.goto(GATE)
    tap(page, "123456")
    page.click("button[value='1:acquirer_simulator']")
    expect(page.locator("h1")).to_have_text("この金額でよろしいですか")
    shoot(page, "sure")
    check_axe(page)
    page.click("button[name=confirmed]")
    expect(page.locator("h1")).to_have_text("お支払い完了")
    page.click("a[href$='/refund']")
    page.fill("[name=reason]", "桁の間違い")
    page.click("main form .button--bad")
    expect(page.locator("h1")).to_have_text("返金済み")
    shoot(page, "refunded")
    check_axe(page)


def test_declined_and_unknown_say_so_in_words(page: Page) -> None:
    pay(page, "9901")
    expect(page.locator("h1")).to_have_text("承認されませんでした")
    expect(page.locator("main")).to_contain_text("残高または利用枠が足りません")
    check_axe(page)
    pay(page, "9903")
    expect(page.locator("h1")).to_have_text("結果を確認中")
    shoot(page, "unknown")
    check_axe(page)
    # The page asks again by itself; the provider is asked, and nothing is charged twice.
    expect(page.locator("h1")).to_have_text("お支払い完了")


def test_the_last_sale_is_canceled(page: Page) -> None:
    pay(page, "640", CASH)
    page.goto(GATE)
    page.click(".till-last")
    page.click("details.section summary")
    page.click("form[action$='/void'] button")
    expect(page.locator("h1")).to_have_text("取消")


@pytest.mark.parametrize("amount", ["0", "-5", "13.5", "99999999", "abc", " "])
def test_a_wrong_amount_is_explained_without_javascript(
    chromium: Browser, platform: Platform, amount: str
) -> None:
    with signed_in(chromium, platform, java_script_enabled=False) as context:
        opened = context.new_page()
        opened.goto(GATE)
        opened.fill("[name=amount_yen]", amount)
        opened.click("button[value='7:cash_record']")
        expect(opened.locator("main .notice--bad")).to_be_visible()


def test_a_sale_without_javascript_on_a_desk(chromium: Browser, platform: Platform) -> None:
    options = {"java_script_enabled": False, "viewport": DESK, "locale": "en"}
    with signed_in(chromium, platform, **options) as context:
        opened = context.new_page()
        pay(opened, "１，２００", CASH)
        expect(opened.locator("h1")).to_have_text("Paid")
        expect(opened.locator("main")).not_to_contain_text("練習")


@pytest.mark.parametrize(
    ("locale", "paid", "receipt"),
    [
        ("en", "Paid", "Receipt"),
        ("ko", "결제 완료", "영수증"),
        ("zh-CN", "已付款", "收据"),
        ("zh-TW", "已付款", "收據"),
    ],
)
def test_the_till_speaks_the_clerk_s_language(
    chromium: Browser, platform: Platform, locale: str, paid: str, receipt: str
) -> None:
    with signed_in(chromium, platform, locale=locale) as context:
        opened = context.new_page()
        pay(opened, "1300")
        expect(opened.locator("h1")).to_have_text(paid)
        opened.click("a[href$='/receipt']")
        expect(opened.locator(".slip")).to_contain_text(receipt)
        expect(opened.locator(".slip")).to_contain_text("領収書")  # the law's word stays
        expect(opened.locator(".slip")).to_contain_text("練習・入金されません")
