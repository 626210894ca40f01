"""The page of today: a word written at the studio is at the stop within a second, and is undone."""

import time
from collections.abc import Callable

from playwright.sync_api import expect

from tests.system.browser.conftest import PHONE, Visit
from tests.system.browser.test_staff import VISIBLE_WITHIN_S, wait_until_shown
from tests.system.browser.test_visitor import SAUCERS, code_of
from tests.system.look import check_axe, look, shoot


def test_a_note_is_at_the_stop_within_a_second_and_taken_back(visit: Callable[..., Visit]) -> None:
    editor = visit("ja", size=PHONE)
    editor.sign_in("editor")
    code = code_of(editor, SAUCERS)
    page = editor.open("/studio/today")
    page.fill("#place-narrow", "百枚")
    expect(page.locator("#place option:checked")).to_have_text("百枚皿")
    page.fill("#place-narrow", "秋芳洞")
    assert page.locator("#place option").count() < 12, (
        "only names with these letters, and the chosen"
    )
    page.fill("#place-narrow", "くろたに")  # the reading of a gate alone: its stop is not offered
    expect(page.locator("#place option:checked")).to_have_text("秋芳洞 黒谷口")
    page.select_option("#reason", value="flood")
    page.check("[name=until][value='1h']")
    page.click("form[action='/studio/today/preview'] button")
    page.wait_for_selector(".today-touched")
    check_axe(page)
    shoot(page, "today-touched")
    page.click(".today-touched a.button")

    reader = visit("zh-TW,zh;q=0.9").open(f"/g/{code}")
    words = f"本日の最終バスは16時20分です。{time.time_ns()}"
    page.fill("#note-text", words)
    page.click("form[action='/studio/today/notes'] button")
    page.wait_for_selector(".notice--ok")
    url = f"{editor.site.url}/g/{code}"
    assert wait_until_shown(reader, url, words) <= VISIBLE_WITHIN_S
    look(page, "today-noted")
    reader.reload()
    note = reader.locator(".day-note", has_text=words)
    expect(note.locator("p[lang=ja]")).to_have_text(words)
    check_axe(reader)
    shoot(reader, "stop-noted")
    # A page that is left open past midnight: its end is taken for over.
    note.evaluate("(note) => { note.dataset.noteUntil = '2026-01-01T00:00:00Z'; }")
    reader.evaluate("dispatchEvent(new Event('pageshow'))")
    expect(note).to_have_count(0)

    page.locator(".today-note", has_text=words).locator("button").click()
    page.wait_for_url("**/studio/today")
    started = time.monotonic()
    while words in reader.request.get(url).text():
        assert time.monotonic() - started < VISIBLE_WITHIN_S
        time.sleep(0.02)
