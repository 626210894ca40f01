"""Ratings and replies from the bus to a month's figures: a change puts its own month right."""

import asyncio
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.multilingual.v1 import feedback_service_pb2 as words
from meguri.multilingual.v1 import multilingual_events_pb2 as multilingual
from tests import harness
from tests.service.insights.test_door import TIMEOUT_S, area, insights, stub

__all__ = ["area", "insights"]

MAY = datetime(2026, 5, 31, 14, 30, tzinfo=UTC)  # half past eleven in the evening in Tokyo


def rating(face: str, locale: str = "en-GB") -> dict[str, Any]:
    return {"rating_id": str(uuid.uuid4()), "stop_code": "K7Q2X", "place_id": "cave/pool",
            "locale": locale, "face": words.Face.Value(f"FACE_{face}")}  # fmt: skip


async def read(
    it: harness.Running, area: str, month: str, condition: Callable[[pb.ReadFeedbackResponse], bool]
) -> pb.ReadFeedbackResponse:
    """Reads a month until a condition holds."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        found: pb.ReadFeedbackResponse = await stub(it, area).ReadFeedback(
            pb.ReadFeedbackRequest(month=month), timeout=TIMEOUT_S
        )
        if condition(found):
            return found
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)


async def test_a_month_tells_what_holds_of_it(insights: harness.Running, area: str) -> None:
    given = [rating("GOOD") for _ in range(36)] + [rating("POOR") for _ in range(4)]
    for each in given:
        body = multilingual.RatingGiven(**each)
        await insights.say(area, "multilingual", "rating_given", body, occur_time=MAY)
    few = multilingual.RatingGiven(**rating("POOR", "th"))
    await insights.say(area, "multilingual", "rating_given", few, occur_time=MAY)
    # Two change their minds after midnight, in June: what they said in May ends in May.
    for each in given[:2]:
        gone = multilingual.RatingWithdrawn(**each)
        await insights.say(area, "multilingual", "rating_withdrawn", gone, occur_time=MAY)
        again = multilingual.RatingGiven(**{**each, "face": words.FACE_POOR})
        later = MAY + timedelta(hours=1)
        await insights.say(area, "multilingual", "rating_given", again, occur_time=later)
    reply = multilingual.SurveyAnswered(
        reply_id=str(uuid.uuid4()),
        answers=[words.Answer(question_id="party", option_id="couple")],
    )
    for _ in range(49):
        await insights.say(area, "multilingual", "survey_answered", reply, occur_time=MAY)
    found = await read(insights, area, "2026-05", lambda found: found.reply_count == 40)
    assert (found.month, found.over, found.rating_count, found.suppression_k) == (
        "2026-05", True, 40, 10,
    )  # fmt: skip
    [stop] = found.stops
    [english] = stop.languages
    # 42 events make four whole groups; the two that ended stand in the fifth. Chance is in it.
    assert (english.locale, english.count, stop.count) == ("en", 40, 40)
    assert english.liking in (pb.LIKING_MOST, pb.LIKING_NEARLY_ALL)
    once_more = await read(insights, area, "2026-05", lambda _: True)
    assert once_more.stops == found.stops, "read again it is the same"
    [party] = found.questions
    [couple] = party.answers.cells
    assert (couple.value, party.answers.n) == ("couple", 40)
    assert couple.count in (10, 20, 30, 40)  # forty chose it, and chance is in it
    await insights.say(area, "multilingual", "survey_answered", reply, occur_time=MAY)
    assert (await read(insights, area, "2026-05", lambda found: found.reply_count == 50)).questions
    june = await stub(insights, area).ReadFeedback(
        pb.ReadFeedbackRequest(month="2026-06"), timeout=TIMEOUT_S
    )
    assert june.ratings_withheld
    assert june.stops == []


@pytest.mark.parametrize("month", ["2026-13", "26-05", "2026-05-01", "May", "1999-12", "2026-W01"])
async def test_a_month_that_is_none_is_named(
    insights: harness.Running, area: str, month: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub(insights, area).ReadFeedback(
            pb.ReadFeedbackRequest(month=month), timeout=TIMEOUT_S
        )
    assert problem_of(caught.value).fields == (("month", "give a month as YYYY-MM"),)


async def test_the_running_month_is_read_without_naming_it(
    insights: harness.Running, area: str
) -> None:
    found = await stub(insights, area).ReadFeedback(pb.ReadFeedbackRequest(), timeout=TIMEOUT_S)
    assert len(found.month) == 7
    assert not found.over
    assert found.ratings_withheld


async def test_texts_that_few_like_are_told_to_those_who_write_them(
    insights: harness.Running, area: str
) -> None:
    async def ask(role: Role, *since: pb.TextSince) -> list[pb.UnlikedText]:
        request = pb.ListUnlikedTextsRequest(since=since)
        answer = await stub(insights, area, role).ListUnlikedTexts(request, timeout=TIMEOUT_S)
        return list(answer.texts)

    assert await ask(Role.EDITOR) == []
    begun = datetime.now(UTC)
    for _ in range(40):
        poor = rating("POOR", "ko") | {"reasons": [words.RATING_REASON_LONG]}
        body = multilingual.RatingGiven(**poor)
        await insights.say(area, "multilingual", "rating_given", body)
    for _ in range(40):
        body = multilingual.RatingGiven(**rating("GOOD", "en"))
        await insights.say(area, "multilingual", "rating_given", body)
    await read(insights, area, "", lambda found: found.rating_count == 80)
    [found] = await ask(Role.EDITOR)
    assert (found.stop_code, found.locale, list(found.reasons)) == ("K7Q2X", "ko", ["long"])
    assert found.liking in (pb.LIKING_HARDLY_ANYONE, pb.LIKING_FEW)

    def since(at: datetime) -> pb.TextSince:
        text = pb.TextSince(stop_code="K7Q2X", locale="ko")
        text.since_time.FromDatetime(at)
        return text

    assert await ask(Role.REVIEWER, since(begun)) == [found]
    assert await ask(Role.REVIEWER, since(datetime.now(UTC))) == []
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await ask(Role.CLERK)
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
    for wrong in ([since(begun)] * 2, [pb.TextSince(stop_code="A", locale="ja")]):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ask(Role.EDITOR, *wrong)
        assert problem_of(caught.value).reason == "INVALID_FIELDS"
