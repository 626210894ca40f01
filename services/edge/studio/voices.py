"""Whose voices visitors hear, at the studio: erasing what somebody no longer wants to be heard.

Everything of one name is chosen beforehand: whoever withdraws does not mean one stop of many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from kit.roles import EDITORS
from meguri.multilingual.v1 import recording_service_pb2 as pb
from meguri.multilingual.v1.recording_service_pb2_grpc import RecordingServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.studio import stop_media, words
from services.edge.whole import read_whole

DEADLINE_S = 10.0
PAGE = "/studio/recordings/erase"
REASONS: dict[int, Any] = {
    pb.ERASURE_REASON_CONSENT_WITHDRAWN: _l("Whoever speaks does not want to be heard any longer"),
    pb.ERASURE_REASON_NEVER_AGREED: _l("Nobody had asked whoever speaks"),
    pb.ERASURE_REASON_NOT_FOR_VISITORS: _l("Something private or wrong is heard"),
    pb.ERASURE_REASON_RIGHTS: _l("Somebody else holds the rights"),
}
# Refusals that are said on the page.
REFUSED = frozenset({"RECORDING_UNKNOWN", "INVALID_FIELDS"})
MOST_DIGITS = 4

blueprint = Blueprint("voices", __name__)


@dataclass(frozen=True)
class Speaker:
    """Recordings under one name, as it was typed. chosen: ids that are ticked beforehand; opened:
    one of them is what somebody came for."""

    credit: str
    voices: Sequence[pb.Voice]
    chosen: frozenset[str]
    opened: bool


def speakers(voices: Sequence[pb.Voice], wanted: str) -> list[Speaker]:
    """Returns voices by their name. wanted: id of the one somebody came for; then it alone is
    ticked under its name, else all of a name are."""
    made = []
    for credit, found in groupby(voices, key=lambda each: each.recording.credit):
        group = list(found)
        ids = frozenset(each.recording.recording_id for each in group)
        opened = wanted in ids
        made.append(Speaker(credit, group, frozenset({wanted}) if opened else ids, opened))
    return made


@blueprint.get(PAGE)
@requires(*EDITORS)
def page() -> str:
    """Shows whose voices are kept, heard or not."""
    return _page(request.args.get("recording", ""))


@blueprint.post(PAGE)
@requires(*EDITORS)
def erase() -> Response | tuple[str, int]:
    """Erases the chosen ones at once and for good."""
    reason = read_whole(request.form.get("reason", ""), MOST_DIGITS) or 0
    chosen = request.form.getlist("recording")
    wanted = pb.EraseRecordingsRequest(
        request_id=form_request_id(), recording_ids=chosen,
        reason=pb.ErasureReason.ValueType(reason if reason in REASONS else 0),
    )  # fmt: skip
    try:
        stop_media.check_sure()
        _check(wanted)
        gone = stub(RecordingServiceStub, deadline_s=DEADLINE_S).EraseRecordings(wanted)
    except stop_media.NotSure:
        stop_media.say_not_sure()
    except ValueError as error:
        notify("bad", str(error))
    except grpc.RpcError as error:
        stop_media.say_refused(error, REFUSED)
    else:
        return redirect(f"{PAGE}?done={gone.recording_count}", 303)
    return _page(chosen[0] if len(chosen) == 1 else "", reason), 422


def _check(wanted: pb.EraseRecordingsRequest) -> None:
    """Errors: ValueError with what to tell."""
    if not wanted.recording_ids:
        raise ValueError(_("Tick at least one recording."))
    if not wanted.reason:
        raise ValueError(_("Say why: choose one of the reasons."))


def _page(wanted: str, reason: int = 0) -> str:
    found = stub(RecordingServiceStub, deadline_s=DEADLINE_S).ListVoices(pb.ListVoicesRequest())
    done = read_whole(request.args.get("done", ""), MOST_DIGITS)
    return render_template(
        "studio/voices.html",
        found=found, speakers=speakers(found.voices, wanted), reasons=REASONS, reason=reason,
        done=done, words=words, request_id=new_request_id(),
    )  # fmt: skip
