"""The gRPC door of recordings: decode, call the use case, encode."""

from collections.abc import Mapping
from typing import Any

import grpc

from kit.pure.errors import InvalidFields
from kit.roles import EDITORS, EVERYBODY
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import recording_service_pb2 as pb
from meguri.multilingual.v1 import recording_service_pb2_grpc as pb_grpc
from services.multilingual import wire
from services.multilingual.app import recordings, voices
from services.multilingual.app.deps import Deps
from services.multilingual.domain.captions import Cue
from services.multilingual.domain.recording import (
    ErasureReason,
    MediaGone,
    MediaUnknown,
    Origin,
    Recording,
    RecordingUnknown,
    RecordingWasErased,
    SpeakerDidNotAgree,
    TextChanged,
)
from services.multilingual.domain.sound import SoundRefused
from services.multilingual.domain.stop_code import StopCodeMistyped, StopCodeUnknown
from services.multilingual.gateways.sounds_apart import SoundsBusy

NAME = "meguri.multilingual.v1.RecordingService"

ALLOWED: Allowed = {
    "ListSpokenTexts": EDITORS,
    "PutRecording": EDITORS,
    "RemoveRecording": EDITORS,
    "RestoreRecording": EDITORS,
    "ListVoices": EDITORS,
    "EraseRecordings": EDITORS,
    "ReadMedia": EVERYBODY,
}

ERRORS: Errors = {
    SoundRefused: (grpc.StatusCode.INVALID_ARGUMENT, "SOUND_REFUSED"),
    SoundsBusy: (grpc.StatusCode.UNAVAILABLE, "SOUNDS_BUSY"),
    TextChanged: (grpc.StatusCode.ABORTED, "TEXT_CHANGED"),
    RecordingUnknown: (grpc.StatusCode.NOT_FOUND, "RECORDING_UNKNOWN"),
    RecordingWasErased: (grpc.StatusCode.FAILED_PRECONDITION, "RECORDING_WAS_ERASED"),
    SpeakerDidNotAgree: (grpc.StatusCode.FAILED_PRECONDITION, "SPEAKER_DID_NOT_AGREE"),
    MediaGone: (grpc.StatusCode.NOT_FOUND, "MEDIA_ERASED"),
    MediaUnknown: (grpc.StatusCode.NOT_FOUND, "MEDIA_UNKNOWN"),
    StopCodeMistyped: (grpc.StatusCode.INVALID_ARGUMENT, "STOP_CODE_MISTYPED"),
    StopCodeUnknown: (grpc.StatusCode.NOT_FOUND, "STOP_CODE_UNKNOWN"),
}


def reason_of(number: int) -> ErasureReason | None:
    """Decodes a reason, None for none. Errors: InvalidFields for one there is not."""
    try:
        return ErasureReason(number) if number else None
    except ValueError as error:
        raise InvalidFields([("reason", "say why it is erased")]) from error


def erasure(found: voices.Erasure) -> pb.Erasure:
    """Encodes what somebody erased."""
    return pb.Erasure(
        erase_time=wire.timestamp(found.erase_time), eraser=found.eraser,
        reason=pb.ErasureReason.ValueType(int(found.reason or 0)), file_count=found.files,
    )  # fmt: skip


