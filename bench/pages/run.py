"""`./meguri bench pages`: every page people reach, in every language, looked at for barriers.

By day on a phone with all rules of axe-core; in the dark and at a desk its rules of colour; 320
pixels wide, which is a page of 1,280 at 400 % (WCAG 2.2, 1.4.10), and in a made-up language written
from the right: that nothing is cut off or scrolls sideways, and axe-core's rules of sizes.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from bench import platform, rounds
from bench.pages.crawl import pages
from kit.pure.languages import LOCALES, STAFF_LOCALES

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PHONE, NARROW = ViewportSize(width=390, height=844), ViewportSize(width=320, height=640)
DESK = ViewportSize(width=1280, height=800)
COLOURS = ("color-contrast", "link-in-text-block")
SIZES = ("target-size", "scrollable-region-focusable", "css-orientation-lock")
VISITOR = "visitor"
# Where people of a role begin; links lead on from there.
STARTS: Mapping[str, list[str]] = {
    VISITOR: ["/", "/g", "/map", "/pack", "/plan", "/survey", "/help", "/privacy", "/safety",
              "/scan", "/login", "/privacy/sensing", "/wifi"],
    "clerk": ["/till", "/gate"],
    "shop_owner": ["/till/office", "/till"],
    "editor": ["/studio"],
    "analyst": ["/insights"],
    "accountant": ["/till/office"],
    "admin": ["/admin", "/studio", "/till/office", "/insights", "/gate"],
}  # fmt: skip
# What sticks out of the page, and menus that hide a part of themselves.
SIDEWAYS = """() => [
  ...(document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll('body *')].filter(each => {
      const box = each.getBoundingClientRect();
      return box.right > document.documentElement.clientWidth + 1 || box.left < -1;
    }).slice(-2)),
  ...[...document.querySelectorAll('.tabs, .site-nav, .table--stack')].filter(each =>
    each.scrollWidth > each.parentElement.clientWidth + 1)
].map(each => each.outerHTML.slice(0, 90))"""
# A language nobody speaks: Arabic letters for those of each word, from the right to the left.
FROM_THE_RIGHT = """() => {
  const letters = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي";
  document.documentElement.dir = "rtl";
  document.documentElement.lang = "ar";
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    if (words.currentNode.parentElement.closest("script, style, textarea, .mono")) continue;
    words.currentNode.data = words.currentNode.data.replace(/[a-z]/gi, (each) =>
      letters[each.toLowerCase().charCodeAt(0) - 97]);
  }
}"""
STILL = """() => Promise.allSettled(document.getAnimations()
  .filter((each) => each instanceof CSSTransition).map((each) => each.finished)).then(() => null)"""
LIMITS = {"violations": 0, "sideways": 0, "complaints": 0}


@dataclass
class Found:
    """What was looked at and what was found. what: one line for each finding."""

    pages: int = 0
    looks: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    what: list[str] = field(default_factory=list)

    def note(self, name: str, where: str, text: str) -> None:
        """Notes one finding."""
        self.counts[name] += 1
        self.what.append(f"{name}: {where}: {text}")


def run(_count: int, _seconds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Returns counts of what was found; each finding is told. Errors: RuntimeError."""
    found, seen = Found(), set[str]()
    with platform.running() as bench, browser() as chromium:
        tell("an hour of visitors, so that no page is empty")
        played = platform.demo(bench)
        site, logins = played["url"].rstrip("/"), played["logins"]
        for role, starts in STARTS.items():
            with _session(chromium, site, logins.get(role)) as context:
                more = [_planned(context, site)] if role == VISITOR else []
                known = {
                    name: path
                    for name, path in pages(context, site, [*starts, *more]).items()
                    if name not in seen
                }
                seen |= set(known)
                found.pages += len(known)
                tell(f"{role}: {len(known)} pages: {' '.join(sorted(known))}")
                locales = LOCALES if role == VISITOR else STAFF_LOCALES
                for locale in locales:
                    _look_at_all(context, site, known, f"{role} {locale}", locale, found)
                for line in found.what:
                    tell(line)
                found.what.clear()
    return _answer(found)


def _look_at_all(
    context: BrowserContext,
    site: str,
    known: Mapping[str, str],
    who: str,
    locale: str,
    found: Found,
) -> None:
    context.add_cookies([{"name": "meguri_locale", "value": locale, "url": site}])
    for name, path in known.items():
        where = f"{who} {name}"
        page = context.new_page()
        page.on("pageerror", partial(_complain, found, where))
        page.goto(site + path)
        found.looks += 1
        _look(page, where, found)
        page.close()


def _planned(context: BrowserContext, site: str) -> str:
    """Plans a day, as no link does, and returns its address."""
    page = context.new_page()
    page.goto(f"{site}/plan")
    page.click("main form button[type=submit], main form button:not([type])")
    page.wait_for_load_state()
    path = urlsplit(page.url).path
    page.close()
    return path


def _complain(found: Found, where: str, error: object) -> None:
    found.note("complaints", where, str(error)[:200])


def _look(page: Page, where: str, found: Found) -> None:
    page.set_viewport_size(PHONE)
    _axe(page, f"{where} light", found, ())
    page.emulate_media(color_scheme="dark")
    page.evaluate(STILL)
    _axe(page, f"{where} dark", found, COLOURS)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)
    _axe(page, f"{where} desk", found, COLOURS)
    page.set_viewport_size(NARROW)
    _check_width(page, f"{where} 320 px", found)
    _axe(page, f"{where} 320 px", found, SIZES)
    page.evaluate(FROM_THE_RIGHT)
    _check_width(page, f"{where} from the right", found)
    _axe(page, f"{where} from the right", found, SIZES)


def _check_width(page: Page, where: str, found: Found) -> None:
    for element in page.evaluate(SIDEWAYS):
        found.note("sideways", where, element)


def _axe(page: Page, where: str, found: Found, rules: tuple[str, ...]) -> None:
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    for each in Axe().run(page, options=options).response["violations"]:
        for node in each["nodes"]:
            found.note("violations", where, f"{each['id']} {node['html'][:120]}")


@contextmanager
def browser() -> Iterator[Browser]:
    """Gives a browser. Errors: RuntimeError where none is installed."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise RuntimeError("This bench needs a browser: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield started
        finally:
            started.close()


@contextmanager
def _session(
    chromium: Browser, site: str, login: Mapping[str, str] | None
) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=PHONE, service_workers="block")
    if login:
        page = context.new_page()
        page.goto(f"{site}/login")
        page.fill("[name=login_name]", login["user"])
        page.fill("[name=password]", login["password"])
        page.click("main button")
        page.wait_for_url(lambda url: "/login" not in url)
        page.close()
    yield context
    context.close()


def _answer(found: Found) -> dict[str, Any]:
    counts = {name: found.counts[name] for name in LIMITS}
    return {
        "ratios": counts,
        "limits": {
            name: f"<= {most}: {'holds' if counts[name] <= most else 'does not hold'}"
            for name, most in LIMITS.items()
        },
        "figures": {"pages": found.pages, "pages_times_languages": found.looks},
        "sides": {
            "violations": "nodes that axe-core found, by day and in the dark",
            "sideways": "elements that stick out 320 pixels wide, also in a made-up"
            " language written from the right",
            "complaints": "errors in scripts",
        },
        "runs": 1,
        "machine": rounds.machine(),
    }
