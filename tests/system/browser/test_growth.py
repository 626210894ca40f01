"""How a pool grows: still while it is read, moving when somebody lets it, by touch or by key."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.system.browser.conftest import Visit
from tests.system.browser.test_visitor import SAUCERS, code_of
from tests.system.look import WIDE, check_axe

MOVING = "document.getAnimations().filter((each) => each instanceof CSSAnimation).length"


def pool(visit: Callable[..., Visit], **options: Any) -> Page:
    person = visit("de", **options)
    return person.open(f"/g/{code_of(person, SAUCERS)}")


def test_it_moves_when_somebody_lets_it_and_holds_still_again(visit: Callable[..., Visit]) -> None:
    page = pool(visit)
    assert page.evaluate(MOVING) == 0
    page.click(".growth__play")
    assert page.evaluate(MOVING) > 8
    check_axe(page)
    page.focus(".growth__play input")
    page.keyboard.press("Space")
    assert page.evaluate(MOVING) == 0
    assert page.evaluate(WIDE) == []


def test_it_needs_no_script_and_offers_nothing_to_whoever_wants_stillness(
    visit: Callable[..., Visit],
) -> None:
    page = pool(visit, java_script_enabled=False)
    page.check(".growth__play input", force=True)
    assert page.locator(".growth__play .icon").nth(1).is_visible()
    still = pool(visit, reduced_motion="reduce")
    assert not still.locator(".growth__play").is_visible()
    assert still.locator(".growth li").count() == 4
