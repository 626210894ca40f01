"""Voices with a real database: whoever withdraws is gone, from every place that knew the voice."""

import asyncio
import importlib
from typing import Any

import grpc
import psycopg
import pytest

from kit.auth import Role
from kit.clock import SystemClock
from kit.db import Database
from kit.outbox import Outbox
from meguri.multilingual.v1 import multilingual_events_pb2 as said
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import recording_service_pb2 as rec
from services.multilingual import events
from services.multilingual.app.deps import Deps
from services.multilingual.app.videos import tidy_up
from tests.service.multilingual.conftest import TIMEOUT_S, World, new_id, refused, world
from tests.service.multilingual.test_earlier_recordings import remove, restore
from tests.service.multilingual.test_recordings import CUES, PERSON, media, put, stub
from tests.sounds import silent_mp3

__all__ = ["world"]
Code = grpc.StatusCode
MIGRATION = "services.multilingual.store.migrations.versions.0018_erased_voices"
ANSWERS_KEPT = "select answer::text from requests"
WITHDRAWN = rec.ERASURE_REASON_CONSENT_WITHDRAWN
HERS: dict[str, Any] = {"origin": PERSON, "credit": "朗読 ひみつ花子", "transcript": "ひみつの話"}


async def voices(world: World) -> rec.ListVoicesResponse:
    answer: rec.ListVoicesResponse = await stub(world, Role.EDITOR).ListVoices(
        rec.ListVoicesRequest(), timeout=TIMEOUT_S
    )
    return answer


async def erase(world: World, *ids: str, role: Role = Role.EDITOR, **more: Any) -> Any:
    wanted: dict[str, Any] = {"request_id": new_id(), "recording_ids": ids, "reason": WITHDRAWN}
    request = rec.EraseRecordingsRequest(**wanted | more)
    return await stub(world, role).EraseRecordings(request, timeout=TIMEOUT_S)


async def all_rows(world: World, table: str) -> str:
    """Returns everything a table says of the area, protobuf bodies as text."""
    async with await psycopg.AsyncConnection.connect(world.database_url) as connection:
        await connection.execute(f"set meguri.area = '{world.area}'")
        found = await connection.execute(f"select t.* from {table} t")  # noqa: S608 - constants
        rows = await found.fetchall()
    return "\n".join(
        cell.decode("utf8", "replace") if isinstance(cell, bytes) else str(cell)
        for row in rows for cell in row
    )  # fmt: skip


async def test_every_voice_of_a_person_is_listed_heard_or_not(world: World) -> None:
    await world.load()
    first = (await put(world, silent_mp3(1), **HERS)).recording
    await put(world, silent_mp3(2), origin=PERSON, credit="太郎")
    await put(world, silent_mp3(3), **HERS, stop_code=world.code("fall"))
    await put(world, silent_mp3(4))  # a machine's is nobody's
    found = await voices(world)
    told = [(each.recording.credit, each.stop_name, each.HasField("remove_time"))
            for each in found.voices]  # fmt: skip
    assert sorted(told) == sorted(
        [("太郎", "池", False), (HERS["credit"], "池", True), (HERS["credit"], "滝", False)]
    )
    assert [each.recording.credit for each in found.voices] == sorted(each[0] for each in told)
    assert all(each.speaker_agreed and each.author == "tester" for each in found.voices)
    assert first.recording_id in {each.recording.recording_id for each in found.voices}
    assert (found.source_locale, list(found.erasures)) == ("ja", [])


