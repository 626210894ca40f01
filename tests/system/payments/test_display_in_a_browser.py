"""The customer's display in a real browser: a second window that follows the till, offline too."""

import pytest
from playwright.sync_api import Browser, expect

from tests.platform import Platform
from tests.system.look import check_axe, shoot
from tests.system.payments.test_till_in_a_browser import DESK, signed_in, tap

pytestmark = [pytest.mark.platform, pytest.mark.browser]


def test_the_display_follows_the_till_in_the_customer_s_language(
    chromium: Browser, platform: Platform
) -> None:
    with signed_in(chromium, platform, viewport=DESK) as context:
        till, display = context.new_page(), context.new_page()
        till.goto("/till?shop=taishodo")
        tap(till, "1300")
        display.goto("/till/display?customer=ko")  # opened late: it shows what stands
        shown = display.locator("[data-display] section:visible")
        expect(shown).to_contain_text("¥1,300")
        shoot(display, "display-sum")
        till.click("button[value='7:cash_record']")
        till.click("button[value='5000']")
        expect(shown).to_contain_text("감사합니다")
        expect(shown).to_contain_text("¥3,700")
        shoot(display, "display-thanks")
        check_axe(display)
        till.click("[data-next]")
        tap(till, "9901")
        till.click("button[value='1:acquirer_simulator']")
        expect(shown).to_contain_text("결제되지 않았습니다")
        shoot(display, "display-declined")
        check_axe(display)
