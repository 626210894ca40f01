"""Closing time in a real browser: sales canceled with and without a script, a sale left half paid
that the close names, and what to do with the money of each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.platform import Platform
from tests.system.look import check_axe, shoot
from tests.system.payments.test_till_in_a_browser import DESK, PHONE, signed_in

pytestmark = [pytest.mark.platform, pytest.mark.browser]

SHOP, GATE = "shotengai-souvenirs", "taishodo"
CASH, CARD, DEVICE = "7:cash_record", "1:acquirer_simulator", "1:other_device"
STEPS, CANCEL = ".till-steps", ".till-cancel"


@pytest.fixture
def clerk(chromium: Browser, platform: Platform) -> Iterator[BrowserContext]:
    """The clerk on a phone, in Japanese."""
    with signed_in(chromium, platform, has_touch=True) as context:
        yield context


@pytest.fixture
def admin(chromium: Browser, platform: Platform) -> Iterator[Page]:
    """Who closes the day, at a desk."""
    login = platform.state["first_logins"]["admin"]
    with chromium.new_context(
        base_url=platform.url, viewport={"width": 1280, "height": 800}, locale="ja"
    ) as context:
        page = context.new_page()
        page.goto("/till/office")
        page.fill("[name=login_name]", login["user"])
        page.fill("[name=password]", login["password"])
        page.click("form[action='/login'] button")
        page.wait_for_url("**/till/office*")
        yield page


def sell(page: Page, yen: str, way: str) -> None:
    """Sells for an amount; cash is handed over exactly."""
    page.goto(f"/till?shop={SHOP}")
    page.fill("#amount", yen)
    if way == DEVICE:
        page.click(".till__tenders summary")
    page.click(f"[name=pay][value='{way}']")
    if way == CASH:
        page.click(".till-cash__exact")
    expect(page.locator(".till-result__word")).to_be_visible()


def pay_part(page: Page, yen: str, way: str) -> None:
    page.fill(".till-split__next #amount", yen)
    page.click(f"[name=pay][value='{way}']")
    if way == CASH:
        page.click(".till-cash__exact")
    expect(page.locator(".till-split__said")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize(
    ("way", "said"),
    [(CASH, "お客さまに現金で ¥{} を返してください"), (DEVICE, "¥{} を、もう一つの端末でも"),
     (CARD, "¥{} は、現金で返さないでください")],
)  # fmt: skip
def test_the_last_sale_is_shown_before_it_is_canceled_and_the_money_is_told(
    chromium: Browser, platform: Platform, way: str, said: str, *, script: bool
) -> None:
    yen = f"{1100 + 10 * (CASH, DEVICE, CARD).index(way) + script}"
    with signed_in(chromium, platform, java_script_enabled=script) as context:
        page = context.new_page()
        sell(page, yen, way)
        page.goto(f"/till?shop={SHOP}")
        button = page.locator(f"{CANCEL} button")
        expect(button).to_be_hidden()
        summary = page.locator(f"{CANCEL} summary")
        summary.click()
        summary.click()  # a finger that taps twice cancels nothing
        expect(button).to_be_hidden()
        summary.click()
        amount = f"{int(yen):,}"
        expect(page.locator(".till-cancel__what")).to_contain_text(f"¥{amount}")
        expect(page.locator(CANCEL)).to_contain_text(said.format(amount))
        if script and way == CASH:
            check_axe(page)
            shoot(page, "till-cancel-asked")
        button.click()
        expect(page.locator(".till-result__word")).to_have_text("取消")
        expect(page.locator(STEPS)).to_contain_text(said.format(amount))
        assert "請求はありません" not in page.content()
        if script:
            check_axe(page)
            shoot(page, f"till-canceled-{way.partition(':')[2]}")


def test_a_sale_left_half_paid_is_named_by_the_close_and_given_back_from_there(
    clerk: BrowserContext, admin: Page
) -> None:
    page = clerk.new_page()
    page.goto(f"/till?shop={GATE}")
    page.fill("#amount", "3100")
    page.click("[formaction='/till/splits']")
    pay_part(page, "1100", CASH)
    expect(page.locator(".till-wait")).to_be_hidden()  # it arrived: nothing waits on the device
    left_out = page.locator(".till-split__left-out")
    expect(left_out).to_contain_text("練習と実際のお金は混ぜられません")
    expect(left_out).to_contain_text("交通系IC")
    check_axe(page)
    shoot(page, "till-split-left-out")
    number = page.locator(".facts dd.mono").inner_text()

    close = f"/till/office/close?shop={GATE}"
    admin.goto(close)
    row = admin.locator(".office-unfinished li", has_text=number)
    expect(row).to_contain_text("¥3,100 のうち ¥1,100 は支払い済み、残り ¥2,000 です。")
    check_axe(admin)
    shoot(admin, "office-unfinished-desk")
    admin.set_viewport_size({"width": 390, "height": 844})
    shoot(admin, "office-unfinished-phone")
    go_on = row.get_by_role("link", name="残りを受け取る").get_attribute("href")
    row.get_by_role("link", name="受け取った分を返す").click()
    admin.locator("#end button").click()
    expect(admin.locator(STEPS)).to_contain_text("現金で ¥1,100 を返してください")
    admin.goto(close)
    expect(row).to_have_count(0)
    admin.goto(str(go_on))
    expect(admin.locator(".till-result__word")).to_have_text("返金しました")


def test_the_buttons_of_a_refund_stand_in_line(clerk: BrowserContext) -> None:
    page = clerk.new_page()
    sell(page, "1300", CARD)
    page.goto(page.url.split("?")[0] + "/refund")
    for size in (PHONE, DESK):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        first, second = (each.bounding_box() for each in page.locator(".till-next > *").all())
        assert first
        assert second
        apart = second["y"] - first["y"]
        assert apart == 0 or apart >= first["height"] + 8, "side by side, or one below the other"
        shoot(page, f"till-refund-{size['width']}")
