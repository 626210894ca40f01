"""Ratings and replies arrive exactly once and keep nothing of the person."""

import asyncio
from typing import Any

from kit.auth import Role
from kit.db import Database
from meguri.multilingual.v1 import feedback_service_pb2 as pb
from meguri.multilingual.v1 import feedback_service_pb2_grpc as pb_grpc
from meguri.multilingual.v1 import multilingual_events_pb2 as said
from tests.service.multilingual.conftest import TIMEOUT_S, World, new_id, refused


def stub(world: World) -> Any:
    return pb_grpc.FeedbackServiceStub(world.it.channel(world.area, Role.VISITOR))


def rating(world: World, face: str = "GOOD", change: int = 1, **more: Any) -> pb.Rating:
    given = {"rating_id": new_id(), "stop_code": world.code("pool"), "locale": "zh-Hant-TW-x-me",
             "face": pb.Face.Value(f"FACE_{face}"), "change": change, **more}  # fmt: skip
    return pb.Rating(**given)


def reply(**answers: str) -> pb.Reply:
    found = [pb.Answer(question_id=key, option_id=value) for key, value in answers.items()]
    return pb.Reply(reply_id=new_id(), locale="en", answers=found)


async def rate(world: World, *ratings: pb.Rating, request_id: str = "") -> pb.RecordRatingsResponse:
    request = pb.RecordRatingsRequest(request_id=request_id or new_id(), ratings=ratings)
    answer: pb.RecordRatingsResponse = await stub(world).RecordRatings(request, timeout=TIMEOUT_S)
    return answer


async def answer(world: World, *replies: pb.Reply) -> pb.RecordRepliesResponse:
    request = pb.RecordRepliesRequest(request_id=new_id(), replies=replies)
    found: pb.RecordRepliesResponse = await stub(world).RecordReplies(request, timeout=TIMEOUT_S)
    return found


async def test_a_rating_sent_twice_counts_once_and_a_change_takes_the_old_one_back(
    world: World,
) -> None:
    await world.load()
    first = rating(world)
    assert (await rate(world, first)).recorded_count == 1
    again = await rate(world, first, first)
    assert (again.recorded_count, again.repeated_count) == (0, 2)
    poor = rating(world, "POOR", 2, rating_id=first.rating_id, reasons=[pb.RATING_REASON_HARD])
    assert (await rate(world, poor)).recorded_count == 1
    assert (await rate(world, first)).repeated_count == 1  # the first tap comes late
    given = await world.it.heard(world.area, "rating_given", 2)
    withdrawn = await world.it.heard(world.area, "rating_withdrawn", 1)
    bodies = [said.RatingGiven.FromString(each.data) for each in given]
    assert [each.face for each in bodies] == [pb.FACE_GOOD, pb.FACE_POOR]
    assert bodies[1].reasons == [pb.RATING_REASON_HARD]
    assert (bodies[0].locale, bodies[0].place_id) == ("zh-Hant", "cave/pool")
    [ended] = [said.RatingWithdrawn.FromString(each.data) for each in withdrawn]
    assert (ended.face, ended.rating_time) == (pb.FACE_GOOD, bodies[0].rating_time)
    versions = [each.headers["ce-aggregateversion"] for each in (given[0], withdrawn[0], given[1])]
    assert versions == ["1", "2", "3"]


async def test_a_rating_taken_back_leaves_the_sum_as_it_was(world: World) -> None:
    await world.load()
    first = rating(world)
    gone = rating(world, "WITHDRAWN", 2, rating_id=first.rating_id)
    # Both in one batch: only the end of it happened.
    assert (await rate(world, first, gone)).recorded_count == 1
    assert (await rate(world, rating(world))).recorded_count == 1
    [one] = await world.it.heard(world.area, "rating_given", 1)
    assert said.RatingGiven.FromString(one.data).rating_id != first.rating_id


