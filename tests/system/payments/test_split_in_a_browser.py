"""A sale paid by several tenders in a real browser: with and without JavaScript, a declined card,
all of it given back, cash that waits without a signal."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.platform import Platform
from tests.system.look import check_axe, shoot
from tests.system.payments.test_offline_till_in_a_browser import waiting
from tests.system.payments.test_till_in_a_browser import DESK, signed_in, tap

pytestmark = [pytest.mark.platform, pytest.mark.browser]

SHOP = "shotengai-souvenirs"
COUNTER = f"/till?shop={SHOP}"
CASH, CARD = "7:cash_record", "1:acquirer_simulator"
SPLIT = "button[formaction='/till/splits']"


@pytest.fixture(scope="module")
def clerk(chromium: Browser, platform: Platform) -> Iterator[BrowserContext]:
    """The clerk on a phone, in Japanese."""
    with signed_in(chromium, platform, has_touch=True) as context:
        yield context


@pytest.fixture
def page(clerk: BrowserContext) -> Iterator[Page]:
    opened = clerk.new_page()
    yield opened
    opened.close()


def begin(page: Page, amount: str) -> None:
    """Opens a sale in parts for an amount."""
    page.goto(COUNTER)
    page.fill("[name=amount_yen]", amount)
    page.click(SPLIT)
    page.wait_for_url("**/till/splits/*")


def pay(page: Page, amount: str, tender: str, tendered: str = "") -> None:
    """Pays a part."""
    page.fill("[name=amount_yen]", amount)
    page.click(f"button[value='{tender}']")
    if tender == CASH:
        page.click(f"button[value='{tendered}']" if tendered else ".till-cash__exact")


def test_cash_and_the_rest_by_card_are_one_sale_with_one_receipt(page: Page) -> None:
    begin(page, "3456")
    expect(page.locator(".till-split__open dd")).to_have_text("¥3,456")
    shoot(page, "split-begun")
    check_axe(page)
    pay(page, "1000", CASH, "5000")
    expect(page.locator(".till-change__back dd")).to_have_text("¥4,000")
    expect(page.locator(".till-split__open dd")).to_have_text("¥2,456")
    shoot(page, "split-half")
    check_axe(page)
    page.click(f"button[value='{CARD}']")  # the rest stands there already
    expect(page.locator("h1")).to_have_text("お支払い完了")
    expect(page.locator(".huge")).to_have_text("¥3,456")
    shoot(page, "split-paid")
    check_axe(page)
    page.click("a[href$='/receipt']")
    slip = page.locator(".slip")
    for text in ("¥3,456", "10%対象", "¥314", "現金", "¥1,000", "カード", "¥2,456"):
        expect(slip).to_contain_text(text)
    shoot(page, "split-receipt")
    check_axe(page)
    page.goto(COUNTER)
    expect(page.locator(".till-last")).to_contain_text("分けた支払いの一部")
    expect(page.locator(".till-cancel")).to_have_count(0)
    page.goto(f"/till/today?shop={SHOP}")
    expect(page.locator("main")).to_contain_text("合計では1件")
    shoot(page, "split-today")
    check_axe(page)


def test_a_declined_card_says_what_is_paid_and_open_and_all_goes_back(page: Page) -> None:
    begin(page, "10901")
    pay(page, "1000", CASH)
    page.click(f"button[value='{CARD}']")
    expect(page.locator(".till-result--bad")).to_contain_text("残高または利用枠が足りません")
    expect(page.locator(".till-split")).to_contain_text("¥1,000")
    expect(page.locator(".till-split__open dd")).to_have_text("¥9,901")
    shoot(page, "split-declined")
    check_axe(page)
    page.click("form[action$='/give-back'] button")
    expect(page.locator("h1")).to_have_text("返金しました")
    shoot(page, "split-given-back")
    check_axe(page)


def test_a_part_of_a_finished_sale_is_refunded_on_its_own_page(page: Page) -> None:
    begin(page, "2000")
    pay(page, "500", CASH)
    pay(page, "1500", CARD)
    page.click(".list-row:has-text('¥500')")
    shoot(page, "split-part")
    check_axe(page)
    page.click("a[href$='/refund']")
    page.fill("[name=amount_yen]", "300")
    page.fill("[name=reason]", "一部返品")
    page.click("main form .button--bad")
    page.click("a[href$='/invoice']")
    expect(page.locator(".slip")).to_contain_text("-¥300")
    page.go_back()
    page.click("a[href^='/till/splits/']")
    expect(page.locator(".list-row", has_text="¥500")).to_contain_text("¥300")


def test_more_than_is_open_is_explained(page: Page) -> None:
    begin(page, "2000")
    page.fill("[name=amount_yen]", "2,001")
    page.click(f"button[value='{CARD}']")
    expect(page.locator("#amount-error")).to_contain_text("¥2,000")


def test_it_works_without_javascript_and_in_english(chromium: Browser, platform: Platform) -> None:
    plain = {"java_script_enabled": False, "locale": "en-US"}
    with signed_in(chromium, platform, **plain) as context:
        page = context.new_page()
        begin(page, "10901")
        shoot(page, "split-begun-en")
        pay(page, "1000", CASH, "5000")
        expect(page.locator(".till-change__back dd")).to_have_text("¥4,000")
        shoot(page, "split-half-en")
        page.click(f"button[value='{CARD}']")
        expect(page.locator(".till-result--bad")).to_contain_text("Declined")
        shoot(page, "split-declined-en")
        pay(page, "5000", CARD)
        pay(page, "4901", CASH)
        expect(page.locator("h1")).to_have_text("Paid")
        shoot(page, "split-paid-en")
        page.set_viewport_size({"width": DESK["width"], "height": DESK["height"]})
        shoot(page, "split-paid-en-desk")
        page.locator("details.section summary").click()
        page.click("form[action$='/give-back'] button")
        expect(page.locator("h1")).to_have_text("Given back")


def test_the_last_cash_part_waits_without_a_signal_and_a_card_part_does_not(
    clerk: BrowserContext, page: Page
) -> None:
    page.goto(COUNTER)
    tap(page, "2345")
    page.click(SPLIT)  # by the script: the document with the words for no signal stays
    page.wait_for_selector(".till-split")
    pay(page, "1000", CARD)
    expect(page.locator(".till-split__open dd")).to_have_text("¥1,345")
    own = page.url
    clerk.set_offline(True)
    page.click(f"button[value='{CARD}']")
    expect(page.locator(".till__offline")).to_be_visible()
    expect(page.locator("[data-keep]")).to_be_hidden()
    page.click(f"button[value='{CASH}']")
    page.fill("#offline-tendered", "1400")
    page.click("[data-record]")
    expect(page.locator(".till-change__back dd")).to_have_text("¥55")
    (kept,) = waiting(page)
    assert "split=" in kept["form"]
    clerk.set_offline(False)
    expect(page.locator(".till-wait")).to_be_hidden()
    page.goto(own)
    expect(page.locator("h1")).to_have_text("お支払い完了")
