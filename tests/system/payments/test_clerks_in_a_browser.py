"""Clerks at a shared till, in a real browser: PIN, change, lock; and the one tap that cancels."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.platform import Platform
from tests.system.look import check_axe, shoot
from tests.system.payments.test_offline_till_in_a_browser import is_kept
from tests.system.payments.test_till_in_a_browser import DESK, signed_in, tap

pytestmark = [pytest.mark.platform, pytest.mark.browser]

SHOP = "kagekiyodo"
COUNTER = f"/till?shop={SHOP}"
SETUP = f"/till/office/setup?shop={SHOP}&step=clerks"
CASH = "7:cash_record"
TABLET = {"width": 820, "height": 1180}


@pytest.fixture(scope="module", autouse=True)
def people(chromium: Browser, platform: Platform) -> Iterator[None]:
    """Two clerks with PINs, made in the back office; they leave again, so that nobody else meets
    the lock."""
    login = platform.state["first_logins"]["admin"]
    with chromium.new_context(base_url=platform.url, locale="en") as context:
        page = context.new_page()
        page.goto(SETUP)
        page.fill("[name=login_name]", login["user"])
        page.fill("[name=password]", login["password"])
        page.click("form[action='/login'] button")
        for name, pin in (("彩", "2580"), ("健", "1470")):
            page.goto(SETUP)
            form = page.locator("form.office-form[action$='/clerks']")
            form.locator("[name=display_name]").fill(name)
            form.locator("[name=pin]").fill(pin)
            form.locator("button").click()
            expect(page.locator(".list-row", has_text=name)).to_be_visible()
        yield
        for name in ("彩", "健"):
            page.goto(SETUP)
            page.click(f".list-row:has-text('{name}') form button")


@pytest.fixture
def context(chromium: Browser, platform: Platform) -> Iterator[BrowserContext]:
    with signed_in(chromium, platform, has_touch=True) as opened:
        yield opened


def enter(page: Page, name: str, pin: str) -> None:
    """Chooses a name and types a PIN on the keypad."""
    page.click(f".till-people__one:has-text('{name}')")
    tap(page, pin)
    page.click("button.button--huge")


def test_a_pin_opens_the_till_and_the_clerk_changes_in_two_taps(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(COUNTER)
    expect(page.locator("h1")).to_have_text("レジの担当はどなたですか")
    for name, size in (("phone", None), ("tablet", TABLET), ("desk", DESK)):
        if size:
            page.set_viewport_size({"width": size["width"], "height": size["height"]})
        shoot(page, f"clerk-{name}")
        check_axe(page)
    enter(page, "彩", "9999")
    expect(page.locator("#pin-error")).to_be_visible()
    enter(page, "彩", "2580")
    expect(page.locator(".till-clerk strong")).to_have_text("彩")
    tap(page, "300")
    shoot(page, "clerk-counter")
    check_axe(page)
    page.click(f"button[value='{CASH}']")
    page.click(".till-cash__exact")
    expect(page.locator("h1")).to_have_text("お支払い完了")
    paid = page.url
    page.click("[data-next]")
    page.click(".till-clerk a")
    enter(page, "健", "1470")
    expect(page.locator(".till-clerk strong")).to_have_text("健")
    page.click("[data-lock] button")
    expect(page.locator("h1")).to_have_text("レジの担当はどなたですか")
    page.goto(paid)  # the till is locked: money goes back only behind a PIN, then the form follows
    page.click("a[href$='/refund']")
    expect(page.locator("main")).to_contain_text("担当者の暗証番号が必要です")
    shoot(page, "clerk-refund")
    page.set_viewport_size({"width": DESK["width"], "height": DESK["height"]})
    shoot(page, "clerk-refund-desk")
    check_axe(page)
    enter(page, "健", "1470")
    expect(page.locator("h1")).to_have_text("返金")


def test_a_locked_till_stays_locked_without_a_connection(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(COUNTER)
    enter(page, "彩", "2580")
    is_kept(page)
    page.click("[data-lock] button")
    expect(page.locator("h1")).to_have_text("レジの担当はどなたですか")
    context.set_offline(True)
    page.goto(COUNTER)
    expect(page.locator("h1")).to_have_text("レジの担当はどなたですか")
    assert page.locator("[data-till]").count() == 0
    context.set_offline(False)
    page.goto(COUNTER)
    enter(page, "健", "1470")
    is_kept(page)
    context.set_offline(True)  # open again, the counter is kept again
    page.goto(COUNTER)
    expect(page.locator(".till-clerk strong")).to_have_text("健")


def test_who_signs_out_leaves_no_counter_on_the_device(
    chromium: Browser, platform: Platform
) -> None:
    with signed_in(chromium, platform, has_touch=True, alone=True) as context:
        page = context.new_page()
        page.goto("/till?shop=taishodo")
        is_kept(page)
        page.click(".till-menu > summary")
        page.click("form[action='/logout'] button")
        page.wait_for_url(lambda url: "/till" not in url)
        context.set_offline(True)
        with pytest.raises(Error, match="ERR_"):
            page.goto("/till?shop=taishodo")


def test_the_last_sale_is_shown_and_canceled_with_the_second_tap(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/till?shop=taishodo")
    tap(page, "640")
    page.click(f"button[value='{CASH}']")
    page.click(".till-cash__exact")
    expect(page.locator("h1")).to_have_text("お支払い完了")
    page.click("[data-next]")
    heading, button = page.locator(".till-cancel summary"), page.locator(".till-cancel button")
    expect(heading).to_contain_text("¥640")
    expect(button).to_be_hidden()
    heading.click()
    shoot(page, "cancel-last")
    check_axe(page)
    button.click()
    expect(page.locator("h1")).to_have_text("取消")
    page.goto("/till?shop=taishodo")
    expect(page.locator(".till-cancel")).to_have_count(0)
