"""Second readers at the studio: the desk's forms, the page behind a link, and every refusal."""

from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import review_service_pb2 as pb
from tests.pages.edge.fakes import Failure, FakeServices, stamp, with_parts
from tests.pages.studio.test_desk import desk, narration
from tests.pages.studio.test_pages import ORIGIN, browser, get, guide, post

__all__ = ["browser", "guide"]
DESK, LINK = "/studio/K7Q2X/en", "/studio/read/SECRET"
NOW = stamp(datetime(2026, 11, 21, 1, 0, tzinfo=UTC))


def waiting(**more: Any) -> pb.Submission:
    return pb.Submission(
        submission_id="01a21f31-8a0e-74e2-8b86-6a7ff3375bfb", stop_code="K7Q2X", locale="en",
        revision=3, submitter="u9", author="u9", note="<b>Please</b>", create_time=NOW,
        phase=more.pop("phase", pb.SUBMISSION_PHASE_WAITING), **more,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def review(guide: FakeServices) -> pb.ReadReviewResponse:
    guide.user.roles[:] = [directory_pb.ROLE_REVIEWER]
    found = pb.ReadReviewResponse(
        policy=pb.REVIEW_POLICY_OUTSIDE_READER, submission=waiting(), may_decide=True,
        links=[
            pb.ReviewLink(link_id="l1", secret="SECRET", create_time=NOW, expire_time=NOW),
            pb.ReviewLink(link_id="l2", create_time=NOW, expire_time=NOW, revoked=True),
        ],
    )  # fmt: skip
    guide.answers |= {
        "ReadReview": lambda _: found,
        "HandInDraft": lambda _: pb.HandInDraftResponse(),
        "DecideSubmission": lambda _: pb.DecideSubmissionResponse(),
        "OfferReviewLink": lambda _: pb.OfferReviewLinkResponse(),
        "RevokeReviewLink": lambda _: pb.RevokeReviewLinkResponse(),
        "ReadLinkedText": lambda _: pb.ReadLinkedTextResponse(
            locale="en", text=narration("Pool", what="Water.", more="Hi."), source_locale="ja",
            source=narration("池", what="水です。"), note="Is it idiomatic?", expire_time=NOW,
        ),
        "DecideLinkedText": lambda said: pb.DecideLinkedTextResponse(
            phase=pb.SUBMISSION_PHASE_APPROVED if said.approve else pb.SUBMISSION_PHASE_GIVEN_BACK
        ),
    }  # fmt: skip
    return found


def test_a_text_is_handed_in_with_its_note(browser: FlaskClient, guide: FakeServices) -> None:
    guide.answers["ReadReview"] = lambda _: pb.ReadReviewResponse(
        policy=pb.REVIEW_POLICY_SECOND_READER
    )
    page = get(browser, DESK).text
    assert 'value="hand-in"' in page
    assert "ほかの人の確認なしで公開" in page
    answer = post(browser, DESK, page, action="hand-in", note="Mind the name.")
    assert answer.location.endswith("done=handed-in")
    [asked] = guide.called("HandInDraft")
    assert (asked.revision, asked.note, asked.locale) == (4, "Mind the name.", "en")
    assert not guide.called("PublishNarration")
    assert "確認を依頼しました" in get(browser, f"{DESK}?done=handed-in").text


def test_where_nobody_is_asked_the_desk_is_as_it_was(
    browser: FlaskClient, review: pb.ReadReviewResponse
) -> None:
    review.CopyFrom(pb.ReadReviewResponse(policy=pb.REVIEW_POLICY_OPEN, may_publish=True))
    page = get(browser, DESK).text
    assert "確認済みにして公開" in page
    assert 'name="reason"' not in page


def test_the_desk_works_while_the_guide_says_nothing_of_readers(
    browser: FlaskClient, guide: FakeServices
) -> None:
    del guide.answers["ReadReview"]
    assert "確認済みにして公開" in get(browser, DESK).text


def test_publishing_alone_carries_its_reason_and_is_told(
    browser: FlaskClient, guide: FakeServices
) -> None:
    page = get(browser, DESK).text
    post(browser, DESK, page, action="publish", reason=" Alone today. ")
    assert guide.called("PublishNarration")[0].reason == "Alone today."
    found = desk()
    found.state.reading, found.state.reason = guide_pb.READING_ALONE, "Alone <today>."
    guide.answers["ReadNarration"] = lambda _: found
    history = guide_pb.Revision(
        revision=2, reading=guide_pb.READING_OUTSIDE_READER, publisher="link:l1"
    )
    guide.answers["ListRevisions"] = lambda _: guide_pb.ListRevisionsResponse(revisions=[history])
    page = get(browser, DESK).text
    assert "ほかの人の確認なしで公開：Alone &lt;today&gt;." in page
    assert "外部の人がリンクから確認済み · 外部の人" in page


def test_what_was_saved_and_needs_a_reader_says_so(
    browser: FlaskClient, guide: FakeServices
) -> None:
    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.FAILED_PRECONDITION, "SECOND_READER_NEEDED")

    guide.answers["PublishNarration"] = refuse
    page = get(browser, DESK).text
    answer = post(browser, DESK, page, action="publish")
    assert answer.status_code == 409
    assert "まだ公開していません" in answer.text
    answer = post(browser, f"{DESK}/publish", page, revision="3")
    assert answer.status_code == 409


