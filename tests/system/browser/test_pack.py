"""The guide where there is no signal, in a real browser.

The pack is loaded from a platform of this file's own; then the network is cut and the platform is
ended, and every stop must open from the phone. Broken loads, a full phone, a new version during the
visit and two tabs must neither mix versions nor lose what was there. Scans made meanwhile arrive
exactly once: sent a second time by hand, the guide must know every one of them already.
"""

import json
import re
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.platform import Platform, running
from tests.system.browser.conftest import DESK, SHOTS, Site, Visit, check_axe, shoot

# It starts a platform, ends it and starts it again, beside others that do the same.
pytestmark = [pytest.mark.platform, pytest.mark.browser, pytest.mark.timeout(300)]

OPENS_WITHIN_MS = 150.0
DELTA_AT_MOST = 0.05
BROKEN_AT = 0.4
FILES = re.compile(r"/packs/mine/[^/]+/files/")
SAUCERS = "百枚皿"
# What the page's own store answers.
STORE = """async (path) => {
  const store = await import(document.querySelector("link[href*='/static/']").href
    .replace(/\\/static\\/([^/]+)\\/.*/, "/static/$1/visitor/pack/store.js"));
  return store[path[0]](...path.slice(1));
}"""
# A sign in front of the camera: the drawing of its code becomes the camera's picture.
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  canvas.width = 800; canvas.height = 600;
  const context = canvas.getContext("2d");
  const sign = new Image();
  if (localStorage.getItem("sign")) sign.src = "data:image/svg+xml," + encodeURIComponent(localStorage.getItem("sign"));
  const draw = () => {
    context.fillStyle = "#ffffff"; context.fillRect(0, 0, 800, 600);
    if (sign.complete && sign.naturalWidth) context.drawImage(sign, 180, 80, 440, 440);
    requestAnimationFrame(draw);
  };
  draw();
  return canvas.captureStream(15);
};
"""  # noqa: E501 - a script reads best unbroken


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform that these tests may end and change."""
    with running(tmp_path_factory.mktemp("pack") / "data") as started:
        yield started


@pytest.fixture
def site(town: Platform) -> Site:
    """This file's platform in place of the shared one."""
    return Site(town.url, town.state["first_logins"])


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """How long a step may take where several platforms share two cores."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def phone_in(visit: Callable[..., Visit]) -> Iterator[Callable[..., Visit]]:
    """Call it with a language header: a phone. Its network is broken on purpose, so complaints of
    the browser about that are none."""
    made: list[Visit] = []

    def start(language: str, **options: Any) -> Visit:
        made.append(visit(language, has_touch=True, **options))
        made[-1].context.set_default_timeout(30_000)
        return made[-1]

    yield start
    for each in made:
        each.complaints[:] = [text for text in each.complaints if "net::ERR_" not in text]


@pytest.fixture
def phone(phone_in: Callable[..., Visit]) -> Visit:
    """A phone that speaks English."""
    return phone_in("en")


def open_pack(phone: Visit) -> Page:
    """The page of the pack, once it knows how things stand."""
    page = phone.open("/pack")
    expect(page.locator("[data-pack]")).to_have_attribute("data-ready", "yes")
    return page


def state(page: Page, name: str) -> None:
    expect(page.locator("[data-part=card]")).to_have_attribute("data-state", name, timeout=30_000)


def loaded(phone: Visit) -> Page:
    """A phone with the whole pack."""
    page = open_pack(phone)
    page.click("[data-part=load]")
    state(page, "ready")
    page.wait_for_function("navigator.serviceWorker.controller")
    return page


def kept(page: Page, name: str, *given: Any) -> Any:
    """What the phone's store answers."""
    return page.evaluate(STORE, [name, *given])


def codes(phone: Visit) -> list[str]:
    stops = phone.context.request.get(phone.site.url + "/api/v1/stops").json()["stops"]
    return [str(stop["stop_code"]) for stop in stops]


def manifest(phone: Visit, locale: str = "en") -> dict[str, Any]:
    found = phone.context.request.get(f"{phone.site.url}/packs/mine/{locale}/manifest.json")
    answer: dict[str, Any] = found.json()
    return answer


def count_files(context: BrowserContext) -> list[str]:
    """Returns a list that grows by the name of every file that is asked for."""
    asked: list[str] = []
    context.on(
        "request",
        lambda request: (
            asked.append(request.url.rpartition("/")[2]) if FILES.search(request.url) else None
        ),
    )
    return asked


