"""The back office in a real browser: a shop is set up, sells, is closed, compared and settled; no
accessibility violation on any page, at the desk and on a phone."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import DESK, PHONE, Visit, site, visit
from tests.system.look import check_axe, look

__all__ = ["site", "visit"]  # the browser's fixtures, used here too
pytestmark = [pytest.mark.platform, pytest.mark.browser]

NEW = f"shop-{datetime.now(ZoneInfo('Asia/Tokyo')):%m%d%H%M%S}"
PRODUCTS = (
    "コード,商品名,税込価格,税率,ボタン\nM1,鍾乳石まんじゅう,800,8,1\nP1,大理石の皿,3300,10,2\n"
)


@pytest.fixture
def admin(visit: Callable[..., Visit]) -> Visit:
    """The association's own login, at a desk."""
    known = visit("ja", size=DESK)
    known.sign_in("admin")
    return known


def set_up(page: Page, url: str) -> None:
    """Walks the wizard to a live shop with two products, a clerk and a practice sale."""
    page.goto(f"{url}/till/office/setup?step=basics")
    page.fill("[name=name_ja]", "めぐりぢゃや")
    page.fill("[name=registration_number]", "T8000012050002")
    look(page, "office-setup-basics")
    page.click("main form button")
    expect(page.locator("[name=shop_place_id]")).to_have_value(re.compile("shop-megurijaya"))
    look(page, "office-setup-short-name")
    page.fill("[name=shop_place_id]", NEW)
    page.fill("[name=name_ja]", "巡り茶屋")
    page.click("main form button")
    expect(page.locator(".notice--warn")).to_contain_text("検査数字")
    page.fill("[name=text]", PRODUCTS.replace("800", "八百"))
    page.click("main form button")
    expect(page.locator("#f-file-error")).to_contain_text("2 行目：「税込価格」")
    page.fill("[name=text]", PRODUCTS)
    page.click("main form button")
    expect(page.locator("tbody tr")).to_have_count(2)
    look(page, "office-setup-products")
    page.click("a:has-text('次へ')")
    page.select_option("select[name$=':other_device'] >> nth=0", "1")
    page.select_option("select[name$=':other_device:paid'] >> nth=0", "month")
    look(page, "office-setup-contracts")
    page.click("main form button")
    page.fill("[name=display_name]", "花子")
    page.fill("[name=pin]", "1111")
    page.click("main form button >> nth=-1")
    expect(page.locator(".field__error")).to_be_visible()
    page.fill("[name=pin]", "7302")
    page.click("main form button >> nth=-1")
    expect(page.locator(".list-row__title")).to_have_text("花子")
    look(page, "office-setup-clerks")
    page.click("a:has-text('次へ')")
    page.click("button:has-text('練習の会計')")
    expect(page.locator(".notice--ok")).to_contain_text("練習の会計ができました")
    look(page, "office-setup-practice")
    page.click("button:has-text('本番')")
    expect(page.locator(".notice--ok")).to_contain_text("本番中")


def sell(page: Page, url: str, amount_yen: int, pay: str) -> None:
    """Takes a sale at the till."""
    page.goto(f"{url}/till?shop={NEW}")
    if page.locator("[name=pin]").count():  # a shop with clerks opens by PIN
        page.click(".till-people__one:has-text('花子')")
        page.fill("[name=pin]", "7302")
        page.click("button.button--huge")
    page.fill("[name=amount_yen]", str(amount_yen))
    button = page.locator(f"button[name=pay][value='{pay}']")
    if not button.is_visible():
        page.locator(".till__tenders summary").first.click()
    button.click()
    if "cash_record" in pay:
        page.click(".till-cash__exact")
    page.wait_for_url("**/till/payments/*")


