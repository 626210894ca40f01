"""Loading the guide for no signal: broken loads, a full phone, forgeries, two tabs and a new
version during the visit neither mix versions nor lose what was there."""

import json
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.system.browser.conftest import Visit
from tests.system.browser.phones import (
    FILES,
    STORE,
    Held,
    codes,
    count_files,
    keep_figures,
    kept,
    loaded,
    manifest,
    open_pack,
    phone,
    phone_in,
    publish,
    state,
)
from tests.system.look import check_axe, shoot, until

# Platforms and browsers of several workers share two cores.
pytestmark = [pytest.mark.platform, pytest.mark.browser]
__all__ = ["phone", "phone_in"]

DELTA_AT_MOST = 0.05
BROKEN_AT = 0.4


def test_a_pack_that_broke_off_goes_on_with_what_is_missing(phone: Visit) -> None:
    asked = count_files(phone.context)
    files = {line["sha256"] for line in manifest(phone)["files"]}
    page = open_pack(phone)
    shoot(page, "pack-offer-en")
    check_axe(page)
    expect(page.locator("[data-part=counts]")).to_contain_text("Texts: 57 · recordings: 0 · 1")
    assert kept(page, "filesHere") is not None
    left = int(len(files) * BROKEN_AT)

    def break_off(route: Route) -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            route.continue_()
        else:
            route.abort()

    phone.context.route(FILES, break_off)
    page.click("[data-part=load]")
    state(page, "problem")
    expect(page.locator("[data-part=said]")).to_contain_text("The connection broke off")
    shoot(page, "pack-broken-en")
    check_axe(page)
    phone.context.unroute(FILES)
    before = len(page.evaluate("caches.open('meguri-pack-files').then((all) => all.keys())"))
    assert before == int(len(files) * BROKEN_AT)

    asked.clear()
    page.reload()
    state(page, "partly")
    expect(page.locator("[data-part=said]")).to_contain_text("% is on this phone already")
    page.click("[data-part=load]")
    state(page, "ready")
    assert len(asked) == len(set(asked)) == len(files) - before


def test_nothing_opens_from_half_a_pack(phone: Visit) -> None:
    page = open_pack(phone)
    page.evaluate("navigator.serviceWorker.register('/sw.js', {type: 'module', scope: '/'})")
    page.evaluate("navigator.serviceWorker.ready")
    phone.context.route(FILES, lambda route: route.abort())
    page.click("[data-part=load]")
    state(page, "problem")
    page.goto(f"{phone.site.url}/g/{codes(phone)[0]}")
    assert page.locator(".kept").count() == 0  # the network answers, as if nothing were there
    phone.context.unroute(FILES)


def test_a_full_phone_says_so_and_keeps_what_it_had(phone: Visit) -> None:
    page = open_pack(phone)
    browser = phone.context.new_cdp_session(page)
    room = {"origin": phone.site.url, "quotaSize": 300_000}
    browser.send("Storage.overrideQuotaForOrigin", room)
    page.click("[data-part=load]")
    state(page, "problem")
    expect(page.locator("[data-part=said]")).to_contain_text("There is not enough room")
    shoot(page, "pack-full-en")
    check_axe(page)
    browser.send("Storage.overrideQuotaForOrigin", {"origin": phone.site.url})
    page.click("[data-part=load]")
    state(page, "ready")

    # The browser's count of the room may be wrong: a write that fails must break nothing either.
    page.evaluate(
        "caches.open('meguri-pack-files').then((all) => all.keys()).then((k) => k.length)"
    )
    page.evaluate(
        """async () => {
          const packs = await new Promise((found) => { const o = indexedDB.open("meguri-pack", 1);
            o.onsuccess = () => found(o.result); });
          const change = packs.transaction("packs", "readwrite").objectStore("packs");
          const pack = await new Promise((found) => { const g = change.get("en");
            g.onsuccess = () => found(g.result); });
          pack.current.version = "an older one"; change.put(pack);
          const all = await caches.open("meguri-pack-files");
          const stop = pack.current.files.find((each) => each.path === "/privacy");
          await all.delete(`/packs/files/${stop.sha256}`);
          Cache.prototype.put = () => Promise.reject(new DOMException("", "QuotaExceededError"));
        }"""
    )
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-part=load]")).to_be_visible()
    page.click("[data-part=load]")
    state(page, "problem")
    expect(page.locator("[data-part=said]")).to_contain_text("There is not enough room")
    phone.context.set_offline(True)
    page.goto(f"{phone.site.url}/g/{codes(phone)[0]}")
    expect(page.locator(".kept")).to_be_visible()


