"""A sheet and a file of weather are looked at, corrected, kept and taken back, without scripts."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.system.browser.conftest import DESK, PHONE, Visit
from tests.system.look import check_axe, look
from tests.unit.insights.imported_made import jma_daily, spots, xlsx

PAGE = "/insights/imports"


def send(page: Page, name: str, content: bytes) -> None:
    page.set_input_files(
        "#f-file", {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="Look at the file").click()


def test_a_sheet_is_corrected_kept_and_taken_back(visit: Callable[..., Visit]) -> None:
    there = visit("en", PHONE, java_script_enabled=False)
    there.sign_in("analyst")
    page = there.open(PAGE)
    send(page, "old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    expect(page.locator("#f-file-error")).to_contain_text("old Excel file")
    there.complaints.clear()  # a page of 422 is what was asked for
    rows = spots()
    rows[4][3] = "about 200"
    send(page, "spots.xlsx", xlsx(rows))
    page.wait_for_url("**/drafts/*")
    expect(page.locator("#figures + p")).to_contain_text("秋芳洞")
    page.fill("#f-measure", "観光客数")
    page.get_by_role("button", name="Look again").click()
    expect(page.locator("#figures + p")).to_contain_text("観光客数")
    page.get_by_role("button", name="Keep these figures").click()
    expect(page.locator("#f-source-error")).to_be_visible()
    expect(page.locator("#f-leave_out-error")).to_be_visible()
    there.complaints.clear()
    page.fill("#f-source", "Tourism section")
    page.check("#f-leave_out")
    page.get_by_role("button", name="Keep these figures").click()
    page.wait_for_url("**done=kept**")
    expect(page.locator("main")).to_contain_text("Tourism section")
    page.get_by_role("button", name="Take back").first.click()
    page.wait_for_url("**done=undone**")
    expect(page.locator("main")).to_contain_text("taken back")


def test_every_page_can_be_read_by_everybody(visit: Callable[..., Visit]) -> None:
    there = visit("en", DESK)
    there.sign_in("analyst")
    page = there.open(PAGE)
    send(page, "spots.xlsx", xlsx(spots("令和5年度")))
    page.wait_for_url("**/drafts/*")
    look(page, "imports-sheet")
    page.fill("#f-source", "Tourism section")
    page.get_by_role("button", name="Keep these figures").click()
    page.wait_for_url("**done=kept**")
    send(page, "data.csv", jma_daily(days=14).encode("cp932"))
    page.wait_for_url("**/drafts/*")
    look(page, "imports-weather-draft")
    if page.get_by_role("button", name="Keep these figures").count():
        page.get_by_role("button", name="Keep these figures").click()
        page.wait_for_url("**done=kept**")
    for name in ("", "/weather", "/months", "/help"):
        page = there.open(f"{PAGE}{name}")
        look(page, f"imports{name.replace('/', '-')}")
        check_axe(page)
    with page.expect_download() as loading:
        page.goto(f"{there.site.url}{PAGE}")
        page.get_by_role("link", name="CSV").first.click()
    assert loading.value.path().read_text(encoding="utf-8-sig").startswith("date,station,")
