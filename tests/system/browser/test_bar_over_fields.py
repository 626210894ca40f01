"""The bar at the bottom of the form of a day hides no field that has the focus."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.system.browser.conftest import PHONE, Visit, site, visit
from tests.system.look import shoot

__all__ = ["site", "visit"]
pytestmark = [pytest.mark.long, pytest.mark.platform]

COVERED = """() => {
  const [field, bar] = [document.activeElement, document.querySelector(".thumb-bar")];
  const [one, other] = [field.getBoundingClientRect(), bar.getBoundingClientRect()];
  const over = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return bar.contains(field) || field === document.body ? 0 : Math.max(0, over);
}"""
HALF_BELOW = """(name) => {
  document.activeElement.blur();
  const bar = document.querySelector(".thumb-bar");
  const field = document.querySelector(`[name=${name}]`);
  const half = field.getBoundingClientRect().height / 2;
  scrollBy(0, field.getBoundingClientRect().top + half - bar.getBoundingClientRect().top);
}"""


def named(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name ?? ''"))


def test_by_keys_every_field_comes_to_stand_above_the_bar(visit: Callable[..., Visit]) -> None:
    page = visit("en", size=PHONE).open("/plan")
    seen = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        seen.add(named(page))
        assert page.evaluate(COVERED) == 0, named(page)
    assert {"start_time", "mode", "lunch_from", "lunch_until", "interest", "must"} <= seen


@pytest.mark.parametrize("field", ["lunch_from", "lunch_until", "budget_yen"])
def test_a_tap_on_a_field_half_behind_the_bar_frees_it(
    visit: Callable[..., Visit], field: str
) -> None:
    page = visit("en", size=PHONE).open("/plan")
    page.evaluate(HALF_BELOW, field)
    box = page.locator(f"[name={field}]").bounding_box()
    assert box
    # The upper quarter is what a finger can reach.
    page.mouse.click(box["x"] + 20, box["y"] + box["height"] / 4)
    assert named(page) == field
    assert page.evaluate(COVERED) == 0
    shoot(page, f"plan-form-{field}", full_page=False)
    page.evaluate("document.activeElement.blur()")
    bar = page.locator(".thumb-bar").bounding_box()
    assert bar
    assert bar["y"] + bar["height"] == pytest.approx(PHONE[1], abs=1)
