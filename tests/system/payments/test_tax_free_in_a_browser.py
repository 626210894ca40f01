"""A tax-free sale at the counter, in a real browser on a phone: sold, recorded, confirmed, its tax
given back, in no more taps than a busy counter has."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import PHONE, Visit, site, visit
from tests.system.look import look

__all__ = ["site", "visit"]  # the browser's fixtures, used here too
pytestmark = [pytest.mark.platform, pytest.mark.browser]


def test_from_the_sale_to_the_tax(visit: Callable[..., Visit]) -> None:
    admin = visit("ja", size=PHONE)
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
    look(page, "tax-free-form")
    page.fill("[name=purchase_record_id]", "TK1234567")
    page.click("button.button--huge")
    expect(page.locator(".field__error")).to_be_visible()
    page.fill("[name=purchase_record_id]", f"PR-{shop}")
    page.click("button.button--huge")
    expect(page.locator(".huge")).to_have_text("¥1,000")
    look(page, "tax-free-recorded")
    page.goto(f"{url}/till/office/tax-free?shop={shop}")
    look(page, "tax-free-office")
    # Later, three taps: the sale in the list, what customs said, the tax.
    page.goto(f"{url}/till/tax-free?shop={shop}")
    look(page, "tax-free-list")
    page.click("a.list-row")
    page.click("button[name=confirmed][value='1']")
    look(page, "tax-free-confirmed")
    page.click("button.button--huge")
    page.wait_for_url("**refund=asked")
    expect(page.locator("main")).to_contain_text("¥1,000")
    page.goto(f"{url}/till/payments/{page.url.split('/')[-1].split('?')[0]}/tax-free")
    assert page.locator("main button").count() == 0
    assert all("status of 422" in each for each in admin.complaints), admin.complaints
    admin.complaints.clear()
