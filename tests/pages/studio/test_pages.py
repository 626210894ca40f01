"""The studio's pages with a stand-in guide behind them."""

import re
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from tests.pages.edge.fakes import SESSION, Failure, FakeServices, with_parts
from tests.pages.studio.test_desk import desk, states

ORIGIN = {"Origin": "http://guide.example.jp", "Accept-Language": "ja"}


@pytest.fixture
def guide() -> FakeServices:
    found = FakeServices()
    found.user.roles[:] = [directory_pb.ROLE_EDITOR]
    answers: dict[str, Any] = {
        "ListTranslationStates": lambda _: states(),
        "ReadNarration": lambda request: desk(request.locale),
        "ListRevisions": lambda request: pb.ListRevisionsResponse(
            revisions=[desk(request.locale).latest]
        ),
        "SaveDraft": lambda _: pb.SaveDraftResponse(revision=pb.Revision(revision=4)),
        "PublishNarration": lambda _: pb.PublishNarrationResponse(),
        "RenderQrLabel": _label,
    }
    found.answers |= answers
    return found


def _label(request: pb.RenderQrLabelRequest) -> pb.RenderQrLabelResponse:
    if not request.base_url:
        raise Failure(grpc.StatusCode.FAILED_PRECONDITION, "NO_PUBLIC_ADDRESS")
    return pb.RenderQrLabelResponse(
        image=b"<svg/>", media_type="image/svg+xml", stop_code="K7Q2X", url=request.base_url
    )


@pytest.fixture
def browser(made_once: Flask, guide: FakeServices) -> Iterator[FlaskClient]:
    with with_parts(made_once, guide).test_client() as client:
        client.set_cookie("meguri_session", SESSION, domain="guide.example.jp")
        yield client


def get(browser: FlaskClient, path: str) -> Any:
    return browser.get(path, base_url="http://guide.example.jp", headers={"Accept-Language": "ja"})


def post(browser: FlaskClient, path: str, page: str, **fields: str) -> Any:
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    given = {"form_token": token[1], "request_id": "r-12345678", "name": "Pool",
             "text-what": "New words.", "topic-what": "1", "base_revision": "3",
             "source_revision": "2", "published_revision": "3", "paragraph": "what",
             **fields}  # fmt: skip
    return browser.post(path, data=given, base_url="http://guide.example.jp", headers=ORIGIN)


def test_visitors_are_asked_to_sign_in(made_once: Flask, guide: FakeServices) -> None:
    answer = get(with_parts(made_once, guide).test_client(), "/studio")
    assert answer.status_code == 303
    assert "/login" in answer.location


def test_clerks_may_not_open_it(browser: FlaskClient, guide: FakeServices) -> None:
    guide.user.roles[:] = [directory_pb.ROLE_CLERK]
    assert get(browser, "/studio").status_code == 403


def test_the_table_says_every_state_in_words(browser: FlaskClient) -> None:
    page = get(browser, "/studio").text
    for words in ("未作成", "要更新", "確認済み", "原文"):
        assert words in page
    assert "/studio/BBBBB/en" in page


@pytest.mark.parametrize(("query", "shown"), [("", "ja"), ("?in=en", "en")])
def test_a_narrow_screen_shows_one_language(browser: FlaskClient, query: str, shown: str) -> None:
    page = get(browser, f"/studio{query}").text
    cells = re.findall(r'<td class="([^"]*)">\s*<a class="studio-cell" href="[^"]*/([\w-]+)"', page)
    assert len({tag for _, tag in cells}) > 1
    assert {tag for style, tag in cells if "studio-other" not in style} == {shown}
    assert "狭い画面では" in page


def test_an_empty_area_says_what_is_missing(browser: FlaskClient, guide: FakeServices) -> None:
    guide.answers["ListTranslationStates"] = lambda _: pb.ListTranslationStatesResponse()
    assert "案内地点がまだありません" in get(browser, "/studio").text


def test_a_text_shows_source_change_and_gap(browser: FlaskClient) -> None:
    page = get(browser, "/studio/K7Q2X/en").text
    assert "<del>湯</del><ins>水</ins>" in page
    assert 'lang="ja"' in page
    assert "未作成" in page


