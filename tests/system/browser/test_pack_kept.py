"""Pages opened from the phone: scanned, typed, in other languages, with closures heard meanwhile;
and whoever is inside of an app is offered the browser before."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import DESK, Visit
from tests.system.browser.phones import (
    STORE,
    codes,
    loaded,
    open_pack,
    phone,
    phone_in,
    state,
)
from tests.system.browser.test_visitor import SAUCERS, code_of
from tests.system.look import check_axe, shoot

# Platforms and browsers of several workers share two cores.
pytestmark = [pytest.mark.platform, pytest.mark.browser]
__all__ = ["phone", "phone_in"]

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
    for back in ("https://elsewhere.example/", "//elsewhere.example/", "http://"):
        page.eval_on_selector("[name=back]", "(field, back) => field.value = back", back)
        page.click(".language summary")
        page.click("[name=locale][value=zh-Hant]")
        page.wait_for_url(f"{phone.site.url}/g/")
        page.goto(f"{phone.site.url}/g/{code}")
    page.click(".language summary")
    page.click("[name=locale][value=en]")
    page.wait_for_selector("html[lang=en]")
    page.click(".language summary")
    page.click("[name=locale][value=ko]")
    expect(page.locator("h1")).to_have_text("This needs signal")
    check_axe(page)
    phone.context.set_offline(False)


def test_a_closure_and_a_note_reach_a_kept_page_and_their_end_too(
    phone: Visit, visit: Callable[..., Visit]
) -> None:
    page = loaded(phone)
    admin = visit("ja", size=DESK)
    admin.sign_in("admin")
    desk = admin.open("/admin")
    place = desk.locator("#place option", has_text="黒谷").first
    desk.select_option("#place", value=place.get_attribute("value"))
    desk.select_option("#reason", value="flood")
    desk.check("[name=until][value='3h']")
    desk.click("form[action='/admin/closures'] button")
    desk.wait_for_selector(".notice--ok")
    desk.goto(f"{admin.site.url}/studio/today")
    desk.select_option("#note-place", label="百枚皿")
    desk.fill("#note-text", "水が多く、青く見えます。")
    desk.click("form[action='/studio/today/notes'] button")
    desk.wait_for_selector(".notice--ok")
    page.wait_for_timeout(3_000)  # closures are asked for every three seconds at most
    notice = page.locator("[data-kept-notices] .notice--bad")
    said = page.locator("[data-kept-notices] .day-note", has_text="水が多く、青く見えます。")
    saucers = code_of(phone, SAUCERS)
    elsewhere = next(each for each in codes(phone) if each != saucers)
    page.goto(f"{phone.site.url}/g/{elsewhere}")
    expect(notice).to_contain_text("High water")  # on the page that is open already
    expect(said).to_have_count(0)  # what is said of one stop stands there alone
    page.goto(f"{phone.site.url}/g/{saucers}")
    expect(said.locator("p[lang=ja]")).to_be_visible()
    check_axe(page)
    shoot(page, "pack-closed-en")
    phone.context.set_offline(True)
    page.reload()
    expect(notice).to_contain_text("as of")
    expect(said).to_have_count(1)
    page.goto(f"{phone.site.url}/safety")
    expect(page.locator("[data-closed]:visible")).to_have_count(1)
    expect(page.locator("li", has_text="Kurotani").locator("[data-closed]")).to_have_text("Closed")
    expect(page.locator("[data-closed-any]")).to_be_visible()
    check_axe(page)
    shoot(page, "pack-safety-closed-en")
    for told in ("黒谷", "水が多く"):
        desk.locator(".shut", has_text=told).locator("button").click()
        desk.wait_for_url("**/studio/today")
        expect(desk.locator(".shut", has_text=told)).to_have_count(0)
    phone.context.set_offline(False)
    page.wait_for_timeout(3_000)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(notice).to_have_count(0)
    expect(said).to_have_count(0)
    expect(page.locator("[data-closed]:visible")).to_have_count(0)
    expect(page.locator("[data-closed-any]")).to_be_hidden()


def test_the_pages_have_no_barriers(phone_in: Callable[..., Visit]) -> None:
    phone = phone_in("de")  # the longest words
    code = codes(phone)[4]
    page = open_pack(phone)
    shoot(page, "pack-offer")
    page.click("[data-part=load]")
    state(page, "ready")
    check_axe(page)
    shoot(page, "pack-ready")
    phone.context.set_offline(True)
    for name, path in {
        "stop": f"/g/{code}", "stops": "/g/", "safety": "/safety", "scan": "/scan",
        "elsewhere": "/map", "mistyped": f"/g/{code[:4]}0",
    }.items():  # fmt: skip
        page.goto(phone.site.url + path)
        page.wait_for_load_state()
        check_axe(page)
        shoot(page, f"pack-{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.mark.parametrize("language", ["en", "zh-TW"])
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
