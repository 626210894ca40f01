"""Files for translators with a real database: out, home again as drafts, all of it or nothing."""

import asyncio
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import Problem, problem_of
from kit.db import Database
from meguri.multilingual.v1 import exchange_service_pb2 as pb
from meguri.multilingual.v1 import exchange_service_pb2_grpc as pb_grpc
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from services.multilingual.domain import stop_code as codes
from services.multilingual.store.narrations import lock_head
from tests.service.multilingual.conftest import (
    TIMEOUT_S,
    World,
    new_id,
    paragraph,
    text,
    world,
)
from tests.service.multilingual.test_tour import retire

__all__ = ["world"]
pytestmark = pytest.mark.long
FORMATS = [each for each in pb.FileFormat.values() if each]
Code = grpc.StatusCode
WAITING = (
    "select pid from pg_stat_activity"
    " where datname = current_database() and wait_event_type = 'Lock'"
)


async def refused(call: Any) -> Problem:
    """Awaits a call that has to fail and returns all it says."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return problem_of(caught.value)


def stub(world: World, *roles: Role, principal: str = "hanako") -> Any:
    channel = world.it.channel(world.area, *(roles or (Role.EDITOR,)), principal=principal)
    return pb_grpc.ExchangeServiceStub(channel)


async def exported(world: World, locale: str = "en", **more: Any) -> pb.ExportTextsResponse:
    wanted: dict[str, Any] = {"locale": locale, "format": pb.FILE_FORMAT_PO} | more
    answer: pb.ExportTextsResponse = await stub(world).ExportTexts(
        pb.ExportTextsRequest(**wanted), timeout=TIMEOUT_S
    )
    return answer


def request(content: bytes, locale: str = "en", **more: Any) -> pb.ImportTextsRequest:
    wanted: dict[str, Any] = {"request_id": new_id(), "locale": locale, "content": content} | more
    return pb.ImportTextsRequest(**wanted)


async def brought(world: World, content: bytes, **more: Any) -> pb.ImportTextsResponse:
    answer: pb.ImportTextsResponse = await stub(world).ImportTexts(
        request(content, **more), timeout=TIMEOUT_S
    )
    return answer


async def latest(world: World, name: str, locale: str = "en") -> guide_pb.ReadNarrationResponse:
    found: guide_pb.ReadNarrationResponse = await world.editor.ReadNarration(
        guide_pb.ReadNarrationRequest(stop_code=world.code(name), locale=locale), timeout=TIMEOUT_S
    )
    return found


@pytest.mark.parametrize("form", FORMATS)
async def test_a_file_that_comes_home_untouched_changes_nothing(world: World, form: int) -> None:
    await world.load()
    before = await exported(world, format=form)
    assert (before.text_count, before.unit_count) == (4, 11)
    answer = await brought(world, before.content)
    assert (list(answer.texts), answer.unchanged_count) == ([], 4)
    assert await exported(world, format=form) == before


@pytest.mark.parametrize("form", FORMATS)
async def test_what_is_new_becomes_a_draft_that_visitors_do_not_see(
    world: World, form: int
) -> None:
    await world.load()
    file = await exported(world, format=form)
    content = file.content.replace(b"It falls.", b"It falls 20 m and is loud.")
    answer = await brought(world, content, file_name="from Mr Smith.po", read=True)
    told = {each.stop_code: each for each in answer.texts}
    fall = told[world.code("fall")]
    assert (list(fall.parts), fall.revision, fall.read) == (["formation"], 2, True)
    found = await latest(world, "fall")
    assert found.latest.text.paragraphs[0].text == "It falls 20 m and is loud."
    assert (found.latest.note, found.latest.machine_draft) == ("from Mr Smith.po", False)
    assert found.latest.author == "hanako"
    assert found.published.revision == 1
    page = await world.read("fall", "en")
    assert page.paragraphs[0].text.text == "It falls."
    # The pool, which the file says was read, is a draft without other words.
    assert list(told[world.code("pool")].parts) == []


async def test_a_preview_keeps_nothing(world: World) -> None:
    await world.load()
    file = await exported(world)
    content = file.content.replace(b"It falls.", b"It thunders.")
    answer = await brought(world, content, preview=True)
    assert [(each.stop_code, each.revision) for each in answer.texts] == [(world.code("fall"), 0)]
    assert (await latest(world, "fall")).latest.revision == 1
    assert await exported(world) == file


async def test_damage_is_told_with_lines_and_nothing_is_kept(world: World) -> None:
    await world.load()
    file = await exported(world)
    content = file.content.replace(b"It falls.", b"It thunders.")
    bad = content.replace(b"Water gathers.", "Water \u202egathers.".encode())
    problem = await refused(stub(world).ImportTexts(request(bad), timeout=TIMEOUT_S))
    assert problem.reason == "TRANSLATION_FILE_DAMAGED"
    [(where, what)] = problem.fields
    assert what.startswith("FORBIDDEN_MARK: ")
    line = int(where.removeprefix("line "))
    assert "Water" in "".join(bad.decode().split("\n")[line - 1 : line + 1])
    assert (await latest(world, "fall")).latest.revision == 1


async def test_damage_is_an_answer_for_whoever_asks_so(world: World) -> None:
    await world.load()
    file = await exported(world)
    content = file.content.replace(b"It falls.", b"It thunders.")
    bad = request(content.replace(b"Water gathers.", "Water \u202egathers.".encode()))
    bad.tell_problems = True
    answer = await stub(world).ImportTexts(bad, timeout=TIMEOUT_S)
    [problem] = answer.problems
    assert problem.kind == pb.FILE_PROBLEM_KIND_FORBIDDEN_MARK
    assert problem.line > 0
    assert not answer.texts
    assert (await latest(world, "fall")).latest.revision == 1
    # The id was not kept: the same tap with the file put right is taken.
    good = request(content)
    good.request_id, good.tell_problems = bad.request_id, True
    answer = await stub(world).ImportTexts(good, timeout=TIMEOUT_S)
    assert (len(answer.texts), list(answer.problems)) == (1, [])
    no_po = request(b"msgid what is this")
    no_po.tell_problems = True
    [problem] = (await stub(world).ImportTexts(no_po, timeout=TIMEOUT_S)).problems
    assert (problem.fault, problem.quoted) == (pb.FILE_FAULT_NOT_PO, "")


@pytest.mark.parametrize(
    ("old", "new", "locale", "kind"),
    [
        (b"", b"", "zh-Hant", "TARGET_LANGUAGE"),
        (b"Pool", b"4242 4242 4242 4242", "en", "CARD_NUMBER"),
        (b"Pool", b"Pool {name}", "en", "PLACEHOLDER"),
        (b"revision 1 of", b"revision 9 of", "en", "REVISION"),
    ],
)
async def test_other_damage(world: World, old: bytes, new: bytes, locale: str, kind: str) -> None:
    await world.load()
    content = (await exported(world)).content.replace(old, new)
    problem = await refused(stub(world).ImportTexts(request(content, locale), timeout=TIMEOUT_S))
    assert problem.reason == "TRANSLATION_FILE_DAMAGED"
    assert {what.partition(":")[0] for _, what in problem.fields} == {kind}
    assert "4242" not in str(problem)


@pytest.mark.parametrize(
    ("form", "old", "new"),
    [
        (pb.FILE_FORMAT_XLIFF_1_2, b'source-language="ja"', b'source-language="ko"'),
        (pb.FILE_FORMAT_XLIFF_2_0, b'srcLang="ja"', b'srcLang="ko"'),
        (pb.FILE_FORMAT_CSV, b"part,ja,en", b"part,ko,en"),
    ],
)
async def test_a_file_from_another_source_is_refused(
    world: World, form: int, old: bytes, new: bytes
) -> None:
    await world.load()
    content = (await exported(world, format=form)).content
    assert old in content
    wanted = request(content.replace(old, new))
    problem = await refused(stub(world).ImportTexts(wanted, timeout=TIMEOUT_S))
    assert list(problem.fields) == [("line 1", "SOURCE_LANGUAGE: ko")]


async def test_many_heavy_files_at_once_are_refused_and_visitors_read_on(world: World) -> None:
    await world.load()
    marks = "\u0300\u0316" * 100_000
    wanted = (await exported(world)).content.replace(b"It falls.", f"a{marks}".encode())
    calls = [
        refused(stub(world).ImportTexts(request(wanted), timeout=TIMEOUT_S)) for _ in range(20)
    ]
    page, problems = await asyncio.gather(world.read("pool", "en"), asyncio.gather(*calls))
    assert page.paragraphs
    reasons = {each.reason for each in problems}
    assert reasons == {"TRANSLATION_FILE_DAMAGED", "FILES_BUSY"}  # eight wait
    assert not any("\u0300" in str(each) for each in problems)


async def test_a_text_saved_meanwhile_is_refused_or_left_out(world: World) -> None:
    await world.load()
    content = (await exported(world)).content
    content = content.replace(b"It falls.", b"It thunders.").replace(b"Water g", b"Clear water g")
    await world.save(
        "fall", "en", 1, text("Fall", paragraph("Somebody else's.")), source_revision=1
    )
    problem = await refused(stub(world).ImportTexts(request(content), timeout=TIMEOUT_S))
    assert [what for _, what in problem.fields] == [f"CHANGED_SINCE: {world.code('fall')}"]
    answer = await brought(world, content, leave_changed=True)
    assert list(answer.left_out) == [world.code("fall")]
    assert [each.stop_code for each in answer.texts] == [world.code("pool")]
    assert (await latest(world, "fall")).latest.text.paragraphs[0].text == "Somebody else's."


async def test_a_stop_that_was_retired_meanwhile_is_skipped_and_the_rest_taken(
    world: World,
) -> None:
    await world.load()
    content = (await exported(world)).content
    content = content.replace(b"It falls.", b"It thunders.").replace(b"Water g", b"Clear water g")
    await retire(world, "fall")
    seen = await brought(world, content, preview=True)
    answer = await brought(world, content)
    for each in (seen, answer):
        assert list(each.retired) == [world.code("fall")]
        assert [one.stop_code for one in each.texts] == [world.code("pool")]
    assert (await latest(world, "pool")).latest.text.paragraphs[0].text.startswith("Clear water")
    assert (await latest(world, "fall")).latest.text.paragraphs[0].text == "It falls."
    unknown = content.replace(world.code("pool").encode(), codes.make("x", "y", 0).encode())
    problem = await refused(stub(world).ImportTexts(request(unknown), timeout=TIMEOUT_S))
    assert {what.partition(":")[0] for _, what in problem.fields} == {"UNIT_UNKNOWN"}


async def test_a_source_published_meanwhile_makes_the_draft_outdated(world: World) -> None:
    await world.load()
    content = (await exported(world)).content.replace(b"It falls.", b"It thunders.")
    body = text("滝", paragraph("二十メートル落ちます。"), reading="たき")
    saved = await world.save("fall", "ja", 1, body)
    await world.publish("fall", "ja", saved.revision, 1)
    answer = await brought(world, content)
    assert [([*each.parts], each.source_newer) for each in answer.texts] == [(["formation"], True)]
    found = await latest(world, "fall")
    assert found.latest.source_revision == 1
    assert [each.paragraph_id for each in found.source_changes] == ["formation", "doubt"]


async def test_one_file_sent_often_at_once_is_one_draft(world: World) -> None:
    await world.load()
    content = (await exported(world)).content.replace(b"It falls.", b"It thunders.")
    wanted = request(content)
    answers = await asyncio.gather(
        *(stub(world).ImportTexts(wanted, timeout=TIMEOUT_S) for _ in range(8))
    )
    assert all(each == answers[0] for each in answers)
    assert (await latest(world, "fall")).latest.revision == 2


async def test_two_files_at_once_never_block_and_one_is_told(world: World) -> None:
    """Both wait for a text somebody is saving; then one is first, and the other sees it."""
    await world.load()
    content = (await exported(world)).content
    bodies = [
        content.replace(b"It falls.", b"A falls.").replace(b"Water g", b"A g"),
        content.replace(b"It falls.", b"B falls.").replace(b"Water g", b"B g"),
    ]
    database = Database(world.database_url)
    await database.open()
    async with database.transaction(world.area) as tx:
        for name in ("fall", "pool"):
            await lock_head(tx, world.code(name), "en")
        both = asyncio.gather(
            *(stub(world).ImportTexts(request(each), timeout=TIMEOUT_S) for each in bodies),
            return_exceptions=True,
        )
        async with asyncio.timeout(TIMEOUT_S):
            while len(await tx.fetch_all(WAITING)) < 2:  # noqa: ASYNC110 - the database says it
                await asyncio.sleep(0.01)
    await database.close()
    [failed] = [each for each in await both if isinstance(each, BaseException)]
    assert isinstance(failed, grpc.aio.AioRpcError)
    problem = problem_of(failed)
    assert problem.reason == "TRANSLATION_FILE_DAMAGED"
    assert {what for _, what in problem.fields} == {
        f"CHANGED_SINCE: {world.code(name)}" for name in ("fall", "pool")
    }
    pool, fall = await latest(world, "pool"), await latest(world, "fall")
    assert (pool.latest.revision, fall.latest.revision) == (2, 2)
    assert pool.latest.text.paragraphs[0].text[0] == fall.latest.text.paragraphs[0].text[0]


async def test_only_what_is_unfinished(world: World) -> None:
    await world.load()
    pool = await latest(world, "pool")
    await world.publish("pool", "en", pool.latest.revision, pool.published.revision)
    everything, rest = await exported(world), await exported(world, unfinished=True)
    assert (everything.text_count, rest.text_count) == (4, 3)
    assert world.code("pool") not in rest.content.decode()
    chosen = await exported(world, stop_codes=[world.code("bat").lower()])
    assert (chosen.text_count, chosen.unit_count) == (1, 2)
    assert chosen.file_name == f"{world.area}-en.po"


async def test_the_source_and_unknown_languages_are_refused(world: World) -> None:
    await world.load()
    for locale in ("ja", "tlh", ""):
        wanted = pb.ExportTextsRequest(locale=locale, format=pb.FILE_FORMAT_CSV)
        problem = await refused(stub(world).ExportTexts(wanted, timeout=TIMEOUT_S))
        assert [name for name, _ in problem.fields] == ["locale"]
    problem = await refused(
        stub(world).ExportTexts(pb.ExportTextsRequest(locale="en"), timeout=TIMEOUT_S)
    )
    assert [name for name, _ in problem.fields] == ["format"]


async def test_visitors_and_clerks_have_no_files(world: World) -> None:
    await world.load()
    for role in (Role.VISITOR, Role.CLERK, Role.ANALYST):
        wanted = pb.ExportTextsRequest(locale="en", format=pb.FILE_FORMAT_CSV)
        problem = await refused(stub(world, role).ExportTexts(wanted, timeout=TIMEOUT_S))
        assert problem.code is Code.PERMISSION_DENIED
