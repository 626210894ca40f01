"""A colleague changes the hours of a museum, sees the weeks to come, and meets another one."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.system.browser.conftest import DESK, PHONE, Visit
from tests.system.look import check_axe, look

HERE = "/studio/pois/eco-museum"


def test_hours_are_typed_as_rows_and_taken_back(visit: Callable[..., Visit]) -> None:
    there = visit("ja", PHONE)
    there.sign_in("editor")
    page = there.open(HERE)
    look(page, "studio-poi")
    was = page.locator("#notation").input_value()
    page.locator("#r0-times").fill("10時〜16時")
    page.locator(".poi-row").last.locator("label:has(input[value=Tu])").click()
    page.locator(".poi-row").last.locator("select[name$=kind]").select_option("next-day")
    page.click("button[value=check] >> nth=-1")
    page.wait_for_load_state("domcontentloaded")
    expect(page.locator(".poi-weeks")).to_contain_text("10:00–16:00")
    other = there.open(HERE)
    other.fill("#f-score", "31")
    other.click("button[value=save]")
    other.wait_for_url("**/studio/pois/eco-museum?done=saved**")
    page.click("button[value=save]")
    expect(page.locator("#conflict")).to_contain_text("31")
    there.complaints.clear()  # a page of 409 is what was asked for
    page.click("button[value=save]")
    page.wait_for_url("**?done=saved**")
    expect(page.locator("#notation")).to_have_value("10:00-16:00; Tu off (PH: next day)")
    page.goto(f"{there.site.url}{HERE}?version=1")
    expect(page.locator("#notation")).to_have_value(was)
    page.click("button[value=save]")
    page.wait_for_url("**?done=saved**")


def test_the_list_and_an_import_at_a_desk(visit: Callable[..., Visit]) -> None:
    there = visit("en", DESK)
    there.sign_in("editor")
    page = there.open("/studio/pois")
    look(page, "studio-pois")
    page.goto(f"{there.site.url}/studio/pois/import")
    csv = "名称,名称_英語,開始時間,終了時間\n試しの池,Trial Pond,9:00,17:00\n,,,\n"
    page.set_input_files(
        "#f-file", {"name": "a.csv", "mimeType": "text/csv", "buffer": csv.encode("cp932")}
    )
    page.click("button[value=look]")
    expect(page.locator("input[name=row]")).to_be_checked()
    check_axe(page)
    page.click("button[value=take]")
    page.wait_for_url("**/studio/pois?state=draft&added=1")
    expect(page.locator("main")).to_contain_text("Trial Pond")
