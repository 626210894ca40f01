"""A stop's recording at the studio: what visitors hear, a person's own voice in its place.

The page of the recorder (`record`) shows what to read; static/record/ makes a WAV of what the
microphone hears and sends it here, as the form of the desk sends a file.
"""

from dataclasses import dataclass

import grpc
from flask import Blueprint, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from kit.pure.sentences import spans
from kit.roles import EDITORS
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import recording_service_pb2 as pb
from meguri.multilingual.v1.recording_service_pb2_grpc import RecordingServiceStub
from services.edge.clients import stub
from services.edge.errors import Problem, form_request_id, wants_json
from services.edge.login import requires
from services.edge.parts import area

DEADLINE_S = 10.0  # three million bytes are written to a disk
LONGEST_S = 62  # of a WAV in 16 bits, 24 kHz and mono, within the 3,000,000 bytes that are taken
# What is heard of a text; first what somebody should read aloud.
VOICES = {
    "outdated": _l("The text was changed since it was read aloud"),
    "none": _l("Nothing is recorded"),
    "machine": _l("A machine speaks"),
    "person": _l("A person speaks"),
}

blueprint = Blueprint("recordings", __name__)


@dataclass(frozen=True)
class Voiced:
    """A text and what is heard of it. voice: of VOICES. heard: None for nothing."""

    spoken: pb.SpokenText
    voice: str
    heard: guide_pb.Recording | None

    @classmethod
    def of(cls, spoken: pb.SpokenText) -> "Voiced":
        """Returns it as visitors have it: a person before a machine, which says no old words."""
        for slot in ("person", "lent"):
            if spoken.HasField(slot):
                heard = getattr(spoken, slot)
                return cls(spoken, "outdated" if heard.outdated else "person", heard)
        if spoken.HasField("machine") and not spoken.machine.outdated:
            return cls(spoken, "machine", spoken.machine)
        return cls(spoken, "none", None)


def of(code: str, locale: str) -> pb.SpokenText | None:
    """Returns what is heard of a stop in a locale, nothing in it where nothing is; None where the
    guide does not say."""
    try:
        listed = _stub().ListSpokenTexts(pb.ListSpokenTextsRequest(locale=locale))
    except grpc.RpcError:
        return None
    return next((each for each in listed.texts if each.stop_code == code), pb.SpokenText())


@blueprint.get("/studio/recordings")
@requires(*EDITORS)
def overview() -> str:
    """Shows what is heard of every text of one language, what needs somebody's voice first."""
    wanted = request.args.get("in", "")
    chosen = wanted if wanted in area().locales else area().locales[0]
    texts = _stub().ListSpokenTexts(pb.ListSpokenTextsRequest(locale=chosen)).texts
    rows = [Voiced.of(each) for each in texts]
    return render_template(
        "studio/recordings.html",
        chosen=chosen,
        area_locales=area().locales,
        voices=VOICES,
        rows=sorted(rows, key=lambda row: list(VOICES).index(row.voice)),
        counts={voice: sum(row.voice == voice for row in rows) for voice in VOICES},
    )


@blueprint.get("/studio/<code>/<locale>/record")
@requires(*EDITORS)
def record(code: str, locale: str) -> str:
    """Shows what visitors read, to be read aloud into the microphone of this device."""
    listed = _stub().ListSpokenTexts(pb.ListSpokenTextsRequest(locale=locale))
    spoken = next((each for each in listed.texts if each.stop_code == code), None)
    if spoken is None:
        raise Problem(
            404, "nothing_to_read", title=_("Nothing is published here in this language yet.")
        )
    whole = " ".join(each.text for each in spoken.text.paragraphs)
    public = area().public_url
    return render_template(
        "studio/record.html",
        spoken=spoken,
        text_locale=locale,
        paragraphs=[
            [each.text[start:end] for start, end in spans(each.text)]
            for each in spoken.text.paragraphs
        ],
        readings=[each for each in listed.terms if each.term in whole and each.reading],
        longest_s=LONGEST_S,
        secure_address=f"{public}{request.path}" if public.startswith("https:") else "",
    )


@blueprint.post("/studio/<code>/<locale>/recording")
@requires(*EDITORS)
def put(code: str, locale: str) -> Response:
    """Lets visitors hear the file that was sent. The recorder is told which request was taken."""
    sound = request.files.get("sound")
    wanted = pb.PutRecordingRequest(
        request_id=form_request_id(),
        stop_code=code,
        locale=locale,
        origin=guide_pb.RECORDING_ORIGIN_PERSON,
        audio=sound.read() if sound else b"",
        credit=request.form.get("credit", ""),
        text_sha256=request.form.get("text_sha256", ""),
        transcript=request.form.get("transcript", "").replace("\r\n", "\n"),
        speaker_agreed="speaker_agreed" in request.form,
        word_for_word="word_for_word" in request.form,
    )
    kept = _stub().PutRecording(wanted).recording
    # Only of WAV are the pauses known (PutRecordingRequest.word_for_word).
    hoped = wanted.word_for_word and wanted.audio.startswith(b"RIFF")
    back = _back(
        code, locale, "recorded-bare" if hoped and not kept.captions_sha256 else "recorded"
    )
    return jsonify(taken=wanted.request_id, next=back.location) if wants_json() else back


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
    _stub().RemoveRecording(wanted)
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
    _stub().RestoreRecording(wanted)
    return _back(code, locale, "recorded")


def _back(code: str, locale: str, done: str) -> Response:
    return redirect(f"/studio/{code}/{locale}?done={done}#recording", 303)


def _stub() -> RecordingServiceStub:
    return stub(RecordingServiceStub, deadline_s=DEADLINE_S)
