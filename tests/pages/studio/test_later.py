"""Texts shown from a time on, at the studio's desk: planned, told, taken back, refused."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.multilingual.v1 import review_service_pb2 as pb
from tests.pages.edge.fakes import Failure, FakeServices, stamp
from tests.pages.studio.test_pages import browser, get, guide, post
from tests.pages.studio.test_review import DESK, review

__all__ = ["browser", "guide", "review"]
THERE = ZoneInfo("Asia/Tokyo")
DUE = datetime(2026, 12, 1, 6, 0, tzinfo=THERE)


@pytest.fixture(autouse=True)
def plans(guide: FakeServices, review: pb.ReadReviewResponse) -> pb.ReadReviewResponse:
    review.CopyFrom(pb.ReadReviewResponse(policy=pb.REVIEW_POLICY_OPEN, may_publish=True))
    guide.answers |= {
        "PlanPublication": lambda _: pb.PlanPublicationResponse(),
        "CancelPlan": lambda _: pb.CancelPlanResponse(),
    }
    return review


def planned(problem: str = "") -> pb.PublicationPlan:
    return pb.PublicationPlan(
        revision=3, due_time=stamp(DUE), planner="u9", create_time=stamp(DUE), problem=problem
    )


def refuses(code: grpc.StatusCode, reason: str) -> Any:
    def answer(_: Any) -> Any:
        raise Failure(code, reason)

    return answer


def typed(ahead: timedelta) -> str:
    return (datetime.now(THERE) + ahead).strftime("%Y-%m-%dT%H:%M")


def test_a_text_is_planned_in_the_time_of_the_place(
    browser: FlaskClient, guide: FakeServices
) -> None:
    page = get(browser, DESK).text
    wanted = typed(timedelta(days=3))
    answer = post(browser, DESK, page, action="later", from_time=wanted, reason=" Season ")
    assert answer.location.endswith("done=planned")
    [asked] = guide.called("PlanPublication")
    assert asked.due_time.ToDatetime(tzinfo=UTC).astimezone(THERE).strftime(
        "%Y-%m-%dT%H:%M"
    ) == wanted  # fmt: skip
    assert (asked.revision, asked.locale, asked.reason) == (4, "en", "Season")
    assert guide.called("SaveDraft")
    assert not guide.called("PublishNarration")


TOO_FAR = typed(timedelta(days=500))


@pytest.mark.parametrize(
    "wanted",
    ["", "tomorrow", "2020-01-01T00:00", pytest.param(TOO_FAR, id="too far"), "9999-12-31T23:59"],
)
def test_what_is_no_time_to_come_is_refused_and_nothing_is_saved(
    browser: FlaskClient, guide: FakeServices, wanted: str
) -> None:
    page = get(browser, DESK).text
    answer = post(browser, DESK, page, action="later", from_time=wanted)
    assert answer.status_code == 422
    assert "400日以内" in answer.text
    assert f'name="from_time" value="{wanted}"' in answer.text
    assert not guide.called("SaveDraft")
    assert not guide.called("PlanPublication")


def test_the_desk_tells_what_is_planned_and_takes_it_back(
    browser: FlaskClient, guide: FakeServices, plans: pb.ReadReviewResponse
) -> None:
    plans.plan.CopyFrom(planned())
    page = get(browser, f"{DESK}?done=planned").text
    assert "第3版を2026-12-01 06:00から公開します" in page
    answer = post(browser, f"{DESK}/later/cancel", page)
    assert answer.location.endswith("done=unplanned")
    [asked] = guide.called("CancelPlan")
    assert (asked.stop_code, asked.locale) == ("K7Q2X", "en")
    assert "取り消しました" in get(browser, f"{DESK}?done=unplanned").text


def test_a_plan_that_is_over_is_said(browser: FlaskClient, guide: FakeServices) -> None:
    guide.answers["CancelPlan"] = refuses(grpc.StatusCode.NOT_FOUND, "PLAN_UNKNOWN")
    answer = post(browser, f"{DESK}/later/cancel", get(browser, DESK).text)
    assert "予約はもうありません" in get(browser, str(answer.location)).text


@pytest.mark.parametrize(
    "problem", ["SECOND_READER_NEEDED", "REVISION_CONFLICT", "READING_MISSING", "STOP_CODE_UNKNOWN"]
)
def test_what_was_in_the_way_is_told_in_words(
    browser: FlaskClient, plans: pb.ReadReviewResponse, problem: str
) -> None:
    plans.plan.CopyFrom(planned(problem))
    page = get(browser, DESK).text
    assert "予約した2026-12-01 06:00に公開されませんでした" in page
    said = page.partition("公開されませんでした")[2].partition("</form>")[0]
    assert problem not in said
    assert problem.lower() not in said


def test_a_refused_plan_keeps_the_text_and_says_why(
    browser: FlaskClient, guide: FakeServices
) -> None:
    guide.answers["PlanPublication"] = refuses(
        grpc.StatusCode.FAILED_PRECONDITION, "SECOND_READER_NEEDED"
    )
    given: Any = {"action": "later", "from_time": typed(timedelta(days=1))}
    answer = post(browser, DESK, get(browser, DESK).text, **given)
    assert answer.status_code == 409
    assert guide.called("SaveDraft")
