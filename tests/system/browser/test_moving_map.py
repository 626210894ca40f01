"""The map moves and zooms, without and with pictures of others, and sets a pin by a tap."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import DESK, PHONE, Visit
from tests.system.look import check_axe

OUTSIDE = re.compile(r"^https?://(?!localhost|127\.0\.0\.1|[a-z]+\.localhost)")


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_the_drawn_map_moves_and_asks_nobody_else(
    visit: Callable[..., Visit], size: tuple[int, int]
) -> None:
    there = visit("en", size)
    asked: list[str] = []
    there.context.on("request", lambda request: asked.append(request.url))
    page = there.open("/map")
    box = page.locator(".map-box")
    expect(box).to_be_visible()
    expect(page.locator("svg.map")).to_be_hidden()
    marks = page.locator(".map-pin")
    before = marks.count()
    scale = page.locator(".leaflet-control-scale-line").text_content()
    box.focus()
    for _ in range(3):
        page.keyboard.press("+")
        page.wait_for_timeout(400)
    assert page.locator(".leaflet-control-scale-line").text_content() != scale
    assert marks.count() > before, "places of one letter stand apart when one comes closer"
    marker = page.locator(".leaflet-marker-icon").first
    marker.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup-content strong").first).to_be_visible()
    check_axe(page)
    assert not [url for url in asked if OUTSIDE.match(url)]


def test_without_a_script_the_drawing_and_the_list_stay(visit: Callable[..., Visit]) -> None:
    page = visit("ja", java_script_enabled=False).open("/map")
    expect(page.locator("svg.map")).to_be_visible()
    expect(page.locator(".map-list a").first).to_be_visible()


def test_a_tap_on_the_map_sets_the_pin(visit: Callable[..., Visit]) -> None:
    there = visit("en", DESK)
    there.sign_in("editor")
    page = there.open("/studio/pins/karst-observatory")
    box = page.locator(".map-box")
    expect(box).to_be_visible()
    page.wait_for_timeout(500)
    before = page.input_value("#f-latitude")
    place = box.bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + place["width"] * 0.2, place["y"] + place["height"] * 0.8)
    expect(page.locator("#f-latitude")).not_to_have_value(before)
    assert page.is_checked("input[value=estimate]")
    assert int(page.input_value("#f-error")) > 0
    page.click(".button[value=show]")
    page.wait_for_load_state("domcontentloaded")
    assert page.input_value("#f-latitude") != before, "nothing is kept yet, and nothing lost"
