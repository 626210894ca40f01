"""Recordings with a real database: who is heard, what is told, and who may do it."""

from typing import Any

import grpc
import pytest

from kit.auth import Role
from meguri.multilingual.v1 import multilingual_events_pb2 as said
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import recording_service_pb2 as rec
from meguri.multilingual.v1 import recording_service_pb2_grpc as rec_grpc
from services.multilingual.domain.captions import Cue
from tests.service.multilingual.conftest import (
    TIMEOUT_S,
    World,
    new_id,
    paragraph,
    refused,
    small_area,
    text,
    world,
)
from tests.sounds import m4a, silent_mp3
from tests.unit.multilingual.test_sound_maker import file, tone

__all__ = ["world"]
Code = grpc.StatusCode
MACHINE, PERSON = pb.RECORDING_ORIGIN_MACHINE, pb.RECORDING_ORIGIN_PERSON


def stub(world: World, *roles: Role, area: str = "") -> Any:
    return rec_grpc.RecordingServiceStub(world.it.channel(area or world.area, *roles))


async def listed(world: World, locale: str = "ja") -> rec.ListSpokenTextsResponse:
    answer: rec.ListSpokenTextsResponse = await stub(world, Role.EDITOR).ListSpokenTexts(
        rec.ListSpokenTextsRequest(locale=locale), timeout=TIMEOUT_S
    )
    return answer


async def to_say(world: World, name: str = "pool", locale: str = "ja") -> rec.SpokenText:
    return next(
        each for each in (await listed(world, locale)).texts if each.stop_code == world.code(name)
    )


async def put(world: World, audio: bytes = b"", **more: Any) -> rec.PutRecordingResponse:
    wanted: dict[str, Any] = {
        "request_id": new_id(), "stop_code": world.code("pool"), "locale": "ja", "origin": MACHINE,
        "credit": "Mei",
    }  # fmt: skip
    if more.get("origin", MACHINE) == MACHINE:
        wanted["text_sha256"] = (await to_say(world)).text_sha256
    else:
        wanted["speaker_agreed"] = True
    request = rec.PutRecordingRequest(audio=audio or silent_mp3(), **wanted | more)
    answer: rec.PutRecordingResponse = await stub(world, Role.EDITOR).PutRecording(
        request, timeout=TIMEOUT_S
    )
    return answer


async def media(world: World, sha256: str, area: str = "") -> Any:
    return await stub(world, Role.VISITOR, area=area).ReadMedia(
        rec.ReadMediaRequest(sha256=sha256), timeout=TIMEOUT_S
    )


CUES = [
    rec.Cue(start_ms=0, end_ms=800, text="池"),
    rec.Cue(start_ms=800, end_ms=2_000, text="水がたまります。", paragraph_id="formation",
            start_char=0, end_char=8),
]  # fmt: skip


async def test_a_spoken_text_is_heard_and_its_bytes_are_read_by_hash(world: World) -> None:
    await world.load()
    before = await world.read("pool")
    audio = silent_mp3(2.4)
    answer = await put(world, audio, cues=CUES)
    after = await world.read("pool")
    heard = after.recording
    assert not before.HasField("recording")
    assert before.etag_basis != after.etag_basis
    assert (heard.origin, heard.credit, heard.duration_ms) == (MACHINE, "Mei", 2400)
    assert heard == answer.recording
    sound, captions = (
        await media(world, heard.audio_sha256),
        await media(world, heard.captions_sha256),
    )
    assert (sound.content, sound.media_type) == (audio, "audio/mpeg")
    assert captions.media_type == "text/vtt; charset=utf-8"
    assert "formation:0-8\n00:00:00.800 --> 00:00:02.000" in captions.content.decode()
    assert not (await world.read("pool", "en")).HasField("recording")
    changed = await world.visitor.ListStopChanges(
        pb.ListStopChangesRequest(since_change_number=answer.change_number - 1), timeout=TIMEOUT_S
    )
    assert [each.stop_code for each in changed.stops] == [world.code("pool")]


async def test_the_same_request_twice_is_one_recording_and_one_event(world: World) -> None:
    await world.load()
    wanted: dict[str, Any] = {
        "request_id": new_id(),
        "text_sha256": (await to_say(world)).text_sha256,
    }
    first, again = await put(world, **wanted), await put(world, **wanted)
    assert first == again
    [message] = await world.it.heard(world.area, "recording_changed", 1)
    body = said.RecordingChanged.FromString(message.data)
    assert (body.stop_code, body.locale) == (world.code("pool"), "ja")
    told = pb.Recording()
    told.CopyFrom(first.recording)
    told.ClearField("credit")  # nobody takes a name back out of a stream
    assert body.recording == told
    assert body.change_number == first.change_number


