"""A stop's videos at the studio: put in, described, looked at, taken away, erased."""

from collections.abc import Mapping
from uuid import uuid4

import grpc
from flask import Blueprint, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.roles import EDITORS
from meguri.multilingual.v1 import video_service_pb2 as pb
from meguri.multilingual.v1.video_service_pb2_grpc import VideoServiceStub
from services.edge import uploads
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id, sentence
from services.edge.login import requires
from services.edge.studio import stop_media, words
from services.edge.studio.photos import REFUSED as PHOTO_REFUSED
from services.edge.whole import read_whole

DEADLINE_S = 15.0  # a video and its picture are made in two seconds, behind two others
PIECE_DEADLINE_S = 2.5  # four of them and the rest end before the connection does
PIECE_BYTES = 3_000_000
MOST_BYTES = 12_000_000
MOST_POSTER_BYTES = 4_000_000
# Refusals that are said on the page, with what was typed still there.
REFUSED = PHOTO_REFUSED | {
    "VIDEO_KIND", "VIDEO_WEBM", "VIDEO_CODEC", "VIDEO_UNREADABLE", "VIDEO_TOO_LARGE",
    "VIDEO_TOO_LONG", "VIDEO_TOO_MANY_PIXELS", "CAPTIONS_REFUSED", "VIDEOS_BUSY", "VIDEOS_FULL",
    "VIDEO_UPLOADS_FULL", "VIDEO_UPLOAD_TAKEN", "VIDEO_INCOMPLETE", "VIDEO_WAS_ERASED",
    "VIDEO_UNKNOWN", "VIDEO_CHANGED",
}  # fmt: skip

blueprint = Blueprint("videos", __name__)


@blueprint.get("/studio/stops/<code>/videos")
@requires(*EDITORS)
def page(code: str) -> str:
    """Shows the videos of a stop."""
    return _page(code)


def _too_large(found: uploads.TooLarge, code: str) -> str:
    for name, most_bytes, reason in (
        ("video", MOST_BYTES, "VIDEO_TOO_LARGE"),
        ("poster", MOST_POSTER_BYTES, "PHOTO_TOO_LARGE"),
        ("captions", 0, "CAPTIONS_REFUSED"),
    ):
        if found.size(name) > most_bytes:
            stop_media.say_too_large(reason, found.size(name))
            break
    return _page(code, request.form)


@blueprint.post("/studio/stops/<code>/videos")
@requires(*EDITORS)
@uploads.comes_again(_too_large)
def add(code: str) -> Response | tuple[str, int]:
    """Hands a video over in pieces, and then what is said of it."""
    request_id = form_request_id()
    content, poster, captions = (_file(name) for name in ("video", "poster", "captions"))
    # A script has sent the pieces before, each by itself: a slow line cuts no long body then.
    sent_before = read_whole(request.form.get("piece_count", "")) or 0
    upload_id = request.form.get("upload_id", "") if sent_before else str(uuid4())
    if len(content) > MOST_BYTES:
        return _told(code, "VIDEO_TOO_LARGE", len(content))
    if len(poster) > MOST_POSTER_BYTES:
        return _told(code, "PHOTO_TOO_LARGE", len(poster))
    pieces = [content[at : at + PIECE_BYTES] for at in range(0, len(content), PIECE_BYTES)]
    try:
        if not sent_before:
            for place, piece in enumerate(pieces or [b""]):
                _put(upload_id, place, piece)
        wanted = pb.AddVideoRequest(
            request_id=request_id, stop_code=code, upload_id=upload_id,
            piece_count=sent_before or len(pieces) or 1, poster=poster, captions=captions,
            credit=request.form.get("credit", ""), alts=stop_media.by_locale("alt-"),
            transcripts=stop_media.by_locale("said-"), reason=stop_media.reason(),
        )  # fmt: skip
        added = _videos().AddVideo(wanted).video
    except grpc.RpcError as error:
        return _refused(code, error, request.form)
    return redirect(_here(code) + ("?done=waiting" if added.waiting else "?done=added"), 303)


@blueprint.post("/studio/stops/<code>/videos/pieces")
@requires(*EDITORS)
def piece(code: str) -> Response:
    """Takes one piece of a video, which a script sends before the form."""
    place = read_whole(request.form.get("place", ""))
    _put(request.form.get("upload_id", ""), -1 if place is None else place, _file("piece"))
    return jsonify(taken=place, stop_code=code)


