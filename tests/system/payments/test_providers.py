"""Providers behind a whole platform: simulators that providers.env asks for, sales at the till
with a customer at a terminal and one with a phone, webhooks through the edge, a real browser."""

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.platform import Platform, running
from tests.system.look import check_axe, shoot
from tests.system.payments.test_till_in_a_browser import DESK, PHONE, signed_in

pytestmark = [pytest.mark.long, pytest.mark.platform, pytest.mark.browser]

SHOP = "provider-shop"
WAITS_S = 120.0  # a customer who does nothing until told
PROVIDERS = "MEGURI_SQUARE_URL=simulator\nMEGURI_PAYPAY_URL=simulator\nMEGURI_ADYEN_URL=simulator\n"
COLUMNS = (
    "shop_place_id", "name_ja", "registration_number", "owner", "default_tax_rate_percent",
    "tax_rounding", "tenders", "practice", "address", "phone",
)  # fmt: skip
WAYS = ";".join(
    ("card:square:DEVICE-1", "transit_ic:square:DEVICE-1", "code_payment:paypay",
     "card:adyen:V400m-000000001", "cash_record:cash_record")
)  # fmt: skip


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform whose providers are simulators, and a shop that uses all three."""
    data = tmp_path_factory.mktemp("providers")
    (data / "providers.env").write_text(PROVIDERS)
    with running(data) as started:
        file = data / "shops.csv"
        row = (SHOP, "端末の店", "", "merchant", "10", "down", WAYS, "no", "", "")
        file.write_text(f"{','.join(COLUMNS)}\n{','.join(row)}\n", "utf-8")
        started.run("payments", "shops", str(file))
        yield started


@pytest.fixture(scope="module")
def clerk(chromium: Browser, platform: Platform) -> Iterator[BrowserContext]:
    """The clerk on a phone."""
    context = signed_in(chromium, platform, has_touch=True)
    yield context
    context.close()


@pytest.fixture
def page(clerk: BrowserContext) -> Iterator[Page]:
    """A page of the clerk."""
    opened = clerk.new_page()
    yield opened
    opened.close()


def call(platform: Platform, provider: str, path: str, body: Any = None) -> Any:
    """Speaks to a simulator's admin door."""
    ports = {each["name"]: each["port"] for each in platform.state["components"]}
    request = urllib.request.Request(
        f"http://127.0.0.1:{ports[f'{provider}_simulator']}{path}",
        data=None if body is None else json.dumps(body).encode(),
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        return json.loads(answer.read())


def customers(platform: Platform, provider: str, after_s: float) -> None:
    """Tells customers how long to take."""
    call(platform, provider, "/admin/customer", {"pays": True, "after_s": after_s})


def pay(page: Page, amount: str, way: str) -> None:
    """Types an amount, chooses a way to pay and waits for the page about it."""
    page.goto(f"/till?shop={SHOP}")
    page.fill("[name=amount_yen]", amount)
    page.click(f"button[value='{way}']")
    page.wait_for_url("**/till/payments/**")


def pictures(page: Page, name: str) -> None:
    """Keeps the page on a phone and on a desk."""
    for size, view in (("phone", PHONE), ("desk", DESK)):
        page.set_viewport_size(view)  # type: ignore[arg-type]  # a mapping of the right names
        shoot(page, f"provider-{name}-{size}")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]


def test_a_customer_at_the_terminal(page: Page, platform: Platform) -> None:
    customers(platform, "square", WAITS_S)
    pay(page, "1280", "1:square")
    expect(page.locator(".till-result")).to_contain_text("お客さまがお支払い中です")
    check_axe(page)
    pictures(page, "at-terminal")
    customers(platform, "square", 0)
    expect(page.locator("[data-result=ok]")).to_be_visible()
    sent = wait_for_hooks(platform, "square")
    assert {tuple(each) for each in sent} == {
        ("terminal.checkout.created", 200), ("terminal.checkout.updated", 200),
    }  # fmt: skip


def test_felica_is_given_back_in_cash(page: Page, platform: Platform) -> None:
    customers(platform, "square", 0.2)
    pay(page, "500", "2:square")
    expect(page.locator("[data-result=ok]")).to_be_visible()
    page.click("a[href$='/refund']")
    expect(page.locator("input[value=cash]")).to_be_checked()
    expect(page.locator("input[value=provider]")).to_have_count(0)
    check_axe(page)
    pictures(page, "felica-refund")
    page.fill("[name=reason]", "返品")
    page.click("form.till-form button")
    page.wait_for_url("**/till/payments/*refund=asked")


