"""A stop's photos at the studio: put in, described, ordered, taken away and brought back."""

from collections.abc import Mapping

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.roles import EDITORS
from meguri.multilingual.v1 import photo_service_pb2 as pb
from meguri.multilingual.v1.photo_service_pb2_grpc import PhotoServiceStub
from services.edge import uploads
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id
from services.edge.login import requires
from services.edge.studio import stop_media, words

DEADLINE_S = 25.0  # a large photo is made in two seconds, behind three others
# Refusals that are said on the page, with what was typed still there.
REFUSED = frozenset({
    "PHOTO_KIND", "PHOTO_HEIC", "PHOTO_UNREADABLE", "PHOTO_TOO_LARGE", "PHOTO_TOO_MANY_PIXELS",
    "PHOTO_TOO_SMALL", "PHOTOS_FULL", "PHOTOS_BUSY", "PHOTO_CHANGED", "PHOTO_UNKNOWN",
    "PHOTO_WAS_ERASED", "SECOND_READER_NEEDED",
    "INVALID_FIELDS", "TEXT_TOO_LONG", "CARD_NUMBER_TYPED",
})  # fmt: skip

MOVES = {"up": -1, "down": 1}

blueprint = Blueprint("photos", __name__)


@blueprint.get("/studio/stops/<code>/photos")
@requires(*EDITORS)
def page(code: str) -> str:
    """Shows the photos of a stop in order."""
    return _page(code)


def _too_large(found: uploads.TooLarge, code: str) -> str:
    stop_media.say_too_large("PHOTO_TOO_LARGE", found.size("photo"))
    return _page(code, request.form)


@blueprint.post("/studio/stops/<code>/photos")
@requires(*EDITORS)
@uploads.comes_again(_too_large)
def add(code: str) -> Response | tuple[str, int]:
    """Shows the file that was sent to visitors; what it is called does not matter."""
    file = request.files.get("photo")
    content = file.read() if file else b""
    wanted = pb.AddPhotoRequest(
        request_id=form_request_id(), stop_code=code, content=content,
        credit=request.form.get("credit", ""), alts=stop_media.by_locale("alt-"),
        reason=stop_media.reason(),
    )  # fmt: skip
    try:
        added = _photos().AddPhoto(wanted).photo
    except grpc.RpcError as error:
        return _refused(code, error, request.form, len(content))
    done = "waiting" if added.waiting else "added"
    return redirect(f"/studio/stops/{code}/photos?done={done}", 303)


@blueprint.post("/studio/stops/<code>/photos/<photo_id>")
@requires(*EDITORS)
def change(code: str, photo_id: str) -> Response | tuple[str, int]:
    """Does with a photo what the pressed button says."""
    request_id, action = form_request_id(), request.form.get("action", "")
    try:
        _act(action, f"{request_id}-{action}", code, photo_id)
    except grpc.RpcError as error:
        return _refused(code, error, {})
    except stop_media.NotSure as error:
        stop_media.say_not_sure(error)
        return _page(code, erasing=stop_media.erasing(photo_id)), 422
    back = f"/studio/stops/{code}/photos?done={action}"
    if action in MOVES:  # focus stays with the photo, so that the same key moves it on
        # Without a fragment: browsers focus no button where the address names a place.
        return redirect(f"{back}&photo={photo_id}", 303)
    return redirect(f"{back}&photo={photo_id}" if action == "removed" else back, 303)


def waiting() -> list[pb.WaitingPhotos]:
    """Returns the stops with photos that wait for a second look; none where the guide does not
    say."""
    try:
        return list(_photos().ListWaitingPhotos(pb.ListWaitingPhotosRequest()).stops)
    except grpc.RpcError:
        return []


def _act(action: str, request_id: str, code: str, photo_id: str) -> None:
    """Errors: Problem not_found for a button that is none; stop_media.NotSure; grpc.RpcError."""
    guide = _photos()
    if action == "edited":
        wanted = pb.EditPhotoRequest(
            request_id=request_id, photo_id=photo_id, credit=request.form.get("credit", ""),
            alts=stop_media.by_locale("alt-"), version=stop_media.version(),
            reason=stop_media.reason(),
        )  # fmt: skip
        guide.EditPhoto(wanted)
    elif action == "first":
        guide.MovePhotoFirst(pb.MovePhotoFirstRequest(request_id=request_id, photo_id=photo_id))
    elif action in MOVES:
        steps = MOVES[action]
        guide.MovePhoto(pb.MovePhotoRequest(request_id=request_id, photo_id=photo_id, steps=steps))
    elif action == "shown":
        look = pb.ShowPhotoRequest(
            request_id=request_id,
            photo_id=photo_id,
            version=stop_media.version(),
            reason=stop_media.reason(),
        )
        guide.ShowPhoto(look)
    elif action == "erased":
        reason = stop_media.erasure_reason()
        guide.ErasePhoto(
            pb.ErasePhotoRequest(
                request_id=request_id, photo_id=photo_id, stop_code=code, reason=reason
            )
        )
    elif action == "removed":
        guide.RemovePhoto(pb.RemovePhotoRequest(request_id=request_id, photo_id=photo_id))
    elif action == "back":
        guide.BringBackPhoto(pb.BringBackPhotoRequest(request_id=request_id, photo_id=photo_id))
    else:
        raise Problem(404, "not_found")


def _page(
    code: str,
    given: Mapping[str, str] | None = None,
    erasing: stop_media.Erasing | None = None,
) -> str:
    found = _photos().ListPhotos(pb.ListPhotosRequest(stop_code=code))
    gone = [each for each in found.photos if each.HasField("remove_time")]
    return render_template(
        "studio/photos.html",
        code=code, found=found, source=found.locales[0], given=given or {},
        erasing=erasing, reasons=stop_media.ERASURE_REASONS,
        shown=[each for each in found.photos if not each.HasField("remove_time")],
        gone=gone,
        done={
            "added": _("Visitors see this photo now"),
            "shown": _("Visitors see this photo now"),
            "waiting": _("The photo is here and waits for somebody else’s look"),
            "up": _("Moved"), "down": _("Moved"),
            "erased": _("The photo is erased"),
            "edited": _("Kept; visitors see it so now"),
            "first": _("This photo stands under the name now"),
            "back": _("The photo is back, behind the others"),
        }.get(request.args.get("done", "")),
        moved=request.args.get("photo", "") if request.args.get("done") in MOVES else "",
        way=request.args.get("done", ""), words=words,
        just_gone=next(
            (each for each in gone if each.photo.photo_id == request.args.get("photo")), None
        ),
        request_id=new_request_id(),
    )  # fmt: skip


def _refused(
    code: str, error: grpc.RpcError, given: Mapping[str, str], size_bytes: int = 0
) -> tuple[str, int]:
    stop_media.say_refused(error, REFUSED, size_bytes)
    return _page(code, given), 422


def _photos() -> PhotoServiceStub:
    return stub(PhotoServiceStub, deadline_s=DEADLINE_S)
