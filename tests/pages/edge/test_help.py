"""Help: the form without a script, batches from phones, and the answer behind a secret."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.multilingual.v1 import help_service_pb2 as pb
from tests.pages.edge.fakes import Failure, FakeServices, stamp
from tests.pages.edge.test_day_notes import SAID

DUE = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)  # midnight in the area
OWN = {"Origin": "http://localhost", "Accept-Language": "en"}
ID = "7b0cf1de-26c5-4f5e-9f9c-0a4b8f5e6d11"
SECRET = "A-b_" * 10 + "xyz"
FORM = {"help_id": ID, "secret": SECRET, "topic": "lost_item", "text": "A red glove",
        "contact": "guest@example.com", "stop_code": "8WXC3", "receipt_number": ""}  # fmt: skip
ENTRY = {**FORM, "locale": "en", "write_time": "2026-11-28T10:42:00+09:00"}


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def get(browser: FlaskClient, path: str, language: str = "en") -> Any:
    return browser.get(path, headers={"Accept-Language": language})


def reject(services: FakeServices, reason: str) -> None:
    services.answers["RecordHelpRequests"] = lambda _: pb.RecordHelpRequestsResponse(
        rejected=[pb.HelpRejected(help_id=ID, reason=reason)]
    )


def test_the_page_says_phone_and_hours_and_makes_a_message_of_its_own(browser: FlaskClient) -> None:
    first, second = get(browser, "/help"), get(browser, "/help")
    assert "Mon–Fri・Sun 9:00–17:00" in first.text
    assert "within 2 working days" in first.text
    assert first.headers["Cache-Control"] == "no-store"
    assert UUID(hidden(first.text, "help_id")).version == 4
    assert re.fullmatch(r"[\w-]{43}", hidden(first.text, "secret"))
    assert hidden(first.text, "secret") != hidden(second.text, "secret")
    assert "月–金・日 9:00–17:00" in get(browser, "/help", "ja").text


def test_it_opens_while_the_guide_is_away(browser: FlaskClient, services: FakeServices) -> None:
    services.away = {"multilingual"}
    page = get(browser, "/help?stop=8WXC3")
    assert page.status_code == 200
    assert "The desk is open" not in page.text
    assert 'name="text"' in page.text


def test_every_page_of_a_stop_hands_its_code_on(browser: FlaskClient) -> None:
    stop = get(browser, "/g/8WXC3").text
    assert stop.count('href="/help?stop=8WXC3"') == 2  # below the text, and at the foot
    page = get(browser, "/help?stop=8WXC3&receipt=20261127-1A2B3C4D").text
    assert 'value="8WXC3"' in page
    assert 'value="20261127-1A2B3C4D"' in page
    assert "Hundred Saucers" in page
    assert '<details class="details" data-part="about" open>' in page
    odd = get(browser, '/help?stop="><script>alert(1)</script>').text
    assert "<script>alert" not in odd


def test_a_form_is_handed_on_and_says_where_the_answer_will_be(
    browser: FlaskClient, services: FakeServices
) -> None:
    answer = browser.post("/help", data=FORM, headers=OWN)
    assert answer.status_code == 200
    assert f"/help/answers#{SECRET}" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    [sent] = services.called("RecordHelpRequests")[0].help_requests
    assert (sent.help_id, sent.secret, sent.topic) == (ID, SECRET, pb.HELP_TOPIC_LOST_ITEM)
    assert (sent.text, sent.stop_code, sent.locale) == ("A red glove", "8WXC3", "en")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"topic": ""}, "Choose what it is about."),
        ({"topic": "money"}, "Choose what it is about."),
        ({"text": "  "}, "Write your message"),
        ({"text": "x" * 1_001}, "Write your message"),
        ({"contact": "x" * 201}, "Write an e-mail address"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_with_the_rest_still_there(
    browser: FlaskClient, services: FakeServices, changed: dict[str, str], said: str
) -> None:
    answer = browser.post("/help", data={**FORM, **changed}, headers=OWN)
    assert answer.status_code == 422
    assert said in answer.text
    assert hidden(answer.text, "help_id") == ID
    assert 'value="8WXC3"' in answer.text
    assert not services.called("RecordHelpRequests")


@pytest.mark.parametrize(
    ("reason", "said"),
    [("CONTACT_INVALID", "Write an e-mail address"), ("CARD_NUMBER_TYPED", "card")],
)
def test_refusals_of_the_guide_are_said_on_the_page(
    browser: FlaskClient, services: FakeServices, reason: str, said: str
) -> None:
    reject(services, reason)
    answer = browser.post("/help", data=FORM, headers=OWN)
    assert answer.status_code == 422
    assert said in answer.text
    assert "A red glove</textarea>" in answer.text


def test_a_full_desk_asks_to_call_and_a_phone_keeps_waiting(
    browser: FlaskClient, services: FakeServices
) -> None:
    def full(_: Any) -> Any:
        raise Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "HELP_DESK_FULL")

    services.answers["RecordHelpRequests"] = full
    form = browser.post("/help", data=FORM, headers=OWN)
    assert (form.status_code, "Call, or send yours later" in form.text) == (503, True)
    phone = browser.post("/api/v1/help-requests", json={"help_requests": [ENTRY]})
    assert phone.status_code == 429
    assert phone.get_json()["reason"] == "help_desk_full"


def test_batches_are_handed_on_and_the_same_body_is_the_same_request(
    browser: FlaskClient, services: FakeServices
) -> None:
    for _ in range(2):
        answer = browser.post("/api/v1/help-requests", json={"help_requests": [ENTRY]})
        assert answer.get_json() == {"recorded": 1, "repeated": 0, "rejected": []}
    first, second = services.called("RecordHelpRequests")
    assert first == second
    assert first.help_requests[0].write_time.seconds == int(SAID.timestamp())
    reject(services, "CARD_NUMBER_TYPED")
    answer = browser.post("/api/v1/help-requests", json={"help_requests": [ENTRY]})
    assert answer.get_json()["rejected"] == [{"help_id": ID, "reason": "card_number_typed"}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "help_requests"),
        ({"help_requests": [ENTRY] * 6}, "help_requests"),
        ({"help_requests": ["x"]}, "help_requests[0]"),
        ({"help_requests": [{**ENTRY, "topic": ["text"]}]}, "help_requests[0].topic"),
        ({"help_requests": [{**ENTRY, "text": ""}]}, "help_requests[0].text"),
        ({"help_requests": [{**ENTRY, "text": "x" * 2_001}]}, "help_requests[0].text"),
        ({"help_requests": [{**ENTRY, "secret": ""}]}, "help_requests[0].secret"),
        ({"help_requests": [ENTRY, {**ENTRY, "help_id": 3}]}, "help_requests[1].help_id"),
        ({"help_requests": [{**ENTRY, "locale": ""}]}, "help_requests[0].locale"),
        ({"help_requests": [{**ENTRY, "write_time": "noon"}]}, "help_requests[0].write_time"),
    ],
)
def test_bad_batches_change_nothing(
    browser: FlaskClient, services: FakeServices, body: Any, field: str
) -> None:
    answer = browser.post("/api/v1/help-requests", json=body)
    assert answer.status_code == 400
    assert [each["field"] for each in answer.get_json()["errors"]] == [field]
    assert not services.called("RecordHelpRequests")


@pytest.mark.parametrize("path", ["/help", "/help/answers", "/api/v1/help-requests"])
def test_forms_of_another_site_are_refused(browser: FlaskClient, path: str) -> None:
    answer = browser.post(path, json={}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def answered(**more: Any) -> pb.ReadHelpAnswerResponse:
    return pb.ReadHelpAnswerResponse(
        topic=pb.HELP_TOPIC_LOST_ITEM, state=pb.HELP_STATE_ANSWERED, text="A <b>red</b> glove",
        arrive_time=stamp(SAID), due_time=stamp(DUE), expire_time=stamp(SAID), **more,
    )  # fmt: skip


@pytest.mark.parametrize("typed", [SECRET, f" https://guide.example.jp/help/answers#{SECRET}\n"])
def test_the_answer_is_read_by_its_secret_or_its_whole_address(
    browser: FlaskClient, services: FakeServices, typed: str
) -> None:
    services.answers["ReadHelpAnswer"] = lambda _: answered(
        answers=[pb.HelpAnswer(text="ありました", locale="ja", machine_draft=True,
                               answer_time=stamp(SAID))]
    )  # fmt: skip
    answer = browser.post("/help/answers", data={"secret": typed}, headers=OWN)
    assert services.called("ReadHelpAnswer")[0].secret == SECRET
    assert 'lang="ja">ありました</p>' in answer.text
    assert "Machine translated" in answer.text
    assert "A &lt;b&gt;red&lt;/b&gt; glove" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_without_an_answer_it_says_until_when(browser: FlaskClient, services: FakeServices) -> None:
    services.answers["ReadHelpAnswer"] = lambda _: answered()
    answer = browser.post("/help/answers", data={"secret": SECRET}, headers=OWN)
    assert "There is no answer yet. It comes by Nov 30, 2026." in answer.text


@pytest.mark.parametrize("typed", ["", "short", "x" * 4_000, f"{SECRET}?"])
def test_what_is_no_secret_opens_nothing(
    browser: FlaskClient, services: FakeServices, typed: str
) -> None:
    def unknown(_: Any) -> Any:
        raise Failure(grpc.StatusCode.NOT_FOUND, "HELP_LINK_UNKNOWN")

    services.answers["ReadHelpAnswer"] = unknown
    answer = browser.post("/help/answers", data={"secret": typed}, headers=OWN)
    assert answer.status_code == 404
    assert "nothing to read here" in answer.text


def test_the_secret_is_asked_for_and_in_no_address(browser: FlaskClient) -> None:
    page = get(browser, "/help/answers").text
    assert 'method="post" action="/help/answers"' in page
    assert 'name="secret"' in page


def test_the_page_of_a_pack_is_the_same_for_everybody_and_names_its_script(
    browser: FlaskClient,
) -> None:
    manifest = browser.get("/packs/mine/en/manifest.json").get_json()
    [entry] = [each for each in manifest["files"] if each["path"] == "/help"]
    page = browser.get(f"/packs/mine/en/files/{entry['sha256']}").text
    assert hidden(page, "help_id") == hidden(page, "secret") == ""
    paths = {each["path"].rpartition("/")[2] for each in manifest["files"]}
    assert {"help.js", "help_waiting.js"} <= paths
    stop = next(each for each in manifest["files"] if each["path"] == "/g/8WXC3")
    assert "/help?stop=8WXC3" in browser.get(f"/packs/mine/en/files/{stop['sha256']}").text
