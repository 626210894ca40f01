"""The staff's page of the opt-out list: counts and forgetting, and never an address again."""

import re
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from tests.pages.edge.fakes import SESSION, Failure, FakeServices, stamp

EN = {"Origin": "http://localhost", "Accept-Language": "en"}
ADDRESS = "3c:22:fb:01:02:03"
FORMS = ("", "/forget")


@pytest.fixture
def entries(browser: FlaskClient, services: FakeServices) -> list[wire.OptOut]:
    """An admin is signed in; one device is on the list."""
    browser.set_cookie("meguri_session", SESSION)
    at = stamp(datetime(2026, 5, 4, 3, 0, tzinfo=UTC))
    known = [wire.OptOut(entry_id="0123456789abcdef", add_time=at, readable=True)]
    services.answers |= {
        "ListOptOuts": lambda _: wire.ListOptOutsResponse(entries=known),
        "AddOptOut": lambda _: wire.AddOptOutResponse(entry_id="fedcba9876543210"),
        "RemoveOptOut": lambda _: wire.RemoveOptOutResponse(removed=True),
    }
    return known


def hidden(page: str) -> dict[str, str]:
    forms = page.partition('<ul class="list"')[0]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', forms))


def send(browser: FlaskClient, where: str = "", **fields: str) -> Any:
    page = browser.get("/admin/sensing", headers=EN).text
    return browser.post(f"/admin/sensing{where}", data=hidden(page) | fields, headers=EN)


@pytest.mark.parametrize("locale", ["ja", "en", "ko", "zh-Hans", "zh-Hant"])
def test_the_page_counts_in_every_language(
    browser: FlaskClient, entries: list[wire.OptOut], locale: str
) -> None:
    answer = browser.get(f"/admin/sensing?locale={locale}")
    assert answer.status_code == 200
    assert "0123456789abcdef" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_who_is_added_gets_a_name_and_no_page_shows_the_address(
    browser: FlaskClient, services: FakeServices, entries: list[wire.OptOut]
) -> None:
    answer = send(browser, address=f"  {ADDRESS} ")
    assert answer.status_code == 200
    assert "fedcba9876543210" in answer.text
    assert ADDRESS not in answer.text
    (call,) = services.called("AddOptOut")
    assert call.address == ADDRESS
    assert call.request_id


@pytest.mark.parametrize("where", FORMS)
@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("ADDRESS_MALFORMED", "Write the address as"),
        ("ADDRESS_MADE_UP", "made this address up"),
        ("ADDRESS_OF_NOBODY", "an address of many devices"),
        ("OPT_OUT_LIST_FULL", "list is full"),
    ],
)
def test_a_refusal_says_why_and_not_what_was_written(
    browser: FlaskClient, services: FakeServices, entries: list[wire.OptOut], reason: str,
    said: str, where: str,
) -> None:  # fmt: skip
    def refuse(_: Any) -> wire.AddOptOutResponse:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, reason)

    services.answers |= {"AddOptOut": refuse, "RemoveOptOut": refuse}
    answer = send(browser, where, address=ADDRESS)
    assert answer.status_code == 200
    assert said in answer.text
    assert answer.text.count('aria-invalid="true"') == 1
    assert ADDRESS not in answer.text


def test_an_entry_is_forgotten_by_its_name_or_its_address(
    browser: FlaskClient, services: FakeServices, entries: list[wire.OptOut]
) -> None:
    by_name = send(browser, "/forget", entry="0123456789abcdef")
    by_address = send(browser, "/forget", address=ADDRESS)
    assert "The entry is forgotten" in by_name.text
    assert "The entry is forgotten" in by_address.text
    assert ADDRESS not in by_address.text
    asked = [call.address_or_entry_id for call in services.called("RemoveOptOut")]
    assert asked == ["0123456789abcdef", ADDRESS]
    services.answers["RemoveOptOut"] = lambda _: wire.RemoveOptOutResponse(removed=False)
    assert "no such entry" in send(browser, "/forget", address=ADDRESS).text


def test_entries_that_cannot_be_opened_are_told_and_not_counted(
    browser: FlaskClient, entries: list[wire.OptOut]
) -> None:
    page = browser.get("/admin/sensing", headers=EN).text
    assert "1 device is left out" in page
    assert "can no longer be opened" not in page
    entries[0].readable = False
    page = browser.get("/admin/sensing", headers=EN).text
    assert "0 devices are left out" in page
    assert "1 entry can no longer be opened" in page
    entries.clear()
    assert "Nobody is on the list" in browser.get("/admin/sensing", headers=EN).text


@pytest.mark.parametrize("where", FORMS)
def test_a_form_whose_login_had_expired_is_kept_nowhere(
    browser: FlaskClient, services: FakeServices, entries: list[wire.OptOut], where: str
) -> None:
    page = browser.get("/admin/sensing", headers=EN).text
    browser.application.extensions["meguri"].sessions.forget_all()
    browser.set_cookie("meguri_session", "over")
    answer = browser.post(
        f"/admin/sensing{where}", data=hidden(page) | {"address": ADDRESS}, headers=EN
    )
    assert ADDRESS not in answer.text
    assert not services.called("AddOptOut") + services.called("RemoveOptOut")


def test_the_sign_says_nothing_of_the_request(browser: FlaskClient, services: FakeServices) -> None:
    services.answers["PrintSign"] = lambda _: wire.PrintSignResponse(pdf=b"%PDF-1.7")
    answer = browser.get("/privacy/sensing/sign.pdf?page=evil", headers={"Accept-Language": "ko"})
    assert (answer.status_code, answer.data) == (200, b"%PDF-1.7")
    assert answer.headers["Content-Type"] == "application/pdf"
    (call,) = services.called("PrintSign")
    assert (call.page_url, call.area_name) == ("", "美祢・秋吉台")  # no address: none on paper
    assert "/privacy/sensing/sign.pdf" in browser.get("/privacy/sensing", headers=EN).text
