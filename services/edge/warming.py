"""Making pages once before anybody asks: templates, catalogs and lists are ready for the first
visitor after a start."""

import threading
import time

from flask import Flask

from kit import garbage, log
from services.edge.areas import Area
from services.edge.parts import Parts

PATHS = ("/", "/g/", "/map", "/plan", "/help", "/privacy", "/login", "/api/v1/stops")
WAIT_S = 60.0  # for the first answer of the guide; without one pages are made when asked for
PAUSE_S = 0.2
# A first start is still loading its area: pages made now would be made again, and slow it down.
SETTLE_S = 2.0


def start(app: Flask, parts: Parts) -> None:
    """Warms the default area in a thread of its own, as soon as the services answer."""
    threading.Thread(target=_run, args=(app, parts), name="warming", daemon=True).start()


def _run(app: Flask, parts: Parts) -> None:
    ends = time.monotonic() + WAIT_S
    while time.monotonic() < ends:
        time.sleep(PAUSE_S)
        try:
            area = parts.areas.of_host("localhost")
            if parts.shelf.is_filled(area.area):
                time.sleep(SETTLE_S)
                warm(app, parts, area)
                garbage.keep_what_is_here()
                return
        except Exception as error:  # noqa: BLE001 - the first visitor then waits a moment longer
            log.get("warming").warning("pages were not warmed", error=repr(error)[:300])
            return


def warm(app: Flask, parts: Parts, area: Area) -> None:
    """Asks for each kind of page in each language. Nobody is counted for it."""
    public = parts.settings.environment.get("MEGURI_PUBLIC_URL", "")
    scheme = "https" if public.startswith("https:") else "http"
    codes = parts.shelf.stop_codes(area.area)
    browser = app.test_client(use_cookies=False)
    for locale in area.locales:
        for path in (*PATHS, *(f"/g/{code}" for code in codes[:1])):
            browser.get(
                path, base_url=f"{scheme}://localhost",
                headers={"Accept-Language": locale, "Sec-Purpose": "prefetch"},
            )  # fmt: skip
