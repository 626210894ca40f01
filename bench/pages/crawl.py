"""Finding the pages: by following links as somebody with a role does, one page of each kind."""

import re
from collections import deque
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import BrowserContext, Page

MOST = 400  # addresses looked at for links
# A part of an address that names one of many: ids, codes of stops, days, languages.
_NAMES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|[A-Za-z0-9_-]{20,}|[0-9A-Z]{5}|\d{4}-\d\d(?:-\d\d)?|\d+"
    r"|[a-z]{2}(?:-[A-Z][a-z]{3})?"
)
_FILES = re.compile(
    r"\.(?:csv|pdf|svg|png|json|js|webmanifest|txt|ndjson|xml)$|^/(?:media|packs|static)/"
)
_ACTIONS = ("/logout", "/login", "/metrics", "/healthz", "/readyz", "/studio/exchange/file")


def kind(path: str) -> str:
    """Returns what addresses of the same page have in common: /g/K7Q2X is /g/*."""
    parts = path.rstrip("/").split("/")
    return "/".join("*" if _NAMES.fullmatch(each) else each for each in parts) or "/"


def is_page(path: str) -> bool:
    """Tells whether an address may be a page that can be opened without doing anything."""
    return not _FILES.search(path) and not path.startswith(_ACTIONS)


def pages(context: BrowserContext, site: str, starts: list[str]) -> dict[str, str]:
    """Returns kind → address of each page that links lead to from some addresses.

    Only what answers with 200 and HTML; an address with a query is the same page.
    """
    page: Page = context.new_page()
    found: dict[str, str] = {}
    waiting, seen = deque(starts), set(starts)
    looked = 0
    while waiting and looked < MOST:
        path = waiting.popleft()
        if kind(path) in found:
            continue
        looked += 1
        answer = page.goto(site + path)
        if answer is None or answer.status != 200 or "html" not in answer.headers["content-type"]:
            continue
        here = urlsplit(page.url).path
        found.setdefault(kind(here), here)
        found.setdefault(kind(path), path)
        for link in page.eval_on_selector_all("a[href]", "all => all.map(each => each.href)"):
            target = urlsplit(urljoin(page.url, link))
            same = f"{target.scheme}://{target.netloc}" == site
            if same and target.path not in seen and is_page(target.path):
                seen.add(target.path)
                waiting.append(target.path)
    page.close()
    return found
