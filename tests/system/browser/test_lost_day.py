"""A link that lost its day: the phone knows the days it has opened, and tells nobody."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.system.browser.conftest import PHONE, Visit, site, visit
from tests.system.browser.test_day_plan import day_of
from tests.system.look import look_by_night

__all__ = ["site", "visit"]
pytestmark = [pytest.mark.long, pytest.mark.platform]

WRONG = "/plan/01a1fcf5-5288-77e9-aa38-000000000000"


def opened(page: Page) -> list[str]:
    links = page.locator("[data-kept-days] a").all()
    return [link.get_attribute("href") or "" for link in links]


def test_days_this_phone_has_opened_are_found_again(visit: Callable[..., Visit]) -> None:
    visitor = visit("en", size=PHONE)
    kept = day_of(visitor)
    address = kept.evaluate("location.pathname")
    lost = visitor.open(WRONG)
    assert lost.locator("h1").inner_text() == "This day cannot be found"
    lost.locator("[data-kept-days]").wait_for()
    assert opened(lost) == [address]
    look_by_night(lost, "plan-gone")
    lost.locator("[data-kept-days] a").click()
    lost.wait_for_url(f"**{address}")
    # A day that is gone is offered no more, nor one of long ago; what is no day spoils nothing.
    lost.evaluate(
        """([wrong, right]) => localStorage.setItem("meguri-days", JSON.stringify([
             { id: wrong, date: "2099-01-01" }, { id: "old", date: "2020-01-01" }, { id: 7 },
             null, { id: 7, date: "2099-01-01" },
             { id: "../login", date: "2099-01-01" }, { id: "\\ud800", date: "2099-01-01" },
             { id: right, date: "2099-01-02" }]))""",
        [WRONG.split("/")[2], address.split("/")[2]],
    )
    again = visitor.open(WRONG)
    again.locator("[data-kept-days]").wait_for()
    assert opened(again) == [address]
    assert again.locator("[data-kept-days] a").inner_text() == "Friday, January 2, 2099"
    # No more are read than this page writes: with 50,000 of them it stood still.
    again.evaluate(
        """localStorage.setItem("meguri-days", JSON.stringify(
             Array.from({ length: 50_000 }, (_, n) => ({ id: `day-${n}`, date: "2099-01-02" }))))"""
    )
    again.reload()
    again.locator("[data-kept-days]").wait_for()
    assert len(opened(again)) == 10
    again.evaluate("localStorage.setItem('meguri-days', '{')")
    again.reload()
    again.get_by_role("link", name="Plan a new day").wait_for()
    assert again.locator("[data-kept-days]").is_hidden()
    assert all("404" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()


def test_without_scripts_the_way_on_is_there(visit: Callable[..., Visit]) -> None:
    page = visit("ja", size=PHONE, java_script_enabled=False).open(WRONG)
    assert page.locator("[data-kept-days]").is_hidden()
    page.locator("main").get_by_role("link", name="新しく一日の計画を立てる").click()
    page.wait_for_url("**/plan")


def test_who_comes_back_finds_the_days_of_this_browser(visit: Callable[..., Visit]) -> None:
    visitor = visit("en", size=PHONE)
    page = visitor.open("/plan")
    assert page.locator("[data-kept-days]").is_hidden()
    address = day_of(visitor).evaluate("location.pathname")
    page = visitor.open("/plan")
    page.locator("[data-kept-days]").wait_for()
    assert opened(page) == [address]
    page.evaluate(
        """([known, days]) => localStorage.setItem("meguri-days", JSON.stringify([
             { id: known, date: "2099-03-03" },
             { id: days, date: "2099-02-01", until: "2099-02-03" },
             ...[1, 2].map((n) => ({ id: `later-${n}`, date: `2099-0${3 + n}-01` }))]))""",
        [address.split("/")[2], "days/some"],
    )
    page.reload()
    page.locator("[data-kept-days]").wait_for()
    assert opened(page) == ["/plan/days/some", address, "/plan/later-1", "/plan/later-2"]
    names = page.locator("[data-kept-days] [data-name]").all_inner_texts()
    assert names[0] == "February 1, 2099 – February 3, 2099"
    assert page.locator("[data-kept-days] details a").count() == 1
    look_by_night(page, "plan-kept-days")
    page.get_by_role("button", name="Take it off this list: February 1").click()
    assert opened(page)[0] == address
    assert page.evaluate("document.activeElement.pathname") == address
    for _ in range(3):
        page.locator("[data-kept-days] button").first.click()
    assert page.locator("[data-kept-days]").is_hidden()
    page.reload()
    assert page.locator("[data-kept-days]").is_hidden()
