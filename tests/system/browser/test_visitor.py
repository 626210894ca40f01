"""Somebody from Taipei scans a sign; everybody finds their language; nobody is shut out."""

from collections.abc import Callable

import pytest

from tests.system.browser.conftest import Visit
from tests.system.look import check_axe, look_by_night, shoot

TAIWAN = "zh-TW,zh;q=0.9,en;q=0.8"
SAUCERS = "百枚皿"


def code_of(page_of: Visit, name: str) -> str:
    answer = page_of.context.request.get(page_of.site.url + "/api/v1/stops?locale=ja")
    return next(str(stop["stop_code"]) for stop in answer.json()["stops"] if stop["name"] == name)


def test_a_scan_from_taiwan_opens_in_traditional_chinese(visit: Callable[..., Visit]) -> None:
    taiwan = visit(TAIWAN)
    page = taiwan.open(f"/G/{code_of(taiwan, SAUCERS)}")
    assert page.get_attribute("html", "lang") == "zh-Hant"
    assert page.inner_text("h1").startswith("百枚皿")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    story = page.locator(".story p:not(.small)").first
    assert story.get_attribute("lang") is None  # the text is in the language of the page
    check_axe(page)
    page.click("nav.pager a[rel=next]")
    assert page.get_attribute("html", "lang") == "zh-Hant"


def test_the_own_choice_of_language_stays(visit: Callable[..., Visit]) -> None:
    taiwan = visit(TAIWAN)
    page = taiwan.open(f"/g/{code_of(taiwan, SAUCERS)}")
    page.click(".language summary")
    page.click("[name=locale][value=ko]")
    page.wait_for_selector("html[lang=ko]")
    page.click("nav.pager a[rel=next]")
    page.wait_for_selector("html[lang=ko]")
    assert taiwan.open("/").get_attribute("html", "lang") == "ko"


def test_a_stop_page_is_read_without_scripts_and_is_light(visit: Callable[..., Visit]) -> None:
    plain = visit("ja", java_script_enabled=False)
    sizes: list[int] = []
    page = plain.context.new_page()
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(f"{plain.site.url}/g/{code_of(plain, SAUCERS)}", wait_until="networkidle")
    assert page.is_visible(".story p")
    assert 0 < sum(sizes) < 30_000


def test_a_mistyped_code_leads_to_the_right_stop(visit: Callable[..., Visit]) -> None:
    person = visit("en")
    code = code_of(person, SAUCERS)
    wrong = code[0] + code[2] + code[1] + code[3:]
    page = person.open(f"/g/{wrong if wrong != code else code[::-1]}")
    check_axe(page)
    page.fill("[name=q]", code.lower())
    page.click(".code-form button")
    page.wait_for_selector(".stop h1")
    assert page.url.endswith(f"/g/{code}")


def test_the_keyboard_reaches_the_content_first(visit: Callable[..., Visit]) -> None:
    page = visit("en").open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_every_target_is_large_enough_for_a_finger(visit: Callable[..., Visit]) -> None:
    person = visit("ja")
    for path in ("/", "/g/", f"/g/{code_of(person, SAUCERS)}", "/help", "/map", "/login"):
        page = person.open(path)
        small = page.evaluate(
            """[...document.querySelectorAll("a, button, input:not([type=hidden]), summary")]
               .filter(e => e.checkVisibility() && !e.closest('p, .skip'))
               .map(e => [e.outerHTML.slice(0, 80), e.closest('label') ?? e])
               .map(([text, target]) => [text, target.getBoundingClientRect()])
               .filter(([, box]) => box.height < 47.5).map(([text]) => text)"""
        )
        assert small == [], path


def test_nothing_hangs_over_the_edge_of_a_phone(visit: Callable[..., Visit]) -> None:
    person = visit("en", size=(360, 740))
    for path in (
        "/",
        "/g/",
        f"/g/{code_of(person, SAUCERS)}",
        "/help",
        "/map",
        "/privacy",
        "/login",
    ):
        page = person.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_visitor_pages_have_no_barriers(visit: Callable[..., Visit]) -> None:
    person = visit("ja")
    stop = f"/g/{code_of(person, SAUCERS)}"
    pages = {
        "home": "/",
        "stops": "/g/",
        "stop": stop,
        "column": f"/g/{code_of(person, '黄金柱')}",
        "map": "/map",
        "unknown": "/g/ZZZZZ",
        "help": "/help",
        "privacy": "/privacy",
        "login": "/login",
        "nowhere": "/nowhere",
    }
    for name, path in pages.items():
        page = person.open(path)
        if name in ("home", "stop"):
            look_by_night(page, name)
        else:  # by night and at a desk they are looked at by `./meguri bench pages`
            check_axe(page)
            shoot(page, name)
        page.close()


@pytest.mark.parametrize("language", ["en", "ko", "zh-CN", "zh-TW"])
def test_pages_have_no_barriers_in_any_language(visit: Callable[..., Visit], language: str) -> None:
    person = visit(language)
    for name, path in (("home", "/"), ("stop", f"/g/{code_of(person, SAUCERS)}")):
        page = person.open(path)
        check_axe(page)
        shoot(page, f"{name}-{language}")


def test_the_second_look_is_answered_from_memory(visit: Callable[..., Visit]) -> None:
    person = visit(TAIWAN)
    url = f"{person.site.url}/g/{code_of(person, SAUCERS)}"
    first = person.context.request.get(url)
    again = person.context.request.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body()) == (304, b"")
