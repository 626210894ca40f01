"""A real browser on a running platform.

MEGURI_SITE=FILE (the JSON of `./meguri up --json` at its first start) uses a platform that runs
already; else the run starts one of its own.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from services.edge import cookies

PHONE, DESK = (390, 844), (1280, 800)


@dataclass(frozen=True)
class Site:
    """Where the platform is and who may sign in (role -> user and password)."""

    url: str
    logins: dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Site:
    given = os.environ.get("MEGURI_SITE")
    state: dict[str, Any] = (
        json.loads(Path(given).read_text()) if given else request.getfixturevalue("platform").state
    )
    return Site(state["url"], state["first_logins"])


_sessions: dict[tuple[str, str], Any] = {}


@dataclass
class Visit:
    """One browser profile and what went wrong in it."""

    context: BrowserContext
    site: Site
    complaints: list[str]

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.site.url + path)
        return page

    def sign_in(self, role: str, *, anew: bool = False) -> None:
        """Signs in, once per platform and role: a password is slow to check on purpose.

        anew: whoever gets other rights is signed out everywhere.
        """
        known = _sessions.get((self.site.url, role))
        if known and not anew:
            self.context.add_cookies([known])
            return
        page = self.open("/login")
        known = self.site.logins[role]
        page.fill("[name=login_name]", known["user"])
        page.fill("[name=password]", known["password"])
        page.click("main button")
        page.wait_for_url(lambda url: "/login" not in url)
        page.close()
        _sessions[self.site.url, role] = next(
            cookie for cookie in self.context.cookies() if cookie["name"] == cookies.SESSION.name
        )

    def _hear(self, message: Any) -> None:
        if message.type == "error" and "status of 404" not in message.text:
            self.complaints.append(message.text)


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Callable[..., Visit]]:
    """Call it with a language header: a fresh profile. Nothing may complain in it."""
    made: list[Visit] = []

    def start(
        language: str = "ja",
        size: tuple[int, int] = PHONE,
        scheme: Any = "light",
        **options: Any,
    ) -> Visit:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme,
            extra_http_headers={"Accept-Language": language}, locale=language.partition(",")[0],
            timezone_id="Asia/Tokyo", **options,
        )  # fmt: skip
        made.append(Visit(context, site, []))
        return made[-1]

    yield start
    for each in made:
        each.context.close()
        assert each.complaints == []
