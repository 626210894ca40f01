"""Phones that load the guide and lose their signal: what tests of the language pack share."""

import json
import re
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.system.browser.conftest import DESK, Visit
from tests.system.look import PICTURES, until

FILES = re.compile(r"/packs/mine/[^/]+/files/")
# What the page's own store answers.
STORE = """async (path) => {
  const store = await import(document.querySelector("link[href*='/static/']").href
    .replace(/\\/static\\/([^/]+)\\/.*/, "/static/$1/visitor/pack/store.js"));
  return store[path[0]](...path.slice(1));
}"""


@pytest.fixture
def phone_in(visit: Callable[..., Visit]) -> Iterator[Callable[..., Visit]]:
    """Call it with a language header: a phone. Its network is broken on purpose, so complaints of
    the browser about that are none."""
    made: list[Visit] = []

    def start(language: str, **options: Any) -> Visit:
        made.append(visit(language, has_touch=True, **options))
        return made[-1]

    yield start
    for each in made:
        each.context.close()  # it may complain to its end
        each.complaints[:] = [text for text in each.complaints if "net::ERR_" not in text]


@pytest.fixture
def phone(phone_in: Callable[..., Visit]) -> Visit:
    """A phone that speaks English."""
    return phone_in("en")


def open_pack(phone: Visit) -> Page:
    """The page of the pack, once it knows how things stand."""
    page = phone.open("/pack")
    expect(page.locator("[data-pack]")).to_have_attribute("data-ready", "yes")
    return page


def state(page: Page, name: str) -> None:
    expect(page.locator("[data-part=card]")).to_have_attribute("data-state", name, timeout=30_000)


def loaded(phone: Visit) -> Page:
    """A phone with the whole pack."""
    page = open_pack(phone)
    page.click("[data-part=load]")
    state(page, "ready")
    until(page, "() => navigator.serviceWorker.controller !== null")
    return page


def kept(page: Page, name: str, *given: Any) -> Any:
    """What the phone's store answers."""
    return page.evaluate(STORE, [name, *given])


def codes(phone: Visit) -> list[str]:
    stops = phone.context.request.get(phone.site.url + "/api/v1/stops").json()["stops"]
    return [str(stop["stop_code"]) for stop in stops]


def manifest(phone: Visit, locale: str = "en") -> dict[str, Any]:
    found = phone.context.request.get(f"{phone.site.url}/packs/mine/{locale}/manifest.json")
    answer: dict[str, Any] = found.json()
    return answer


def count_files(context: BrowserContext) -> list[str]:
    """Returns a list that grows by the name of every file that is asked for."""
    asked: list[str] = []
    context.on(
        "request",
        lambda request: (
            asked.append(request.url.rpartition("/")[2]) if FILES.search(request.url) else None
        ),
    )
    return asked


class Held:
    """Files that are asked for and do not arrive until they are let go."""

    def __init__(self, context: BrowserContext) -> None:
        self.routes: list[Route] = []
        self._free = False
        context.route(FILES, self._hold)

    def _hold(self, route: Route) -> None:
        if self._free:
            route.continue_()
        else:
            self.routes.append(route)

    def wait(self, page: Page) -> None:
        """Waits until a file is asked for."""
        for _ in range(400):
            if self.routes:
                return
            page.wait_for_timeout(50)
        raise AssertionError("no file was asked for")

    def let_go(self) -> None:
        self._free = True
        for route in self.routes:
            route.continue_()


def spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "median_ms": round(statistics.median(ordered)),
        "p90_ms": round(ordered[len(ordered) * 9 // 10]),
        "worst_ms": round(ordered[-1]),
    }


def keep_figures(name: str, **figures: float) -> None:
    """Writes figures down beside the pictures, for people to look at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"pack-{name}.json").write_text(json.dumps(figures) + "\n")


def publish(visit: Callable[..., Visit], code: str, locale: str, words: str) -> str:
    """Has an editor put a text before visitors; returns the one before."""
    editor = visit("ja", size=DESK)
    editor.sign_in("editor")
    page = editor.open(f"/studio/{code}/{locale}")
    area = page.locator("textarea[name^=text-]").first
    before = area.input_value()
    area.fill(words)
    page.click("button[name=action][value=publish]")
    page.wait_for_selector(".notice--ok")
    return before