class Held:
    """Files that are asked for and do not arrive until they are let go."""

    def __init__(self, context: BrowserContext) -> None:
        self.routes: list[Route] = []
        self._free = False
        context.route(FILES, self._hold)

    def _hold(self, route: Route) -> None:
        if self._free:
            route.continue_()
        else:
            self.routes.append(route)

    def wait(self, page: Page) -> None:
        """Waits until a file is asked for."""
        for _ in range(400):
            if self.routes:
                return
            page.wait_for_timeout(50)
        raise AssertionError("no file was asked for")

    def let_go(self) -> None:
        self._free = True
        for route in self.routes:
            route.continue_()


def spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "median_ms": round(statistics.median(ordered)),
        "p90_ms": round(ordered[len(ordered) * 9 // 10]),
        "worst_ms": round(ordered[-1]),
    }


def keep_figures(name: str, **figures: float) -> None:
    """Writes figures down beside the pictures, for people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    (SHOTS / f"pack-{name}.json").write_text(json.dumps(figures) + "\n")


def test_a_pack_that_broke_off_goes_on_with_what_is_missing(phone: Visit) -> None:
    asked = count_files(phone.context)
    files = {line["sha256"] for line in manifest(phone)["files"]}
    page = open_pack(phone)
    shoot(page, "pack-offer-en")
    check_axe(page)
    expect(page.locator("[data-part=counts]")).to_contain_text("Texts: 57 · recordings: 0 · 1.1 MB")
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


def publish(visit: Callable[..., Visit], code: str, locale: str, words: str) -> None:
    """Has an editor put a text before visitors."""
    editor = visit("ja", size=DESK)
    editor.context.set_default_timeout(30_000)
    editor.sign_in("editor")
    page = editor.open(f"/studio/{code}/{locale}")
    page.locator("textarea[name^=text-]").first.fill(words)
    page.click("button[name=action][value=publish]")
    page.wait_for_selector(".notice--ok")


def test_a_new_version_during_the_visit_is_small_and_never_mixes(
    phone: Visit, visit: Callable[..., Visit]
) -> None:
    page = loaded(phone)
    before = kept(page, "packOf", "en")["current"]
    code = codes(phone)[7]
    words = f"A text that was written while somebody walked, {time.time_ns()}."
    publish(visit, code, "en", words)
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
    other.wait_for_function(
        f"(old) => ({STORE})(['packOf', 'en']).then((pack) => pack.current.version !== old)",
        arg=before["version"],
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


def test_the_camera_inside_the_page_opens_a_stop_without_signal(phone: Visit) -> None:
    phone.context.add_init_script(CAMERA)
    page = loaded(phone)
    code = codes(phone)[3]
    sign = phone.context.request.get(f"{phone.site.url}/g/{code}/qr.svg").text()
    phone.context.set_offline(True)
    page.goto(phone.site.url + "/scan")
    check_axe(page)
    page.evaluate("(sign) => localStorage.setItem('sign', sign)", sign)
    page.click("[data-part=start]")
    page.wait_for_url(f"**/g/{code}")
    expect(page.locator(".kept")).to_be_visible()


def test_what_is_typed_is_understood_without_signal(phone: Visit) -> None:
    page = loaded(phone)
    code = codes(phone)[2]
    wrong = code[:4] + ("2" if code[4] != "2" else "3")
    phone.context.set_offline(True)
    page.goto(phone.site.url + "/g/")
    page.fill("[name=q]", code.lower())
    page.click(".code-form button")
    page.wait_for_url(f"**/g/{code}")
    for typed, heading, rows in (
        (wrong, "This code does not lead anywhere", 1),
        ("pillar", "Found stops", 2),
        ("<b>nothing", "Nothing is called that here", 0),
    ):
        page.goto(phone.site.url + "/scan")
        page.fill("[name=q]", typed)
        page.click(".code-form button")
        expect(page.locator("h1")).to_have_text(heading)
        assert page.locator("main .list-row").count() >= rows
        check_axe(page)
    expect(page.locator("main p.muted")).to_have_text("<b>nothing")  # a text, not a mark-up


def test_the_phones_rules_for_codes_are_those_of_the_guide(phone: Visit) -> None:
    page = open_pack(phone)
    from services.multilingual.domain import stop_code  # noqa: PLC0415 - compared with the page's

    typed = [
        *codes(phone)[:12],
        "ABCDE",
        "00000",
        "8htdb",
        "８ＨＴＤＢ",
        "8-H T DB",
        "ILO10",
        "UUUUU",
    ]
    typed += [code[1] + code[0] + code[2:] for code in codes(phone)[:12]]
    script = STORE.replace("store.js", "codes.js").replace(
        "return store[path[0]](...path.slice(1));",
        "return path.map((each) => { const code = store.plain(each);"
        " return store.isRight(code) ? code : null; });",
    )
    expected: list[str | None] = []
    for each in typed:
        try:
            expected.append(stop_code.read(each))
        except stop_code.StopCodeMistyped:
            expected.append(None)
    assert page.evaluate(script, typed) == expected
    assert None in expected


def test_languages_that_are_here_can_be_changed_without_signal(phone: Visit) -> None:
    page = loaded(phone)
    code = codes(phone)[1]
    page.click(".language summary")
    page.click("[name=locale][value=zh-Hant]")
    page.wait_for_selector("html[lang=zh-Hant]")
    page.click("[data-part=load]")
    state(page, "ready")
    phone.context.set_offline(True)
    page.goto(f"{phone.site.url}/g/{code}")
    assert page.get_attribute("html", "lang") == "zh-Hant"
    page.click(".language summary")
    page.click("[name=locale][value=en]")
    page.wait_for_selector("html[lang=en]")
    assert page.url.endswith(f"/g/{code}")
    page.click(".language summary")
    page.click("[name=locale][value=ko]")
    expect(page.locator("h1")).to_have_text("This needs signal")
    check_axe(page)
    phone.context.set_offline(False)


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


def test_a_closure_reaches_a_kept_page_and_its_end_too(
    phone: Visit, visit: Callable[..., Visit]
) -> None:
    page = loaded(phone)
    admin = visit("ja", size=DESK)
    admin.context.set_default_timeout(30_000)
    admin.sign_in("admin")
    desk = admin.open("/admin")
    place = desk.locator("#place option", has_text="黒谷").first
    desk.select_option("#place", value=place.get_attribute("value"))
    desk.select_option("#reason", value="flood")
    desk.check("[name=until][value='3h']")
    desk.click("form[action='/admin/closures'] button")
    desk.wait_for_selector(".notice--ok")
    page.wait_for_timeout(3_000)  # closures are asked for every three seconds at most
    notice = page.locator("[data-kept-notices] .notice")
    page.goto(f"{phone.site.url}/g/{codes(phone)[5]}")
    expect(notice).to_contain_text("High water")  # on the page that is open already
    check_axe(page)
    shoot(page, "pack-closed-en")
    phone.context.set_offline(True)
    page.reload()
    expect(notice).to_contain_text("as of")
    desk.locator(".shut button").first.click()
    desk.wait_for_url("**/admin*")
    phone.context.set_offline(False)
    page.wait_for_timeout(3_000)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(notice).to_have_count(0)


@pytest.mark.parametrize(("language", "locale"), [("ja", "ja"), ("en", "en"), ("zh-TW", "zh-Hant")])
def test_the_pages_have_no_barriers(
    phone_in: Callable[..., Visit], language: str, locale: str
) -> None:
    phone = phone_in(language)
    code = codes(phone)[4]
    page = open_pack(phone)
    shoot(page, f"pack-offer-{locale}")
    page.click("[data-part=load]")
    state(page, "ready")
    check_axe(page)
    shoot(page, f"pack-ready-{locale}")
    phone.context.set_offline(True)
    for name, path in {
        "stop": f"/g/{code}", "stops": "/g/", "safety": "/safety", "scan": "/scan",
        "elsewhere": "/map", "mistyped": f"/g/{code[:4]}0",
    }.items():  # fmt: skip
        page.goto(phone.site.url + path)
        page.wait_for_load_state()
        check_axe(page)
        shoot(page, f"pack-{name}-{locale}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.mark.parametrize("language", ["ja", "en", "zh-TW"])
def test_an_apps_window_is_left_before_anything_is_loaded(
    phone_in: Callable[..., Visit], language: str
) -> None:
    agent = "Mozilla/5.0 (Linux; Android 15; wv) AppleWebKit/537.36 Mobile Line/15.1.0/IAB"
    inside = phone_in(language, user_agent=agent)
    page = inside.open(f"/g/{codes(inside)[0]}")
    assert "openExternalBrowser=1" in str(page.get_attribute("main a.button", "href"))
    check_axe(page)
    shoot(page, f"in-app-{language}")
    page.click("main form button")
    expect(page.locator(".stop h1")).to_be_visible()


def test_every_stop_opens_after_the_server_has_ended_and_scans_arrive_once(
    phone: Visit, town: Platform
) -> None:
    page = loaded(phone)
    every = codes(phone)
    port = town.port("edge")
    phone.context.set_offline(True)
    town.down()
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
    waiting = kept(page, "waitingScans", 500)
    assert len(waiting) == len(every) + 1
    assert {scan["stop_code"] for scan in waiting} == set(every)
    assert all(scan["offline"] for scan in waiting[: len(every)])

    town.up_again(port)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_function(f"() => ({STORE})(['countScans']).then((left) => left === 0)")
    headers = {"Content-Type": "application/json", "Origin": phone.site.url}
    again = phone.context.request.post(
        f"{phone.site.url}/api/v1/scans", headers=headers, data=json.dumps({"scans": waiting})
    ).json()
    assert (again["recorded"], again["repeated"]) == (0, len(waiting))
