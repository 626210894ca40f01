"""Ratings and the survey on a phone: one tap rates, another changes it; without a signal answers
wait, a Wi-Fi's login page takes none of them, and each arrives once."""

import json
from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.system.browser.conftest import Visit
from tests.system.browser.phones import codes, loaded, phone, phone_in
from tests.system.look import check_axe, look, look_by_night

pytestmark = [pytest.mark.platform, pytest.mark.browser]
__all__ = ["phone", "phone_in"]

# What waits on the phone, and what it still knows.
KEPT = """() => new Promise((done) => {
  const opening = indexedDB.open("meguri-answers");
  opening.onsuccess = () => {
    const found = {};
    const reading = opening.result.transaction(["ratings", "surveys"]);
    for (const kind of ["ratings", "surveys"])
      reading.objectStore(kind).getAll().onsuccess = (event) => (found[kind] = event.target.result);
    reading.oncomplete = () => { opening.result.close(); done(found); };
  };
})"""


def stop_page(visit: Visit, number: int = 3) -> Page:
    page = visit.open(f"/g/{codes(visit)[number]}")
    expect(page.locator("[data-rating]")).to_have_attribute("data-ready", "yes")
    return page


def pressed(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "[data-rating] [aria-pressed=true]",
        "all => all.map(one => one.value || one.dataset.reason)",
    )
    return found


class Posted:
    """Answers that phones sent; `answer` may play somebody else in the guide's place."""

    def __init__(self, visit: Visit) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.answer: Callable[[Route], None] = lambda route: route.continue_()
        for path in ("**/api/v1/ratings", "**/api/v1/surveys"):
            visit.context.route(path, self._route)

    def _route(self, route: Route) -> None:
        self.bodies.append(json.loads(route.request.post_data or "{}"))
        self.answer(route)

    def wait(self, page: Page, count: int, among: list[dict[str, Any]] | None = None) -> None:
        """Waits until so many batches were sent, or are among something else."""
        found = self.bodies if among is None else among
        for _ in range(400):
            if len(found) >= count:
                return
            page.wait_for_timeout(25)
        raise AssertionError(found)

    def ratings(self) -> list[dict[str, Any]]:
        return [each for body in self.bodies for each in body.get("ratings", [])]


def test_a_tap_rates_another_changes_it_and_it_can_be_taken_back(visit: Any) -> None:
    guest = visit("en")
    posted = Posted(guest)
    page = stop_page(guest)
    said = page.locator("[data-rating] [data-part=said]")
    page.click("[data-rating] [value=poor]")
    expect(said).to_have_text("Thank you. Your answer is noted.")
    page.click("[data-reason=hard]")
    page.wait_for_timeout(100)
    look(page, "rating")
    # The keyboard does the same; the address stays.
    page.focus("[data-rating] [value=good]")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=why]")).to_be_hidden()
    page.reload()
    expect(page.locator("[data-rating]")).to_have_attribute("data-ready", "yes")
    assert pressed(page) == ["good"]
    page.click("[data-rating] [data-part=back]")
    expect(said).to_have_text("Taken back.")
    assert pressed(page) == []
    sent = posted.ratings()
    # The page may be left before an answer is heard: the same change is then sent once more, and
    # the guide knows it by its number.
    told = dict.fromkeys((each["face"], *each["reasons"], each["change"]) for each in sent)
    assert list(told) == [("poor", 1), ("poor", "hard", 2), ("good", 3), ("withdrawn", 4)]
    assert len({each["rating_id"] for each in sent}) == 1
    assert page.evaluate(KEPT)["ratings"][0]["waiting"] is False


