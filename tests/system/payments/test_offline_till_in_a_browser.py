"""The till without a connection, in a real browser: what may wait waits and is sent once, and the
counter opens again although nobody answers."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, Route, expect

from tests.platform import Platform
from tests.system.look import check_axe, shoot, until
from tests.system.payments.test_till_in_a_browser import DESK, signed_in, tap

pytestmark = [pytest.mark.platform, pytest.mark.browser]

SHOP = "shotengai-food"
COUNTER = f"/till?shop={SHOP}"
TODAY = f"/till/today?shop={SHOP}"
CASH, CARD = "7:cash_record", "1:acquirer_simulator"
KEPT = """async () => !!navigator.serviceWorker.controller
  && !!await (await caches.open("meguri-till-1")).match("/till")"""
WAITING = """() => new Promise((found) => {
  const asked = indexedDB.open("meguri-till", 1);
  asked.onsuccess = () => {
    const all = asked.result.transaction("waiting").objectStore("waiting").getAll();
    all.onsuccess = () => found(all.result);
  };
})"""


@pytest.fixture
def context(chromium: Browser, platform: Platform) -> Iterator[BrowserContext]:
    """A device of its own, with nothing kept."""
    with signed_in(chromium, platform, has_touch=True) as opened:
        yield opened


def is_kept(page: Page) -> None:
    """Waits until the service worker stands between and has kept the counter."""
    until(page, KEPT)


def at_the_counter(context: BrowserContext) -> Page:
    """A counter whose service worker has what it needs."""
    page = context.new_page()
    page.goto(COUNTER)
    is_kept(page)
    return page


def waiting(page: Page) -> list[dict[str, Any]]:
    """What waits on the device."""
    found: list[dict[str, Any]] = page.evaluate(WAITING)
    return found


def sell_in_cash(page: Page, amount: str, tendered: str = "") -> None:
    """Records a cash sale while nobody answers."""
    tap(page, amount)
    page.click(f"button[value='{CASH}']")
    if tendered:
        page.fill("#offline-tendered", tendered)
    page.click("[data-record]")
    expect(page.locator(".till-result__word")).to_have_text("この端末に記録しました")


def test_cash_waits_and_is_sent_once_when_the_signal_is_back(context: BrowserContext) -> None:
    page = at_the_counter(context)
    context.set_offline(True)
    sell_in_cash(page, "711", "1000")
    expect(page.locator(".till-change__back dd")).to_have_text("¥289")
    shoot(page, "offline-recorded")
    check_axe(page)
    page.click("[data-again]")
    sell_in_cash(page, "712")
    expect(page.locator("[data-wait-count]")).to_have_text("2 (¥1,423)")
    page.click(".till-wait summary")
    shoot(page, "offline-bar")
    check_axe(page)
    ids = [sale["id"] for sale in waiting(page)]
    assert len(set(ids)) == 2

    context.set_offline(False)
    expect(page.locator(".till-wait")).to_be_hidden()
    assert waiting(page) == []
    page.goto(TODAY)
    for amount in ("¥711", "¥712"):
        expect(page.locator(".list-row", has_text=amount)).to_have_count(1)


def test_the_till_believes_the_server_and_not_the_browser(context: BrowserContext) -> None:
    # Some browsers stay "online" after a page was opened without a network.
    context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'onLine', {get: () => true})"
    )
    page = at_the_counter(context)
    expect(page.locator(".till-wait")).to_be_hidden()
    context.set_offline(True)
    page.reload()
    expect(page.locator("form[data-kept]")).to_be_visible()
    expect(page.locator("[data-no-signal]")).to_be_visible()
    tap(page, "500")
    page.click(f"button[value='{CARD}']")
    panel = page.locator(".till__offline")
    expect(panel).to_contain_text("通信できません")
    context.set_offline(False)
    expect(panel).to_contain_text("つながりました。")
    expect(page.locator(".till-wait")).to_be_hidden()
    page.click(f"button[value='{CARD}']")
    expect(page.locator(".till-result")).to_be_visible()


def test_codes_and_cards_are_refused_in_plain_words(context: BrowserContext) -> None:
    page = at_the_counter(context)
    context.set_offline(True)
    tap(page, "500")
    page.click("button[value='5:acquirer_simulator']")
    panel = page.locator(".till__offline")
    expect(panel).to_contain_text("通信できません。現金で受け取るか、もう一度お試しください。")
    expect(panel.locator("[data-record]")).to_be_hidden()
    for name, size in (("phone", None), ("desk", DESK)):
        if size:
            page.set_viewport_size({"width": size["width"], "height": size["height"]})
        shoot(page, f"offline-refused-{name}")
    check_axe(page)
    page.click(f"button[value='{CARD}']")
    expect(panel).to_contain_text("別の端末で支払い済み")
    expect(panel.locator("[data-record]")).to_be_hidden()
    assert waiting(page) == []
    page.click(f"button[value='{CASH}']")  # the sale is still there: nothing is typed again
    expect(panel.locator("[data-record]")).to_be_visible()


def test_the_counter_opens_although_nobody_answers_and_never_uses_an_id_twice(
    context: BrowserContext,
) -> None:
    page = at_the_counter(context)
    first = page.locator("[data-till] [name=request_id]").get_attribute("value")
    context.set_offline(True)
    page.reload()
    expect(page.locator("form[data-kept]")).to_be_visible()
    second = page.locator("[data-till] [name=request_id]").input_value()
    page.goto(COUNTER)
    third = page.locator("[data-till] [name=request_id]").input_value()
    assert len({first, second, third}) == 3
    sell_in_cash(page, "713")
    assert waiting(page)[0]["id"] == third


@pytest.mark.parametrize(
    ("address", "name", "says"),
    [
        ("/till/today", "本日の売上", "売上はサーバーにあり"),
        ("/till/tickets", "入場券", "入場券を販売できません"),
        ("/till/payments/0199c0de-0000-7000-8000-000000000001", "電波が必要", "サーバー"),
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_had_says_what_it_is_and_what_can_be_done(
    context: BrowserContext, address: str, name: str, says: str
) -> None:
    page = at_the_counter(context)
    context.set_offline(True)
    page.goto(f"{address}?shop={SHOP}")
    expect(page).to_have_title(re.compile(name))
    main = page.locator("main")
    expect(main.locator("h1:visible")).to_contain_text(name)
    expect(main).to_contain_text(says)
    expect(page.locator("form[data-till]")).to_be_hidden()  # no counter under another name
    expect(page.locator(".till-head__nav [aria-current]")).to_have_count(0)
    shoot(page, f"offline-{address.split('/')[2]}")
    check_axe(page)
    page.click(".till-instead:visible .button--huge")
    expect(page.locator("form[data-kept]")).to_be_visible()
    sell_in_cash(page, "715")  # what goes on without a signal is one tap away
    page.go_back()


def test_a_stand_in_gives_way_to_its_page_once_somebody_answers(context: BrowserContext) -> None:
    page = at_the_counter(context)
    context.set_offline(True)
    page.goto(TODAY)
    expect(page.locator(".till-instead")).to_be_visible()
    context.set_offline(False)
    expect(page.locator(".page-head h1")).to_contain_text("の売上")
    expect(page.locator(".till-wait")).to_be_hidden()


def test_the_sums_of_the_day_hold_what_waited_once_it_is_sent(context: BrowserContext) -> None:
    """Whether the page was a stand-in meanwhile, or was opened while sales were on their way."""
    page = at_the_counter(context)
    context.set_offline(True)
    sell_in_cash(page, "716")
    page.goto(TODAY)
    expect(page.locator(".till-instead")).to_be_visible()

    def slowly(route: Route) -> None:
        if route.request.method == "POST":
            page.wait_for_timeout(1500)
        route.continue_()

    context.route("**/till/waiting", slowly)
    context.set_offline(False)
    sold = page.locator("main .list-row", has_text="¥716")
    expect(sold).to_have_count(1)
    expect(page.locator(".till-wait")).to_be_hidden()
    expect(page.locator("main tfoot")).not_to_have_count(0)

    page.goto(COUNTER)
    context.set_offline(True)
    sell_in_cash(page, "717")
    # The page is had before the sale is: nothing is sent on until it was seen.
    context.unroute("**/till/waiting")
    context.route("**/till/waiting", lambda route: route.abort())
    context.set_offline(False)
    page.goto(TODAY)
    sold = page.locator("main .list-row", has_text="¥717")
    expect(page.locator(".page-head h1")).to_contain_text("の売上")
    expect(sold).to_have_count(0)
    context.unroute("**/till/waiting")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(sold).to_have_count(1)


def test_nobody_signed_in_finds_no_counter_without_a_signal(context: BrowserContext) -> None:
    page = at_the_counter(context)
    page.goto(f"{COUNTER}&choose=1")
    is_kept(page)  # who is signed in goes on finding it
    context.clear_cookies()  # the session is over
    page.goto(COUNTER)
    expect(page).to_have_url(re.compile(r"/login\?"))
    until(
        page,
        """async () => !(await (await caches.open("meguri-till-1")).keys())
      .some((each) => new URL(each.url).pathname.startsWith("/till"))""",
    )
    context.set_offline(True)
    with pytest.raises(Error, match="ERR_"):
        page.goto(COUNTER)


def test_a_lost_answer_is_not_a_second_sale(context: BrowserContext) -> None:
    page = at_the_counter(context)
    tap(page, "714")
    page.click(f"button[value='{CASH}']")

    def lose_the_answer(route: Route) -> None:
        route.fetch(max_redirects=0)  # the sale is taken
        route.abort()

    page.route("**/till/payments", lose_the_answer)
    page.click(".till-cash__exact")
    expect(page.locator(".till__offline")).to_be_visible()
    page.unroute("**/till/payments")
    page.click("[data-record]")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".till-wait")).to_be_hidden()
    page.goto(TODAY)
    expect(page.locator(".list-row", has_text="¥714")).to_have_count(1)


@pytest.mark.parametrize("status", [401, 429])
def test_an_answer_that_is_not_about_the_sale_leaves_it_on_the_device(
    context: BrowserContext, status: int
) -> None:
    page, amount = at_the_counter(context), f"75{status % 10}"
    tap(page, amount)
    page.click(f"button[value='{CASH}']")
    with page.expect_response("**/till/payments"):
        page.route(
            "**/till/payments",
            lambda route: route.fulfill(
                status=status, content_type="text/html", body="<title>x</title><main>later</main>"
            ),
        )
        # Nothing is sent on by itself meanwhile: what is looked at is what the answer did.
        page.route("**/till/waiting", lambda route: route.abort())
        page.click(".till-cash__exact")
    expect(page.locator("main")).to_have_text("later")
    assert [sale["yen"] for sale in waiting(page)] == [int(amount)]
    page.unroute("**/till/payments")
    page.unroute("**/till/waiting")
    page.goto(COUNTER)
    for _ in range(150):
        if not waiting(page):
            break
        page.wait_for_timeout(100)
    assert waiting(page) == []
    page.goto(TODAY)
    expect(page.locator(".list-row", has_text=f"¥{amount}")).to_have_count(1)


def is_upload(asked: Request) -> bool:
    """Tells whether a device sends what waits."""
    return asked.url.endswith("/till/waiting") and asked.method == "POST"


def test_a_drain_cut_off_in_the_middle_and_two_tabs_take_each_sale_once(
    context: BrowserContext,
) -> None:
    page = at_the_counter(context)
    context.set_offline(True)
    for amount in ("721", "722", "723"):
        sell_in_cash(page, amount)
        page.click("[data-again]")

    def cut_off(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()  # taken, but the device never hears of it
            route.abort()
        else:
            route.continue_()

    context.route("**/till/waiting", cut_off)
    with page.expect_request(
        lambda asked: asked.url.endswith("/till/waiting") and asked.method == "POST"
    ):
        context.set_offline(False)
    page.wait_for_timeout(500)
    assert len(waiting(page)) == 3
    page.close()  # the power is gone
    context.unroute("**/till/waiting")
    tabs = [context.new_page(), context.new_page()]
    for tab in tabs:
        tab.goto(COUNTER)
    for tab in tabs:
        expect(tab.locator(".till-wait")).to_be_hidden()
    assert waiting(tabs[0]) == []
    tabs[0].goto(TODAY)
    for amount in ("¥721", "¥722", "¥723"):
        expect(tabs[0].locator(".list-row", has_text=amount)).to_have_count(1)


def test_what_is_refused_stays_and_says_why(context: BrowserContext) -> None:
    page = at_the_counter(context)
    context.set_offline(True)
    sell_in_cash(page, "731")
    page.evaluate(
        """() => new Promise((done) => {
          indexedDB.open("meguri-till", 1).onsuccess = ({ target }) => {
            const change = target.result.transaction("waiting", "readwrite");
            const sales = change.objectStore("waiting");
            sales.getAll().onsuccess = (all) => {
              const sale = all.target.result[0];
              sales.put({ ...sale, tapped: sale.tapped - 8 * 86400 * 1000 });
            };
            change.oncomplete = done;
          };
        })"""
    )
    context.set_offline(False)
    expect(page.locator("[data-wait-list]")).to_contain_text("7日")
    page.click(".till-wait summary")
    shoot(page, "offline-refused-late")
    page.click("[data-done]")
    expect(page.locator(".till-wait")).to_be_hidden()


def test_limits_hold(context: BrowserContext) -> None:
    page = at_the_counter(context)
    context.set_offline(True)
    tap(page, "100001")
    page.click(f"button[value='{CASH}']")
    expect(page.locator("[data-too-much]")).to_be_visible()
    expect(page.locator("[data-record]")).to_be_hidden()
    assert json.dumps(waiting(page)) == "[]"
