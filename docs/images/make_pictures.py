"""Draws the pictures of the README from a running platform with its demonstration area.

    ./meguri up --detach && ./meguri demo --json > demo.json
    .venv/bin/python -m docs.images.make_pictures demo.json

Needs chromium (MEGURI_CHROMIUM, else /usr/bin/chromium).
"""

import json
import os
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

OUT = Path(__file__).parent
PHONE, DESK = (390, 844), (1000, 844)
COLORS = 128  # few enough for a small file; no photographs are on these pages


def main() -> None:
    """Takes home.png and stop.png on a phone, numbers.png at a desk."""
    demo = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    base: str = demo["url"].rstrip("/")
    chromium = os.environ.get("MEGURI_CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        _shot(browser, "home", base + "/", PHONE, "ja")
        _shot(browser, "stop", base + _stop_path(browser, base), PHONE, "zh-TW")
        _shot(browser, "numbers", base + "/insights", DESK, "en", demo["logins"]["analyst"])
        browser.close()


def _stop_path(browser: Browser, base: str) -> str:
    page = browser.new_page()
    page.goto(f"{base}/api/v1/stops")  # by the browser, which alone knows *.localhost everywhere
    stops = json.loads(page.inner_text("body"))["stops"]
    page.close()
    return f"/g/{stops[6]['stop_code']}"


def _shot(
    browser: Browser, name: str, url: str, size: tuple[int, int], locale: str, login: Any = None
) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, locale=locale)
    page.goto(url)
    if login is not None:
        page.fill("input[autocomplete=username]", login["user"])
        page.fill("input[type=password]", login["password"])
        page.press("input[type=password]", "Enter")
        page.wait_for_url(url, wait_until="load")
        page.wait_for_timeout(600)
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLORS).save(OUT / f"{name}.png", optimize=True)
    page.close()


if __name__ == "__main__":
    main()
