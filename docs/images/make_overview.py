"""Draws docs/images/overview.png from a running platform with its demonstration area.

    ./meguri up --detach && ./meguri demo --json > demo.json
    .venv/bin/python -m docs.images.make_overview demo.json

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

OUT = Path(__file__).parent / "overview.png"
PHONE, DESK = (390, 800), (1000, 800)
GAP_PX = 24
SURROUND = (229, 232, 228)


def main() -> None:
    """Takes three pictures and lays them side by side."""
    demo = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    base: str = demo["url"].rstrip("/")
    chromium = os.environ.get("MEGURI_CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        pictures = [
            _shot(browser, base + "/", PHONE, "ja"),
            _shot(browser, base + _stop_path(browser, base), PHONE, "zh-TW"),
            _shot(browser, base + "/insights", DESK, "en", demo["logins"]["analyst"]),
        ]
        browser.close()
    width = sum(picture.width for picture in pictures) + GAP_PX * (len(pictures) + 1)
    sheet = Image.new("RGB", (width, PHONE[1] + 2 * GAP_PX), SURROUND)
    left = GAP_PX
    for picture in pictures:
        sheet.paste(picture, (left, GAP_PX))
        left += picture.width + GAP_PX
    sheet.quantize(128).save(OUT, optimize=True)


def _stop_path(browser: Browser, base: str) -> str:
    page = browser.new_page()
    page.goto(f"{base}/api/v1/stops")  # by the browser, which alone knows *.localhost everywhere
    stops = json.loads(page.inner_text("body"))["stops"]
    page.close()
    return f"/g/{stops[6]['stop_code']}"


def _shot(
    browser: Browser, url: str, size: tuple[int, int], locale: str, login: Any = None
) -> Image.Image:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, locale=locale)
    page.goto(url)
    if login is not None:
        page.fill("input[autocomplete=username]", login["user"])
        page.fill("input[type=password]", login["password"])
        page.press("input[type=password]", "Enter")
        page.wait_for_url(url, wait_until="load")
        page.wait_for_timeout(600)
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    page.close()
    return picture


if __name__ == "__main__":
    main()