async def test_whoever_withdraws_is_gone_from_every_stop_at_once(world: World) -> None:
    await world.load()
    sound = silent_mp3(2)
    here = (await put(world, sound, **HERS, cues=CUES)).recording
    there = (await put(world, sound, **HERS, stop_code=world.code("fall"))).recording
    earlier = (await put(world, silent_mp3(3), **HERS, stop_code=world.code("fall"))).recording
    await put(world, silent_mp3(4), origin=PERSON, credit="太郎", stop_code=world.code("fall"))
    before = await world.read("pool")
    key = new_id()
    gone = await erase(world, here.recording_id, earlier.recording_id, request_id=key)
    assert await erase(world, here.recording_id, earlier.recording_id, request_id=key) == gone
    # The one with the same bytes goes along, though it was replaced.
    assert (gone.recording_count, len(gone.stop_codes)) == (3, 2)
    for name in (here.audio_sha256, here.captions_sha256, earlier.audio_sha256):
        assert await refused(media(world, name)) == (Code.NOT_FOUND, "MEDIA_ERASED")
    after = await world.read("pool")
    assert not after.HasField("recording")
    assert before.etag_basis != after.etag_basis
    assert (await world.read("fall")).recording.credit == "太郎"
    left = await voices(world)
    assert [each.recording.credit for each in left.voices] == ["太郎"]
    [told] = left.erasures
    assert (told.eraser, told.reason, told.file_count) == ("tester", WITHDRAWN, 3)
    changes = await world.visitor.ListStopChanges(pb.ListStopChangesRequest(), timeout=TIMEOUT_S)
    assert changes.erase_number == gone.change_number
    [event] = await world.it.heard(world.area, "media_erased", 1)
    assert set(said.MediaErased.FromString(event.data).sha256s) == {
        here.audio_sha256, here.captions_sha256, earlier.audio_sha256,
    }  # fmt: skip
    for each in (here, there, earlier):
        assert (await refused(restore(world, each.recording_id)))[1] == "RECORDING_UNKNOWN"
        assert (await refused(erase(world, each.recording_id)))[1] == "RECORDING_UNKNOWN"
    again = put(world, sound, **HERS)
    assert await refused(again) == (Code.FAILED_PRECONDITION, "RECORDING_WAS_ERASED")


async def test_the_machine_speaks_again_where_a_person_withdrew(world: World) -> None:
    await world.load()
    machine = (await put(world, silent_mp3(1))).recording
    hers = (await put(world, silent_mp3(2), **HERS)).recording
    await erase(world, hers.recording_id)
    assert (await world.read("pool")).recording == machine
    heard = [said.RecordingChanged.FromString(each.data).recording.recording_id
             for each in await world.it.heard(world.area, "recording_changed", 3)]  # fmt: skip
    assert heard == [machine.recording_id, hers.recording_id, machine.recording_id]
    for recording_id in (machine.recording_id, new_id(), "x"):
        call = erase(world, recording_id)
        assert await refused(call) == (Code.NOT_FOUND, "RECORDING_UNKNOWN")
    assert (await world.read("pool")).recording == machine


async def test_all_of_them_go_or_none(world: World) -> None:
    await world.load()
    hers = (await put(world, silent_mp3(2), **HERS)).recording
    for call in (
        erase(world, hers.recording_id, new_id()),
        erase(world, hers.recording_id, reason=rec.ERASURE_REASON_UNSPECIFIED),
        erase(world, hers.recording_id, role=Role.CLERK),
        erase(world),
    ):
        assert (await refused(call))[0] in {
            Code.NOT_FOUND, Code.INVALID_ARGUMENT, Code.PERMISSION_DENIED,
        }  # fmt: skip
    assert (await world.read("pool")).recording == hers
    assert (await media(world, hers.audio_sha256)).content


async def test_captions_that_somebody_else_has_too_stay(world: World) -> None:
    await world.load()
    hers = (await put(world, silent_mp3(2), **HERS, cues=CUES)).recording
    machine = (await put(world, silent_mp3(3), cues=CUES)).recording
    assert hers.captions_sha256 == machine.captions_sha256
    await erase(world, hers.recording_id)
    assert (await media(world, machine.captions_sha256)).content
    assert await refused(media(world, hers.audio_sha256)) == (Code.NOT_FOUND, "MEDIA_ERASED")


async def test_no_word_of_whoever_withdrew_stays(world: World) -> None:
    await world.load()
    key = new_id()
    hers = (await put(world, silent_mp3(2), **HERS, request_id=key)).recording
    assert "ひみつ" in await all_rows(world, "recordings")
    await remove(world, hers.recording_id)
    await restore(world, hers.recording_id)
    await erase(world, hers.recording_id)
    for table in ("recordings", "media", "requests", "outbox", "erased_media", "area_changes"):
        assert "ひみつ" not in await all_rows(world, table), table
    for event in await world.it.heard(world.area, "recording_changed", 4):
        assert "ひみつ" not in event.data.decode("utf8", "replace")
    repeat = put(world, silent_mp3(2), **HERS, request_id=key)
    assert (await refused(repeat))[1] in {"RECORDING_UNKNOWN", "RECORDING_WAS_ERASED"}


