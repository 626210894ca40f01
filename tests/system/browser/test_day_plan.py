"""A day on the open page: a stay is dragged, taken back, and a closure that arrives repairs it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import DESK, PHONE, Visit, site, visit
from tests.system.look import look, look_by_night, until

__all__ = ["site", "visit"]
pytestmark = [pytest.mark.long, pytest.mark.platform]

CAVE = "akiyoshido"


_searched: set[str] = set()


def await_search(page: Page) -> None:
    """Waits until days are searched by compiled code, which a busy machine loads for a minute."""
    day = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
    asked = {"visit_date": day, "start_time": "09:00", "end_time": "17:00", "mode": "car",
             "start": {"place_id": f"{CAVE}-main"}}  # fmt: skip
    ends = time.monotonic() + 240
    while time.monotonic() < ends:
        answer = page.request.post(
            page.url.partition("/plan")[0] + "/api/v1/itineraries", data=asked, timeout=30_000
        )
        if answer.ok and not answer.json()["search_stopped_early"]:
            return
        page.wait_for_timeout(1_000)
    raise AssertionError(f"days were not searched to their end: {answer.text()[:300]}")


def day_of(visitor: Visit, *, mode: str = "car", start: str = "") -> Page:
    """Plans a day of next month and returns its page."""
    page = visitor.open("/plan?must=akiyoshido-main")
    if visitor.site.url not in _searched:
        await_search(page)
        _searched.add(visitor.site.url)
    page.fill("[name=visit_date]", f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}")
    page.fill("[name=start_time]", "09:00")
    page.fill("[name=end_time]", "18:00")
    page.check(f"[name=mode][value={mode}]")
    if start:
        page.select_option("[name=start]", start)
    page.click("form.plan-form button.button--large")
    page.wait_for_url("**/plan/*-*")
    return page


def names(page: Page) -> list[str]:
    return [heading.inner_text() for heading in page.locator(".plan-stop h3").all()]


@pytest.fixture
def closing(visit: Callable[..., Visit]) -> Iterator[Callable[[str], None]]:
    """Closes a place by the staff's page, and opens it again after the test."""
    admin = visit("ja", size=DESK)
    admin.sign_in("admin")

    def close(place_id: str) -> None:
        page = admin.open("/admin")
        page.select_option("#place", value=place_id)
        page.select_option("#reason", value="flood")
        page.check("[name=until][value=unknown]")
        page.click("form[action='/admin/closures'] button")
        page.wait_for_selector(".notice--ok")

    yield close
    page = admin.open("/admin")
    while (ending := page.locator(".shut button")).count():
        ending.first.click()
        page.wait_for_url("**/admin*")


def test_a_stay_is_dragged_and_taken_back_without_leaving_the_page(
    visit: Callable[..., Visit],
) -> None:
    visitor = visit("en", size=PHONE)
    page = day_of(visitor)
    before = names(page)
    page.evaluate("window.sameDocument = true")
    card = page.locator(".plan-stop", has=page.locator("details.plan-change")).first
    card.locator("details.plan-change > summary").click()
    slider = card.locator("input[type=range]")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    minutes = int(slider.input_value())
    # A finger takes the handle and drags it to two thirds of the way.
    share = (minutes - 5) / (int(slider.get_attribute("max") or 0) - 5)
    page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.66, box["y"] + box["height"] / 2, steps=6)
    page.mouse.up()
    page.locator(".notice", has_text="Your day is changed").wait_for()
    longer = int(page.locator("input[type=range]").first.input_value())
    assert longer > minutes + 15
    assert page.evaluate("window.sameDocument")
    look(page, "plan-changed")
    page.get_by_role("button", name="Undo").click()
    page.locator(".notice", has_text="Your day is as it was before").wait_for()
    assert names(page) == before
    assert int(page.locator("input[type=range]").first.input_value()) == minutes
    # By keys each press counts, however fast they come.
    page.locator("input[type=range]").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    stay = page.locator("input[type=range]").first
    expect(stay).to_have_attribute("value", str(minutes + 15), timeout=30_000)


def test_a_closure_that_arrives_repairs_the_open_day(
    visit: Callable[..., Visit], closing: Callable[[str], None]
) -> None:
    visitor = visit("en", size=PHONE)
    page = day_of(visitor)
    shut = page.locator(".plan-stop h3").first.inner_text()
    assert any("Akiyoshi-do" in name for name in names(page))
    page.evaluate("window.sameDocument = true")
    closing(CAVE)
    page.locator(".notice", has_text="planned around a closure").wait_for()
    assert not any("Akiyoshi-do Cave" in name for name in names(page)), shut
    assert page.evaluate("window.sameDocument")
    assert "High water" in page.locator("main").inner_text()
    until(page, "() => document.querySelector('[data-said]').textContent.length > 10")
    look_by_night(page, "plan-repaired")
    assert page.get_by_role("button", name="Undo").count() == 1


