"""The demo through the public doors: its figures are those of the visitors, and it can be dropped.

Proves the whole way of an event: page or till → service → outbox → NATS → insights → the live
page, and that dropping an area leaves nothing of it in any service.
"""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser as Chromium
from psycopg import sql

from demo.web import Browser
from infra.local import postgres
from tests.platform import Platform
from tests.system.browser.conftest import PHONE
from tests.system.look import check_axe, shoot, until

DESK = (1280, 1600)
WAIT_S = 20
# What stays on purpose: the name and end of the area, and that the drop itself was heard and said.
STAYS = {"insights.areas", "itinerary.areas", "outbox", "inbox", "requests"}


@pytest.fixture(scope="module")
def played(platform: Platform) -> Iterator[dict[str, Any]]:
    """The answer of `./meguri demo`; the area is dropped afterwards."""
    done = platform.run("demo", "--visitors", "150", "--seed", "3", "--json")
    yield json.loads(done.stdout)
    platform.run("demo", "--drop", "--json", check=False)


def visit(platform: Platform, played: dict[str, Any], role: str = "analyst") -> Browser:
    browser = Browser(platform.url, urlsplit(played["url"]).netloc)
    login = played["logins"][role]
    browser.sign_in(login["user"], login["password"])
    return browser


def today(browser: Browser) -> dict[str, Any]:
    answer: dict[str, Any] = browser.get("/api/v1/insights/today").json()
    return answer


def figures(day: dict[str, Any]) -> dict[str, int]:
    books = (day["live_payments"], day["practice_payments"])
    return {
        "scans": day["scans"]["count"],
        "plans": day["plans"]["count"],
        "payments": sum(book["captured_count"] for book in books),
        "canceled": sum(book["voided_count"] for book in books),
        "refunds": sum(book["refunded_count"] for book in books),
    }


def test_the_play_is_quick_and_nothing_fails(played: dict[str, Any]) -> None:
    assert played["failed"] == 0
    assert played["duration_s"] < 45
    assert played["demo"] is True
    shown = ("scans", "plans", "payments", "probe_requests", "admissions", "ratings", "surveys")
    assert min(played[name] for name in shown) > 0


def test_gates_and_opinions_are_alive_too(platform: Platform, played: dict[str, Any]) -> None:
    deadline = time.monotonic() + WAIT_S
    with visit(platform, played) as browser:
        while time.monotonic() < deadline:
            said = browser.get("/api/v1/insights/feedback").json()
            hours = sum(hour["scan_count"] > 0 for hour in today(browser)["hours"])
            if said["rating_count"] and hours:
                break
            time.sleep(0.2)
    # Told are whole groups of ten of one text in one language: some, and never more than there are.
    assert 0 < said["rating_count"] <= played["ratings"]
    assert said["rating_count"] % 10 == 0


def test_figures_are_exactly_what_the_visitors_did(
    platform: Platform, played: dict[str, Any]
) -> None:
    expected = {
        name: played[name] for name in ("scans", "plans", "payments", "canceled", "refunds")
    }
    deadline = time.monotonic() + WAIT_S
    with visit(platform, played, "accountant") as browser:
        while figures(today(browser)) != expected and time.monotonic() < deadline:
            time.sleep(0.2)
        day = today(browser)
    assert figures(day) == expected
    assert day["demo"] is True
    with visit(platform, played) as browser:
        told = today(browser)
    # Marketing staff reads the same of everything but live sales of the running day.
    assert told["live_payments"]["captured_count"] is None
    assert told["scans"] == day["scans"]
    assert told["practice_payments"] == day["practice_payments"]
    assert sum(hour["scan_count"] for hour in day["hours"]) <= played["scans"]


def test_the_ledger_agrees_to_the_yen(platform: Platform, played: dict[str, Any]) -> None:
    with visit(platform, played, "accountant") as browser:
        page = browser.get("/insights/agreement?locale=en").text
    # The day's totals come after midnight; what can be compared before agrees.
    assert "What was said agrees" in page or "All agree" in page
    assert "The owners have said nothing yet" not in page
    assert "They differ" not in page


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESK])
def test_pages_are_accessible_and_update_themselves(
    platform: Platform,
    played: dict[str, Any],
    chromium: Chromium,
    size: tuple[int, int],
) -> None:
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="ja-JP", timezone_id="Asia/Tokyo"
    )
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    base = played["url"].rstrip("/")
    page.goto(f"{base}/login")
    page.fill("[name=login_name]", played["logins"]["analyst"]["user"])
    page.fill("[name=password]", played["logins"]["analyst"]["password"])
    page.click("main button")
    for path in ("/insights/days", "/insights/agreement", "/insights"):
        page.goto(base + path)
        check_axe(page)
        shoot(page, path.strip("/").replace("/", "-"))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    before = page.locator("#t-scans + p").inner_text()
    with Browser(platform.url, urlsplit(played["url"]).netloc) as visitor:
        code = visitor.get("/api/v1/stops").json()["stops"][0]["stop_code"]
        visitor.get(f"/g/{code}")
    played["scans"] += 1
    until(page, "([old]) => document.querySelector('#t-scans + p').innerText !== old", before)
    assert complaints == []
    context.close()


def test_real_figures_are_untouched_by_the_demo(platform: Platform, played: dict[str, Any]) -> None:
    login = platform.state["first_logins"]["analyst"]
    with Browser(platform.url, urlsplit(platform.url).netloc) as browser:
        browser.sign_in(login["user"], login["password"])
        assert today(browser)["demo"] is False


def test_dropping_leaves_no_row_in_any_service(platform: Platform, played: dict[str, Any]) -> None:
    assert json.loads(platform.run("demo", "--drop", "--json").stdout)["dropped"] is True
    deadline = time.monotonic() + WAIT_S
    while (left := rows_of(platform, "demo")) and time.monotonic() < deadline:
        time.sleep(0.3)
    assert left == {}
    assert json.loads(platform.run("demo", "--drop", "--json").stdout)["dropped"] is False


def rows_of(platform: Platform, area: str) -> dict[str, int]:
    """Returns service.table -> rows of an area, for every table that has a column `area`."""
    passwords = json.loads((platform.data / "secrets" / "passwords.json").read_text())
    port = platform.component("postgres")["port"]
    left = {}
    for service in passwords["databases"]:
        url = postgres.url(port, passwords["postgres"], user=postgres.SUPERUSER, database=service)
        with psycopg.connect(url) as connection:
            for table in _tables(connection):
                if table in STAYS or f"{service}.{table}" in STAYS:
                    continue
                count = sql.SQL("select count(*) from {} where area = %s")
                row = connection.execute(count.format(sql.Identifier(table)), (area,)).fetchone()
                if row and row[0]:
                    left[f"{service}.{table}"] = row[0]
    return left


def _tables(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.columns"
        " where column_name = 'area' and table_schema = 'public'"
    )
    return [str(row[0]) for row in rows]
