"""The area recommends a hidden spot, visitors read it; and a kept day is made quieter by a tap."""

from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.system.browser.conftest import DESK, PHONE, Visit
from tests.system.look import check_axe, look

HERE = "/studio/spots/kaerimizu"


def test_a_hidden_spot_is_recommended_openly_and_taken_back(visit: Callable[..., Visit]) -> None:
    there = visit("en", DESK)
    there.sign_in("editor")
    page = there.open("/studio/spots")
    look(page, "studio-spots")
    page.goto(f"{there.site.url}{HERE}")
    today = date.today()  # noqa: DTZ011 - a month around it, in whatever zone
    page.fill("#f-percent", "30")
    page.click("button[value=save]")
    expect(page.locator("#f-percent-error")).to_be_visible()
    there.complaints.clear()  # a page of 422 is what was asked for
    check_axe(page)
    page.fill("#f-capacity", "60")
    page.fill("#f-percent", "15")
    page.fill("#f-first", str(today - timedelta(days=2)))
    page.fill("#f-last", str(today + timedelta(days=30)))
    page.fill("#f-reason-ja", "水が澄む季節です")
    page.fill("#f-reason-en", "The water is clear in this season")
    page.click("button[value=save]")
    page.wait_for_url("**?done=1")
    look(page, "studio-spot")

    guest = visit("en", PHONE)
    page = guest.open("/plan/weights")
    expect(page.locator("main")).to_contain_text("The water is clear in this season")
    expect(page.locator("main")).to_contain_text("60 people at once")
    look(page, "plan-weights")

    page = there.open(HERE)
    page.click("button[value=undo]")
    page.wait_for_url("**?done=1")
    expect(page.locator("#f-percent")).to_have_value("")


def test_a_kept_day_is_made_quieter_by_a_tap(visit: Callable[..., Visit]) -> None:
    guest = visit("ja", PHONE)
    page = guest.open("/plan")
    page.click("text=一日を作る")
    page.wait_for_url("**/plan/*-*")
    page.click("text=もっと静かに")
    expect(page.get_by_role("button", name="静かでなくてもよい")).to_be_visible()
    check_axe(page)
