"""The survey in the studio: order, words, and what somebody else changed meanwhile."""

import re
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.multilingual.v1 import feedback_service_pb2 as pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from services.edge.studio.survey import moved
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.studio.test_pages import browser, get, guide, post

__all__ = ["browser", "guide"]


def edited(question_id: str, *, shown: bool = True) -> pb.EditedQuestion:
    states = [
        guide_pb.LocaleOption(locale="ja", state=guide_pb.TRANSLATION_STATE_SOURCE),
        guide_pb.LocaleOption(
            locale="en", state=guide_pb.TRANSLATION_STATE_OUTDATED, machine_draft=True
        ),
    ]
    return pb.EditedQuestion(
        question_id=question_id, kind=pb.QUESTION_KIND_CHOICE, shown=shown,
        source_label=f"{question_id}は", label="Who?", states=states,
        options=[pb.EditedOption(option_id="alone", source_label="ひとり", label="Alone")],
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _answers(guide: FakeServices) -> None:
    guide.answers |= {
        "ListQuestions": lambda _: pb.ListQuestionsResponse(
            version=4, source_locale="ja",
            questions=[edited("party"), edited("heard"), edited("old", shown=False)],
        ),
        "ArrangeQuestions": lambda _: pb.ArrangeQuestionsResponse(version=5),
        "WriteQuestion": lambda _: pb.WriteQuestionResponse(version=5),
        "AskAnew": lambda _: pb.AskAnewResponse(version=5),
    }  # fmt: skip


def send(browser: FlaskClient, path: str, **fields: str) -> Any:
    page = get(browser, path).text
    return post(browser, path, page, version="4", **fields)


def test_the_list_shows_the_state_of_every_language(browser: FlaskClient) -> None:
    page = get(browser, "/studio/survey").text
    assert re.findall(r'value="(\w+\.\w+)"', page) == [
        "party.up", "party.down", "party.off", "heard.up", "heard.down", "heard.off", "old.on",
    ]  # fmt: skip
    assert page.count("/studio/survey/party/en") == 1
    assert "badge--outdated" in page
    assert "/studio/survey" in get(browser, "/studio").text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (pb.QUESTION_KIND_COUNTRY, "答え方: 国の一覧から選ぶ"),
        (pb.QUESTION_KIND_PREFECTURE, "答え方: 都道府県を選ぶ"),
        (pb.QUESTION_KIND_CHOICE, "選べる答え: 1"),
    ],
)  # fmt: skip
def test_kinds_of_answers_are_told_in_words(
    browser: FlaskClient, guide: FakeServices, kind: pb.QuestionKind.ValueType, words: str
) -> None:
    question = edited("prefecture")
    question.kind = kind
    guide.answers["ListQuestions"] = lambda _: pb.ListQuestionsResponse(
        version=4, source_locale="ja", questions=[question]
    )
    page = get(browser, "/studio/survey").text
    assert words in page
    assert ">prefecture<" not in page


@pytest.mark.parametrize(
    ("move", "order"),
    [
        ("heard.up", ["heard", "party"]), ("party.down", ["heard", "party"]),
        ("party.up", ["party", "heard"]), ("heard.down", ["party", "heard"]),
        ("party.off", ["heard"]), ("old.on", ["party", "heard", "old"]),
    ],
)  # fmt: skip
def test_moves_are_asked_for_with_the_version_that_was_seen(
    browser: FlaskClient, guide: FakeServices, move: str, order: list[str]
) -> None:
    answer = send(browser, "/studio/survey", move=move)
    assert answer.status_code == 303
    [request] = guide.called("ArrangeQuestions")
    assert (list(request.question_ids), request.version) == (order, 4)


def test_a_move_of_nothing_is_refused(browser: FlaskClient, guide: FakeServices) -> None:
    for move in ("", "party.sideways", "pet.up"):
        assert send(browser, "/studio/survey", move=move).status_code == 400
    assert guide.called("ArrangeQuestions") == []
    assert moved(["a", "b"], "c", "up") == ["a", "b", "c"]


def test_words_are_written_beside_the_source(browser: FlaskClient, guide: FakeServices) -> None:
    page = get(browser, "/studio/survey/party/en").text
    assert 'value="Who?"' in page
    assert ">ひとり</label>" in page
    answer = send(browser, "/studio/survey/party/en", label="Who is here?",
                  **{"option-alone": "On my own"})  # fmt: skip
    assert answer.headers["Location"].endswith("/studio/survey/party/en?done=1")
    [request] = guide.called("WriteQuestion")
    assert (request.locale, request.label, dict(request.options)) == (
        "en", "Who is here?", {"alone": "On my own"},
    )  # fmt: skip


def test_only_the_source_may_begin_a_new_question(
    browser: FlaskClient, guide: FakeServices
) -> None:
    assert 'name="anew"' not in get(browser, "/studio/survey/party/en").text
    assert 'name="anew"' in get(browser, "/studio/survey/party/ja").text
    assert send(browser, "/studio/survey/party/ja", label="帰りは", anew="1").status_code == 303
    assert guide.called("AskAnew")[0].label == "帰りは"
    assert guide.called("WriteQuestion") == []


@pytest.mark.parametrize(
    ("code", "reason", "status"),
    [
        (grpc.StatusCode.ABORTED, "VERSION_CONFLICT", 409),
        (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS", 422),
    ],
)
def test_what_was_typed_stays_when_it_is_refused(
    browser: FlaskClient, guide: FakeServices, code: grpc.StatusCode, reason: str, status: int
) -> None:
    def refuse(_: Any) -> Any:
        raise Failure(code, reason)

    guide.answers["WriteQuestion"] = refuse
    answer = send(browser, "/studio/survey/party/en", label="Mine", **{"option-alone": "Me"})
    assert answer.status_code == status
    assert 'value="Mine"' in answer.text
    assert 'value="Me"' in answer.text


def test_what_is_not_there_is_not_found(browser: FlaskClient) -> None:
    for path in ("/studio/survey/pet/ja", "/studio/survey/party/xx"):
        assert get(browser, path).status_code == 404