def test_a_customer_who_scans_a_code(page: Page, platform: Platform) -> None:
    customers(platform, "paypay", WAITS_S)
    pay(page, "990", "5:paypay")
    expect(page.locator("svg.till-scan")).to_be_visible()
    check_axe(page)
    pictures(page, "code")
    customers(platform, "paypay", 0)
    expect(page.locator("[data-result=ok]")).to_be_visible()
    expect(page.locator("svg.till-scan")).to_have_count(0)
    assert [tuple(each) for each in wait_for_hooks(platform, "paypay")] == [("Transaction", 200)]


def test_adyen_s_terminal_and_its_webhook(page: Page, platform: Platform) -> None:
    customers(platform, "adyen", 0.5)
    pay(page, "760", "1:adyen")
    expect(page.locator("[data-result=ok]")).to_be_visible()
    assert [tuple(e) for e in wait_for_hooks(platform, "adyen")] == [("AUTHORISATION", 200)]


def test_two_terminals_are_told_apart_and_pay_one_sale_together(
    page: Page, platform: Platform
) -> None:
    page.goto(f"/till?shop={SHOP}")
    expect(page.locator(".till__apart")).to_have_text(["Square DEVICE-1", "Adyen 00000001"])
    pictures(page, "two-terminals")
    page.fill("[name=amount_yen]", "4000")
    customers(platform, "square", WAITS_S)
    page.click("button[formaction='/till/splits']")
    page.fill(".till-split__next [name=amount_yen]", "1500")
    page.click("button[value='1:square']")
    expect(page.locator("h1")).to_have_text("お客さまがお支払い中です")
    pictures(page, "split-at-terminal")
    customers(platform, "square", 0)
    expect(page.locator("h1")).to_contain_text("お支払い完了")
    expect(page.locator(".till-split__open dd")).to_have_text("¥2,500")
    page.click("button[value='1:adyen']")
    expect(page.locator(".till-result--ok .huge")).to_have_text("¥4,000")


def test_every_charge_is_in_the_books_once(platform: Platform) -> None:
    proof = json.loads(platform.run("payments", "prove", "--json").stdout)
    assert proof["sound"]
    balances = {each["account"]: each["balance_yen"] for each in proof["accounts"]}
    for provider in ("square", "paypay", "adyen"):
        charged = sum(
            each["captured_yen"] - each["refunded_yen"]
            for each in call(platform, provider, "/admin/charges")["charges"]
        )
        clearing = f"acquirer_clearing/{provider}/"
        assert charged > 0
        assert charged == sum(yen for name, yen in balances.items() if name.startswith(clearing))
    assert all(each["practice"] for each in proof["accounts"])


def test_a_forged_webhook_is_refused_at_the_edge(platform: Platform) -> None:
    address = f"{platform.url}/hooks/square"
    request = urllib.request.Request(address, data=b'{"event_id": "e"}')  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)  # noqa: S310
    assert refused.value.code == 403
    assert json.loads(refused.value.read())["reason"] == "webhook_forged"


def test_a_contract_is_recorded_and_listed(platform: Platform) -> None:
    words = ("--shop", SHOP, "--tender", "card", "--gateway", "square", "--acquirer", "A 社")
    platform.run("payments", "contract", *words, "--number", "M-1", "--from", "2026-04-01")
    (line,) = json.loads(platform.run("payments", "contracts", "--json").stdout)["contracts"]
    assert (line["shop_place_id"], line["contract_number"]) == (SHOP, "M-1")
    assert line["valid_until"] == ""
    bad = platform.run(
        "payments", "contract", *words, "--number", "M-1", "--from", "1 April", check=False
    )
    assert bad.returncode == 1
    assert "YYYY-MM-DD" in bad.stderr


def test_no_code_and_no_body_is_left_in_store_or_log(platform: Platform) -> None:
    found = [
        path
        for path in Path(platform.data).rglob("*")
        if path.is_file()
        and "simulator" not in path.name
        and b"qr.simulator.invalid" in path.read_bytes()
    ]
    assert found == []


def wait_for_hooks(platform: Platform, provider: str) -> list[list[Any]]:
    """What the simulator has sent, once nothing more comes."""
    sent: list[list[Any]] = []
    for _ in range(50):
        before, sent = sent, call(platform, provider, "/admin/webhooks")["sent"]
        if sent and sent == before:
            break
        time.sleep(0.3)
    return sent
