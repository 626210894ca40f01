"""The KPI book from an empty one to an edition for the council, in a browser without scripts."""

import io
from collections.abc import Callable
from datetime import date

import pypdf
from playwright.sync_api import expect

from tests.system.browser.conftest import DESK, PHONE, Visit
from tests.system.look import check_axe, look

BOOK = "/insights/kpi"
ONE = f"{BOOK}/one/foreign_stays"


def test_a_book_is_begun_filled_and_frozen(visit: Callable[..., Visit]) -> None:
    there = visit("en", PHONE)
    there.sign_in("analyst")
    page = there.open(BOOK)
    usual = page.get_by_role("button", name="Begin with the usual ones")
    if usual.count():  # asked again on the same platform it is there already
        check_axe(page)
        usual.click()
        page.wait_for_url(f"**{BOOK}")
    look(page, "kpi-book")

    page.goto(f"{there.site.url}{ONE}/settings")
    page.fill("#f-target", "many")
    page.fill("#f-target_year", "2030")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#f-target-error")).to_be_visible()
    there.complaints.clear()  # a page of 422 is what was asked for
    check_axe(page)
    page.fill("#f-baseline", "625")
    page.fill("#f-baseline_year", "2017")
    page.fill("#f-target", "1,570")
    page.fill("#f-owner", "Tourism section")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**{ONE}?done=1")

    this_year = date.today().year  # noqa: DTZ011 - the fiscal years before are over in any zone
    for back, value in ((4, "800"), (3, "880"), (2, "990")):
        page.goto(f"{there.site.url}{ONE}?year={this_year - back}")
        page.fill("#f-value", value)
        page.fill("#f-source", "accommodation survey")
        page.get_by_role("button", name="Enter", exact=True).click()
        page.wait_for_url("**&done=1")
    expect(page.locator("main")).to_contain_text("makes")
    expect(page.locator("main")).to_contain_text("Entered by")
    look(page, "kpi-one")
    page.get_by_role("button", name=f"Take back: FY {this_year - 4}").click()
    page.wait_for_url("**&done=1")
    page.get_by_role("link", name=f"Enter again: FY {this_year - 4}").first.click()
    expect(page.locator("#f-value")).to_have_value("800")
    check_axe(page)
    page.get_by_role("button", name="Enter", exact=True).click()
    page.wait_for_url("**&done=1")

    page.goto(f"{there.site.url}{BOOK}/frame?year={this_year - 2}")
    page.fill("#f-shops", "61")
    page.fill("#f-label-0", "mobile line")
    page.fill("#f-yen-0", "120,000")
    check_axe(page)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**&done=1")
    expect(page.locator("main")).to_contain_text("0 of 61 shops")
    if page.locator("#f-note").count():
        page.fill("#f-note", "December session")
        page.get_by_role("button", name="Freeze edition 1").click()
        page.wait_for_url("**/editions/*/1")
    else:
        page.goto(f"{there.site.url}{BOOK}/editions/{this_year - 2}/1")
    look(page, "kpi-edition")
    with page.expect_download() as loading:
        page.get_by_role("link", name="PDF").click()
    paper = pypdf.PdfReader(io.BytesIO(loading.value.path().read_bytes()))
    text = " ".join(paper.pages[0].extract_text().split())
    assert "Edition 1" in text
    assert "990 nights" in text

    later = visit("ja", DESK)
    later.sign_in("accountant")
    page = later.open(f"{BOOK}?year={this_year - 2}")
    expect(page.locator("main")).to_contain_text("最新の版は、今の台帳と同じ内容です。")
    check_axe(page)
