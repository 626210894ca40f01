"""Taking in the feed of an operator: first a look at what is in the file, then the same file."""

import hashlib
import re

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ASSOCIATION
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from meguri.itinerary.v1.timetable_service_pb2_grpc import TimetableServiceStub
from services.edge import uploads
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.studio.timetables import ending, live, refused, riding, words

DEADLINE_S = 25.0  # of a whole prefecture
MOST_BYTES = 3 * 1024 * 1024
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
# What an archive has that is no timetable, by the reason at the end of what the service says.
UNUSABLE = {
    "NO_ARCHIVE": _l("This is no ZIP archive. Take the file as the operator publishes it."),
    "TOO_LARGE": _l("A feed has at most 3 MiB. Ask the operator for one of this area alone."),
    "TOO_HEAVY": _l("This feed is far larger than any timetable of an area."),
}
_REASON = re.compile(r"\[([A-Z_]+)\]$")

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/studio/timetables/feed")
@requires(*ASSOCIATION)
def page() -> Response:
    """Shows the form, for a new feed or a newer file of one that is kept."""
    if (done := request.args.get("done", "")) in words.DONE:
        notify("warn" if done == "not-sure" else "ok", words.DONE[done])
    return _page(_kept(request.args.get("id", "")))


def _too_large(found: uploads.TooLarge) -> Response:
    said = uploads.told(found.size("archive"), UNUSABLE["TOO_LARGE"])
    return _page(None, {"f-archive": said}, status=413)


@blueprint.post("/studio/timetables/feed")
@requires(*ASSOCIATION)
@uploads.comes_again(_too_large)
def take() -> Response | Answer:
    """Looks at the file, or takes it in where it is the one that was looked at."""
    form, sent = request.form, request.files.get("archive")
    archive = sent.read(MOST_BYTES + 1) if sent else b""
    if sent:
        sent.close()
    timetable_id = form.get("id", "").strip().lower()
    phone = form.get("phone", "").strip()
    wrong = {}
    if not ID.fullmatch(timetable_id):
        wrong["f-id"] = _("Write a short name of small letters, digits and dashes.")
    if not archive:
        wrong["f-archive"] = _("Choose the file.")
    elif len(archive) > MOST_BYTES:
        wrong["f-archive"] = str(UNUSABLE["TOO_LARGE"])
    if wrong:
        return _page(None, wrong, status=422)
    digest = hashlib.sha256(archive).hexdigest()
    looked = form.get("action") == "take" and form.get("seen") == digest
    if form.get("action") == "take" and not looked:
        notify("warn", _("This is another file than the one you looked at. Look at it first."))
    request_id = form_request_id()
    wanted = pb.ImportFeedRequest(
        request_id=f"{request_id}-{digest[:12]}{'' if looked else '-look'}",
        timetable_id=timetable_id, archive=archive, phone=phone, dry_run=not looked,
    )  # fmt: skip
    try:
        found = stub(TimetableServiceStub, deadline_s=DEADLINE_S).ImportFeed(wanted)
    except grpc.RpcError as error:
        return _page(None, _unusable(error), status=422)
    if looked:
        return redirect("/studio/timetables?done=taken", 303)
    return _page(_kept(timetable_id), report=found, seen=digest, request_id=request_id)


def _unusable(error: grpc.RpcError) -> dict[str, str]:
    """Returns what is wrong with the file. Errors: the error itself where nothing is."""
    for _name, why in problem_of(error).fields:
        said = _REASON.search(why)
        if problem_of(error).reason == "FEED_UNUSABLE" and said:
            known = UNUSABLE.get(said[1])
            return {"f-archive": str(known) if known else _(
                "No timetable can be read from this file (%(reason)s). Nothing was changed.",
                reason=said[1],
            )}  # fmt: skip
    refused.told(error)
    return {}


def _kept(timetable_id: str) -> pb.TimetableSummary | None:
    """Returns the feed that is kept under an id; None for none."""
    if not timetable_id:
        return None
    found = (each for each in ending.read() if each.timetable_id == timetable_id)
    return next((each for each in found if each.kind == pb.TIMETABLE_KIND_FEED), None)


def _page(
    kept: pb.TimetableSummary | None, wrong: dict[str, str] | None = None, status: int = 200,
    report: pb.ImportFeedResponse | None = None, seen: str = "", request_id: str = "",
) -> Response:  # fmt: skip
    body = render_template(
        "studio/timetables/feed.html",
        kept=kept, wrong=wrong or {}, report=report, seen=seen, words=words, pb=pb,
        given={
            "id": request.values.get("id", ""),
            "phone": request.form.get("phone") or (kept.phone if kept else ""),
        },
        request_id=request_id or new_request_id(), new_id=new_request_id, most_bytes=MOST_BYTES,
        too_large_words=UNUSABLE["TOO_LARGE"],
        riding=riding.count(kept.timetable_id if kept else ""),
        live=live.rows(kept.timetable_id if kept else ""),
        live_wrong=live.WRONG.get(request.args.get("wrong", ""), ""),
    )  # fmt: skip
    return make_response(body, status)