async def test_many_phones_with_the_same_changes_at_once(world: World) -> None:
    await world.load()
    ids = [new_id() for _ in range(12)]
    faces = ("GOOD", "POOR", "FAIR")
    batches = [
        [rating(world, faces[change - 1], change, rating_id=each) for each in ids]
        for change in (1, 2, 3)
    ]
    await asyncio.gather(*(rate(world, *batch) for batch in (*batches, *reversed(batches))))
    database = Database(world.database_url)
    await database.open()
    async with database.read(world.area) as tx:
        kept = await tx.fetch_all("select face, change from ratings")
        events = await tx.fetch_all(
            "select type, count(*) as n from outbox where type <> 'stop_published' group by type"
        )
    await database.close()
    assert [(row["face"], row["change"]) for row in kept] == [(int(pb.FACE_FAIR), 3)] * 12
    counted = {row["type"]: row["n"] for row in events}
    assert counted["rating_given"] - counted.get("rating_withdrawn", 0) == 12


async def test_what_is_wrong_is_told_apart_and_the_rest_is_kept(world: World) -> None:
    await world.load()
    card = "4111 1111 1111 1111"
    found = await rate(
        world, rating(world), rating(world, rating_id=card), rating(world, stop_code=card),
        rating(world, locale=card), rating(world, face="UNSPECIFIED"), rating(world, change=101),
    )  # fmt: skip
    assert found.recorded_count == 1
    assert [each.reason for each in found.rejected] == [
        "RATING_ID_INVALID", "STOP_CODE_MISTYPED", "LOCALE_INVALID", "FACE_INVALID",
        "CHANGE_INVALID",
    ]  # fmt: skip
    assert "4111" not in str(found)


async def test_what_is_no_id_is_kept_nowhere(world: World) -> None:
    """Answers to requests are kept for repeats: they hold no text of a stranger."""
    await world.load()
    words = "call me, Hanako"
    rated = await rate(world, rating(world, rating_id=words))
    wrong = reply(party="couple")
    wrong.reply_id = words
    replied = await answer(world, wrong)
    told = [*rated.rejected, *replied.rejected]
    assert [(each.answer_id, each.reason) for each in told] == [
        ("", "RATING_ID_INVALID"), ("", "REPLY_ID_INVALID"),
    ]  # fmt: skip
    database = Database(world.database_url)
    await database.open()
    async with database.read(world.area) as tx:
        kept = await tx.fetch_all("select answer::text from requests")
    await database.close()
    assert sum("_ID_INVALID" in each["answer"] for each in kept) == 2
    assert not any("Hanako" in each["answer"] for each in kept)


async def test_a_reply_counts_once_and_is_heard(world: World) -> None:
    one, two = reply(country="KR", party="couple"), reply(heard="friends")
    assert (await answer(world, one)).recorded_count == 1
    found = await answer(world, one, two, two, reply(), reply(party="4111 1111 1111 1111"))
    assert (found.recorded_count, found.repeated_count) == (1, 2)
    assert [each.reason for each in found.rejected] == ["REPLY_EMPTY", "OPTION_UNKNOWN"]
    heard = await world.it.heard(world.area, "survey_answered", 2)
    bodies = [said.SurveyAnswered.FromString(each.data) for each in heard]
    assert [(a.question_id, a.option_id) for a in bodies[0].answers] == [
        ("country", "KR"), ("party", "couple"),
    ]  # fmt: skip
    assert bodies[0].reply_time.seconds % 3600 == 0


async def test_a_batch_has_a_bound_and_a_request_id_one_body(world: World) -> None:
    await world.load()
    many = pb.RecordRatingsRequest(request_id=new_id(), ratings=[rating(world) for _ in range(101)])
    assert (await refused(stub(world).RecordRatings(many, timeout=TIMEOUT_S)))[1] == (
        "INVALID_FIELDS"
    )
    replies = pb.RecordRepliesRequest(
        request_id=new_id(), replies=[reply(party="alone") for _ in range(101)]
    )
    assert (await refused(stub(world).RecordReplies(replies, timeout=TIMEOUT_S)))[1] == (
        "INVALID_FIELDS"
    )
    request_id = new_id()
    await rate(world, rating(world), request_id=request_id)
    other = pb.RecordRatingsRequest(request_id=request_id, ratings=[rating(world)])
    assert (await refused(stub(world).RecordRatings(other, timeout=TIMEOUT_S)))[1] == (
        "REQUEST_ID_REUSED"
    )


