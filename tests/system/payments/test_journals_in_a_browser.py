"""A register's sales file at the office, in a real browser: columns and words chosen, tried, taken,
sent again, and taken back; without JavaScript."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.system.browser.conftest import DESK, Visit, site, visit
from tests.system.look import check_axe, look
from tests.system.payments.test_registers_in_a_browser import practicing

__all__ = ["site", "visit"]  # the browser's fixtures, used here too
pytestmark = [pytest.mark.platform, pytest.mark.browser]
DAY = datetime.now(ZoneInfo("Asia/Tokyo")) - timedelta(days=1)


def file_of(*rows: str) -> FilePayload:
    """A file as the register of a shop writes it: headings of its own, Shift_JIS."""
    text = "\r\n".join(["レシートNo,売上日時,合計金額,取引区分,お支払,元レシート", *rows])
    return {"name": "レジ11月.csv", "mimeType": "text/csv", "buffer": text.encode("cp932")}


def send(page: Page, url: str, shop: str, file: FilePayload) -> None:
    """Begins with a file."""
    page.goto(f"{url}/till/office/journals")
    page.select_option("#f-shop", shop)
    page.fill("[name=register]", "till-1")
    page.set_input_files("[name=file]", file)
    page.click("main form.office-form button")


def test_a_file_is_tried_taken_once_and_taken_back(visit: Callable[..., Visit]) -> None:
    owner = visit("en", size=DESK, java_script_enabled=False)
    owner.sign_in("admin")
    page, url = owner.open("/till/office/journals"), owner.site.url
    shop = practicing(page, url)
    at = f"{DAY:%Y/%m/%d} 10:00"
    rows = [
        f"1,{at},1300,お買上,現金,", f'2,{at},"2,500",お買上,ペイペイ,', f"3,{at},300,返品,現金,1",
        f"4,{at},100,お買上,商品券,", f"5,{at},高い,お買上,現金,", f"6,{at},0,レジ開け,,",
    ]  # fmt: skip
    send(page, url, shop, file_of(*rows))
    look(page, "journals-columns", barriers=False)
    expect(page.locator("table tbody tr")).to_have_count(5)
    page.click("button[value=words]")  # the number's column was nothing a guess knows
    expect(page.locator(".field__error")).to_have_count(1)
    for name, heading in (
        ("number", "レシートNo"), ("time", "売上日時"), ("amount", "合計金額"),
        ("status", "取引区分"), ("tender", "お支払"), ("reference", "元レシート"),
    ):  # fmt: skip
        page.select_option(f"[name=column_{name}]", heading)
    page.click("button[value=words]")
    words = dict(zip(
        page.locator(".office-way label").all_inner_texts(),
        page.locator(".office-way select").all(), strict=True,
    ))  # fmt: skip
    words["お買上"].select_option("sale")
    words["レジ開け"].select_option("skip")
    words["ペイペイ"].select_option("code_payment")
    assert words["返品"].input_value() == "refund"
    assert words["現金"].input_value() == "cash_record"
    look(page, "journals-words", barriers=False)
    page.click("button[value=try]")
    badges = page.locator("tbody .badge")
    expect(badges).to_have_count(6)  # every row says what becomes of it
    assert page.locator("tbody .badge--bad").count() == 2
    expect(page.locator(".office-tiles .figure__value")).to_have_text(
        ["3", "¥3,800", "¥300", "2", "0", "1"]
    )
    look(page, "journals-report", barriers=False)
    page.click("button[value=take]")
    expect(page.locator(".notice--ok")).to_be_visible()
    send(page, url, shop, file_of(*rows))  # the columns of the last file are known now
    page.click("button[value=words]")
    page.click("button[value=try]")
    expect(page.locator(".office-tiles .figure__value")).to_have_text(
        ["0", "¥0", "¥0", "2", "3", "1"]
    )
    assert page.locator("button[value=take]").count() == 0
    page.goto(f"{url}/till/office/journals")
    look(page, "journals-list", barriers=False)
    page.click("a[href$='/undo'] >> nth=0")
    look(page, "journals-undo", barriers=False)
    expect(page.locator("tbody tr")).to_have_count(2)  # the sale that came back, and its return
    page.click("main form button.button--bad")
    expect(page.locator(".notice--ok")).to_be_visible()
    assert all("status of 422" in each for each in owner.complaints), owner.complaints
    owner.complaints.clear()


def test_its_pages_shut_nobody_out(visit: Callable[..., Visit]) -> None:
    owner = visit("ja")
    owner.sign_in("admin")
    page, url = owner.open("/till/office/journals"), owner.site.url
    check_axe(page)
    shop = practicing(page, url)
    send(page, url, shop, file_of(f"1,{DAY:%Y/%m/%d},1300,売上,現金,"))
    check_axe(page)
    for name, heading in (("number", "レシートNo"), ("time", "売上日時"), ("amount", "合計金額")):
        page.select_option(f"[name=column_{name}]", heading)
    page.click("button[value=words]")
    check_axe(page)
    page.click("button[value=try]")
    check_axe(page)
    page.click("button[value=take]")
    check_axe(page)
    page.goto(f"{url}/till/office/journals")
    page.click("a[href$='/undo'] >> nth=0")
    check_axe(page)
