"""Help with a real database: each request once, each step once, and all of it gone in the end."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import psycopg
import pytest

from kit.auth import Role
from kit.clock import SystemClock
from kit.db import Database
from kit.outbox import Outbox
from meguri.multilingual.v1 import help_service_pb2 as pb
from meguri.multilingual.v1 import help_service_pb2_grpc as pb_grpc
from services.multilingual import events
from services.multilingual.app.deps import Deps
from services.multilingual.app.helping import tidy_up
from tests.service.multilingual.conftest import TIMEOUT_S, World, new_id, refused

SECRET = "A-b_" * 10 + "xyz"
CARD = "4242 4242 4242 4242"
TEXT = "I lost a red glove near the pool."
MAIL = "guest@example.com"


def service(world: World, role: Role = Role.EDITOR, principal: str = "hanako") -> Any:
    return pb_grpc.HelpServiceStub(world.it.channel(world.area, role, principal=principal))


def sent(world: World, **changed: Any) -> pb.HelpRequestSent:
    given = {
        "help_id": new_id(), "secret": SECRET, "topic": pb.HELP_TOPIC_LOST_ITEM, "text": TEXT,
        "contact": MAIL, "stop_code": world.code("pool"), "receipt_number": "20261127-1A2B3C4D",
        "locale": "en",
    }  # fmt: skip
    return pb.HelpRequestSent(**{**given, **changed})


async def record(world: World, *each: pb.HelpRequestSent, request_id: str = "") -> Any:
    request = pb.RecordHelpRequestsRequest(request_id=request_id or new_id(), help_requests=each)
    return await service(world, Role.VISITOR).RecordHelpRequests(request, timeout=TIMEOUT_S)


async def listed(world: World, *, closed: bool = False) -> Any:
    request = pb.ListHelpRequestsRequest(closed=closed)
    return await service(world).ListHelpRequests(request, timeout=TIMEOUT_S)


async def read(world: World, help_id: str) -> Any:
    request = pb.ReadHelpRequestRequest(help_id=help_id)
    return await service(world).ReadHelpRequest(request, timeout=TIMEOUT_S)


async def answer_of(world: World, secret: str = SECRET) -> Any:
    request = pb.ReadHelpAnswerRequest(secret=secret)
    return await service(world, Role.VISITOR).ReadHelpAnswer(request, timeout=TIMEOUT_S)


async def act(world: World, help_id: str, version: int, what: str, **more: Any) -> Any:
    more.setdefault("request_id", new_id())
    request = pb.ChangeHelpRequestRequest(
        help_id=help_id, version=version, act=pb.HelpAct.Value(f"HELP_ACT_{what}"), **more
    )
    return await service(world).ChangeHelpRequest(request, timeout=TIMEOUT_S)


async def sql(world: World, statement: str, *params: Any) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(world.database_url) as connection:
        await connection.execute("select set_config('meguri.area', %s, true)", (world.area,))
        done = await connection.execute(statement.encode(), params)
        return await done.fetchall() if done.description else []


async def tidy(world: World) -> None:
    """What the service does by itself every quarter of an hour."""
    database = Database(world.database_url)
    await database.open()
    try:
        deps = Deps(db=database, outbox=Outbox(events.ENCODERS), clock=SystemClock())
        assert await tidy_up(deps) is False
    finally:
        await database.close()


async def test_a_request_arrives_once_however_often_it_is_sent(world: World) -> None:
    await world.load()
    one = sent(world)
    answers = await asyncio.gather(*(record(world, one) for _ in range(4)))
    assert sorted(each.recorded_count for each in answers) == [0, 0, 0, 1]
    assert sum(each.repeated_count for each in answers) == 3
    same = new_id()
    other = sent(world, secret="b" * 43)
    for _ in range(2):  # the same request gets the first answer
        assert (await record(world, other, request_id=same)).recorded_count == 1
    await act(world, other.help_id, 1, "CLOSE")
    found = await listed(world)
    assert [each.help_id for each in found.help_requests] == [one.help_id]
    assert (found.waiting_count, found.overdue_count) == (1, 0)
    [summary] = found.help_requests
    assert (summary.stop_code, summary.has_contact) == (world.code("pool"), True)


async def test_the_wrong_is_told_beside_the_right_and_a_card_is_kept_nowhere(world: World) -> None:
    await world.load()
    fine = sent(world)
    cards = [
        sent(world, **{name: CARD}, secret=f"{number}" * 43)
        for number, name in enumerate(("text", "contact", "receipt_number"))
    ]
    answer = await record(world, fine, *cards)
    assert (answer.recorded_count, answer.repeated_count) == (1, 0)
    assert [each.reason for each in answer.rejected] == ["CARD_NUMBER_TYPED"] * 3
    long = await record(world, sent(world, text="x" * 20_000, secret="c" * 43))
    assert [each.reason for each in long.rejected] == ["TEXT_INVALID"]
    six = [sent(world, secret=f"{number}" * 43) for number in range(6)]
    assert await refused(record(world, *six)) == (
        grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS",
    )  # fmt: skip
    assert len((await listed(world)).help_requests) == 1


async def test_neither_the_secret_nor_words_stand_where_they_do_not_belong(world: World) -> None:
    await world.load()
    one = sent(world)
    await record(world, one)
    await act(world, one.help_id, 1, "ANSWER", text="It is at the gate.", locale="en")
    for table in ("requests", "outbox", "help_requests", "help_steps"):
        text = str(await sql(world, f"select t::text from {table} t"))  # noqa: S608 - constants
        assert SECRET not in text
        if table in ("requests", "outbox"):
            assert TEXT not in text
            assert MAIL not in text
            assert "at the gate" not in text


async def test_the_visitor_reads_the_answer_and_nothing_of_the_staff(world: World) -> None:
    await world.load()
    one = sent(world)
    await record(world, one)
    waiting = await answer_of(world)
    assert (waiting.text, len(waiting.answers)) == (TEXT, 0)
    await act(world, one.help_id, 1, "NOTE", text="The guest was rude.")
    await act(
        world, one.help_id, 2, "ANSWER", text="It is at the gate.", locale="en", machine_draft=True
    )
    found = await answer_of(world)
    [answer] = found.answers
    assert (answer.text, answer.locale, answer.machine_draft) == ("It is at the gate.", "en", True)
    assert found.state == pb.HELP_STATE_ANSWERED
    for hidden in ("rude", "hanako", MAIL):
        assert hidden not in str(found)
    unknown = (grpc.StatusCode.NOT_FOUND, "HELP_LINK_UNKNOWN")
    assert await refused(answer_of(world, "z" * 43)) == unknown
    await sql(world, "update help_requests set answer_time = answer_time - interval '61 days'")
    assert await refused(answer_of(world)) == unknown


async def test_each_step_acts_once_and_says_who_and_when(world: World) -> None:
    await world.load()
    one = sent(world)
    await record(world, one)
    same = new_id()
    for _ in range(2):
        taken = await act(world, one.help_id, 1, "TAKE", request_id=same)
        assert (taken.state, taken.version) == (pb.HELP_STATE_TAKEN, 2)
    assert await refused(act(world, one.help_id, 1, "NOTE", text="late")) == (
        grpc.StatusCode.ABORTED, "VERSION_CONFLICT",
    )  # fmt: skip
    await act(world, one.help_id, 2, "HAND_OVER", owner="taro")
    day = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    await act(world, one.help_id, 3, "SET_DUE", due_date=day)
    await act(world, one.help_id, 4, "CLOSE")
    await act(world, one.help_id, 5, "REOPEN")
    found = await read(world, one.help_id)
    assert [pb.HelpAct.Name(each.act).removeprefix("HELP_ACT_") for each in found.steps] == [
        "TAKE", "HAND_OVER", "SET_DUE", "CLOSE", "REOPEN",
    ]  # fmt: skip
    assert {each.author for each in found.steps} == {"hanako"}
    assert all(each.step_time.seconds for each in found.steps)
    assert (found.summary.owner, found.summary.state) == ("taro", pb.HELP_STATE_TAKEN)
    assert found.summary.due_time == found.steps[2].due_time
    assert found.contact == MAIL


@pytest.mark.parametrize(
    ("what", "more", "code", "reason"),
    [
        ("REOPEN", {}, "FAILED_PRECONDITION", "HELP_STEP_REFUSED"),
        ("ANSWER", {"text": "{stop}", "locale": "en"}, "FAILED_PRECONDITION", "PLACEHOLDER_LEFT"),
        ("NOTE", {}, "INVALID_ARGUMENT", "INVALID_FIELDS"),
        ("UNSPECIFIED", {}, "INVALID_ARGUMENT", "INVALID_FIELDS"),
        ("NOTE", {"text": CARD}, "INVALID_ARGUMENT", "CARD_NUMBER_TYPED"),
        ("SET_DUE", {"due_date": "soon"}, "INVALID_ARGUMENT", "INVALID_FIELDS"),
    ],
)  # fmt: skip
async def test_a_step_that_cannot_be_changes_nothing(
    world: World, what: str, more: dict[str, Any], code: str, reason: str
) -> None:
    await world.load()
    one = sent(world)
    await record(world, one)
    before = await read(world, one.help_id)
    assert await refused(act(world, one.help_id, 1, what, **more)) == (
        grpc.StatusCode[code], reason,
    )  # fmt: skip
    assert await read(world, one.help_id) == before
    assert await refused(read(world, new_id())) == (
        grpc.StatusCode.NOT_FOUND, "HELP_REQUEST_UNKNOWN",
    )  # fmt: skip


async def test_overdue_ones_come_first_and_answered_ones_last(world: World) -> None:
    await world.load()
    ones = [sent(world, secret=f"{number}" * 43) for number in range(4)]
    await record(world, *ones)
    first, second, third, fourth = (each.help_id for each in ones)
    await act(world, first, 1, "ANSWER", text="Yes.", locale="en")
    await sql(
        world, "update help_requests set due_time = now() - interval '1 day' where help_id = %s",
        third,
    )  # fmt: skip
    await act(world, fourth, 1, "CLOSE")
    found = await listed(world)
    assert [each.help_id for each in found.help_requests] == [third, second, first]
    assert [each.overdue for each in found.help_requests] == [True, False, False]
    assert (found.waiting_count, found.overdue_count) == (2, 1)
    assert [each.help_id for each in (await listed(world, closed=True)).help_requests] == [fourth]


async def test_all_of_it_is_gone_in_the_end(world: World) -> None:
    await world.load()
    one, two = sent(world), sent(world, secret="b" * 43)
    await record(world, one, two)
    await act(world, one.help_id, 1, "ANSWER", text="It is at the gate.", locale="en")
    await act(world, one.help_id, 2, "CLOSE")
    await sql(world, "update help_requests set close_time = close_time - interval '3 days'"
              " where close_time is not null")  # fmt: skip
    assert (await read(world, one.help_id)).contact == ""
    await sql(world, "update help_requests set close_time = close_time - interval '28 days'"
              " where close_time is not null")  # fmt: skip
    assert await refused(read(world, one.help_id)) == (
        grpc.StatusCode.NOT_FOUND, "HELP_REQUEST_UNKNOWN",
    )  # fmt: skip
    await tidy(world)
    assert await sql(world, "select help_id from help_requests") == [(uuid.UUID(two.help_id),)]
    assert await sql(world, "select text from help_steps") == []


async def test_the_clock_closes_what_was_left_open(world: World) -> None:
    await world.load()
    one, two, three = (sent(world, secret=each * 43) for each in "abc")
    await record(world, one, two, three)
    await act(world, one.help_id, 1, "ANSWER", text="Yes.", locale="en")
    await sql(world, "update help_requests set answer_time = answer_time - interval '14 days'"
              " where answer_time is not null")  # fmt: skip
    await sql(world, "update help_requests set arrive_time = arrive_time - interval '90 days'"
              " where help_id = %s", two.help_id)  # fmt: skip
    await tidy(world)
    for help_id, state in (
        (one.help_id, "CLOSED"),
        (two.help_id, "CLOSED"),
        (three.help_id, "NEW"),
    ):
        found = await read(world, help_id)
        assert pb.HelpState.Name(found.summary.state) == f"HELP_STATE_{state}"
    assert (await read(world, two.help_id)).steps[-1].author == "clock"


async def test_a_flood_is_stopped_and_nothing_of_it_kept(world: World) -> None:
    await world.load()
    await sql(
        world,
        "insert into help_requests (area, help_id, secret_sha256, topic, text, contact, stop_code,"
        " receipt_number, locale, write_time, arrive_time, state, owner, due_time, version)"
        " select %s, gen_random_uuid(), sha256(n::text::bytea), 5, 'x', '', '', '', 'en', now(),"
        " now(), 1, '', now() + interval '2 days', 1 from generate_series(1, 1000) n",
        world.area,
    )
    request_id = new_id()
    one = sent(world)
    assert await refused(record(world, one, request_id=request_id)) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED, "HELP_DESK_FULL",
    )  # fmt: skip
    await sql(world, "delete from help_requests where text = 'x'")
    assert (await record(world, one, request_id=request_id)).recorded_count == 1


async def test_the_desk_is_set_once_and_decides_when_an_answer_is_due(world: World) -> None:
    await world.load()
    desk = pb.HelpDesk(
        weekdays=[1, 2, 3, 4, 5, 6, 7], from_minute=540, until_minute=1_020, answer_days=1,
        keep_days=7,
    )  # fmt: skip
    same = new_id()
    for _ in range(2):
        request = pb.SetHelpDeskRequest(request_id=same, desk=desk)
        kept = (await service(world).SetHelpDesk(request, timeout=TIMEOUT_S)).desk
        assert (kept.version, kept.until_minute) == (1, 1_020)
    again = pb.SetHelpDeskRequest(request_id=new_id(), desk=desk)
    assert await refused(service(world).SetHelpDesk(again, timeout=TIMEOUT_S)) == (
        grpc.StatusCode.ABORTED, "VERSION_CONFLICT",
    )  # fmt: skip
    told = await service(world, Role.VISITOR).ReadHelpDesk(
        pb.ReadHelpDeskRequest(), timeout=TIMEOUT_S
    )
    assert told.desk == kept
    one = sent(world)
    await record(world, one)
    wait = (await read(world, one.help_id)).summary.due_time.seconds - datetime.now(UTC).timestamp()
    assert 24 * 3_600 - 60 < wait <= 48 * 3_600


async def test_a_template_is_written_once(world: World) -> None:
    async def templates() -> dict[str, Any]:
        request = pb.ListHelpTemplatesRequest()
        found = await service(world).ListHelpTemplates(request, timeout=TIMEOUT_S)
        return {each.template_id: each for each in found.templates}

    first = (await templates())["found"]
    assert all(each.machine_draft for each in first.texts)
    same = new_id()
    for _ in range(2):
        request = pb.WriteHelpTemplateRequest(
            request_id=same, template_id="found", version=0, locale="ja", text="見つかりました。"
        )
        answer = await service(world).WriteHelpTemplate(request, timeout=TIMEOUT_S)
        assert answer.version == 1
    texts = {each.locale: each for each in (await templates())["found"].texts}
    assert (texts["ja"].text, texts["ja"].machine_draft) == ("見つかりました。", False)
    assert texts["en"].machine_draft
    unknown = pb.WriteHelpTemplateRequest(
        request_id=new_id(), template_id="none", locale="ja", text="x"
    )
    assert await refused(service(world).WriteHelpTemplate(unknown, timeout=TIMEOUT_S)) == (
        grpc.StatusCode.NOT_FOUND, "HELP_TEMPLATE_UNKNOWN",
    )  # fmt: skip


@pytest.mark.parametrize("role", [Role.VISITOR, Role.REVIEWER, Role.CLERK, Role.ANALYST])
async def test_nobody_else_reads_the_inbox(world: World, role: Role) -> None:
    request = pb.ListHelpRequestsRequest()
    code, _ = await refused(service(world, role).ListHelpRequests(request, timeout=TIMEOUT_S))
    assert code is grpc.StatusCode.PERMISSION_DENIED