async def test_a_person_wins_over_a_machine_until_the_recording_is_taken_away(
    world: World,
) -> None:
    await world.load()
    await put(world)
    person = (await put(world, m4a(), origin=PERSON, credit="秋芳町 花子")).recording
    assert (await world.read("pool")).recording == person
    await put(world, silent_mp3(mark=1))
    assert (await world.read("pool")).recording == person
    request = rec.RemoveRecordingRequest(request_id=new_id(), recording_id=person.recording_id)
    await stub(world, Role.EDITOR).RemoveRecording(request, timeout=TIMEOUT_S)
    assert (await world.read("pool")).recording.origin == MACHINE
    again = rec.RemoveRecordingRequest(request_id=new_id(), recording_id=person.recording_id)
    call = stub(world, Role.EDITOR).RemoveRecording(again, timeout=TIMEOUT_S)
    assert await refused(call) == (Code.NOT_FOUND, "RECORDING_UNKNOWN")
    assert (await media(world, person.audio_sha256)).content  # pages that are out play it yet


async def test_one_mandarin_recording_is_heard_in_both_scripts(world: World) -> None:
    await world.load()
    simple = text("池子", paragraph("积水。"))
    await world.save("pool", "zh-Hans", 0, simple)
    await world.publish("pool", "zh-Hans", 1, 0)
    wanted: dict[str, Any] = {"locale": "zh-Hant", "origin": PERSON, "credit": "王小明"}
    put_in = await put(world, cues=[rec.Cue(start_ms=0, end_ms=800, text="積水。")], **wanted)
    there, here = await world.read("pool", "zh-Hant"), await world.read("pool", "zh-Hans")
    assert there.recording == put_in.recording
    assert there.recording.captions_sha256
    assert here.recording.audio_sha256 == there.recording.audio_sha256
    assert (here.recording.locale, here.recording.captions_sha256) == ("zh-Hant", "")
    listed_here = await to_say(world, locale="zh-Hans")
    assert listed_here.lent == here.recording
    assert not listed_here.HasField("person")
    assert not (await to_say(world, locale="zh-Hant")).HasField("lent")
    request = rec.RemoveRecordingRequest(
        request_id=new_id(), recording_id=put_in.recording.recording_id
    )
    await stub(world, Role.EDITOR).RemoveRecording(request, timeout=TIMEOUT_S)
    assert not (await world.read("pool", "zh-Hans")).HasField("recording")
    told = [
        said.RecordingChanged.FromString(each.data)
        for each in await world.it.heard(world.area, "recording_changed", 4)
    ]
    assert [(each.locale, each.HasField("recording")) for each in told] == [
        ("zh-Hant", True), ("zh-Hans", True), ("zh-Hant", False), ("zh-Hans", False),
    ]  # fmt: skip


async def test_a_persons_wav_is_heard_as_mp3_and_a_repeat_is_the_same(world: World) -> None:
    await world.load()
    wanted: dict[str, Any] = {"request_id": new_id(), "origin": PERSON, "credit": "花子"}
    first = await put(world, file(tone(2)), **wanted)
    again = await put(world, file(tone(2)), **wanted)
    assert first == again
    heard = (await world.read("pool")).recording
    assert heard == first.recording
    assert (heard.audio_type, heard.audio_bytes < 10_000) == ("audio/mpeg", True)
    refusal = await refused(put(world, file(tone(2))))  # a machine packs its own
    assert refusal == (Code.INVALID_ARGUMENT, "SOUND_REFUSED")
    assert (await world.read("pool")).recording == heard