async def test_the_survey_is_read_in_the_language_of_the_page(world: World) -> None:
    request = pb.ReadSurveyRequest(locale="ko")
    found = await stub(world).ReadSurvey(request, timeout=TIMEOUT_S)
    party = found.questions[2]
    assert party.label.text == "누구와 함께 오셨나요?"
    assert party.label.machine_draft
    assert [each.option_id for each in party.options][:2] == ["alone", "couple"]
    assert found.questions[0].options[0].option_id == "JP"
    assert not found.questions[0].options[0].HasField("label")


async def test_nothing_of_the_person_is_stored(world: World) -> None:
    await world.load()
    await rate(world, rating(world))
    await answer(world, reply(country="FR"))
    database = Database(world.database_url)
    await database.open()
    async with database.read(world.area) as tx:
        [rated] = await tx.fetch_all("select * from ratings")
        [replied] = await tx.fetch_all("select * from replies")
        bodies = await tx.fetch_all("select body from outbox")
    await database.close()
    assert set(rated) == {
        "area", "rating_id", "stop_code", "place_id", "locale", "face", "reasons", "change",
        "rating_time", "version",
    }  # fmt: skip
    assert set(replied) == {"area", "reply_id", "locale", "answers", "reply_time"}
    assert (replied["reply_time"].minute, replied["reply_time"].second) == (0, 0)
    assert all(b"x-me" not in bytes(each["body"]) for each in bodies)


async def test_editors_change_the_survey_and_old_phones_are_still_understood(world: World) -> None:
    editor = pb_grpc.FeedbackServiceStub(
        world.it.channel(world.area, Role.EDITOR, principal="hanako")
    )
    first = await editor.ListQuestions(pb.ListQuestionsRequest(locale="ko"), timeout=TIMEOUT_S)
    assert first.version == 0
    party = first.questions[2]
    assert (party.source_label, party.label) == ("どなたと一緒ですか", "누구와 함께 오셨나요?")
    write = pb.WriteQuestionRequest(
        request_id=new_id(), version=0, question_id="party", locale="ja", label="ご一緒の方は",
        options={"alone": "おひとり"},
    )  # fmt: skip
    answers = [await editor.WriteQuestion(write, timeout=TIMEOUT_S) for _ in range(2)]
    assert [each.version for each in answers] == [1, 1]
    late = pb.ArrangeQuestionsRequest(request_id=new_id(), version=0, question_ids=["party"])
    assert (await refused(editor.ArrangeQuestions(late, timeout=TIMEOUT_S)))[1] == (
        "VERSION_CONFLICT"
    )
    order = pb.ArrangeQuestionsRequest(
        request_id=new_id(), version=1, question_ids=["heard", "party"]
    )
    await editor.ArrangeQuestions(order, timeout=TIMEOUT_S)
    anew = pb.AskAnewRequest(request_id=new_id(), version=2, question_id="heard", label="決め手は")
    assert (await editor.AskAnew(anew, timeout=TIMEOUT_S)).version == 3
    asked = await stub(world).ReadSurvey(pb.ReadSurveyRequest(locale="ja"), timeout=TIMEOUT_S)
    assert [each.question_id for each in asked.questions] == ["heard-2", "party"]
    assert asked.questions[1].options[0].label.text == "おひとり"
    assert not asked.questions[1].label.machine_draft
    every = await stub(world).ReadSurvey(
        pb.ReadSurveyRequest(locale="ja", include_not_asked=True), timeout=TIMEOUT_S
    )
    old = {each.question_id for each in every.questions if each.not_asked}
    assert old == {"country", "prefecture", "transport", "heard"}
    assert len(every.questions) == len(old) + len(asked.questions)
    # A phone that was in the cave all the while has the old questions.
    found = await answer(
        world, reply(transport="car", heard="social"), reply(**{"heard-2": "social"})
    )
    assert found.recorded_count == 2


async def test_visitors_edit_nothing(world: World) -> None:
    order = pb.ArrangeQuestionsRequest(request_id=new_id(), question_ids=[])
    code, _ = await refused(stub(world).ArrangeQuestions(order, timeout=TIMEOUT_S))
    assert code.name == "PERMISSION_DENIED"