@pytest.mark.parametrize(("action", "done"), [("approve", "approved"), ("give-back", "given-back")])
def test_a_reader_decides(
    browser: FlaskClient, guide: FakeServices, action: str, done: str
) -> None:
    page = get(browser, DESK).text
    assert "&lt;b&gt;Please&lt;/b&gt;" in page
    answer = post(
        browser, f"{DESK}/review", page, action=action, reason="Fall.", submission_id="s1"
    )
    assert answer.location.endswith(f"done={done}")
    [asked] = guide.called("DecideSubmission")
    assert (asked.submission_id, asked.approve, asked.reason) == (
        "s1",
        action == "approve",
        "Fall.",
    )


def test_giving_back_needs_words_and_refusals_are_told(
    browser: FlaskClient, guide: FakeServices
) -> None:
    page = get(browser, DESK).text
    answer = post(browser, f"{DESK}/review", page, action="give-back", reason=" ")
    assert answer.location.endswith("why=REASON_NEEDED")
    assert not guide.called("DecideSubmission")
    assert "直してほしい点を書いてください" in get(browser, answer.location).text

    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.PERMISSION_DENIED, "OWN_TEXT")

    guide.answers["DecideSubmission"] = refuse
    answer = post(browser, f"{DESK}/review", page, action="approve")
    assert answer.location.endswith("why=OWN_TEXT")
    assert "ご自分が書いた" in get(browser, answer.location).text
    # Whatever else stands in the address is no sentence of ours.
    assert 'role="alert"' not in get(browser, f"{DESK}?why=SIGN_UNKNOWN").text


def test_what_was_given_back_stands_on_the_desk(
    browser: FlaskClient, guide: FakeServices, review: pb.ReadReviewResponse
) -> None:
    back = waiting(phase=pb.SUBMISSION_PHASE_GIVEN_BACK, reason="Say <fall>.", decider="link:l1")
    review.submission.CopyFrom(back)
    page = get(browser, DESK).text
    assert "Say &lt;fall&gt;." in page
    assert "外部の人" in page
    assert 'value="hand-in"' in page
    # Published since, by whomever: it is settled.
    found = desk()
    found.published.revision = 3
    guide.answers["ReadNarration"] = lambda _: found
    assert "Say &lt;fall&gt;." not in get(browser, DESK).text


def test_links_are_made_shown_and_taken_back(browser: FlaskClient, guide: FakeServices) -> None:
    page = get(browser, DESK).text
    assert 'value="http://guide.example.jp/studio/read/SECRET"' in page
    assert page.count("/studio/read/") == 1
    answer = post(browser, f"{DESK}/link", page, submission_id="s1")
    assert answer.location.endswith("done=linked")
    assert "SECRET" not in answer.location
    assert guide.called("OfferReviewLink")[0].submission_id == "s1"
    answer = post(browser, f"{DESK}/link", page, link_id="l1")
    assert answer.location.endswith("done=revoked")
    assert guide.called("RevokeReviewLink")[0].link_id == "l1"


def stranger(app: Flask, guide: FakeServices) -> FlaskClient:
    return with_parts(app, guide).test_client()


def say(client: FlaskClient, **fields: str) -> Any:
    return client.post(
        LINK, data={"request_id": "r-12345678", **fields}, base_url="http://guide.example.jp",
        headers=ORIGIN,
    )  # fmt: skip


def test_a_link_shows_the_text_beside_its_source_to_anybody(
    made_once: Flask, guide: FakeServices
) -> None:
    client = stranger(made_once, guide)
    answer = get(client, LINK)
    for words in ("Water.", "水です。", "Hi.", "Is it idiomatic?", "承認して公開"):
        assert words in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert 'name="robots"' in answer.text
    assert guide.called("ReadLinkedText")[0].link_secret == "SECRET"
    for action in ("approve", "give-back"):
        done = say(client, action=action, reason="Fine." if action == "approve" else "Fall.")
        assert "ありがとうございました" in done.text
    assert [each.approve for each in guide.called("DecideLinkedText")] == [True, False]


def test_a_reader_outside_is_told_what_is_missing(made_once: Flask, guide: FakeServices) -> None:
    client = stranger(made_once, guide)
    answer = say(client, action="give-back", reason="")
    assert answer.status_code == 422
    assert "直してほしい点を書いてください" in answer.text
    assert not guide.called("DecideLinkedText")

    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "CARD_NUMBER_TYPED")

    guide.answers["DecideLinkedText"] = refuse
    answer = say(client, action="approve", reason="kept <words>")
    assert answer.status_code == 422
    assert "kept &lt;words&gt;" in answer.text


@pytest.mark.parametrize(
    ("reason", "status"), [("REVIEW_LINK_OVER", 410), ("REVIEW_LINK_UNKNOWN", 404)]
)
def test_a_link_that_is_over_shows_nothing(
    made_once: Flask, guide: FakeServices, reason: str, status: int
) -> None:
    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.FAILED_PRECONDITION, reason)

    guide.answers["ReadLinkedText"] = guide.answers["DecideLinkedText"] = refuse
    client = stranger(made_once, guide)
    for answer in (get(client, LINK), say(client, action="approve")):
        assert answer.status_code == status
        assert "Water." not in answer.text
