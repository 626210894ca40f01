"""The gate in a real browser: the same ticket once online, once with the network cut, and the queue
delivered afterwards; the camera's own reader and the signature checked by both of its ways.

Chromium on Linux has no BarcodeDetector, so the reader that is tested is the one for old phones.
"""

import hashlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.platform import Platform
from tests.system.look import check_axe, shoot
from tests.system.payments.test_till_in_a_browser import DESK, PHONE, signed_in

pytestmark = [pytest.mark.platform, pytest.mark.browser]

PRACTICE = "1:acquirer_simulator"  # moves no real money
GATE, KUROTANI = "akiyoshido-main", "akiyoshido-kurotani"
CASH = "7:cash_record"
# A code in front of the camera: the page's own drawing of a ticket becomes the camera's picture.
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  canvas.width = 800; canvas.height = 600;
  const context = canvas.getContext("2d");
  const draw = () => {
    context.fillStyle = "#dddddd"; context.fillRect(0, 0, 800, 600);
    const code = JSON.parse(localStorage.getItem("shown") ?? "null");
    if (code) {
      const side = 440 / code.side;
      context.fillStyle = "#ffffff"; context.fillRect(180, 80, 440, 440);
      context.save(); context.translate(180, 80); context.scale(side, side);
      context.fillStyle = "#000000"; context.fill(new Path2D(code.path)); context.restore();
    }
    requestAnimationFrame(draw);
  };
  draw();
  return canvas.captureStream(15);
};
"""


@pytest.fixture(scope="module")
def clerk(chromium: Browser, platform: Platform) -> Iterator[BrowserContext]:
    """The clerk on a phone, in Japanese."""
    context = signed_in(chromium, platform, has_touch=True)
    context.add_init_script(CAMERA)
    yield context
    context.close()


@pytest.fixture
def page(clerk: BrowserContext) -> Iterator[Page]:
    """A page of the clerk; an error of a script is a failure."""
    opened = clerk.new_page()
    said: list[str] = []
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    clerk.set_offline(False)
    opened.close()
    assert said == []


def buy(page: Page, *, by: str = CASH, tendered: str = "", **party: int) -> str:
    """Sells a ticket and returns its typed code; the page shows its square code."""
    page.goto(f"/till/tickets?shop={GATE}")
    for name, persons in party.items():
        page.fill(f"input[name='n:akiyoshido-{name}']", str(persons))
    page.click(".party__go")
    page.click(f"button[value='{by}']")
    if by == CASH:
        page.click(f"button[value='{tendered}']" if tendered else ".till-cash__exact")
    expect(page.locator(".ticket__code")).to_be_visible()
    return str(page.text_content(".ticket__typed"))


def remember_code(page: Page) -> None:
    """Has the next camera see the code on this page."""
    page.evaluate(
        """() => { const code = document.querySelector(".ticket__code");
        localStorage.setItem("shown", JSON.stringify({ side: code.viewBox.baseVal.width,
          path: code.querySelector("path").getAttribute("d") })); }"""
    )


def open_gate(page: Page, gate: str = GATE) -> None:
    """Opens the scanning page and waits until it could decide alone."""
    page.goto(f"/gate?gate={gate}")
    expect(page.locator("[data-gate]")).to_have_attribute("data-ready", "yes")


def typed(page: Page, code: str) -> None:
    """Types a code."""
    page.fill("#code", code)
    page.click(".gate-typed button")


def result(page: Page, kind: str, word: str) -> None:
    """Waits for an outcome: its color by kind, and its word."""
    expect(page.locator("[data-part=result]")).to_have_attribute("data-result", kind)
    expect(page.locator("[data-part=word]")).to_have_text(word)


def look(page: Page, name: str) -> None:
    """Keeps a picture at both sizes, to be looked at, and finds no violation."""
    for view in (DESK, PHONE):
        page.set_viewport_size(view)  # type: ignore[arg-type] # width and height
        shoot(page, f"gate-{name}", full_page=False)
    check_axe(page)


def test_a_family_buys_a_ticket_and_goes_in_once(page: Page) -> None:
    code = buy(page, adult=2, child=1, infant=1)
    expect(page.locator(".ticket__persons")).to_have_text("4 人")
    look(page, "ticket")
    open_gate(page)
    look(page, "ready")
    typed(page, code)
    result(page, "ok", "入場できます")
    expect(page.locator("[data-part=persons]")).to_have_text("4 人")
    page.click("[data-part=origins] button[value=KR]")
    expect(page.locator("button[value=KR]")).to_have_attribute("aria-pressed", "true")
    look(page, "admitted")
    typed(page, code.lower())
    result(page, "used", "使用済み")
    expect(page.locator("[data-part=why]")).to_contain_text("秋芳洞 正面口")
    look(page, "used")
    typed(page, "ABCDEFGHJKM")
    result(page, "odd", "券ではありません")
    look(page, "unknown")


def test_a_canceled_sale_closes_the_gate(page: Page) -> None:
    code = buy(page, adult=1)
    page.click("a[href^='/till/payments/']")
    page.click("details.section summary")
    page.click("form[action$='/void'] button")
    expect(page.locator("h1")).to_have_text("取消")
    open_gate(page)
    typed(page, code)
    result(page, "bad", "使えません")
    expect(page.locator("[data-part=why]")).to_have_text("取り消された券です。")
    look(page, "refused")


def test_the_camera_reads_the_code_on_the_ticket(page: Page) -> None:
    buy(page, adult=1)
    remember_code(page)
    open_gate(page)
    page.click("[data-part=start]")
    result(page, "ok", "入場できます")
    page.evaluate("() => localStorage.removeItem('shown')")


def test_a_gate_that_is_cut_off_admits_once_and_tells_afterwards(
    page: Page, clerk: BrowserContext
) -> None:
    buy(page, adult=3)
    remember_code(page)
    open_gate(page)
    page.wait_for_timeout(500)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    clerk.set_offline(True)
    page.reload()  # the page itself comes from its worker
    expect(page.locator("[data-gate]")).to_have_attribute("data-ready", "yes")
    expect(page.locator("[data-part=line]")).to_have_attribute("data-line", "off")
    page.click("[data-part=start]")
    result(page, "ok", "入場できます")
    expect(page.locator("[data-part=why]")).to_have_text("この端末だけで確認しました。")
    expect(page.locator("[data-part=waiting]")).to_have_text("未送信 1")
    page.click("[data-part=origins] button[value=TW]")
    look(page, "offline")
    page.evaluate("() => localStorage.removeItem('shown')")
    page.wait_for_timeout(4500)  # the same code again, after the pause for one that just stays
    payload = _payload(page)
    typed(page, payload)
    result(page, "used", "使用済み")
    typed(page, "ABCDEFGHJKM")
    result(page, "odd", "確認できません")
    clerk.set_offline(False)
    expect(page.locator("[data-part=waiting]")).to_be_hidden()
    typed(page, payload)
    result(page, "used", "使用済み")


def _payload(page: Page) -> str:
    """What the waiting scan says, as this device keeps it."""
    found: str = page.evaluate(
        """() => new Promise((resolve) => { const opening = indexedDB.open("meguri-gate", 1);
        opening.onsuccess = () => { const all = opening.result.transaction("scans")
          .objectStore("scans").getAll(); all.onsuccess = () => resolve(all.result[0].payload); };
        })"""
    )
    return found


def test_a_practice_ticket_is_told_from_a_paid_one_with_and_without_the_network(
    page: Page, clerk: BrowserContext
) -> None:
    code = buy(page, by=PRACTICE, adult=2)
    open_gate(page)
    typed(page, code)
    result(page, "practice", "練習用の券です")
    expect(page.locator("[data-part=why]")).to_contain_text("代金は支払われていません")
    expect(page.locator("[data-part=practice]")).to_have_text("練習・入金されません")
    expect(page.locator("[data-part=origins]")).to_be_hidden()
    look(page, "practice")
    typed(page, code)
    result(page, "used", "使用済み")
    buy(page, by=PRACTICE, adult=1)
    remember_code(page)
    open_gate(page)
    page.wait_for_timeout(500)
    clerk.set_offline(True)
    page.click("[data-part=start]")
    result(page, "practice", "練習用の券です")
    expect(page.locator("[data-part=why]")).to_contain_text("この端末だけで確認しました。")
    look(page, "practice-offline")
    page.evaluate("() => localStorage.removeItem('shown')")
    typed(page, _payload(page))
    result(page, "used", "使用済み")
    clerk.set_offline(False)
    expect(page.locator("[data-part=waiting]")).to_be_hidden()
    expect(page.locator("[data-part=problems]")).to_be_hidden()


def test_two_gates_cut_off_from_each_other_are_listed(page: Page, clerk: BrowserContext) -> None:
    buy(page, adult=1)
    remember_code(page)
    open_gate(page, KUROTANI)
    page.wait_for_timeout(500)
    clerk.set_offline(True)
    page.click("[data-part=start]")
    result(page, "ok", "入場できます")
    payload = _payload(page)
    page.evaluate("() => localStorage.removeItem('shown')")
    other = clerk.browser.new_context(  # type: ignore[union-attr] # a browser of this run
        base_url=page.url.split("/gate")[0], storage_state=clerk.storage_state(), locale="ja"
    )
    second = other.new_page()
    open_gate(second)
    typed(second, payload)
    result(second, "ok", "入場できます")
    other.close()
    clerk.set_offline(False)
    expect(page.locator("[data-part=problems]")).to_be_visible()
    page.click("[data-part=problems]")
    expect(page.locator(".gate-problem")).to_contain_text("つながっていない二つの改札")
    look(page, "problems")
    page.click(".gate-problem form button")
    expect(page.locator("h1")).to_have_text("見直すもの")


@pytest.mark.parametrize("webcrypto", [True, False])
def test_a_device_alone_tells_forged_from_true_by_either_library(
    page: Page, *, webcrypto: bool
) -> None:
    buy(page, adult=1)
    remember_code(page)
    open_gate(page)
    outcomes = page.evaluate(
        """async ([base, webcrypto]) => {
          if (!webcrypto) crypto.subtle.importKey = () => Promise.reject(new Error("none"));
          const { decide } = await import(`${base}/ticket.js`);
          const { decodeQR } = await import(`${base}/vendor/qr/decode.js`);
          const code = JSON.parse(localStorage.getItem("shown"));
          localStorage.removeItem("shown");
          const canvas = document.createElement("canvas");
          canvas.width = canvas.height = code.side * 6;
          const context = canvas.getContext("2d");
          context.fillStyle = "#fff"; context.fillRect(0, 0, canvas.width, canvas.height);
          context.scale(6, 6); context.fillStyle = "#000"; context.fill(new Path2D(code.path));
          const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
          const text = decodeQR({ data, width, height });
          const setup = await (await fetch("/gate/setup?gate=akiyoshido-main",
            { headers: { Accept: "application/json" } })).json();
          const say = async (t, changed = {}, now = new Date()) =>
            (await decide(t, { ...setup, ...changed }, now)).reason;
          const day = 86400000;
          const forged = text.slice(0, 8) + (text[8] === "0" ? "1" : "0") + text.slice(9);
          return [await say(text), await say(text.slice(0, 40) + (text[40] === "0" ? "1" : "0") +
              text.slice(41)),
            await say(text, { area: "hagi" }), await say(text, { keys: {} }),
            await say(text, { sites: [] }), await say(text, {}, new Date(Date.now() - day * 2)),
            await say(text, {}, new Date(Date.now() + day * 2)), await say("https://example.org"),
            await say(text.slice(0, 60)), forged !== text];
        }""",
        [page.evaluate("() => document.querySelector('script[src*=\"gate/gate\"]').src"
                       ".replace('/gate.js', '')"), webcrypto],
    )  # fmt: skip
    assert outcomes == [
        "", "bad_signature", "bad_signature", "unknown_key", "other_gate", "not_yet", "expired",
        "not_a_ticket", "unreadable", True,
    ]  # fmt: skip


def test_a_closed_gate_gives_everything_back_in_one_action(page: Page) -> None:
    buy(page, adult=2)
    page.goto(f"/gate/unused?gate={GATE}")
    look(page, "unused")
    page.fill("[name=reason]", "増水のため閉洞")
    page.check("[name=channel][value=cash]")
    page.click(".gate-back button.button--huge")
    expect(page.locator("h1")).to_have_text("返しました")
    look(page, "given-back")
    page.goto(f"/gate/unused?gate={GATE}")
    expect(page.locator(".empty")).to_be_visible()


def test_printed_tickets_are_made_sold_by_hand_and_entered(page: Page) -> None:
    page.goto(f"/gate/printed?gate={GATE}")
    page.fill("[name=ticket_count]", "6")
    look(page, "printed")
    page.click(".till-form button.button--huge")
    expect(page.locator(".paper")).to_have_count(6)
    page.emulate_media(media="print")
    shoot(page, "gate-batch-print")
    page.emulate_media(media="screen")
    code = str(page.locator(".paper .mono").first.text_content())
    page.click("details.section summary >> nth=0")
    page.fill("[name=first_number]", "1")
    page.fill("[name=last_number]", "4")
    page.click("form[action$='/enter'] button")
    expect(page.locator(".notice--ok")).to_contain_text("4 枚")
    look(page, "batch")
    open_gate(page)
    typed(page, code)
    result(page, "ok", "入場できます")


def test_a_phone_that_was_here_once_opens_the_gate_without_a_network(
    chromium: Browser, platform: Platform
) -> None:
    with signed_in(chromium, platform) as context:  # a store of its own: this is its first visit
        opened = context.new_page()
        open_gate(opened)
        expect(opened.locator("[data-gate]")).to_have_attribute("data-kept", "yes")
        context.set_offline(True)
        opened.reload()
        expect(opened.locator("[data-gate]")).to_have_attribute("data-ready", "yes")
        expect(opened.locator("[data-part=line]")).to_have_attribute("data-line", "off")
        kept = opened.evaluate(
            "gate => fetch(`/gate/setup?gate=${gate}`).then(answer => answer.json())", GATE
        )
        assert kept["keys"], "cut off it could check no ticket"


def test_the_line_comes_back_by_itself_though_nothing_waits_to_be_told(
    page: Page, clerk: BrowserContext
) -> None:
    open_gate(page)
    line = page.locator("[data-part=line]")
    expect(line).to_have_attribute("data-line", "on")
    clerk.set_offline(True)
    expect(line).to_have_attribute("data-line", "off")
    clerk.set_offline(False)
    expect(line).to_have_attribute("data-line", "on")
    page.evaluate("dispatchEvent(new Event('offline'))")  # and no event will say that it is over
    expect(line).to_have_attribute("data-line", "off")
    expect(line).to_have_attribute("data-line", "on")


def test_without_javascript_a_typed_code_is_checked(chromium: Browser, platform: Platform) -> None:
    with signed_in(chromium, platform, java_script_enabled=False, locale="en") as context:
        opened = context.new_page()
        code = buy(opened, adult=1)
        opened.goto(f"/gate?gate={GATE}")
        typed(opened, code)
        result(opened, "ok", "Go in")
        opened.click("button[value=JP]")
        typed(opened, code)
        result(opened, "used", "Already used")


def test_anybody_may_read_the_public_keys(page: Page) -> None:
    answer = page.request.get("/api/v1/ticket-keys").json()
    assert answer["area"] == "mine"
    (key,) = answer["keys"]
    assert key["key_id"] == hashlib.sha256(bytes.fromhex(key["public_key"])).hexdigest()[:8]
