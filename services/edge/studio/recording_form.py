"""A recording put in at the desk of its text, taken away and brought back."""

from urllib.parse import quote

import grpc
from flask import Blueprint, jsonify, redirect, request
from werkzeug.wrappers import Response

from kit.roles import EDITORS
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import recording_service_pb2 as pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from services.edge import uploads
from services.edge.clients import stub
from services.edge.errors import form_request_id, wants_json
from services.edge.login import requires
from services.edge.studio import desk_page, recordings, stop_media

MOST_BYTES = 3_000_000  # of which the guide takes a sound
# Refusals that are said on the page, with what was typed still there.
REFUSED = frozenset({
    "SOUND_REFUSED", "SOUNDS_BUSY", "TEXT_CHANGED", "SPEAKER_DID_NOT_AGREE", "RECORDING_UNKNOWN",
    "RECORDING_WAS_ERASED", "INVALID_FIELDS", "TEXT_TOO_LONG", "CARD_NUMBER_TYPED",
})  # fmt: skip

blueprint = Blueprint("recording_form", __name__)


def _again(code: str, locale: str) -> str:
    wanted = guide_pb.ReadNarrationRequest(stop_code=code, locale=locale)
    return desk_page.show(stub(GuideServiceStub).ReadNarration(wanted), given=request.form)


def _too_large(found: uploads.TooLarge, code: str, locale: str) -> str:
    stop_media.say_too_large("SOUND_TOO_LARGE", found.size("sound"))
    return _again(code, locale)


@blueprint.get("/studio/<code>/<locale>/recording")
@requires(*EDITORS)
def back(code: str, locale: str) -> Response:
    """Leads to the text: a page that came again after a refusal may be opened anew."""
    # Nothing has asked the guide whether there is such a stop.
    return redirect(f"/studio/{quote(code, safe='')}/{quote(locale, safe='')}#recording", 303)


@blueprint.post("/studio/<code>/<locale>/recording")
@requires(*EDITORS)
@uploads.comes_again(_too_large)
def put(code: str, locale: str) -> Response | tuple[str, int]:
    """Lets visitors hear the file that was sent. The recorder is told which request was taken."""
    file = request.files.get("sound")
    sound = file.read() if file else b""
    wanted = pb.PutRecordingRequest(
        request_id=form_request_id(),
        stop_code=code,
        locale=locale,
        origin=guide_pb.RECORDING_ORIGIN_PERSON,
        audio=sound,
        credit=request.form.get("credit", ""),
        text_sha256=request.form.get("text_sha256", ""),
        transcript=request.form.get("transcript", "").replace("\r\n", "\n"),
        speaker_agreed="speaker_agreed" in request.form,
        word_for_word="word_for_word" in request.form,
    )
    try:
        kept = recordings.guide().PutRecording(wanted).recording
    except grpc.RpcError as error:
        if wants_json():
            raise
        if len(sound) > MOST_BYTES:
            stop_media.say_too_large("SOUND_TOO_LARGE", len(sound))
        else:
            stop_media.say_refused(error, REFUSED)
        return _again(code, locale), 422
    # Only of WAV are the pauses known (PutRecordingRequest.word_for_word).
    hoped = wanted.word_for_word and wanted.audio.startswith(b"RIFF")
    done = _back(
        code, locale, "recorded-bare" if hoped and not kept.captions_sha256 else "recorded"
    )
    return jsonify(taken=wanted.request_id, next=done.location) if wants_json() else done


@blueprint.post("/studio/<code>/<locale>/recording/remove")
@requires(*EDITORS)
def remove(code: str, locale: str) -> Response:
    """Takes a recording away; a machine's may be heard again."""
    wanted = pb.RemoveRecordingRequest(
        request_id=form_request_id(),
        recording_id=request.form.get("recording_id", ""),
        stop_code=code,
        locale=locale,
    )
    recordings.guide().RemoveRecording(wanted)
    return _back(code, locale, "silenced")


@blueprint.post("/studio/<code>/<locale>/recording/restore")
@requires(*EDITORS)
def restore(code: str, locale: str) -> Response:
    """Lets an earlier recording be heard again: the undo."""
    wanted = pb.RestoreRecordingRequest(
        request_id=form_request_id(),
        recording_id=request.form.get("recording_id", ""),
        stop_code=code,
        locale=locale,
    )
    recordings.guide().RestoreRecording(wanted)
    return _back(code, locale, "recorded")


def _back(code: str, locale: str, done: str) -> Response:
    return redirect(f"/studio/{code}/{locale}?done={done}#recording", 303)
