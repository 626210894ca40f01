"""Help on a phone and at the association's desk: a message waits for a signal, arrives once, is
answered from a template, and the answer is read behind the secret its phone made."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import Visit
from tests.system.browser.phones import codes, loaded, phone, phone_in
from tests.system.look import check_axe, look, look_by_night, until

pytestmark = [pytest.mark.platform, pytest.mark.browser]
__all__ = ["phone", "phone_in"]

MARK = "A red glove, left on the bridge"
KEPT = """() => new Promise((done) => {
  const opening = indexedDB.open("meguri-help");
  opening.onsuccess = () => {
    const reading = opening.result.transaction("messages").objectStore("messages").getAll();
    reading.onsuccess = (event) => { opening.result.close(); done(event.target.result); };
  };
})"""


def ready(page: Page) -> Page:
    expect(page.locator("[data-help]")).to_have_attribute("data-ready", "yes")
    return page


def write(page: Page, words: str, contact: str = "") -> None:
    page.check("[name=topic][value=lost_item]")
    page.fill("[name=text]", words)
    page.fill("[name=contact]", contact)
    page.click("[data-part=form] button")
    expect(page.locator("[data-part=end]")).to_be_focused()


def test_a_message_written_in_the_cave_arrives_once_and_its_answer_is_read(
    phone: Visit, visit: Callable[..., Visit]
) -> None:
    page = loaded(phone)
    code = codes(phone)[3]
    phone.context.set_offline(True)
    page.goto(f"{phone.site.url}/g/{code}")
    page.click("article a[href^='/help']")
    ready(page)
    expect(page.locator(".kept")).to_be_visible()  # the page of the pack
    expect(page.locator("[name=stop_code]")).to_have_value(code)
    write(page, MARK, "guest@example.com")
    expect(page.locator("[data-part=said]")).to_contain_text("waits on this phone")
    [waiting] = page.evaluate(KEPT)
    assert (waiting["waiting"], waiting["stop_code"]) == (True, code)
    look(page, "help-waits")

    bodies: list[Any] = []
    page.on(
        "request",
        lambda request: bodies.append(json.loads(request.post_data or "{}"))
        if request.url.endswith("/api/v1/help-requests") else None,
    )  # fmt: skip
    phone.context.set_offline(False)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(page.locator("[data-part=list]")).to_contain_text("Has arrived")
    [there] = page.evaluate(KEPT)
    assert not there["waiting"]
    assert "text" not in there  # what was written is forgotten on the phone
    assert "contact" not in there
    sent = {name: value for name, value in waiting.items() if name != "waiting"}
    known = phone.context.request.post(
        f"{phone.site.url}/api/v1/help-requests", data={"help_requests": [sent, sent]}
    )
    assert known.json() == {"recorded": 0, "repeated": 2, "rejected": []}

    staff = visit("en", (1280, 800))
    staff.sign_in("editor")
    answer_it(staff, waiting["help_id"])

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.click("[data-part=open]")
    expect(page.locator("[data-help-answer]")).to_have_attribute("data-ready", "yes")
    answer = page.locator("[data-part=answer]")
    expect(answer).to_contain_text(MARK)
    expect(answer).to_contain_text("It is at the main gate.")
    assert not [url for url in asked if waiting["secret"] in url.partition("#")[0]]
    look_by_night(page, "help-answer")


def answer_it(staff: Visit, help_id: str) -> None:
    """Takes, answers from a template, closes and opens again, as the association would."""
    inbox = staff.open("/studio/help")
    look(inbox, "help-inbox")
    inbox.click(f"a[href='/studio/help/{help_id}']")
    expect(inbox.locator("main")).to_contain_text(MARK)
    inbox.click("button:has-text('I take it')")
    expect(inbox.locator(".page-head")).to_contain_text("Taken")
    inbox.click(".help-begin button")
    expect(inbox.locator("[name=machine_draft]")).to_be_checked()
    assert "Thank you for writing" in inbox.input_value("#reply-text")
    inbox.fill("#reply-text", "It is at the main gate.")
    inbox.uncheck("[name=machine_draft]")
    inbox.click("#reply button:has-text('Answer')")
    link = inbox.locator("a[href^='mailto:']")
    expect(link).to_have_attribute("href", re.compile(r"^mailto:guest@example\.com\?.*main%20gate"))
    look(inbox, "help-one")
    inbox.click("button:has-text('Close it')")
    expect(inbox.locator(".notice--ok")).to_be_visible()
    inbox.goto(f"{staff.site.url}/studio/help?show=closed")
    inbox.click(f"a[href='/studio/help/{help_id}']")
    inbox.click("button:has-text('Open it again')")
    expect(inbox.locator(".page-head")).to_contain_text("Answered")
    inbox.close()


def test_a_card_number_is_kept_nowhere_and_the_words_stay_to_be_mended(visit: Any) -> None:
    guest = visit("en")
    page = ready(guest.open("/help?receipt=20261127-1A2B3C4D"))
    expect(page.locator("[name=receipt_number]")).to_have_value("20261127-1A2B3C4D")
    check_axe(page)
    write(page, "My card is 4242 4242 4242 4242")
    expect(page.locator("[data-part=said]")).to_contain_text("number of a card")
    assert page.evaluate(KEPT) == []
    first = page.input_value("[name=help_id]")
    write(page, "My receipt is lost.")
    expect(page.locator("[data-part=said]")).to_have_text("Your message has arrived.")
    until(page, "() => document.querySelectorAll('[data-part=list] li').length === 1")
    [kept] = page.evaluate(KEPT)
    assert kept["help_id"] == first
    page.click("[data-part=forget]")
    expect(page.locator("[data-part=mine]")).to_be_hidden()


def test_without_a_script_the_form_says_where_the_answer_will_be(visit: Any) -> None:
    guest = visit("en", java_script_enabled=False)
    page = guest.open("/help")
    page.check("[name=topic][value=other]")
    page.fill("[name=text]", "Where is the bus stop?")
    page.click("[data-part=form] button")
    link = page.locator(".help__link a").get_attribute("href") or ""
    assert re.search(r"/help/answers#[\w-]{43}$", link)
    look(page, "help-sent", barriers=False)
    page.goto(link)
    page.fill("[name=secret]", link)
    page.click("[data-part=form] button")
    expect(page.locator("[data-part=answer]")).to_contain_text("Where is the bus stop?")
    expect(page.locator("[data-part=answer]")).to_contain_text("There is no answer yet.")