class RecordingApi(pb_grpc.RecordingServiceServicer):
    """Answers meguri.multilingual.v1.RecordingService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ListSpokenTexts(
        self, request: pb.ListSpokenTextsRequest, context: Any
    ) -> pb.ListSpokenTextsResponse:
        """What there is to say, and how it is read."""
        texts, terms = await recordings.list_spoken(self._deps, caller().area, request.locale)
        return pb.ListSpokenTextsResponse(
            texts=[_to_say(each, at) for at, each in enumerate(texts, 1)],
            terms=[
                guide_pb.TermSeed(
                    locale=request.locale, term=each.term, reading=each.reading, accent=each.accent
                )
                for each in terms
            ],
        )

    async def PutRecording(
        self, request: pb.PutRecordingRequest, context: Any
    ) -> pb.PutRecordingResponse:
        """Lets visitors hear a recording."""
        try:
            origin = Origin(request.origin)
        except ValueError as error:
            raise InvalidFields([("origin", "say whether a machine or a person speaks")]) from error
        outcome = await recordings.put_recording(
            self._deps,
            request_key(request),
            caller().area,
            stop_code=request.stop_code,
            locale=request.locale,
            origin=origin,
            audio=request.audio,
            cues=[
                Cue(each.start_ms, each.end_ms, each.text, each.paragraph_id,
                    each.start_char, each.end_char)
                for each in request.cues
            ],
            credit=request.credit,
            spoken_sha256=request.text_sha256,
            transcript=request.transcript,
            speaker_agreed=request.speaker_agreed,
            word_for_word=request.word_for_word,
        )  # fmt: skip
        return pb.PutRecordingResponse(
            recording=wire.recording_message(outcome.recording, outdated=False),
            change_number=outcome.change_number,
        )

    async def RemoveRecording(
        self, request: pb.RemoveRecordingRequest, context: Any
    ) -> pb.RemoveRecordingResponse:
        """Takes a recording away."""
        number = await recordings.remove_recording(
            self._deps, request_key(request), caller().area, _which(request)
        )
        return pb.RemoveRecordingResponse(change_number=number)

    async def RestoreRecording(
        self, request: pb.RestoreRecordingRequest, context: Any
    ) -> pb.RestoreRecordingResponse:
        """The undo of taking one away or putting another in its place."""
        number = await recordings.restore_recording(
            self._deps, request_key(request), caller().area, _which(request)
        )
        return pb.RestoreRecordingResponse(change_number=number)

    async def ListVoices(
        self, request: pb.ListVoicesRequest, context: Any
    ) -> pb.ListVoicesResponse:
        """Whose voices are kept."""
        found = await voices.list_voices(self._deps, caller().area)
        return pb.ListVoicesResponse(
            voices=[_voice(each, found.names) for each in found.recordings],
            erasures=[erasure(each) for each in found.erasures],
            source_locale=found.source_locale,
        )  # fmt: skip

    async def EraseRecordings(
        self, request: pb.EraseRecordingsRequest, context: Any
    ) -> pb.EraseRecordingsResponse:
        """Erases voices for good."""
        reason = reason_of(request.reason)
        if reason is None:
            raise InvalidFields([("reason", "say why they are erased")])
        gone = await voices.erase(
            self._deps, request_key(request), caller().area, request.recording_ids, reason
        )
        return pb.EraseRecordingsResponse(
            change_number=gone.change_number, stop_codes=gone.stop_codes,
            recording_count=gone.recordings,
        )  # fmt: skip

    async def ReadMedia(self, request: pb.ReadMediaRequest, context: Any) -> pb.ReadMediaResponse:
        """Bytes by their hash."""
        found, total = await recordings.read_media(
            self._deps, caller().area, request.sha256, request.offset
        )
        return pb.ReadMediaResponse(
            content=found.content, media_type=found.media_type, total_bytes=total
        )


def _voice(each: Recording, names: Mapping[str, str]) -> pb.Voice:
    return pb.Voice(
        # Whether the text was changed since does not matter to whoever wants to be gone.
        recording=wire.recording_message(each, outdated=False),
        stop_code=each.stop_code, stop_name=names.get(each.stop_code, ""), author=each.author,
        create_time=wire.timestamp(each.create_time),
        remove_time=wire.timestamp(each.remove_time), speaker_agreed=each.speaker_agreed,
    )  # fmt: skip


def _which(request: pb.RemoveRecordingRequest | pb.RestoreRecordingRequest) -> recordings.Which:
    return recordings.Which(request.recording_id, request.stop_code, request.locale)


def _to_say(each: recordings.ToSay, position: int) -> pb.SpokenText:
    message = pb.SpokenText(
        stop_code=each.stop.stop_code,
        text=wire.text_message(each.text),
        text_sha256=each.text_sha256,
        position=position,
    )
    for one in each.recordings:
        slot = message.machine if one.origin is Origin.MACHINE else message.person
        told = wire.recording_message(one, outdated=one.text_sha256 != each.text_sha256)
        slot.CopyFrom(told)
        if one.origin is Origin.PERSON:
            message.person_agreed, message.person_author = one.speaker_agreed, one.author
            message.person_time.FromDatetime(one.create_time)
    if each.heard is not None and each.heard.recording not in each.recordings:
        lent = wire.recording_message(each.heard.recording, outdated=each.heard.outdated)
        message.lent.CopyFrom(lent)
    for one in each.earlier:
        outdated = one.text_sha256 != each.text_sha256
        earlier = message.earlier.add(
            recording=wire.recording_message(one, outdated=outdated),
            author=one.author,
            speaker_agreed=one.speaker_agreed,
        )
        earlier.create_time.FromDatetime(one.create_time)
    return message
