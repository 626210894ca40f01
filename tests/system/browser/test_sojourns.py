"""Three days on a phone: asked for, read on one page, and walked through from day to day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import DESK, PHONE, Visit, site, visit
from tests.system.browser.test_day_plan import CAVE, await_search, closing
from tests.system.look import look, look_by_night

__all__ = ["closing", "site", "visit"]
pytestmark = [pytest.mark.long, pytest.mark.platform]


def ask(page: Page) -> None:
    page.fill("[name=visit_date]", f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}")
    page.fill("[name=start_time]", "13:00")
    page.fill("[name=end_time]", "15:00")
    page.check("[name=days][value='3']")
    page.select_option("[name=nights_at]", "family-village")


def test_three_days_lead_to_one_another(visit: Callable[..., Visit]) -> None:
    visitor = visit("en", size=PHONE)
    page = visitor.open("/plan?must=akiyoshido-main")
    await_search(page)
    nights = page.locator(".plan-nights")
    expect(nights).to_be_hidden()
    ask(page)
    expect(nights).to_be_visible()
    look(page, "plan-form-days")
    page.click("form.plan-form button.button--large")
    page.wait_for_url("**/plan/days/*", timeout=60_000)
    days = page.locator(".plan-sojourn")
    expect(days).to_have_count(3)
    look_by_night(page, "plan-days")
    names = page.locator(".plan-sojourn .plan-list li > span:not(.muted):not(.plan-list__time)")
    shown = [text.split("\n")[0] for text in names.all_inner_texts()]
    assert len(shown) == len(set(shown)) >= 8
    assert page.locator("text=Night:").count() == 2

    days.nth(1).get_by_role("link", name="Open this day").click()
    page.wait_for_url(lambda url: "/plan/days/" not in url)
    expect(page.locator(".plan-head__over")).to_have_text("Day 2 of 3")
    expect(page.locator(".tab[aria-current=page]")).to_have_count(1)
    page.locator(".plan-rest > summary").click()
    assert "You see it on another day" in page.locator("main").inner_text()
    look(page, "plan-day-of-three")
    page.locator(".tab").nth(2).click()
    expect(page.locator(".plan-head__over")).to_have_text("Day 3 of 3")
    page.get_by_role("link", name="All days").click()
    page.wait_for_url("**/plan/days/*")


def test_the_open_page_of_all_days_hears_of_a_closure(
    visit: Callable[..., Visit], closing: Callable[[str], None]
) -> None:
    visitor = visit("en", size=PHONE)
    page = visitor.open("/plan?must=akiyoshido-main")
    await_search(page)
    ask(page)
    page.click("form.plan-form button.button--large")
    page.wait_for_url("**/plan/days/*", timeout=60_000)
    page.evaluate("window.sameDocument = true")
    closing(CAVE)
    told = page.locator(".notice", has_text="Something in this day has changed")
    expect(told.first).to_be_visible()
    assert page.evaluate("window.sameDocument")
    look(page, "plan-days-shut")
    # The day that it is about is planned around it where it stands, and taken back there.
    day = page.locator(".plan-sojourn", has=told).first
    here = day.get_attribute("id") or ""
    day.locator("form[action$='/repair'] button").click()
    changed = page.locator(f"#{here} .notice", has_text="planned around a closure")
    expect(changed).to_be_focused()
    assert page.evaluate("window.sameDocument")
    look(page, "plan-days-repaired")
    page.locator(f"#{here} form[action$='/undo'] button").click()
    back = page.locator(f"#{here} .notice", has_text="Your day is as it was before")
    expect(back).to_be_visible()
    expect(page.locator(f"#{here} .notice", has_text="Something in this day")).to_be_visible()
    assert page.evaluate("window.sameDocument")


def test_without_scripts_days_are_asked_for_too(visit: Callable[..., Visit]) -> None:
    visitor = visit("ja", size=DESK, java_script_enabled=False)
    page = visitor.open("/plan")
    ask(page)
    page.click("form.plan-form button.button--large")
    page.wait_for_url("**/plan/days/*", timeout=60_000)
    expect(page.locator(".plan-sojourn")).to_have_count(3)
    page.get_by_role("link", name="希望を変える").first.click()
    expect(page.locator("[name=days][value='3']")).to_be_checked()
