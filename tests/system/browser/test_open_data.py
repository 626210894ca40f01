"""The staff publishes figures, everybody reads them, and they are taken back."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.system.browser.conftest import DESK, PHONE, Visit
from tests.system.look import check_axe, look

CHOICE = "/insights/open/choice"


def test_figures_are_published_and_taken_back(visit: Callable[..., Visit]) -> None:
    there = visit("en", DESK)
    there.sign_in("analyst")
    page = there.open(CHOICE)
    page.get_by_label("Pages of the guide").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#f-publisher-error")).to_be_visible()
    there.complaints.clear()  # a page of 422 is what was asked for
    check_axe(page)
    page.fill("#f-publisher", "Mine City")
    page.select_option("#f-licence", "1")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**?done=1")
    look(page, "open-data-choice")

    guest = visit("en", PHONE)
    page = guest.open("/insights/open")
    expect(page.locator("main")).to_contain_text("published by Mine City")
    look(page, "open-data")
    with page.expect_download() as loading:
        page.evaluate("document.querySelector('a[href$=\"days.csv\"]').download = ''")
        page.get_by_role("link", name="CSV", exact=True).click()
    text = loading.value.path().read_text(encoding="utf-8-sig")
    assert text.startswith("date,guide_views,withheld")

    page = there.open(CHOICE)
    page.get_by_label("Pages of the guide").uncheck()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**?done=1")
    page = guest.open("/insights/open")
    expect(page.locator("main")).to_contain_text("Nothing is published here yet")
    check_axe(page)
