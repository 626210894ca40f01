"""Registers at the office, in a real browser: an address is added, tested, fails, is repaired and
removed; what arrives is checked by the library of the specification."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from tests.system.browser.conftest import DESK, PHONE, Visit, site, visit
from tests.system.look import look

__all__ = ["site", "visit"]  # the browser's fixtures, used here too
pytestmark = [pytest.mark.platform, pytest.mark.browser]

# What sticks out of the page on the right, unless it scrolls inside a frame of its own.


@dataclass
class Register:
    """A shop's register. status: what it answers."""

    url: str = ""
    status: int = 204
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def register() -> Iterator[Register]:
    """A register that listens on this machine."""
    made = Register()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(made.status)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}/notices"
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def tell(page: Page, action: str) -> None:
    """Sends the form of an action of the page."""
    page.click(f"form[action$='/{action}'] button >> nth=0")
    page.wait_for_load_state()


def practicing(page: Page, url: str) -> str:
    """Sets up a shop of its own that practices: only such a one may name 127.0.0.1."""
    shop = f"shop-register-{time.time_ns():x}"
    page.goto(f"{url}/till/office/setup?step=basics")
    page.fill("[name=shop_place_id]", shop)
    page.fill("[name=name_ja]", "レジの試験店")
    page.click("main form button")
    page.wait_for_url("**step=products**")
    return shop


def test_an_address_from_its_first_test_to_its_removal(
    visit: Callable[..., Visit], register: Register
) -> None:
    admin = visit("ja", size=DESK)
    admin.sign_in("admin")
    page = admin.open("/till/office/registers")
    look(page, "registers-empty")
    shop = practicing(page, admin.site.url)
    page.goto(f"{admin.site.url}/till/office/registers")
    page.select_option("[name=shop]", shop)
    page.fill("[name=url]", "http://register.example/x")
    page.click("main form.office-form button")
    expect(page.locator(".field__error")).to_contain_text("https://")
    look(page, "registers-refused")
    page.fill("[name=url]", register.url)
    page.click("main form.office-form button")
    secret = page.locator(".office-secret").inner_text()
    look(page, "registers-secret")
    page.click("main a.button")
    assert secret not in page.content()
    tell(page, "test")
    expect(page.locator(".notice--ok")).to_be_visible()
    [(headers, body)] = register.heard
    assert Webhook(secret).verify(body, headers)["type"] == "meguri.test"
    register.status = 500
    tell(page, "test")
    expect(page.locator(".notice--warn")).to_contain_text("500")
    expect(page.locator(".office-address .badge--warn")).to_be_visible()
    look(page, "registers-failing")
    register.status = 410
    tell(page, "test")
    expect(page.locator(".office-address .badge--bad")).to_be_visible()
    look(page, "registers-off")
    tell(page, "switch")
    expect(page.locator(".office-address .badge--bad")).to_have_count(0)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    tell(page, "secret")
    turned = page.locator(".office-secret").inner_text()
    assert turned != secret
    register.status, count = 200, len(register.heard)
    page.click("main a.button")
    tell(page, "test")
    headers, body = register.heard[count]
    for each in (secret, turned):  # for a day both
        Webhook(each).verify(body, headers)
    page.goto(f"{admin.site.url}/till/office/registers")
    look(page, "registers-list")
    page.click(f".list-row:has-text('{register.url}')")
    expect(page.locator("form[action$='/remove']")).to_have_count(1)  # the page is there
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    tell(page, "remove")
    expect(page.locator(".notice--ok")).to_be_visible()
    assert register.url not in page.locator("main").inner_text()
    assert all(re.search("status of 422", each) for each in admin.complaints), admin.complaints
    admin.complaints.clear()


def test_an_accountant_looks_and_changes_nothing(visit: Callable[..., Visit]) -> None:
    accountant = visit("ja", size=PHONE, java_script_enabled=False)
    accountant.sign_in("accountant")
    page = accountant.open("/till/office/registers")
    expect(page.locator(".empty__title, .list-row__title").first).to_be_visible()
    assert page.locator("main form").count() == 0
