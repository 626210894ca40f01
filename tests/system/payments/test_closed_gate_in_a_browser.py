"""A gate that is closed while its page is open: the notice comes by itself, a scan uses nothing up,
with and without the network, and after reopening the same ticket goes in."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.platform import Platform
from tests.system.look import check_axe, shoot
from tests.system.payments.test_gate_in_a_browser import (
    buy,
    open_gate,
    result,
    typed,
)
from tests.system.payments.test_till_in_a_browser import PHONE, signed_in

pytestmark = [pytest.mark.platform, pytest.mark.browser]

GATE = "akiyoshido-main"
PAST_A_POLL_MS = 10_500
# What a kept setup makes of closures: [since, until] in seconds from now -> shut or not.
DECIDED = """async ([spans]) => {
  const base = document.querySelector('script[src*="gate/gate"]').src.replace("/gate.js", "");
  const { closedBy, closedAnswer } = await import(`${base}/../js/closed.js`);
  const now = Date.now();
  const at = (s) => (s === null ? "" : new Date(now + s * 1000).toISOString());
  const closures = (list) => list.map(([since, until]) => ({ since: at(since), until: at(until) }));
  const { outcome, reason } = closedAnswer({});
  return [...spans.map((list) => closedBy({ closures: closures(list) }, now) !== null),
    closedBy(null, now), closedBy({}, now), outcome, reason];
}"""


@pytest.fixture
def clerk(chromium: Browser, platform: Platform) -> Iterator[BrowserContext]:
    """The clerk on a phone, in Japanese."""
    with signed_in(chromium, platform, viewport=PHONE) as context:
        yield context


@pytest.fixture
def admin(chromium: Browser, platform: Platform) -> Iterator[Page]:
    """Who may close places."""
    login = platform.state["first_logins"]["admin"]
    with chromium.new_context(base_url=platform.url, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/admin")
        page.fill("[name=login_name]", login["user"])
        page.fill("[name=password]", login["password"])
        page.click("form[action='/login'] button")
        yield page
        page.goto("/admin")  # the platform is shared: nothing stays closed, however the test ended
        if page.locator(".shut button").count():
            page.click(".shut button")


def close(admin: Page, place_id: str) -> None:
    """Closes a place for high water, for three hours."""
    admin.goto("/admin")
    admin.select_option("#place", value=place_id)
    admin.select_option("#reason", value="flood")
    admin.check("[name=until][value='3h']")
    admin.click("form[action='/admin/closures'] button")
    expect(admin.locator(".notice--ok")).to_be_visible()


def test_a_gate_closed_elsewhere_says_so_and_keeps_the_ticket(
    clerk: BrowserContext, admin: Page
) -> None:
    page = clerk.new_page()
    code = buy(page, adult=2)
    page.clock.install()
    open_gate(page)
    shut = page.locator("[data-part=shut]")
    expect(shut).to_be_hidden()
    close(admin, "akiyoshido")  # the whole cave
    page.clock.run_for(PAST_A_POLL_MS)
    expect(shut).to_contain_text("秋芳洞は閉鎖中です")
    expect(shut).to_contain_text("増水")
    shoot(page, "gate-closed-notice", full_page=False)
    typed(page, code)
    result(page, "closed", "閉鎖中")
    expect(page.locator("[data-part=why]")).to_contain_text("使用済みになりません")
    check_axe(page)
    shoot(page, "gate-closed-scan", full_page=False)
    clerk.set_offline(True)
    typed(page, code)
    expect(page.locator("[data-part=line]")).to_have_attribute("data-line", "off")
    result(page, "closed", "閉鎖中")
    decided = page.evaluate(DECIDED, [[
        [[-60, None]], [[-60, 60]], [[-60, -1]], [[60, None]], [], [[60, None], [-60, 60]],
    ]])  # fmt: skip
    assert decided == [
        True, True, False, False, False, True, None, None, "closed", "gate_closed",
    ]  # fmt: skip
    clerk.set_offline(False)
    counter = clerk.new_page()
    counter.goto(f"/till?shop={GATE}")
    notice = counter.locator(".till-shut")
    expect(notice).to_contain_text("秋芳洞は閉鎖中です")
    expect(notice).to_contain_text("ほかの日の入場券は販売できます")
    check_axe(counter)
    shoot(counter, "till-counter-closed", full_page=False)
    till = clerk.new_page()
    till.goto(f"/till/tickets?shop={GATE}")
    expect(till.locator(".notice--bad:visible")).to_contain_text("別の入口")
    shoot(till, "till-tickets-closed", full_page=False)
    admin.click(".shut button")
    typed(page, code)
    result(page, "ok", "入場できます")
    expect(shut).to_be_hidden()


def test_a_till_that_stays_open_hears_of_a_closure_and_of_its_end(
    clerk: BrowserContext, admin: Page
) -> None:
    page = clerk.new_page()
    page.clock.install()
    page.goto(f"/till?shop={GATE}")
    notice = page.locator(".till-shut")
    expect(notice).to_be_hidden()
    page.clock.run_for(PAST_A_POLL_MS)
    close(admin, "akiyoshido-main")
    page.clock.run_for(PAST_A_POLL_MS)
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("増水")
    page.click(".till-head__nav a[href^='/till/tickets']")
    expect(page.locator(".notice--bad:visible")).to_have_count(1)  # not said twice
    page.goto(f"/till?shop={GATE}")
    expect(notice).to_be_visible()
    admin.click(".shut button")
    page.clock.run_for(PAST_A_POLL_MS)
    expect(notice).to_be_hidden()