def test_a_new_shop_from_the_wizard_to_its_settlement(admin: Visit, tmp_path: Path) -> None:
    page, url = admin.open("/till/office/shops"), admin.site.url
    look(page, "office-shops")
    set_up(page, url)
    sell(page, url, 1300, "7:cash_record")
    sell(page, url, 2500, "1:other_device")
    page.goto(f"{url}/till/office/mine?shop={NEW}")
    expect(page.locator("main")).to_contain_text("準備はすべて済んでいます")
    expect(page.locator("main")).to_contain_text("次の入金予定日")
    look(page, "office-mine")
    page.goto(f"{url}/till/office")
    look(page, "office-overview")
    # The close in three actions: choose the shop, type the count, close.
    page.click(f"a[href='/till/office/close?shop={NEW}']")
    look(page, "office-close")
    expect(page.locator(".office-practiced")).to_contain_text("この日の練習の会計：1 件")
    page.fill("[name=float_yen]", "10,000")
    page.fill("[name=counted_yen]", "１１２００")
    page.click("button:has-text('この日を締める')")
    expect(page.locator(".field__error")).to_contain_text("理由")
    look(page, "office-close-reason")
    page.fill("[name=reason]", "釣銭の渡し間違い")
    page.click("button:has-text('この日を締める')")
    expect(page.locator("h1")).to_contain_text("締め No.1")
    expect(page.locator("main")).to_contain_text("¥100 不足")
    look(page, "office-closed")
    page.goto(f"{url}/till/office/closes?shop={NEW}")
    look(page, "office-closes")
    page.goto(f"{url}/till/office/close?shop={NEW}")
    expect(page.locator(".empty__title")).to_contain_text("締めるものはありません")
    look(page, "office-close-empty")

    now = datetime.now(ZoneInfo("Asia/Tokyo"))
    file = tmp_path / "端末.csv"
    file.write_text(
        "number,time,amount,status,fee,payout_date,tender\n"
        f"1{NEW},{now:%Y-%m-%d %H:%M:%S},2500,sale,80,{now:%Y-%m-%d},card\n"
        f"2{NEW},{now:%Y-%m-%d %H:%M:%S},-900,refund,0,,card\n"
        f"3{NEW},{now:%Y-%m-%d},x,sale,0,,card\n",
        encoding="utf-8",
    )
    page.goto(f"{url}/till/office/reconcile")
    waits = page.locator("#waiting tbody tr", has_text="巡り茶屋")
    expect(waits).to_contain_text("¥2,500")
    expect(waits).to_contain_text("まだ予定日前です")
    look(page, "office-reconcile-empty")
    page.set_input_files("[name=file]", file)
    page.select_option("[name=form]", "generic")
    page.select_option("[name=shop]", NEW)
    page.click("button:has-text('突き合わせる')")
    expect(page.locator(".notice")).to_contain_text("2 行のうち 1 行が一致")
    expect(waits).to_have_count(0)
    expect(page.locator(".office-findings > li")).to_have_count(1)
    look(page, "office-reconcile")
    page.fill(".office-findings [name=note]", "端末の試し打ち")
    page.click(".office-findings button")
    expect(page.locator(".notice--ok")).to_contain_text("外しました")
    page.goto(f"{url}/till/office/settlement?shop={NEW}")
    expect(page.locator("tbody tr").first).to_contain_text("¥2,420")
    look(page, "office-settlement")
    with page.expect_download() as download:
        page.click("a:has-text('UTF-8')")
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert len(re.findall(r"巡り茶屋", text)) == 5  # two sales, the cash difference, fee, payout
    page.goto(f"{url}/till/office/audit")
    expect(page.locator(".notice--ok")).to_contain_text("連鎖に異常はありません")
    look(page, "office-audit")
    # The refusals above are logged by the browser itself; nothing else may be.
    assert all("status of 422" in each for each in admin.complaints), admin.complaints
    admin.complaints.clear()


def test_an_owner_without_javascript_sees_the_own_shop_only(visit: Callable[..., Visit]) -> None:
    owner = visit("ja", size=PHONE, java_script_enabled=False)
    owner.sign_in("shop_owner", anew=True)
    page = owner.open("/till/office/mine")
    assert page.locator("h1").count() == 1
    page = owner.open("/till/office")
    assert page.locator("h1").count() == 1
    answer = page.goto(f"{owner.site.url}/till/office/audit")
    assert answer is not None
    assert answer.status == 403
    owner.complaints.clear()  # the browser itself logs the 403


@pytest.mark.parametrize("language", ["en", "ko", "zh-CN", "zh-TW"])
def test_each_language_has_its_words(visit: Callable[..., Visit], language: str) -> None:
    known = visit(language, size=DESK)
    known.sign_in("accountant")
    page = known.open("/till/office")
    page.goto(f"{known.site.url}/till/office/settlement")
    check_axe(page)
