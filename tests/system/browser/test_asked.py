"""A code that leads nowhere: opened by visitors, on the studio's list, done, and taken back."""

import uuid
from collections.abc import Callable

from playwright.sync_api import expect

from kit.pure.suppression import K
from services.multilingual.domain import stop_code as codes
from tests.system.browser.conftest import PHONE, Visit
from tests.system.look import check_axe, look, until


def test_a_code_of_an_old_sign_is_told_from_ten_times_on(visit: Callable[..., Visit]) -> None:
    lost = codes.make("lost", str(uuid.uuid4()), 0)
    editor = visit("ja", size=PHONE)
    editor.sign_in("editor")
    visitor = visit("en").open("/")
    for _ in range(K - 1):
        assert visitor.request.get(f"{editor.site.url}/g/{lost}").status == 404
    page = editor.open("/studio/asked")
    assert lost not in page.content()
    visitor.goto(f"{editor.site.url}/g/{lost}")
    until(
        page,
        "([id]) => fetch('/studio/asked').then((answer) => answer.text())"
        '.then((page) => page.includes(`id="${id}"`))',
        f"code-{lost}",
    )
    page.reload()
    item = page.locator(f"#code-{lost}")
    expect(item).to_contain_text("10回以上")
    look(page, "asked")
    item.locator("summary").click()
    check_axe(page)
    item.locator("button[value=done]").click()
    page.wait_for_selector(".asked-just")
    expect(item).to_have_count(0)
    check_axe(page)
    page.locator(".asked-just button").click()
    page.wait_for_url("**/studio/asked")
    expect(item).to_have_count(1)
    item.locator("summary").click()
    item.locator("[name=reason]").fill("冬に取り替えます")
    item.locator("button[value=put-off]").click()
    page.wait_for_selector(".asked-just")
    expect(item).to_have_count(0)