def test_hostile_text_stays_text(browser: FlaskClient, guide: FakeServices) -> None:
    found = desk()
    found.latest.text.paragraphs[0].text = "</textarea><script>alert(1)</script>"
    found.source.text.paragraphs[0].text = "<img src=x onerror=alert(1)>"
    guide.answers["ReadNarration"] = lambda _: found
    for path in ("/studio/K7Q2X/en", "/studio/K7Q2X/en/preview"):
        page = get(browser, path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_saving_keeps_a_draft_and_publishing_shows_it(
    browser: FlaskClient, guide: FakeServices
) -> None:
    page = get(browser, "/studio/K7Q2X/en").text
    assert post(browser, "/studio/K7Q2X/en", page, action="save").location.endswith("done=saved")
    assert not guide.called("PublishNarration")
    answer = post(browser, "/studio/K7Q2X/en", page, action="publish")
    assert answer.location.endswith("done=published")
    [published] = guide.called("PublishNarration")
    assert (published.revision, published.replaced_revision, published.reviewed) == (4, 3, True)
    assert guide.called("SaveDraft")[0].text.paragraphs[0].text == "New words."


def test_going_back_marks_nothing_as_read(browser: FlaskClient, guide: FakeServices) -> None:
    page = get(browser, "/studio/K7Q2X/en").text
    answer = post(browser, "/studio/K7Q2X/en/publish", page, revision="1", reviewed="1")
    assert answer.location.endswith("done=restored")
    assert not guide.called("PublishNarration")[0].reviewed


def test_a_conflict_keeps_what_was_typed(browser: FlaskClient, guide: FakeServices) -> None:
    def conflict(_request: Any) -> Any:
        raise Failure(grpc.StatusCode.ABORTED, "REVISION_CONFLICT")

    guide.answers["SaveDraft"] = conflict
    page = get(browser, "/studio/K7Q2X/en").text
    answer = post(browser, "/studio/K7Q2X/en", page, action="save")
    assert answer.status_code == 409
    assert "New words." in answer.text
    assert 'name="base_revision" value="3"' in answer.text
    assert "ほかの担当者" in answer.text


@pytest.mark.parametrize(
    ("reason", "told"),
    [("CARD_NUMBER_TYPED", "カード番号が書かれています"), ("TEXT_TOO_LONG", "文章が長すぎます")],
)
def test_a_refused_text_keeps_what_was_typed(
    browser: FlaskClient, guide: FakeServices, reason: str, told: str
) -> None:
    def refuse(_request: Any) -> Any:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, reason)

    guide.answers["SaveDraft"] = refuse
    page = get(browser, "/studio/K7Q2X/en").text
    answer = post(browser, "/studio/K7Q2X/en", page, action="save")
    assert answer.status_code == 422
    assert "New words." in answer.text
    assert told in answer.text
    assert "<ul></ul>" not in answer.text


def test_a_form_without_its_token_changes_nothing(
    browser: FlaskClient, guide: FakeServices
) -> None:
    answer = browser.post(
        "/studio/K7Q2X/en", data={"action": "publish"}, base_url="http://guide.example.jp",
        headers=ORIGIN,
    )  # fmt: skip
    assert answer.status_code in {400, 403}
    assert not guide.called("SaveDraft")


def test_a_label_falls_back_to_the_address_at_hand(browser: FlaskClient) -> None:
    answer = get(browser, "/studio/K7Q2X/label.svg")
    assert answer.mimetype == "image/svg+xml"
    assert "K7Q2X.svg" in answer.headers["Content-Disposition"]
    assert get(browser, "/studio/K7Q2X/label.exe").status_code == 404


@pytest.mark.parametrize("path", ["/studio/K7Q2X/en", "/studio/K7Q2X/en/publish"])
def test_a_form_without_its_request_id_changes_nothing(
    browser: FlaskClient, guide: FakeServices, path: str
) -> None:
    page = get(browser, "/studio/K7Q2X/en").text
    answer = post(browser, path, page, action="publish", revision="1", request_id="")
    assert answer.status_code == 400
    assert not guide.called("SaveDraft") + guide.called("PublishNarration")