def test_a_forged_manifest_changes_nothing(phone: Visit) -> None:
    def forge(route: Route) -> None:
        answer = route.fetch()
        document = answer.json()
        document["files"][0]["sha256"] = "0" * 64
        route.fulfill(response=answer, body=json.dumps(document))

    phone.context.route("**/manifest.json", forge)
    page = open_pack(phone)
    state(page, "problem")
    expect(page.locator("[data-part=said]")).to_contain_text("not the one of this destination")
    expect(page.locator("[data-part=load]")).to_be_hidden()
    phone.context.unroute("**/manifest.json")

    # A file of other content than its name says is no file of the pack.
    phone.context.route(FILES, lambda route: route.fulfill(body="<h1>Welcome to our Wi-Fi</h1>"))
    page.reload()
    state(page, "offer")
    page.click("[data-part=load]")
    state(page, "problem")
    assert kept(page, "filesHere") == {} or not page.evaluate(
        "caches.open('meguri-pack-files').then((all) => all.keys()).then((keys) => keys.length)"
    )
    phone.context.unroute(FILES)


def test_two_tabs_do_not_load_twice(phone: Visit) -> None:
    asked = count_files(phone.context)
    first, second = open_pack(phone), open_pack(phone)

    held = Held(phone.context)
    first.click("[data-part=load]")
    held.wait(first)
    second.evaluate("document.querySelector('[data-part=load]').click()")  # hidden by now
    expect(second.locator("[data-part=said]")).to_have_text(
        "Another tab of this phone is loading it."
    )
    held.let_go()
    state(first, "ready")
    state(second, "ready")
    assert len(asked) == len(set(asked))


def settled(phone: Visit) -> None:
    """Waits until the pack has been the same for a second."""
    page = phone.open("/pack")
    seen = ""
    for _ in range(20):
        if seen == (seen := manifest(phone)["version"]):
            break
        page.wait_for_timeout(1_000)
    page.close()


def test_a_new_version_during_the_visit_is_small_and_never_mixes(
    phone: Visit, visit: Callable[..., Visit]
) -> None:
    settled(phone)  # what an earlier test put back may still be on its way
    page = loaded(phone)
    before = kept(page, "packOf", "en")["current"]
    code = codes(phone)[7]
    words = f"A text that was written while somebody walked, {time.time_ns()}."
    before_words = publish(visit, code, "en", words)
    for _ in range(100):
        if manifest(phone)["version"] != before["version"]:
            break
        page.wait_for_timeout(50)
    asked = count_files(phone.context)
    held = Held(phone.context)  # the new version is on its way and does not arrive
    page.goto(f"{phone.site.url}/g/{codes(phone)[0]}")
    held.wait(page)
    other = phone.open(f"/g/{code}")
    assert words not in other.inner_text("main")
    assert kept(other, "packOf", "en")["current"]["version"] == before["version"]
    held.let_go()
    until(
        other,
        f"([old]) => ({STORE})(['packOf', 'en']).then((pack) => pack.current.version !== old)",
        before["version"],
    )
    other.reload()
    expect(other.locator("main")).to_contain_text(words)
    after = kept(other, "packOf", "en")["current"]
    sizes = {line["sha256"]: line["bytes"] for line in after["files"]}
    new = set(sizes) - {line["sha256"] for line in before["files"]}
    assert set(asked) == new
    share = (sum(sizes[name] for name in new) + len(json.dumps(after))) / after["bytes"]
    keep_figures("delta", share=round(share, 4), bytes=after["bytes"], files=len(new))
    assert share <= DELTA_AT_MOST
    publish(visit, code, "en", before_words)  # as it was found


def test_a_pack_is_removed_with_everything(phone: Visit) -> None:
    page = loaded(phone)
    page.click("[data-part=remove]")
    expect(page.locator("[data-part=remove]")).to_have_text("Remove it now?")
    page.click("[data-part=remove]")
    state(page, "offer")
    keys = "caches.open('meguri-pack-files').then((all) => all.keys()).then((keys) => keys.length)"
    assert page.evaluate(keys) == 0
    page.goto(f"{phone.site.url}/g/{codes(phone)[0]}")
    assert page.locator(".kept").count() == 0
