"""Buses that run otherwise than planned, on the open page of a day that rides them."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.system.browser.conftest import DESK, PHONE, Visit, site, visit
from tests.system.browser.test_day_plan import day_of, names
from tests.system.look import look, look_by_night

__all__ = ["site", "visit"]
pytestmark = [pytest.mark.long, pytest.mark.platform]


def lines_of(page: Page) -> list[str]:
    return [each.inner_text() for each in page.locator(".plan-ride__line strong").all()]


@pytest.fixture
def line(visit: Callable[..., Visit]) -> Iterator[Callable[[str, bool], Page]]:
    """Suspends a line at the studio, or lets it run again; after the test it runs."""
    editor = visit("ja", size=DESK)
    editor.sign_in("admin")
    touched: set[str] = set()

    def suspend(timetable_id: str, stop: bool) -> Page:  # noqa: FBT001 - as the tick says
        page = editor.open(f"/studio/timetables/{timetable_id}")
        tick = page.locator("[name=suspended]")
        if not tick.is_visible():
            page.locator("details", has=tick).locator("summary").first.click()
        tick.set_checked(stop)
        look(page, f"studio-line-ridden-{stop}")
        page.locator("button[value=save]").click()
        page.wait_for_url("**done=saved**")
        (touched.add if stop else touched.discard)(timetable_id)
        return page

    yield suspend
    for timetable_id in [*touched]:
        suspend(timetable_id, stop=False)


def test_a_line_that_is_suspended_repairs_the_open_day_and_it_can_be_taken_back(
    visit: Callable[..., Visit], line: Callable[..., Page]
) -> None:
    visitor = visit("en", size=PHONE)
    page = day_of(visitor, mode="bus", start="st-shin-yamaguchi")
    before = names(page)
    ridden = page.evaluate(
        "async () => (await (await fetch('/api/v1/itineraries/' + location.pathname.split('/')[2]))"
        ".json()).legs.flatMap((leg) => leg.rides.map((ride) => ride.timetable_id))"
    )
    page.evaluate("window.sameDocument = true")
    desk = line(ridden[0], stop=True)
    assert desk.locator(".notice--ok").count() == 1
    page.locator(".notice", has_text="Your day follows the new timetable").wait_for()
    assert page.evaluate("window.sameDocument")
    assert "is suspended: no bus runs" in page.locator("main").inner_text()
    look_by_night(page, "plan-line-suspended")
    page.get_by_role("button", name="Undo").click()
    page.locator(".notice", has_text="Your day is as it was before").wait_for()
    assert names(page) == before
    assert page.locator(".notice", has_text="no longer works with the buses").count() == 1
    assert page.locator("form[data-repair]").count() == 0  # who took it back is not overruled
    line(ridden[0], stop=False)
    page.locator(".notice", has_text="no longer works with the buses").wait_for(state="detached")
    assert names(page) == before