async def test_a_new_text_silences_the_machine_and_marks_the_person(world: World) -> None:
    await world.load()
    await put(world)
    old = (await to_say(world)).text_sha256
    await world.save("pool", "ja", 1, text("池", paragraph("水は減ります。"), reading="いけ"))
    await world.publish("pool", "ja", 2, 1)
    assert not (await world.read("pool")).HasField("recording")
    assert (await to_say(world)).machine.outdated
    refusal = await refused(put(world, text_sha256=old))
    assert refusal == (Code.ABORTED, "TEXT_CHANGED")
    # A person who read the old text is told so; who says nothing means the text of now.
    refusal = await refused(put(world, origin=PERSON, text_sha256=old))
    assert refusal == (Code.ABORTED, "TEXT_CHANGED")
    await put(world, origin=PERSON)
    assert not (await world.read("pool")).recording.outdated
    await world.save("pool", "ja", 2, text("池", paragraph("水です。"), reading="いけ"))
    await world.publish("pool", "ja", 3, 2)
    assert (await world.read("pool")).recording.outdated


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"audio": b"<script>alert(1)</script>" * 9}, "SOUND_REFUSED"),
        ({"audio": bytes(3_000_001)}, "SOUND_REFUSED"),
        ({"origin": pb.RECORDING_ORIGIN_UNSPECIFIED}, "INVALID_FIELDS"),
        ({"credit": " "}, "INVALID_FIELDS"),
        ({"credit": "a" * 201}, "TEXT_TOO_LONG"),
        ({"transcript": "a" * 5_001}, "TEXT_TOO_LONG"),
        ({"locale": "ko"}, "INVALID_FIELDS"),
        ({"cues": [rec.Cue(start_ms=5, end_ms=5, text="a")]}, "INVALID_FIELDS"),
        ({"stop_code": "00000"}, "STOP_CODE_UNKNOWN"),
    ],
)
async def test_what_cannot_be_heard_is_refused_and_changes_nothing(
    world: World, more: dict[str, Any], reason: str
) -> None:
    await world.load()
    before = await world.read("pool")
    assert (await refused(put(world, **more)))[1] == reason
    assert await world.read("pool") == before


async def test_only_editors_put_recordings_in_and_no_area_hears_anothers(world: World) -> None:
    await world.load()
    heard = (await put(world)).recording
    request = rec.PutRecordingRequest(request_id=new_id(), audio=silent_mp3())
    call = stub(world, Role.CLERK).PutRecording(request, timeout=TIMEOUT_S)
    assert (await refused(call))[0] is Code.PERMISSION_DENIED
    other = media(world, heard.audio_sha256, area="elsewhere")
    assert await refused(other) == (Code.NOT_FOUND, "MEDIA_UNKNOWN")


async def test_a_hash_with_a_row_of_digits_is_no_card_and_a_transcript_may_be_long(
    world: World,
) -> None:
    await world.load()
    name = "a" * 24 + "4111111111111111" + "b" * 24
    assert await refused(media(world, name)) == (Code.NOT_FOUND, "MEDIA_UNKNOWN")
    spoken = put(world, origin=PERSON, text_sha256=name)
    assert await refused(spoken) == (Code.ABORTED, "TEXT_CHANGED")
    heard = await put(world, origin=PERSON, transcript="水。" * 2_500)
    assert len(heard.recording.transcript) == 5_000
    card = put(world, origin=PERSON, transcript="4111 1111 1111 1111")
    assert await refused(card) == (Code.INVALID_ARGUMENT, "CARD_NUMBER_TYPED")


async def test_terms_come_with_the_files_and_names_of_stops_are_terms(world: World) -> None:
    request = small_area(world.area)
    request.terms.add(locale="ja", term="高さ", reading="たかさ", accent=1)
    await world.admin.ImportStops(request, timeout=TIMEOUT_S)
    terms = {each.term: (each.reading, each.accent) for each in (await listed(world)).terms}
    assert terms == {"高さ": ("たかさ", 1), "池": ("いけ", 0)}
    assert [each.term for each in (await listed(world, "en")).terms] == ["Pool"]


async def test_a_text_with_a_term_nobody_can_read_is_not_published(world: World) -> None:
    request = small_area(world.area)
    request.terms.add(locale="ja", term="鍾乳石", reading="")
    await world.admin.ImportStops(request, timeout=TIMEOUT_S)
    body = text("池", paragraph("鍾乳石です。"), reading="いけ")
    await world.save("pool", "ja", 1, body)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.publish("pool", "ja", 2, 1)
    assert caught.value.code() is Code.FAILED_PRECONDITION
    assert "鍾乳石" in str(caught.value.details())
    assert (await world.read("pool")).paragraphs[0].text.text == "水がたまります。"
    again = small_area(world.area)
    again.terms.add(locale="ja", term="鍾乳石", reading="しょうにゅうせき")
    await world.admin.ImportStops(again, timeout=TIMEOUT_S)
    await world.publish("pool", "ja", 2, 1)
    assert (await world.read("pool")).paragraphs[0].text.text == "鍾乳石です。"


async def test_a_term_that_cannot_be_kept_is_refused(world: World) -> None:
    request = small_area(world.area)
    request.terms.add(locale="ja", term="", reading="あ")
    call = world.admin.ImportStops(request, timeout=TIMEOUT_S)
    assert (await refused(call))[1] == "INVALID_FIELDS"


def test_a_cue_of_the_contract_is_one_of_the_domain() -> None:
    assert set(Cue.__dataclass_fields__) == {
        "start_ms", "end_ms", "text", "paragraph_id", "start", "end",
    }  # fmt: skip
