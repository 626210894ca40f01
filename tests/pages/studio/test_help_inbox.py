"""The inbox of help: who has what until when, steps with request ids, answers from templates."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import help_service_pb2 as pb
from services.edge.studio import help_inbox
from tests.pages.edge.fakes import Failure, FakeServices, stamp
from tests.pages.studio.test_pages import browser, get, guide, post

__all__ = ["browser", "guide"]

ID = "7b0cf1de-26c5-4f5e-9f9c-0a4b8f5e6d11"
PAGE = f"/studio/help/{ID}"
NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
DUE = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)  # midnight in the area: in time on 1 December
TEMPLATES = [
    pb.HelpTemplate(template_id="call", topic=pb.HELP_TOPIC_OTHER, version=0, texts=[
        pb.HelpTemplateText(locale="ja", text="はじめに\nお電話ください。"),
        pb.HelpTemplateText(locale="en", text="Hello\nPlease call {phone} ({hours}).",
                            machine_draft=True)]),
    pb.HelpTemplate(template_id="broken", topic=pb.HELP_TOPIC_LOST_ITEM, version=2, texts=[
        pb.HelpTemplateText(locale="en", text="Hello\nAt {stop}.")]),
]  # fmt: skip


def summary(**more: Any) -> pb.HelpSummary:
    given: dict[str, Any] = {
        "help_id": ID, "topic": pb.HELP_TOPIC_LOST_ITEM, "state": pb.HELP_STATE_NEW, "version": 3,
        "locale": "en", "stop_code": "8WXC3", "arrive_time": stamp(NOW), "due_time": stamp(DUE),
    }  # fmt: skip
    return pb.HelpSummary(**{**given, **more})


@pytest.fixture(autouse=True)
def _answers(guide: FakeServices) -> None:
    colleagues = [
        directory_pb.Colleague(user_id="u1", display_name="花子"),
        directory_pb.Colleague(user_id="u2", display_name="太郎"),
        directory_pb.Colleague(user_id="u3", display_name="次郎", disabled=True),
    ]
    guide.answers |= {
        "ListColleagues": lambda _: directory_pb.ListColleaguesResponse(colleagues=colleagues),
        "ListHelpRequests": lambda _: pb.ListHelpRequestsResponse(
            help_requests=[summary(overdue=True, owner="u2")], waiting_count=1, overdue_count=1
        ),
        "ReadHelpRequest": lambda _: one(guide),
        "ListHelpTemplates": lambda _: pb.ListHelpTemplatesResponse(templates=TEMPLATES),
        "ChangeHelpRequest": lambda _: pb.ChangeHelpRequestResponse(help_id=ID, version=4),
        "SetHelpDesk": lambda request: pb.SetHelpDeskResponse(desk=request.desk),
        "WriteHelpTemplate": lambda _: pb.WriteHelpTemplateResponse(version=3),
    }


def one(guide: FakeServices, **more: Any) -> pb.ReadHelpRequestResponse:
    given: dict[str, Any] = {
        "summary": summary(), "text": "A <b>red</b> glove", "contact": "guest@example.com",
    }  # fmt: skip
    return pb.ReadHelpRequestResponse(**{**given, **more})


def send(browser: FlaskClient, page: str = PAGE, to: str = "", **fields: str) -> Any:
    return post(browser, to or page, get(browser, page).text, **fields)


def refuse(guide: FakeServices, name: str, code: grpc.StatusCode, reason: str) -> None:
    def refused(_: Any) -> Any:
        raise Failure(code, reason)

    guide.answers[name] = refused


def test_the_list_says_who_has_what_until_when_and_nothing_that_was_written(
    browser: FlaskClient,
) -> None:
    page = get(browser, "/studio/help").text
    for words in ("落とし物", "太郎", "期限切れ", "2026/12/01", "8WXC3", "うち1件は期限切れ"):
        assert words in page
    assert "glove" not in page


def test_closed_ones_are_asked_for_and_say_when_they_go(
    browser: FlaskClient, guide: FakeServices
) -> None:
    guide.answers["ListHelpRequests"] = lambda _: pb.ListHelpRequestsResponse(
        help_requests=[summary(state=pb.HELP_STATE_CLOSED, erase_time=stamp(NOW))]
    )
    assert "2026/11/27 に消えます" in get(browser, "/studio/help?show=closed").text
    assert guide.called("ListHelpRequests")[-1].closed


def test_one_shows_words_as_they_were_typed_and_where_they_came_from(browser: FlaskClient) -> None:
    page = get(browser, PAGE).text
    assert "A &lt;b&gt;red&lt;/b&gt; glove" in page
    assert "guest@example.com" in page
    assert "百枚皿" in page
    assert "次郎" not in page  # nobody hands anything to who has gone


@pytest.mark.parametrize(
    ("fields", "act", "more"),
    [
        ({"action": "take"}, pb.HELP_ACT_TAKE, {}),
        ({"action": "hand-over", "owner": "u2"}, pb.HELP_ACT_HAND_OVER, {"owner": "u2"}),
        ({"action": "note", "text": " asked "}, pb.HELP_ACT_NOTE, {"text": "asked"}),
        ({"action": "due", "due_date": "2026-12-04"}, pb.HELP_ACT_SET_DUE,
         {"due_date": "2026-12-04"}),
        ({"action": "answer", "text": "Yes.", "locale": "en", "machine_draft": "1"},
         pb.HELP_ACT_ANSWER, {"text": "Yes.", "locale": "en", "machine_draft": True}),
        ({"action": "close", "text": "not kept"}, pb.HELP_ACT_CLOSE, {"text": ""}),
        ({"action": "reopen"}, pb.HELP_ACT_REOPEN, {}),
    ],
)  # fmt: skip
def test_each_step_is_one_request_with_what_the_page_knew(
    browser: FlaskClient, guide: FakeServices, fields: dict[str, str], act: int,
    more: dict[str, Any],
) -> None:  # fmt: skip
    answer = send(browser, **fields, version="3", request_id="r1")
    assert answer.status_code == 303
    [call] = guide.called("ChangeHelpRequest")
    assert (call.request_id, call.help_id, call.version, call.act) == ("r1", ID, 3, act)
    assert {name: getattr(call, name) for name in more} == more


@pytest.mark.parametrize(
    "fields",
    [{"action": "erase", "version": "3"}, {"action": "take", "version": "x"},
     {"action": "take", "version": "３"}, {"action": "take", "version": "9" * 10}],
)  # fmt: skip
def test_a_form_that_was_not_made_here_does_nothing(
    browser: FlaskClient, guide: FakeServices, fields: dict[str, str]
) -> None:
    assert send(browser, **fields, request_id="r1").status_code == 400
    assert not guide.called("ChangeHelpRequest")


def test_a_refused_answer_stays_in_the_form(browser: FlaskClient, guide: FakeServices) -> None:
    code = grpc.StatusCode.FAILED_PRECONDITION
    refuse(guide, "ChangeHelpRequest", code, "PLACEHOLDER_LEFT")
    answer = send(
        browser, action="answer", text="At {stop}", locale="en", version="3", request_id="r1"
    )
    assert answer.status_code == 422
    assert "At {stop}</textarea>" in answer.text
    assert "波かっこ" in answer.text


def test_a_template_is_filled_in_in_the_visitors_language_and_its_label_goes_along(
    browser: FlaskClient, guide: FakeServices
) -> None:
    area = guide.answers["ListAreas"](None)
    phone = area.areas[0].help_phone  # type: ignore[attr-defined] # a fake's message
    page = get(browser, f"{PAGE}?template=call").text
    text = re.search(r'id="reply-text"[^>]*>([^<]*)</textarea>', page)
    assert text
    assert "Mon–Fri・Sun 9:00–17:00" in text.group(1)
    assert phone in text.group(1)
    assert re.search(r'name="machine_draft" value="1" checked', page)
    assert "お電話ください。" in page  # beside it in the language of who answers
    assert "Hundred Saucers" in get(browser, f"{PAGE}?template=broken").text


def test_what_nobody_can_fill_in_is_told() -> None:
    answer = help_inbox.begin(TEMPLATES[1], "fr", {"stop": "", "hours": "x", "phone": ""}, "ja")
    assert (answer.text, answer.locale, answer.missing) == ("Hello\nAt {stop}.", "en", ["{stop}"])
    assert answer.own_words == ""
    text = "Hello\n{hours}\nBye {hours}"
    own_line = pb.HelpTemplate(texts=[pb.HelpTemplateText(locale="en", text=text)])
    begun = help_inbox.begin(own_line, "en", {"hours": ""}, "ja")
    assert (begun.text, begun.missing) == ("Hello\nBye {hours}", ["{hours}"])


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("guest@example.com", "mailto:guest@example.com?subject=Mine%3A%20x&body=Yes%0A%26%20no"),
        ("+81 837-62-0305", "tel:+81837620305"),
        ("(0837) 62", "tel:083762"),
        ("", ""),
    ],
)
def test_an_answer_opens_in_the_mail_program_or_the_phone(contact: str, link: str) -> None:
    assert help_inbox.mail_or_call(contact, "Yes\n& no", "Mine: x") == link


def test_after_an_answer_the_page_offers_to_send_it(
    browser: FlaskClient, guide: FakeServices
) -> None:
    step = pb.HelpStep(
        act=pb.HELP_ACT_ANSWER, author="u2", step_time=stamp(NOW), text="It is here.", locale="en"
    )
    guide.answers["ReadHelpRequest"] = lambda _: one(
        guide, summary=summary(state=pb.HELP_STATE_ANSWERED), steps=[step]
    )
    page = get(browser, PAGE).text
    link = re.search(r'href="(mailto:[^"]*)"', page)
    assert link
    assert "It is here." in unquote(link.group(1))
    assert "太郎" in page


def test_a_closed_one_offers_its_undo_and_nothing_else(
    browser: FlaskClient, guide: FakeServices
) -> None:
    closed = summary(
        state=pb.HELP_STATE_CLOSED, close_time=stamp(NOW), erase_time=stamp(NOW + timedelta(30))
    )
    steps = [pb.HelpStep(act=pb.HELP_ACT_CLOSE, author="clock", step_time=stamp(NOW))]
    guide.answers["ReadHelpRequest"] = lambda _: one(guide, summary=closed, steps=steps, contact="")
    page = get(browser, PAGE).text
    assert re.findall(r'name="action" value="([\w-]+)"', page) == ["reopen"]
    assert "自動" in page


def test_the_page_opens_while_directory_is_away(browser: FlaskClient, guide: FakeServices) -> None:
    refuse(guide, "ListColleagues", grpc.StatusCode.UNAVAILABLE, "")
    assert get(browser, PAGE).status_code == 200


def test_hours_are_set_once_and_a_refusal_keeps_what_was_typed(
    browser: FlaskClient, guide: FakeServices
) -> None:
    page = "/studio/help/desk"
    form = get(browser, page).text
    assert re.findall(r'name="weekday" value="(\d)" checked', form) == list("123457")
    assert 'value="09:00"' in form
    fields = {
        "weekday": "6", "from": "10:00", "until": "15:30", "answer_days": "3", "keep_days": "14",
        "version": "1", "request_id": "r1",
    }  # fmt: skip
    assert post(browser, page, form, **fields).status_code == 303
    [call] = guide.called("SetHelpDesk")
    assert call.request_id == "r1"
    assert call.desk == pb.HelpDesk(
        weekdays=[6], from_minute=600, until_minute=930, answer_days=3, keep_days=14, version=1
    )
    refuse(guide, "SetHelpDesk", grpc.StatusCode.ABORTED, "VERSION_CONFLICT")
    answer = post(browser, page, form, **fields)
    assert (answer.status_code, 'value="15:30"' in answer.text) == (422, True)
    assert post(browser, page, form, **{**fields, "answer_days": "three"}).status_code == 400


def test_a_template_is_written_in_one_language(browser: FlaskClient, guide: FakeServices) -> None:
    page = "/studio/help/desk?in=en"
    form = get(browser, page).text
    assert form.count("機械") >= 1
    to = "/studio/help/templates/call/en"
    fields = {"text": " We call back. ", "version": "0", "request_id": "r1"}
    answer = post(browser, to, form, **fields)
    assert answer.headers["Location"].endswith("?in=en&done=1#call")
    [call] = guide.called("WriteHelpTemplate")
    assert (call.template_id, call.locale, call.text) == ("call", "en", "We call back.")
    refuse(guide, "WriteHelpTemplate", grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS")
    answer = post(browser, to, form, **fields)
    assert (answer.status_code, "We call back.</textarea>" in answer.text) == (422, True)