@blueprint.post("/studio/stops/<code>/videos/<video_id>")
@requires(*EDITORS)
def change(code: str, video_id: str) -> Response | tuple[str, int]:
    """Does with a video what the pressed button says."""
    request_id, action = form_request_id(), request.form.get("action", "")
    try:
        _act(action, f"{request_id}-{action}", code, video_id)
    except grpc.RpcError as error:
        return _refused(code, error, {})
    except stop_media.NotSure as error:
        stop_media.say_not_sure(error)
        return _page(code, erasing=stop_media.erasing(video_id)), 422
    undo = f"&video={video_id}" if action == "removed" else ""
    return redirect(f"{_here(code)}?done={action}{undo}", 303)


def _act(action: str, request_id: str, code: str, video_id: str) -> None:
    """Errors: Problem not_found for a button that is none; stop_media.NotSure; grpc.RpcError."""
    guide, form = _videos(), request.form
    version = stop_media.version()
    if action == "edited":
        wanted = pb.EditVideoRequest(
            request_id=request_id, video_id=video_id, credit=form.get("credit", ""),
            alts=stop_media.by_locale("alt-"), transcripts=stop_media.by_locale("said-"),
            version=version,
            reason=stop_media.reason(),
        )  # fmt: skip
        guide.EditVideo(wanted)
    elif action == "shown":
        look = pb.ShowVideoRequest(
            request_id=request_id, video_id=video_id, version=version,
            reason=stop_media.reason(),
        )  # fmt: skip
        guide.ShowVideo(look)
    elif action == "erased":
        reason = stop_media.erasure_reason()
        guide.EraseVideo(
            pb.EraseVideoRequest(
                request_id=request_id, video_id=video_id, stop_code=code, reason=reason
            )
        )
    elif action == "removed":
        guide.RemoveVideo(pb.RemoveVideoRequest(request_id=request_id, video_id=video_id))
    elif action == "back":
        guide.BringBackVideo(pb.BringBackVideoRequest(request_id=request_id, video_id=video_id))
    else:
        raise Problem(404, "not_found")


def _put(upload_id: str, place: int, content: bytes) -> None:
    guide = stub(VideoServiceStub, deadline_s=PIECE_DEADLINE_S)
    guide.PutVideoPiece(
        pb.PutVideoPieceRequest(
            request_id=f"{upload_id}-{place}", upload_id=upload_id, place=place, content=content
        )
    )


def _file(name: str) -> bytes:
    """Returns what was sent under a name; what the file is called does not matter."""
    sent = request.files.get(name)
    return sent.read() if sent else b""


def _page(
    code: str,
    given: Mapping[str, str] | None = None,
    erasing: stop_media.Erasing | None = None,
) -> str:
    found = _videos().ListVideos(pb.ListVideosRequest(stop_code=code))
    gone = [each for each in found.videos if each.HasField("remove_time")]
    return render_template(
        "studio/videos.html",
        code=code, found=found, source=found.locales[0], given=given or {},
        erasing=erasing, reasons=stop_media.ERASURE_REASONS, words=words,
        too_large_words=sentence("photo_too_large"),
        shown=[each for each in found.videos if not each.HasField("remove_time")],
        gone=gone,
        done={
            "added": _("Visitors see this video now"),
            "shown": _("Visitors see this video now"),
            "waiting": _("The video is here and waits for somebody else’s look"),
            "edited": _("Kept; visitors see it so now"),
            "back": _("The video is back"),
            "erased": _("The video is erased"),
        }.get(request.args.get("done", "")),
        just_gone=next(
            (each for each in gone if each.video.video_id == request.args.get("video")), None
        ),
        request_id=new_request_id(),
    )  # fmt: skip


def _refused(code: str, error: grpc.RpcError, given: Mapping[str, str]) -> tuple[str, int]:
    stop_media.say_refused(error, REFUSED)
    return _page(code, given), 422


def _told(code: str, reason: str, size_bytes: int) -> tuple[str, int]:
    stop_media.say_too_large(reason, size_bytes)
    return _page(code, request.form), 422


def _here(code: str) -> str:
    return f"/studio/stops/{code}/videos"


def _videos() -> VideoServiceStub:
    return stub(VideoServiceStub, deadline_s=DEADLINE_S)
