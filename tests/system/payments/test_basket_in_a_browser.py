"""The basket in a real browser: buttons, quantities, a typed amount, the receipt per rate; with and
without JavaScript."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.platform import Platform
from tests.system.look import check_axe, shoot
from tests.system.payments.test_till_in_a_browser import DESK, signed_in, tap

pytestmark = [pytest.mark.platform, pytest.mark.browser]

SHOP = "shotengai-souvenirs"
COUNTER = f"/till?shop={SHOP}"
TABLET = {"width": 820, "height": 1180}
PRODUCTS = """code,name_ja,name_en,unit_amount_yen,tax_rate_percent,button
jelly,夏みかんゼリー,Citrus jelly,650,8,1
dango,名物だんご,Dumplings,400,8,2
stone,大理石の置物,Marble figure,2800,10,3
towel,秋芳洞てぬぐい,Cave towel,1100,10,4
card,絵はがき,Postcard,150,10,5
tea,美東のお茶,Tea,540,8,6
"""


@pytest.fixture(scope="module", autouse=True)
def products(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A shop with six products on its buttons."""
    file: Path = tmp_path_factory.mktemp("products") / "products.csv"
    file.write_text(PRODUCTS, encoding="utf-8")
    platform.run("payments", "products", str(file), "--shop", SHOP)


@pytest.fixture
def page(chromium: Browser, platform: Platform) -> Iterator[Page]:
    """The clerk's page on a phone; a word on the console is a failure."""
    with signed_in(chromium, platform, has_touch=True) as context:
        yield from watched(context)


def watched(context: BrowserContext) -> Iterator[Page]:
    """A page whose scripts may not fail."""
    opened = context.new_page()
    said: list[str] = []
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    assert said == []


def test_a_basket_is_sold_and_the_receipt_lists_it_per_rate(page: Page) -> None:
    page.goto(COUNTER)
    for name in ("夏みかんゼリー", "夏みかんゼリー", "大理石の置物", "絵はがき"):
        page.click(f".till__product:has-text('{name}')")
    expect(page.locator("[data-sum]")).to_have_text("¥4,250")
    tap(page, "200")
    expect(page.locator("[data-sum]")).to_have_text("¥4,450")  # typed counts before it is put in
    page.click("[name=add_amount]")
    expect(page.locator(".basket__line")).to_have_count(4)
    page.click(".basket__line:has-text('絵はがき') [name=less]")
    expect(page.locator("[data-sum]")).to_have_text("¥4,300")
    for name, size in (("phone", None), ("tablet", TABLET), ("desk", DESK)):
        if size:
            page.set_viewport_size({"width": size["width"], "height": size["height"]})
        shoot(page, f"basket-{name}")
        check_axe(page)
    page.click("button[value='7:cash_record']")
    page.click(".till-cash__exact")
    expect(page.locator("h1")).to_have_text("お支払い完了")
    page.click("a[href*='/receipt']")
    slip = page.locator(".slip")
    for text in ("夏みかんゼリー ※", "¥650 × 2", "¥1,300", "8%対象", "10%対象", "¥3,000"):
        expect(slip).to_contain_text(text)
    shoot(page, "basket-receipt")


def test_a_declined_basket_is_taken_another_way(page: Page) -> None:
    page.goto(COUNTER)
    page.click(".till__product:has-text('絵はがき')")
    tap(page, "9751")  # with the postcard 9,901 yen, which the simulator declines
    page.click("button[value='1:acquirer_simulator']")
    expect(page.locator("h1")).to_have_text("承認されませんでした")
    shoot(page, "declined-again")
    check_axe(page)
    page.click("form[action='/till/basket'] button")
    expect(page.locator("[data-sum]")).to_have_text("¥9,901")
    page.click("button[value='7:cash_record']")
    page.click(".till-cash__exact")
    expect(page.locator("h1")).to_have_text("お支払い完了")


def test_a_basket_without_javascript(chromium: Browser, platform: Platform) -> None:
    options = {"java_script_enabled": False, "viewport": TABLET, "locale": "en"}
    with signed_in(chromium, platform, **options) as context:
        opened = context.new_page()
        opened.goto(COUNTER)
        opened.click(".till__product:has-text('Citrus jelly')")
        opened.click(".till__product:has-text('Citrus jelly')")
        opened.click(".till__product:has-text('Cave towel')")
        opened.click(".basket__line:has-text('夏みかんゼリー') [name=less]")
        expect(opened.locator("[data-sum]")).to_have_text("¥1,750")
        opened.click("button[value='7:cash_record']")
        opened.click(".till-cash__exact")
        expect(opened.locator("h1")).to_have_text("Paid")
        expect(opened.locator(".huge")).to_have_text("¥1,750")
