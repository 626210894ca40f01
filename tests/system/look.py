"""What every test in a browser looks for: barriers on the page, and a picture of it for people.

MEGURI_PICTURES=1 keeps the pictures in var/screenshots; without it none is made, since each costs
as much time as the test around it.
"""

import os
import time
from base64 import b64decode
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page, ViewportSize

PICTURES = Path(__file__).parents[2] / "var" / "screenshots"
# What another colour scheme of the same page can break, and what another size can. Colours are
# looked at on the phone here; `./meguri bench pages` looks at them at a desk too.
COLOURS = ("color-contrast", "link-in-text-block")
SIZES = ("target-size", "scrollable-region-focusable", "css-orientation-lock")
# What sticks out where a page scrolls sideways.
WIDE = """document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('body *')].filter(each =>
    each.getBoundingClientRect().right > document.documentElement.clientWidth + 1
  ).map(each => each.outerHTML.slice(0, 90))"""
# Two frames: then whatever a change of style begins has begun.
FADED = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  .then(() => Promise.allSettled(document.getAnimations()
    .filter((each) => each instanceof CSSTransition).map((each) => each.finished)))
  .then(() => null)"""
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=800)
_AS_TEXT = """(blob) => new Promise((done, fail) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result.split(",")[1]);
  reader.onerror = fail;
  reader.readAsDataURL(blob);
})"""
# Only what is wrong comes back: the list of all that is right takes a quarter of the time.
_AXE = "([options]) => axe.run(options).then(({ violations }) => ({ violations }))"


def until(page: Page, question: str, *given: Any, timeout_s: float = 30.0) -> None:
    """Asks the page until it says yes; question: a function of JavaScript, which may be async.

    Playwright's own wait_for_function takes the promise of an answer for a yes.
    """
    deadline = time.monotonic() + timeout_s
    while not page.evaluate(question, list(given)):
        assert time.monotonic() < deadline, f"the page never said yes: {question}"
        page.wait_for_timeout(50)


def blob(page: Page, script: str) -> bytes:
    """Returns the bytes of what a script gives: a function of JavaScript whose answer is a Blob.

    They come as one text: as a list of numbers three megabytes cost 20 s of work and not 0.2.
    """
    return b64decode(page.evaluate(f"async () => ({_AS_TEXT})(await ({script})())"))


def check_axe(page: Page, rules: tuple[str, ...] = ()) -> None:
    """Fails with what axe-core found on the page as it is.

    rules: only these, where the same page was looked at whole in another size or scheme.
    """
    page.wait_for_load_state("domcontentloaded")
    page.evaluate(FADED)  # a colour on its way to another has a contrast of neither
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    if not page.evaluate("() => 'axe' in window"):  # it is half a megabyte: once for each page
        page.evaluate(AXE_SCRIPT)
    found = AxeResults(page.evaluate(_AXE, [options]))
    assert found.violations_count == 0, found.generate_report()


def look(page: Page, name: str, *, barriers: bool = True) -> None:
    """Looks at the page at a desk, then on a phone: barriers, and that nothing scrolls sideways.

    barriers: False where the browser runs no scripts, so that axe-core cannot look either.
    """
    page.wait_for_load_state("domcontentloaded")
    for size, rules in ((DESK, SIZES), (PHONE, ())):
        page.set_viewport_size(size)
        assert page.evaluate(WIDE) == [], (name, size)
        shoot(page, name)
        if barriers:
            check_axe(page, rules)


def look_by_night(page: Page, name: str) -> None:
    """Looks at the page in both sizes and both schemes; it ends as it began, by day on a phone."""
    dress(page, "dark")
    check_axe(page, COLOURS)
    shoot(page, f"{name}-dark")
    dress(page, "light")
    look(page, name)


def dress(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Changes the colours and waits until nothing fades any more."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(FADED)


def shoot(page: Page, name: str, *, full_page: bool = True) -> None:
    """Keeps a picture of the page, its width in the name, where somebody wants to look at it."""
    if os.environ.get("MEGURI_PICTURES"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=full_page)
