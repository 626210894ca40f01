"""The heart of it: the pack is loaded, the network is cut and the platform is ended; every stop
opens from the phone. Scans made meanwhile arrive exactly once: sent a second time by hand, the
guide must know every one of them already.
"""

import json
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.platform import Platform
from tests.system.browser.conftest import Site, Visit
from tests.system.browser.phones import (
    STORE,
    codes,
    keep_figures,
    kept,
    loaded,
    phone,
    phone_in,
    spread,
)
from tests.system.look import until

# Platforms and browsers of several workers share two cores.
pytestmark = [pytest.mark.long, pytest.mark.platform, pytest.mark.browser]
__all__ = ["phone", "phone_in"]

OPENS_WITHIN_MS = 150.0


@contextmanager
def somebody_else(port: int) -> Iterator[list[str]]:
    """Answers everything at the platform's address with a page; yields what was posted to."""
    asked: list[str] = []

    class Portal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.do_GET()

        def do_GET(self) -> None:
            body = b"<!doctype html><title>Wi-Fi</title><p>Please sign in."
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *words: object) -> None:  # noqa: A002 - its name there
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Portal) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield asked
        server.shutdown()
        thread.join()


@pytest.fixture
def ended(platform: Platform) -> Iterator[Platform]:
    """The shared platform, which may be ended here: others find it running at the same address."""
    port = platform.port("edge")
    yield platform
    if platform.status()["phase"] != "ready":
        platform.up_again(port)


@pytest.fixture
def site(ended: Platform) -> Site:
    """Always the platform of this run, never one that a person named."""
    return Site(ended.url, ended.state["first_logins"])


def test_every_stop_opens_after_the_server_has_ended_and_scans_arrive_once(
    phone: Visit, ended: Platform
) -> None:
    page = loaded(phone)
    every = codes(phone)
    port = ended.port("edge")
    phone.context.set_offline(True)
    ended.down()
    ready_ms, paint_ms = [], []
    for code in every:
        page.goto(f"{phone.site.url}/G/{code.lower()}")
        expect(page.locator(".stop h1")).to_be_visible()
        expect(page.locator(".kept")).to_be_visible()
        assert page.locator(".story p").count()
        ready, paint = page.evaluate(
            """() => [performance.getEntriesByType("navigation")[0].responseEnd,
              performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0]"""
        )
        ready_ms.append(ready)
        paint_ms.append(paint)
    keep_figures("text-there", **spread(ready_ms))
    keep_figures("first-paint", **spread(paint_ms))
    assert statistics.median(ready_ms) <= OPENS_WITHIN_MS
    phone.context.set_offline(False)  # there is a signal, and still nobody answers
    page.goto(f"{phone.site.url}/g/{every[0]}")
    expect(page.locator(".kept")).to_be_visible()
    with somebody_else(port) as asked:  # the page of a Wi-Fi's login, say
        page.evaluate("dispatchEvent(new Event('online'))")
        for _ in range(100):
            if "/api/v1/scans" in asked:
                break
            page.wait_for_timeout(50)
        assert "/api/v1/scans" in asked
        page.wait_for_timeout(300)
    waiting = kept(page, "waitingScans", 500)
    assert len(waiting) == len(every) + 1
    assert {scan["stop_code"] for scan in waiting} == set(every)
    assert all(scan["offline"] for scan in waiting[: len(every)])

    ended.up_again(port)
    page.evaluate("dispatchEvent(new Event('online'))")
    until(page, f"() => ({STORE})(['countScans']).then((left) => left === 0)")
    # In another order: the same body again would get the first answer back, whatever was stored.
    waiting.reverse()
    headers = {"Content-Type": "application/json", "Origin": phone.site.url}
    again = phone.context.request.post(
        f"{phone.site.url}/api/v1/scans", headers=headers, data=json.dumps({"scans": waiting})
    ).json()
    assert (again["recorded"], again["repeated"]) == (0, len(waiting))
