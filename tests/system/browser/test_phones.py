"""On a phone nothing is cut: the kinds of pages that links lead to first, walked at 390 pixels,
scroll up and down only. What needs more room scrolls in a frame of its own, tabs and menus do not.

`./meguri bench pages` walks all of them, in every language, narrower still."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.system.browser.conftest import DESK, PHONE, Visit

STARTS = (
    "/", "/plan", "/map", "/till", "/till/office", "/till/office/registers",
    "/till/office/journals", "/till/office/tax-free", "/gate", "/studio", "/insights",
    "/insights/agreement", "/admin", "/admin/users",
)  # fmt: skip
MOST = 24  # kinds of pages
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27,}|\d{4}-\d\d-\d\d")
STOP = re.compile(r"/(g|G|studio)/[0-9A-Z]{5}(?=/|$)")
NO_PAGE = re.compile(r"\.(csv|svg|png|json|webmanifest|pdf|txt)$|^/(api|media|packs|static)/")
# Where a page sticks out, and which menus hide a part of themselves.
CUT = """() => {
  const page = document.documentElement;
  const wide = page.scrollWidth > innerWidth ? ['the page'] : [];
  for (const each of document.querySelectorAll('.tabs, .site-nav, .table--stack'))
    if (each.scrollWidth > each.parentElement.clientWidth + 1) wide.push(each.className);
  return [wide, [...document.querySelectorAll('a[href^="/"]')].map(a => a.getAttribute('href'))];
}"""


def kind_of(path: str) -> str:
    """Returns the kind of page a path is: ids, days and stops left out, the wizard's step kept."""
    plain, _, query = path.partition("#")[0].partition("?")
    step = re.search(r"step=\w+", query)
    return STOP.sub(r"/\1/*", ID.sub("*", plain)) + (f"?{step[0]}" if step else "")


def walk(page: Page, url: str) -> tuple[dict[str, list[str]], set[str]]:
    """Returns what is cut on which page, and the kinds that were walked."""
    waiting, seen, cut = list(STARTS), set[str](), dict[str, list[str]]()
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        kind = kind_of(path)
        if kind in seen or NO_PAGE.search(kind):
            continue
        seen.add(kind)
        page.goto(url + path, wait_until="domcontentloaded")
        wide, links = page.evaluate(CUT)
        if wide:
            cut[path] = wide
        waiting += [link for link in links if kind_of(link) not in seen]
    return cut, seen


def test_no_page_scrolls_sideways_on_a_phone(visit: Callable[..., Visit]) -> None:
    admin = visit("en", size=PHONE)  # its words are longer than those of ja, ko and zh
    admin.sign_in("admin")
    page = admin.open("/")
    cut, seen = walk(page, admin.site.url)
    assert cut == {}
    assert len(seen) > len(STARTS)
    admin.complaints.clear()  # what other tests left behind may be gone


def test_the_menu_of_an_admin_is_one_line_at_a_desk(visit: Callable[..., Visit]) -> None:
    admin = visit("en", size=DESK)
    admin.sign_in("admin")
    page = admin.open("/admin")
    tops = page.evaluate(
        "() => [...document.querySelectorAll('.site-nav a, .site-head__end > *')]"
        ".map(each => Math.round(each.getBoundingClientRect().top / 24))"
    )
    assert len(set(tops)) == 1, tops


@pytest.mark.parametrize("width", [390, 360])
def test_the_menu_of_an_admin_is_two_lines_on_a_phone(
    visit: Callable[..., Visit], width: int
) -> None:
    admin = visit("en", size=(width, 844))
    admin.sign_in("admin")
    boxes = admin.open("/admin").evaluate(
        "() => [...document.querySelectorAll('.site-nav a')].map(each =>"
        " [each.getBoundingClientRect().top, each.offsetHeight,"
        " each.scrollWidth > each.clientWidth])"
    )
    assert len(boxes) >= 7
    assert len({round(top) for top, _height, _cut in boxes}) == 2
    assert all(height >= 48 and not cut for _top, height, cut in boxes)
