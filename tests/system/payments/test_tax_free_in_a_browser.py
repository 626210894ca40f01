"""A tax-free sale at the counter, in a real browser on a phone: sold, recorded, confirmed, its tax
given back, in no more taps than a busy counter has."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import DESK, PHONE, Visit, check_axe, shoot, site, visit

__all__ = ["site", "visit"]  # the browser's fixtures, used here too
pytestmark = [pytest.mark.platform, pytest.mark.browser]


def looked_at(page: Page, name: str) -> None:
    """Keeps pictures in both sizes; nothing scrolls sideways and nobody is shut out."""
    for width, height in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
        shoot(page, f"tax-free-{name}")
    check_axe(page)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_from_the_sale_to_the_tax(visit: Callable[..., Visit], language: str) -> None:
    admin = visit(language, size=PHONE)
    admin.sign_in("admin")
    shop = f"shop-tax-{time.time_ns():x}"
    page, url = admin.open("/till/office/setup?step=basics"), admin.site.url
    page.fill("[name=shop_place_id]", shop)
    page.fill("[name=name_ja]", "免税の店")
    page.check("[name=tax_free]")
    page.click("main form button")
    page.wait_for_url("**step=products**")
    page.goto(f"{url}/till?shop={shop}")
    page.fill("[name=amount_yen]", "11000")
    page.locator("button[name=pay]").first.click()
    page.click(".till-cash__exact")
    page.wait_for_url("**/till/payments/*")
    # Two taps: the button of the sale, and the record.
    page.click("a[href$='/tax-free']")
    looked_at(page, f"form-{language}")
    page.fill("[name=purchase_record_id]", "TK1234567")
    page.click("button.button--huge")
    expect(page.locator(".field__error")).to_be_visible()
    page.fill("[name=purchase_record_id]", f"PR-{shop}")
    page.click("button.button--huge")
    expect(page.locator(".huge")).to_have_text("¥1,000")
    looked_at(page, f"recorded-{language}")
    page.goto(f"{url}/till/office/tax-free?shop={shop}")
    looked_at(page, f"office-{language}")
    # Later, three taps: the sale in the list, what customs said, the tax.
    page.goto(f"{url}/till/tax-free?shop={shop}")
    looked_at(page, f"list-{language}")
    page.click("a.list-row")
    page.click("button[name=confirmed][value='1']")
    looked_at(page, f"confirmed-{language}")
    page.click("button.button--huge")
    page.wait_for_url("**refund=asked")
    expect(page.locator("main")).to_contain_text("¥1,000")
    page.goto(f"{url}/till/payments/{page.url.split('/')[-1].split('?')[0]}/tax-free")
    assert page.locator("main button").count() == 0
    assert all("status of 422" in each for each in admin.complaints), admin.complaints
    admin.complaints.clear()
