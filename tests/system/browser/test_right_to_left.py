"""Pages of visitors in a language written from the right, which nobody speaks yet: the words of
the page in Arabic letters, the page mirrored."""

from collections.abc import Callable

import pytest

from bench.pages.run import FROM_THE_RIGHT
from tests.system.browser.conftest import Visit
from tests.system.browser.test_visitor import SAUCERS, code_of
from tests.system.look import WIDE, check_axe, shoot

# What is read first lies at the right now: the mark of the page, and a field before its button.
MIRRORED = """() => {
  const left = (selector) => document.querySelector(selector).getBoundingClientRect().left;
  return left('.brand') > left('.language summary');
}"""
# A page that is read from the right grows to the left, where nothing of it can be reached.
LOST = """() => [...document.querySelectorAll('main *')].filter((each) =>
  each.getBoundingClientRect().left < -1
  && !each.closest('.visually-hidden, [aria-hidden], .plan-scroll, .table-scroll')
).slice(0, 3).map((each) => each.outerHTML.slice(0, 90))"""
PATHS = ("/", "/g/", "/pack", "/safety", "/help", "/scan", "/survey", "/wifi", "/privacy", "/map",
         "/g/ZZZZZ")  # fmt: skip


@pytest.mark.parametrize(("width", "barriers"), [(390, True), (320, False)])
def test_no_page_breaks_when_it_is_read_from_the_right(
    visit: Callable[..., Visit],
    width: int,
    barriers: bool,  # noqa: FBT001 - a parameter
) -> None:
    person = visit("en", size=(width, 844))
    page = person.open("/")
    for path in (f"/g/{code_of(person, SAUCERS)}", *PATHS):
        page.goto(person.site.url + path)
        page.evaluate(FROM_THE_RIGHT)
        assert page.evaluate(MIRRORED), path
        assert (page.evaluate(WIDE), page.evaluate(LOST)) == ([], []), path
        if barriers:
            check_axe(page)
        shoot(page, f"rtl{path.replace('/', '-')}")
