"""A stop's recording at the studio: what visitors hear, a person's own voice in its place."""

import grpc
from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from kit.roles import EDITORS
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import recording_service_pb2 as pb
from meguri.multilingual.v1.recording_service_pb2_grpc import RecordingServiceStub
from services.edge.clients import stub
from services.edge.errors import form_request_id
from services.edge.login import requires

DEADLINE_S = 10.0  # three million bytes are written to a disk

blueprint = Blueprint("recordings", __name__)


def of(code: str, locale: str) -> pb.SpokenText | None:
    """Returns what is heard of a stop in a locale, nothing in it where nothing is; None where the
    guide does not say."""
    try:
        listed = _stub().ListSpokenTexts(pb.ListSpokenTextsRequest(locale=locale))
    except grpc.RpcError:
        return None
    return next((each for each in listed.texts if each.stop_code == code), pb.SpokenText())


@blueprint.post("/studio/<code>/<locale>/recording")
@requires(*EDITORS)
def put(code: str, locale: str) -> Response:
    """Lets visitors hear the file that was sent."""
    sound = request.files.get("sound")
    wanted = pb.PutRecordingRequest(
        request_id=form_request_id(),
        stop_code=code,
        locale=locale,
        origin=guide_pb.RECORDING_ORIGIN_PERSON,
        audio=sound.read() if sound else b"",
        credit=request.form.get("credit", ""),
        transcript=request.form.get("transcript", "").replace("\r\n", "\n"),
    )
    _stub().PutRecording(wanted)
    return _back(code, locale, "recorded")


@blueprint.post("/studio/<code>/<locale>/recording/remove")
@requires(*EDITORS)
def remove(code: str, locale: str) -> Response:
    """Takes a recording away; a machine's may be heard again."""
    wanted = pb.RemoveRecordingRequest(
        request_id=form_request_id(), recording_id=request.form.get("recording_id", "")
    )
    _stub().RemoveRecording(wanted)
    return _back(code, locale, "silenced")


def _back(code: str, locale: str, done: str) -> Response:
    return redirect(f"/studio/{code}/{locale}?done={done}#recording", 303)


def _stub() -> RecordingServiceStub:
    return stub(RecordingServiceStub, deadline_s=DEADLINE_S)