def test_without_scripts_a_visit_is_changed_too(visit: Callable[..., Visit]) -> None:
    visitor = visit("ja", size=PHONE, java_script_enabled=False)
    page = day_of(visitor)
    first = names(page)[0]
    card = page.locator(".plan-stop").first
    card.locator("details.plan-change > summary").click()
    card.get_by_role("button", name="外す").click()
    page.locator(".notice", has_text="予定を変更しました").wait_for()
    assert first not in names(page)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_day_by_bus_says_what_to_catch_and_what_it_rests_on(
    visit: Callable[..., Visit], language: str
) -> None:
    """The timetables of Mine are guesses and old records, and say so."""
    visitor = visit(language, size=PHONE)
    page = day_of(visitor, mode="bus", start="st-shin-yamaguchi")
    rides = page.locator(".plan-ride")
    assert rides.count() >= 2
    assert page.locator(".plan-ride .badge--warn").count() == rides.count()
    assert page.locator(".notice--warn").count() >= 1
    assert page.locator("#missed-bus").count() == 1
    look_by_night(page, f"plan-by-bus-{language}")


def test_other_days_stand_beside_the_kept_one_and_one_is_taken(
    visit: Callable[..., Visit],
) -> None:
    visitor = visit("en", size=PHONE)
    page = day_of(visitor)
    before = names(page)
    page.get_by_role("link", name="See two other days").click()
    page.wait_for_url("**/others")
    assert page.locator(".plan-choice").count() == 3
    look(page, "plan-others")
    page.get_by_role("button", name="Take this day").first.click()
    page.locator(".notice", has_text="Your day is changed").wait_for()
    assert names(page) != before
    page.get_by_role("button", name="Undo").click()
    page.locator(".notice", has_text="Your day is as it was before").wait_for()
    assert names(page) == before


def test_a_phone_without_signal_keeps_the_day_and_says_so(visit: Callable[..., Visit]) -> None:
    visitor = visit("en", size=PHONE)
    page = day_of(visitor)
    before = names(page)
    page.evaluate("window.sameDocument = true")
    page.locator("details.plan-change > summary").first.click()
    page.context.set_offline(True)
    page.locator(".plan-stop button[value=out]").first.click()
    page.locator("[data-no-signal] .notice", has_text="No answer came").wait_for()
    assert page.evaluate("window.sameDocument")
    assert names(page) == before
    look(page, "plan-no-signal")
    page.context.set_offline(False)
    page.locator(".plan-stop button[value=out]").first.click()
    page.locator(".notice", has_text="Your day is changed").wait_for()
    assert page.locator("[data-no-signal]").is_hidden()
    assert all("DISCONNECTED" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()


def test_what_somebody_types_stays_while_another_phone_changes_the_day(
    visit: Callable[..., Visit],
) -> None:
    one, other = (visit("en", size=PHONE) for _ in range(2))
    page = day_of(one)
    second = other.open(page.url.removeprefix(one.site.url))
    until(second, "() => document.querySelector('[data-day]')")
    fold = second.locator("details.plan-change").nth(1)
    fold.locator("summary").click()
    fold.locator("[name=start]").fill("13:21")
    mark = second.locator("[data-day]").get_attribute("data-day")
    page.locator("details.plan-change > summary").last.click()
    page.locator(".plan-stop button[value=out]").last.click()
    page.locator(".notice", has_text="Your day is changed").wait_for()
    until(second, f"() => document.querySelector('[data-day]').dataset.day !== '{mark}'")
    assert fold.locator("[name=start]").input_value() == "13:21"
    assert second.evaluate("document.activeElement.name") == "start"


def test_what_is_heard_while_the_page_works_is_looked_at_afterwards(
    visit: Callable[..., Visit],
) -> None:
    """Two places close one after the other: the second is heard while the day is repaired."""
    page = day_of(visit("en", size=PHONE))
    address = page.locator("script[src*='plan.js']").get_attribute("src") or ""
    worked = page.evaluate(
        """async (address) => {
          let hear;
          window.EventSource = class {
            addEventListener(name, to) { if (name === "mark") hear = to; }
          };
          const { listen } = await import(address);
          let worked = 0;
          const pause = () => new Promise((done) => setTimeout(done, 50));
          listen(async () => { worked += 1; await pause(); });
          hear({ data: "one" });
          hear({ data: "two" });
          await pause(); await pause(); await pause(); await pause();
          return worked;
        }""",
        address.replace("plan.js", "live.js"),
    )
    assert worked == 2


def test_whoever_changes_a_day_is_led_to_what_changed_whatever_else_is_closed(
    visit: Callable[..., Visit], closing: Callable[[str], None]
) -> None:
    one, other = (visit("en", size=PHONE) for _ in range(2))
    page = day_of(one)
    closing("momonoki-openpit")
    page.reload()
    expect(page.locator(".shut-now .notice")).to_have_count(1)
    page.locator("details.plan-change > summary").last.click()
    page.locator(".plan-stop button[value=out]").last.click()
    reading = "() => document.activeElement.innerText.includes('Your day is changed')"
    until(page, reading)
    # The other phone changes it again: who reads the news is left there.
    second = other.open(page.url.removeprefix(one.site.url))
    mark = page.locator("[data-day]").get_attribute("data-day")
    second.get_by_role("button", name="Undo").click()
    until(page, f"() => document.querySelector('[data-day]').dataset.day !== '{mark}'")
    assert page.evaluate("() => document.activeElement.matches('main .notice')")
