"""Drafts one after another: the list, reading, publishing one and all, what was left."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import review_service_pb2 as pb
from tests.pages.edge.fakes import FakeServices, stamp
from tests.pages.studio.test_desk import desk
from tests.pages.studio.test_pages import browser, get, guide, post

__all__ = ["browser", "guide"]
LIST = "/studio/drafts/en"
NOW = stamp(datetime(2026, 11, 21, 1, 0, tzinfo=UTC))


def draft(code: str, name: str, **more: Any) -> pb.Draft:
    return pb.Draft(
        stop_code=code, source_name=name, locale="en", revision=3, published_revision=1,
        author="u9", create_time=NOW, may_publish=more.pop("may_publish", True), **more,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def waiting(guide: FakeServices) -> list[pb.Draft]:
    found = [draft("AAAAA", "池"), draft("BBBBB", "滝", submission=pb.Submission(note="Look."))]

    def read(request: Any) -> Any:
        text = desk(request.locale)
        text.stop_code = request.stop_code
        return text

    def note(request: Any) -> Any:
        for each in found:
            each.opened = each.opened or each.stop_code == request.stop_code
        return pb.NoteOpenedResponse()

    def publish(request: Any) -> Any:
        codes = [each.stop_code for each in request.texts]
        found[:] = [each for each in found if each.stop_code not in codes]
        return pb.PublishTextsResponse(published=codes, change_number=9)

    guide.answers |= {
        "ListDrafts": lambda _: pb.ListDraftsResponse(drafts=found),
        "ListReviewPolicies": lambda _: pb.ListReviewPoliciesResponse(policies=[
            pb.LanguagePolicy(locale="ja", policy=pb.REVIEW_POLICY_OPEN),
            pb.LanguagePolicy(locale="en", policy=pb.REVIEW_POLICY_SECOND_READER),
        ]),
        "SetReviewPolicy": lambda _: pb.SetReviewPolicyResponse(),
        "ReadNarration": read, "NoteOpened": note, "PublishTexts": publish,
    }  # fmt: skip
    return found


def test_each_language_says_what_waits_and_what_it_asks_for(
    browser: FlaskClient, guide: FakeServices
) -> None:
    page = get(browser, "/studio/drafts").text
    assert "下書き2件" in page
    assert "確認待ち1件" in page
    assert "ほかの人の確認、または理由" in page
    assert "<select" not in page.split("<main")[1]
    assert 'href="/studio/drafts"' in get(browser, "/studio").text


def test_an_admin_chooses_what_a_language_asks_for(
    browser: FlaskClient, guide: FakeServices
) -> None:
    guide.user.roles[:] = [directory_pb.ROLE_ADMIN]
    page = get(browser, "/studio/drafts").text
    answer = post(browser, "/studio/policies", page, policy="outside", **{"in": "en"})
    assert answer.location.endswith("done=policy")
    [asked] = guide.called("SetReviewPolicy")
    assert (asked.locale, asked.policy) == ("en", pb.REVIEW_POLICY_OUTSIDE_READER)


def test_drafts_are_read_one_after_another_and_published(
    browser: FlaskClient, guide: FakeServices
) -> None:
    page = get(browser, LIST).text
    assert "2件中2件をまだ読んでいません" in page
    assert "まとめて公開" not in page
    page = get(browser, f"{LIST}/AAAAA").text
    assert guide.called("NoteOpened")[0].revision == 3
    for words in ("2件中1件目", "水です。", "Water.", "公開して次へ"):
        assert words in page
    get(browser, f"{LIST}/AAAAA")
    assert len(guide.called("NoteOpened")) == 1
    answer = post(browser, f"{LIST}/AAAAA", page, version="3:1")
    assert answer.location == f"{LIST}/BBBBB?done=published"
    [asked] = guide.called("PublishTexts")
    assert [(each.stop_code, each.revision, each.replaced_revision) for each in asked.texts] == [
        ("AAAAA", 3, 1)
    ]
    page = get(browser, answer.location).text
    assert "前の文を公開しました" in page
    assert "Look." in page
    assert post(browser, f"{LIST}/BBBBB", page, version="3:1").location == f"{LIST}?done=published"
    assert "待っている下書きはありません" in get(browser, LIST).text


def test_all_that_were_opened_go_out_by_one_request(
    browser: FlaskClient, guide: FakeServices, waiting: list[pb.Draft]
) -> None:
    for each in waiting:
        each.opened = True
    waiting[0].may_publish = False
    page = get(browser, LIST).text
    assert "2件をまとめて公開" in page
    assert 'name="reason"' in page
    sent = re.findall(r'name="text" value="([^"]+)"', page)
    assert sent == ["AAAAA:3:1", "BBBBB:3:1"]
    guide.answers["PublishTexts"] = lambda _: pb.PublishTextsResponse(
        published=["BBBBB"], left=[pb.TextLeft(stop_code="AAAAA", problem="REVISION_CONFLICT")]
    )
    answer = post(browser, LIST, page, text=sent, reason="From the office.")  # type: ignore[arg-type]
    [asked] = guide.called("PublishTexts")
    assert (len(asked.texts), asked.reason) == (2, "From the office.")
    assert "1件を公開しました" in answer.text
    assert "1件は公開しませんでした" in answer.text
    assert f'href="{LIST}/AAAAA"' in answer.text


@pytest.mark.parametrize("problem", ["REVISION_CONFLICT", "SECOND_READER_NEEDED", "NOT_OPENED"])
def test_a_draft_that_cannot_be_published_stays_with_its_reason(
    browser: FlaskClient, guide: FakeServices, problem: str
) -> None:
    page = get(browser, f"{LIST}/AAAAA").text
    guide.answers["PublishTexts"] = lambda request: pb.PublishTextsResponse(
        left=[pb.TextLeft(stop_code=request.texts[0].stop_code, problem=problem)]
    )
    answer = post(browser, f"{LIST}/AAAAA", page, version="3:1", reason="typed")
    assert answer.status_code == 409
    assert "notice--warn" in answer.text


@pytest.mark.parametrize("version", ["", "3", "x:1", "3:1:1", "-3:1"])
def test_a_form_of_nothing_publishes_nothing(
    browser: FlaskClient, guide: FakeServices, version: str
) -> None:
    page = get(browser, f"{LIST}/AAAAA").text
    assert post(browser, f"{LIST}/AAAAA", page, version=version).status_code == 409
    assert not guide.called("PublishTexts")


def test_what_no_longer_waits_leads_to_the_list(browser: FlaskClient) -> None:
    answer = get(browser, f"{LIST}/CCCCC")
    assert (answer.status_code, answer.location) == (303, LIST)