def test_answers_given_without_a_signal_arrive_once_and_no_login_page_takes_them(
    visit: Any,
) -> None:
    guest = visit("en")
    posted = Posted(guest)
    # The page of a Wi-Fi's login answers everything with 200, some in JSON to those who ask for it.
    pages = cycle(("<p>Please sign in.", '{"status": "sign in"}'))
    posted.answer = lambda route: route.fulfill(status=200, body=next(pages))
    page, other = stop_page(guest), stop_page(guest)
    page.click("[data-rating] [value=fair]")
    later = "Noted on this phone. It is sent when there is signal."
    expect(page.locator("[data-rating] [data-part=said]")).to_have_text(later)
    page.goto(guest.site.url + "/survey")
    expect(page.locator("[data-survey]")).to_have_attribute("data-ready", "yes")
    expect(page.locator(".survey__prefecture")).to_be_hidden()
    page.check("[name=q-country][value=JP]")
    page.select_option("[name=q-prefecture]", "JP-35")
    check_axe(page)
    page.click("[data-part=form] button")
    expect(page.locator("[data-part=thanks]")).to_be_focused()
    kept = page.evaluate(KEPT)
    assert [each["waiting"] for each in kept["ratings"] + kept["surveys"]] == [True, True]

    posted.wait(page, 3)  # the page of the rating sent one kind, that of the survey both

    # The guide hears it, its answer is lost.
    heard_first: list[dict[str, Any]] = []

    def lost(route: Route) -> None:
        heard_first.append(route.fetch().json())
        route.abort()

    posted.answer = lost
    for each in (page, other):
        each.evaluate("() => dispatchEvent(new Event('online'))")
    posted.wait(page, 4, heard_first)  # both kinds from both tabs
    page.wait_for_timeout(100)  # and the last of them hears that nobody answered
    answers: list[dict[str, Any]] = []

    def heard(route: Route) -> None:
        answer = route.fetch()
        answers.append(answer.json())
        route.fulfill(response=answer)

    posted.answer = heard
    # Two tabs at once: each takes its turn, and the guide knows every answer already.
    address = other.url
    for each in (page, other):
        each.goto(address, wait_until="commit")
    for each in (page, other):
        expect(each.locator("[data-rating]")).to_have_attribute("data-ready", "yes")
    # Sent by hand in another batch, the guide knows every answer already.
    for kind in ("ratings", "surveys"):
        sent = next(body[kind] for body in posted.bodies if kind in body)
        known = guest.context.request.post(
            f"{guest.site.url}/api/v1/{kind}", data={kind: sent * 2}
        ).json()
        assert known == {"recorded": 0, "repeated": 2, "rejected": []}
    assert len(answers) == 2  # one of each kind: the other tab found nothing left to send
    kept = page.evaluate(KEPT)
    assert [each["waiting"] for each in kept["ratings"]] == [False]
    assert kept["surveys"] == []  # nothing of it is left on the phone
    assert pressed(page) == ["fair"]
    guest.complaints[:] = [text for text in guest.complaints if "net::ERR_" not in text]


def test_a_kept_page_rates_and_the_kept_survey_asks_in_the_cave(phone: Visit) -> None:
    """Both come from the phone; what was chosen is sent when there is a signal again."""
    page = loaded(phone)
    code = codes(phone)[4]
    phone.context.set_offline(True)
    page.goto(f"{phone.site.url}/g/{code}")
    expect(page.locator(".kept")).to_be_visible()
    expect(page.locator("[data-rating]")).to_have_attribute("data-ready", "yes")
    page.click("[data-rating] [value=good]")
    expect(page.locator("[data-rating] [data-part=said]")).to_contain_text("on this phone")
    page.goto(f"{phone.site.url}/survey")
    expect(page.locator("[data-survey]")).to_have_attribute("data-ready", "yes")
    page.check("[name=q-party][value=couple]")
    page.click("[data-part=form] button")
    expect(page.locator("[data-part=thanks]")).to_be_visible()
    kept = page.evaluate(KEPT)
    assert [each["waiting"] for each in kept["ratings"] + kept["surveys"]] == [True, True]
    page.goto(f"{phone.site.url}/g/{code}")
    phone.context.set_offline(False)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    for _ in range(100):
        after = page.evaluate(KEPT)
        if not after["surveys"] and not after["ratings"][0]["waiting"]:
            break
        page.wait_for_timeout(50)
    assert not after["surveys"]
    assert not after["ratings"][0]["waiting"]
    for kind, answers in kept.items():
        sent = [{k: v for k, v in answers[0].items() if k not in ("waiting", "first_time")}] * 2
        known = phone.context.request.post(f"{phone.site.url}/api/v1/{kind}", data={kind: sent})
        assert known.json() == {"recorded": 0, "repeated": 2, "rejected": []}


def test_the_offer_goes_away_for_good_with_and_without_a_script(visit: Any) -> None:
    for options in ({}, {"java_script_enabled": False}):
        guest = visit("en", **options)
        page = guest.open("/pack")
        page.click("[data-offer] button")
        expect(page.locator("[data-offer]")).to_be_hidden()
        page.goto(guest.site.url + "/pack")
        expect(page.locator("[data-offer]")).to_have_count(0)
        if not options:
            page.goto(guest.site.url + "/survey")
            look_by_night(page, "survey")
