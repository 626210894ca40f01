"""A ticket paid in parts in a real browser: from the page of its total to its code at the gate."""

import pytest
from playwright.sync_api import Page, expect

from tests.system.look import shoot
from tests.system.payments.test_gate_in_a_browser import (
    CASH,
    GATE,
    clerk,
    look,
    open_gate,
    page,
    result,
    typed,
)

__all__ = ["clerk", "page"]

pytestmark = [pytest.mark.platform, pytest.mark.browser]

OTHER_DEVICE = "1:other_device"


def test_two_adults_and_a_child_pay_in_cash_and_by_card_for_one_ticket(page: Page) -> None:
    page.goto(f"/till/tickets?shop={GATE}")
    page.fill("input[name='n:akiyoshido-adult']", "2")
    page.fill("input[name='n:akiyoshido-child']", "1")
    page.click(".party__go")
    shoot(page, "parts-total")
    page.click("button[formaction='/till/tickets/split']")
    page.wait_for_url("**/till/splits/*")
    own = page.url
    look(page, "parts-begun")
    total = int(page.inner_text(".till-split__open dd").strip("¥").replace(",", ""))
    page.fill("[name=amount_yen]", "1000")
    page.click(f"button[value='{CASH}']")
    page.click("button[value='5000']")
    expect(page.locator(".till-change__back dd")).to_have_text("¥4,000")
    expect(page.locator(".till-split__open dd")).to_have_text(f"¥{total - 1000:,}")
    shoot(page, "parts-half")
    page.locator("details summary", has_text="別の端末").click()
    page.click(f"button[value='{OTHER_DEVICE}']")
    expect(page.locator(".ticket__code")).to_be_visible()
    expect(page.locator(".ticket__persons")).to_have_text("3 人")
    look(page, "parts-ticket")
    code = str(page.text_content(".ticket__typed"))
    open_gate(page)
    typed(page, code)
    result(page, "ok", "入場できます")
    page.goto(own)
    expect(page.locator("h1")).to_have_text("お支払い完了")
    shoot(page, "parts-paid")
    page.locator("details.section summary").click()
    page.click("form[action$='/give-back'] button")
    expect(page.locator("h1")).to_have_text("この入場券は、すでに入場に使われています")
    look(page, "parts-used")
    page.click("button[name=admitted]")
    expect(page.locator("h1")).to_have_text("返金しました")
    open_gate(page)
    typed(page, code)
    result(page, "used", "使用済み")