async def test_the_voice_of_a_retired_stop_goes_too(world: World) -> None:
    await world.load()
    hers = (await put(world, silent_mp3(2), **HERS)).recording
    async with await psycopg.AsyncConnection.connect(world.database_url) as connection:
        await connection.execute(f"set meguri.area = '{world.area}'")
        await connection.execute(
            "update stops set retire_time = now(), retire_reason = 1 where stop_code = %s",
            (world.code("pool"),),
        )
    assert [each.stop_name for each in (await voices(world)).voices] == ["池"]
    await erase(world, hers.recording_id)
    assert not (await voices(world)).voices
    assert await refused(media(world, hers.audio_sha256)) == (Code.NOT_FOUND, "MEDIA_ERASED")


@pytest.mark.parametrize("turn", range(4))
async def test_one_that_comes_while_its_like_is_erased_is_never_heard(
    world: World, turn: int
) -> None:
    await world.load()
    sound = silent_mp3(2)
    hers = (await put(world, sound, **HERS)).recording
    calls = [
        erase(world, hers.recording_id),
        put(world, sound, **HERS, stop_code=world.code("fall")),
    ]
    done = await asyncio.gather(*calls[:: 1 if turn % 2 else -1], return_exceptions=True)
    errors = [each for each in done if isinstance(each, BaseException)]
    assert all("RECORDING_WAS_ERASED" in str(each) or isinstance(each, grpc.RpcError)
               for each in errors)  # fmt: skip
    assert not (await voices(world)).voices
    assert not (await world.read("fall")).HasField("recording")
    assert await refused(media(world, hers.audio_sha256)) == (Code.NOT_FOUND, "MEDIA_ERASED")


async def test_after_a_month_it_goes_by_the_clock(world: World) -> None:
    await world.load()
    hers = (await put(world, silent_mp3(1), **HERS)).recording
    kept = (await put(world, silent_mp3(2), origin=PERSON, credit="太郎")).recording
    async with await psycopg.AsyncConnection.connect(world.database_url) as connection:
        await connection.execute(f"set meguri.area = '{world.area}'")
        month = "- interval '31 days'"
        await connection.execute(f"update recordings set remove_time = remove_time {month}")  # noqa: S608
        await connection.execute(f"update media set create_time = create_time {month}")  # noqa: S608
    database = Database(world.database_url)
    await database.open()
    try:
        await tidy_up(Deps(db=database, outbox=Outbox(events.ENCODERS), clock=SystemClock()))
    finally:
        await database.close()
    assert await refused(media(world, hers.audio_sha256)) == (Code.NOT_FOUND, "MEDIA_UNKNOWN")
    assert "ひみつ" not in await all_rows(world, "recordings")
    assert (await media(world, kept.audio_sha256)).content  # old bytes that are heard stay


async def test_old_answers_tell_a_repeat_by_the_id(world: World) -> None:
    """Answers from before migration 0018 held the whole recording; it leaves the id."""
    await world.load()
    key = new_id()
    kept = await put(world, silent_mp3(2), **HERS, request_id=key)
    migration = importlib.import_module(MIGRATION)
    async with await psycopg.AsyncConnection.connect(world.database_url) as connection:
        await connection.execute(f"set meguri.area = '{world.area}'")
        await connection.execute(
            "update requests set answer = jsonb_build_object('change_number',"
            " answer->'change_number', 'recording', jsonb_build_object('credit', 'ひみつ',"
            " 'recording_id', answer->'recording_id')) where request_id = %s", (key,),
        )  # fmt: skip
        assert "ひみつ" in str(await (await connection.execute(ANSWERS_KEPT)).fetchall())
        await connection.execute(migration.ANSWERS)
        assert "ひみつ" not in str(await (await connection.execute(ANSWERS_KEPT)).fetchall())
    assert await put(world, silent_mp3(2), **HERS, request_id=key) == kept
