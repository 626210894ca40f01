"""A second step at sign-in, from the first square to the lost phone, with scripts and without."""

import time
from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import DESK, PHONE, Visit
from tests.system.look import look


def code_of(secret: str, off: int = 0) -> str:
    return str(pyotp.TOTP(secret).generate_otp(int(time.time()) // 30 + off))


def give_password(page: Page, name: str, password: str) -> None:
    page.fill("[name=login_name]", name)
    page.fill("[name=password]", password)
    page.click("main button")


@pytest.mark.parametrize(
    ("language", "scripts"), [("ja", False), ("en", True)], ids=["ja-plain", "en-scripts"]
)
def test_a_second_step_is_set_up_used_and_taken_away(
    visit: Callable[..., Visit], language: str, *, scripts: bool
) -> None:
    name = f"step-{language}-{time.time_ns() % 10**8}"
    admin = visit(language, size=DESK)
    admin.sign_in("admin")
    people = admin.open("/admin/users")
    people.fill("[name=login_name]", name)
    people.check("form[action='/admin/users'] [name=roles][value=analyst]")
    people.click("form[action='/admin/users'] button")
    password = people.locator(".made__password").inner_text()

    def seen(page: Page, what: str) -> None:
        look(page, f"second-step-{what}-{language}", barriers=scripts)
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})

    person = visit(language, size=PHONE, java_script_enabled=scripts)
    page = person.open("/login")
    give_password(page, name, password)
    page.wait_for_url("**/insights")
    page.goto(f"{person.site.url}/account")
    seen(page, "off")
    page.fill("[name=step_password]", password)
    page.click("form[action='/account/second-step'] button")
    secret = page.locator(".step-secret").inner_text().replace(" ", "")
    page.fill("[name=step_code]", "000000" if code_of(secret) != "000000" else "111111")
    page.click("form[action$=confirm] button")
    expect(page.locator(".notice--bad")).to_be_visible()
    seen(page, "set-up")
    page.fill("[name=step_code]", code_of(secret))
    page.click("form[action$=confirm] button")
    expect(page.locator(".paper-codes li")).to_have_count(10)
    paper = page.locator(".paper-codes li").all_inner_texts()
    seen(page, "paper")
    page.goto(f"{person.site.url}/account")
    seen(page, "on")
    page.click("form[action='/logout'] button")
    page.wait_for_url("**/login")

    give_password(page, name, password)
    page.wait_for_url(lambda url: "/login/code" in url)
    assert page.locator("[name=code]").get_attribute("autocomplete") == "one-time-code"
    page.fill("[name=code]", code_of(secret, 9))
    page.click("main form button")
    expect(page.locator("[role=alert]")).to_be_visible()
    seen(page, "code")
    page.fill("[name=code]", code_of(secret, 1))
    page.click("main form button")
    page.wait_for_url("**/insights")
    page.click("form[action='/logout'] button")
    page.wait_for_url("**/login")
    give_password(page, name, password)
    page.click("main details summary")
    page.fill("[name=paper]", paper[4])
    page.click("main form button")
    page.wait_for_url("**/insights")

    people.goto(f"{admin.site.url}/admin/users")
    row = people.locator("tr", has_text=name)
    look(people, f"second-step-people-{language}")
    people.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    row.locator("form[action$=second-step] button").click()
    expect(people.locator(".notice--ok")).to_be_visible()
    page.goto(f"{person.site.url}/insights")
    page.wait_for_url(lambda url: "/login?" in url)
    give_password(page, name, password)
    page.wait_for_url("**/insights")
    row.locator("form[action$=disable] button").click()
    # Wrong codes are refused with a status that browsers tell of.
    person.complaints[:] = [each for each in person.complaints if "status of 40" not in each]


def test_whoever_has_to_have_one_opens_nothing_before(visit: Callable[..., Visit]) -> None:
    admin = visit("ja", size=DESK)
    admin.sign_in("admin")
    rule = admin.open("/admin/users")
    rule.check("form[action='/admin/second-step'] [value=accountant]")
    rule.click("form[action='/admin/second-step'] button")
    expect(rule.locator(".notice--ok")).to_be_visible()
    try:
        person = visit("ja", size=PHONE)
        person.sign_in("accountant", anew=True)
        page = person.open("/till/office/closes")
        assert page.url.partition("#")[0] == f"{person.site.url}/account"
        look(page, "second-step-owed-ja")
    finally:
        rule.uncheck("form[action='/admin/second-step'] [value=accountant]")
        rule.click("form[action='/admin/second-step'] button")
        expect(rule.locator(".notice--ok")).to_be_visible()
    address = f"{person.site.url}/till/office/closes"
    for _ in range(12):  # the edge knows a session for up to five seconds
        page.goto(address)
        if page.url == address:
            break
        page.wait_for_timeout(1_000)
    expect(page).to_have_url(address)
