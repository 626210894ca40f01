"""Before the first letter its page says when it comes; whom it is mailed to can be said already."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.system.browser.conftest import DESK, PHONE, Visit
from tests.system.look import check_axe, look

LETTER = "/insights/letter"


def test_a_newcomer_is_told_when_the_first_letter_comes(visit: Callable[..., Visit]) -> None:
    for language, size in (("ja", PHONE), ("en", DESK)):
        there = visit(language, size)
        there.sign_in("analyst")
        page = there.open(LETTER)
        expect(page.locator(".tab[aria-current=page]")).to_have_count(1)
        look(page, f"letter-first-{language}")
        check_axe(page)
        page = there.open(f"{LETTER}/all")
        look(page, f"letter-all-{language}")


def test_addresses_are_kept_while_there_is_no_mail_server(visit: Callable[..., Visit]) -> None:
    there = visit("en", PHONE)
    there.sign_in("analyst")
    page = there.open(f"{LETTER}/mail")
    expect(page.locator("main")).to_contain_text("no mail server yet")
    look(page, "letter-mail")
    page.fill("#f-recipients", "mori@localhost")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#f-recipients-error")).to_be_visible()
    there.complaints.clear()  # a page of 422 is what was asked for
    page.fill("#f-recipients", "mori@city.example.jp\nsato@city.example.jp")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**?done=1")
    assert page.input_value("#f-recipients").split() == [
        "mori@city.example.jp", "sato@city.example.jp",
    ]  # fmt: skip
    check_axe(page)
