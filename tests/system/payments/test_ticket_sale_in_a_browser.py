"""Tickets at the till in a real browser: change, a school class as one ticket, and the warning
before money of a used ticket goes back."""

import pytest
from playwright.sync_api import Page, expect

from tests.system.payments.test_gate_in_a_browser import (
    CASH,
    GATE,
    buy,
    clerk,
    look,
    open_gate,
    page,
    result,
    typed,
)

__all__ = ["clerk", "page"]

pytestmark = [pytest.mark.platform, pytest.mark.browser]


def test_change_of_a_ticket_is_shown_and_stands_on_its_receipt(page: Page) -> None:
    page.goto(f"/till/tickets?shop={GATE}")
    page.fill("input[name='n:akiyoshido-adult']", "2")
    page.click(".party__go")
    page.click(f"button[value='{CASH}']")
    expect(page.locator(".huge")).to_have_text("¥2,600")
    look(page, "ticket-cash")
    page.click("button[value='5000']")
    expect(page.locator(".till-change__back dd")).to_have_text("¥2,400")
    expect(page.locator(".ticket__code")).to_be_visible()
    look(page, "ticket-change")
    page.click("a[href^='/till/payments/']")
    expect(page.locator(".till-change__back dd")).to_have_text("¥2,400")
    page.click("a[href*='/receipt']")
    expect(page.locator(".slip")).to_contain_text("¥2,400")


def test_a_school_class_is_one_ticket_whose_size_the_gate_shows_large(page: Page) -> None:
    code = buy(page, child=28, group20=4)
    expect(page.locator(".ticket__persons")).to_have_text("32 人")
    look(page, "group-ticket")
    open_gate(page)
    typed(page, code)
    result(page, "ok", "入場できます")
    expect(page.locator("[data-part=persons]")).to_have_text("32 人")
    size = page.locator("[data-part=persons]").evaluate(
        "(e) => parseFloat(getComputedStyle(e).fontSize)"
    )
    assert size >= 48
    look(page, "group-admitted")
    typed(page, code)
    result(page, "used", "使用済み")
    page.goto(f"/till/tickets?shop={GATE}")
    page.fill("input[name='n:akiyoshido-group20']", "19")
    page.click(".party__go")
    # Told with the total, before anybody counts cash.
    expect(page.locator("main .notice--bad")).to_contain_text("19人の組には使えません")
    expect(page.locator(f"button[value='{CASH}']")).to_have_count(0)


def test_a_used_ticket_is_refunded_only_after_a_warning(page: Page) -> None:
    code = buy(page, adult=1)
    payment = page.locator("a[href^='/till/payments/']").get_attribute("href")
    open_gate(page)
    typed(page, code)
    result(page, "ok", "入場できます")
    page.goto(f"{str(payment).partition('?')[0]}/refund")
    expect(page.locator(".notice--warn")).to_contain_text("すでに入場に使われています")
    page.fill("[name=reason]", "雨で中止")
    page.click("main form .button--bad")
    expect(page.locator("h1")).to_have_text("この入場券は、すでに入場に使われています")
    look(page, "used-refund")
    page.click("button[name=admitted]")
    expect(page.locator("h1")).to_have_text("返金済み")
    code = buy(page, adult=1)
    open_gate(page)
    typed(page, code)
    result(page, "ok", "入場できます")
    page.goto(f"/till?shop={GATE}")
    page.click(".till-cancel summary")
    page.click(".till-cancel button")
    expect(page.locator("h1")).to_have_text("この入場券は、すでに入場に使われています")
    page.click("button[name=admitted]")
    expect(page.locator("h1")).to_have_text("取消")
