"""What people recorded: whether they agreed, captions of what was read, and every step undone."""

import asyncio
import threading
from typing import Any

import grpc
import numpy as np
import psycopg
import pytest

from kit.auth import Role
from meguri.multilingual.v1 import recording_service_pb2 as rec
from services.multilingual.app import recordings
from services.multilingual.domain.alignment import align
from tests.service.multilingual.conftest import (
    TIMEOUT_S,
    World,
    new_id,
    paragraph,
    refused,
    text,
    world,
)
from tests.service.multilingual.test_recordings import PERSON, listed, media, put, stub, to_say
from tests.sounds import silent_mp3
from tests.unit.multilingual.test_sound_maker import RATE, file, tone

__all__ = ["world"]
Code = grpc.StatusCode
# The name 池 and its sentences 水がたまります。 and 高さは資料で違います。, a rest between them.
REST = np.zeros(RATE // 2)
READ = np.concatenate([tone(0.3), REST, tone(1.2), REST, tone(1.8)])


async def restore(world: World, recording_id: str, **more: Any) -> rec.RestoreRecordingResponse:
    request = rec.RestoreRecordingRequest(
        **{"request_id": new_id(), "recording_id": recording_id} | more
    )
    answer: rec.RestoreRecordingResponse = await stub(world, Role.EDITOR).RestoreRecording(
        request, timeout=TIMEOUT_S
    )
    return answer


async def remove(world: World, recording_id: str, **more: Any) -> None:
    request = rec.RemoveRecordingRequest(request_id=new_id(), recording_id=recording_id, **more)
    await stub(world, Role.EDITOR).RemoveRecording(request, timeout=TIMEOUT_S)


async def test_a_voice_that_did_not_agree_is_not_kept(world: World) -> None:
    await world.load()
    call = put(world, silent_mp3(), origin=PERSON, credit="花子", speaker_agreed=False)
    assert await refused(call) == (Code.INVALID_ARGUMENT, "INVALID_FIELDS")
    assert not (await world.read("pool")).HasField("recording")
    await put(world, silent_mp3(), origin=PERSON, credit="花子")
    said = await to_say(world)
    assert (said.person_agreed, bool(said.person_author)) == (True, True)
    assert said.HasField("person_time")


async def test_one_that_was_taken_away_is_heard_again(world: World) -> None:
    await world.load()
    first = (await put(world, silent_mp3(1), origin=PERSON, credit="花子")).recording
    await remove(world, first.recording_id)
    assert not (await world.read("pool")).HasField("recording")
    [earlier] = (await to_say(world)).earlier
    assert (earlier.recording.recording_id, earlier.recording.credit) == (
        first.recording_id,
        "花子",
    )
    key = new_id()
    back = await restore(world, first.recording_id, request_id=key)
    assert back == await restore(world, first.recording_id, request_id=key)
    assert (await world.read("pool")).recording == first
    assert not (await to_say(world)).earlier
    call = restore(world, first.recording_id)
    assert await refused(call) == (Code.NOT_FOUND, "RECORDING_UNKNOWN")


async def test_one_that_was_replaced_changes_places_with_the_newer_one(world: World) -> None:
    await world.load()
    first = (await put(world, silent_mp3(1), origin=PERSON, credit="花子")).recording
    second = (await put(world, silent_mp3(2), origin=PERSON, credit="太郎")).recording
    before = await world.read("pool")
    await restore(world, first.recording_id)
    after = await world.read("pool")
    assert (before.recording, after.recording) == (second, first)
    assert before.etag_basis != after.etag_basis
    [earlier] = (await to_say(world)).earlier
    assert earlier.recording.recording_id == second.recording_id
    assert (await media(world, second.audio_sha256)).content  # still to be listened to
    assert [each.stop_code for each in (await listed(world, "en")).texts if each.earlier] == []


async def test_one_that_nobody_said_agreed_is_not_heard_again(world: World) -> None:
    await world.load()
    old = (await put(world, silent_mp3(1), origin=PERSON, credit="花子")).recording
    now = (await put(world, silent_mp3(2), origin=PERSON, credit="太郎")).recording
    async with await psycopg.AsyncConnection.connect(world.database_url) as connection:
        await connection.execute(f"set meguri.area = '{world.area}'")
        await connection.execute(
            "update recordings set speaker_agreed = false where recording_id = %s",
            (old.recording_id,),
        )
    before = await world.read("pool")
    call = restore(world, old.recording_id)
    assert await refused(call) == (Code.FAILED_PRECONDITION, "SPEAKER_DID_NOT_AGREE")
    after = await world.read("pool")
    assert (after.recording, after.etag_basis) == (now, before.etag_basis)
    assert [each.recording for each in (await to_say(world)).earlier]  # still to be listened to


async def test_a_machine_s_needs_nobody_s_word(world: World) -> None:
    await world.load()
    machine = (await put(world, silent_mp3(1))).recording
    await remove(world, machine.recording_id)
    await restore(world, machine.recording_id)
    assert (await world.read("pool")).recording == machine


async def test_that_of_another_stop_or_language_is_unknown(world: World) -> None:
    await world.load()
    old = (await put(world, silent_mp3(1), origin=PERSON, credit="花子")).recording
    now = (await put(world, silent_mp3(2), origin=PERSON, credit="太郎")).recording
    code = (await to_say(world)).stop_code
    before = await world.read("pool")
    for more in ({"stop_code": "ZZZZZ", "locale": "ja"}, {"stop_code": code, "locale": "en"}):
        for call in (restore(world, old.recording_id, **more),
                     remove(world, now.recording_id, **more)):  # fmt: skip
            assert await refused(call) == (Code.NOT_FOUND, "RECORDING_UNKNOWN")
    after = await world.read("pool")
    assert (after.recording, after.etag_basis) == (now, before.etag_basis)
    await restore(world, old.recording_id, stop_code=code, locale="ja")
    assert (await world.read("pool")).recording == old


async def test_after_a_month_it_is_forgotten(world: World) -> None:
    await world.load()
    old = (await put(world, silent_mp3(1), origin=PERSON, credit="花子")).recording
    await put(world, silent_mp3(2), origin=PERSON, credit="太郎")
    async with await psycopg.AsyncConnection.connect(world.database_url) as connection:
        await connection.execute(f"set meguri.area = '{world.area}'")
        month = "- interval '31 days'"
        await connection.execute(f"update recordings set remove_time = remove_time {month}")  # noqa: S608
        await connection.execute(f"update media set create_time = create_time {month}")  # noqa: S608
    call = restore(world, old.recording_id)
    assert await refused(call) == (Code.NOT_FOUND, "RECORDING_UNKNOWN")
    await put(world, silent_mp3(3), origin=PERSON, credit="太郎")
    assert [each.recording.credit for each in (await to_say(world)).earlier] == ["太郎"]
    assert await refused(media(world, old.audio_sha256)) == (Code.NOT_FOUND, "MEDIA_UNKNOWN")


async def test_captions_are_laid_along_what_was_read_word_for_word(world: World) -> None:
    await world.load()
    wanted: dict[str, Any] = {"origin": PERSON, "credit": "花子"}
    await put(world, file(READ), **wanted)
    assert not (await world.read("pool")).recording.captions_sha256  # nobody said it was
    await put(world, file(READ), word_for_word=True, **wanted)
    heard = (await world.read("pool")).recording
    vtt = (await media(world, heard.captions_sha256)).content.decode()
    lines = vtt.splitlines()
    assert [lines[at + 1] for at, each in enumerate(lines) if "-->" in each] == [
        "池", "水がたまります。", "高さは資料で違います。",
    ]  # fmt: skip
    begins = [each.split(" --> ")[0] for each in lines if "-->" in each]
    assert "00:00:00.800" <= begins[1] <= "00:00:00.900"
    assert "00:00:02.500" <= begins[2] <= "00:00:02.600"
    half = file(tone(2))  # the text, and no rest in it: it may be other words
    await put(world, half, word_for_word=True, **wanted)
    assert not (await world.read("pool")).recording.captions_sha256


class Slow:
    """Captions that take until somebody lets them go."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.begun, self.free = threading.Event(), threading.Event()
        patch.setattr(recordings, "align", self)

    def __call__(self, *what: Any) -> Any:
        self.begun.set()
        assert self.free.wait(TIMEOUT_S), "others waited for it"
        return align(*what)

    async def put(self, world: World, meanwhile: Any) -> rec.PutRecordingResponse:
        """Puts a WAV in, and lets its captions go after what is done meanwhile."""
        task = asyncio.ensure_future(
            put(world, file(READ), origin=PERSON, credit="花子", word_for_word=True)
        )
        assert await asyncio.to_thread(self.begun.wait, TIMEOUT_S)
        await meanwhile
        self.free.set()
        return await task


async def test_others_read_and_write_while_captions_are_laid(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.load()
    kept = await Slow(monkeypatch).put(world, put(world, silent_mp3(), credit="Mei"))
    assert kept.recording.captions_sha256
    assert (await world.read("pool")).recording == kept.recording


async def test_captions_of_a_text_that_is_published_anew_meanwhile_are_not_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.load()

    async def anew() -> None:
        await world.save("pool", "ja", 1, text("池", paragraph("別の文です。"), reading="いけ"))
        await world.publish("pool", "ja", 2, 1)

    call = Slow(monkeypatch).put(world, anew())
    assert await refused(call) == (Code.ABORTED, "TEXT_CHANGED")
    assert not (await world.read("pool")).HasField("recording")
