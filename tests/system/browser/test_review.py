"""A text goes from the desk to a reader outside and to visitors; drafts are read one by one."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import DESK, PHONE, Visit
from tests.system.browser.phones import codes
from tests.system.look import check_axe, look

pytestmark = [pytest.mark.platform, pytest.mark.browser]
STOP, LOCALE = 11, "ko"


def choose(page: Page, visit: Visit, policy: str) -> None:
    page.goto(f"{visit.site.url}/studio/drafts")
    page.select_option(f"#policy-{LOCALE}", policy)
    page.locator("form", has=page.locator(f"#policy-{LOCALE}")).locator("button").click()
    expect(page.locator(".notice--ok")).to_be_visible()


def test_a_reader_outside_approves_what_an_editor_handed_in(visit: Callable[..., Visit]) -> None:
    admin = visit("ja", size=DESK)
    admin.sign_in("admin")
    chief = admin.open("/studio/drafts")
    choose(chief, admin, "outside")
    look(chief, "studio-policies")
    editor = visit("ja", size=DESK)
    editor.sign_in("editor")
    code = codes(editor)[STOP]
    desk = f"{editor.site.url}/studio/{code}/{LOCALE}"
    page = editor.open(f"/studio/{code}/{LOCALE}")
    field = page.locator("textarea[name^=text-]").first
    before = field.input_value()
    shown = int(page.locator("[name=published_revision]").first.input_value())
    field.fill(f"{before} 확인을 부탁드립니다.")
    page.fill("#note", "最後の一文を見てください。")
    page.click("button[value=hand-in]")
    expect(page.locator(".notice--ok")).to_be_visible()
    page.locator("form[action$='/link'] button").last.click()
    link = page.locator("#link-1").input_value()
    assert "/studio/read/" not in page.url
    check_axe(page)

    chief.goto(f"{admin.site.url}/studio/drafts/{LOCALE}")
    look(chief, "studio-drafts")
    chief.click(f"a[href$='/{LOCALE}/{code}']")
    look(chief, "studio-draft")

    reader = visit("ko", size=PHONE).open(link.removeprefix(editor.site.url))
    expect(reader.locator("main")).to_contain_text("확인을 부탁드립니다.")
    look(reader, "studio-linked")
    reader.click("button[value=approve]")
    expect(reader.locator(".notice--ok")).to_be_visible()
    assert reader.request.get(link).status == 410
    assert (
        "확인을 부탁드립니다."
        in reader.request.get(f"{editor.site.url}/g/{code}?locale={LOCALE}").text()
    )

    # As it was: what visitors have seen may come back at once.
    page.goto(desk)
    expect(page.locator(".studio-history")).to_contain_text("外部の人がリンクから確認済み")
    page.locator("form", has=page.locator(f"[name=revision][value='{shown}']")).locator(
        "button"
    ).click()
    expect(page.locator(".notice--ok")).to_be_visible()
    choose(chief, admin, "open")
