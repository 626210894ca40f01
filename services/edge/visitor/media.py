"""What is heard: sounds and captions by the hash of their content, in pieces as players ask."""

import re

import grpc
from flask import Blueprint, Response, make_response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from kit.client import problem_of
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import recording_service_pb2 as pb
from meguri.multilingual.v1.recording_service_pb2_grpc import RecordingServiceStub
from services.edge import packs
from services.edge.clients import stub
from services.edge.errors import Problem
from services.edge.media import Media
from services.edge.parts import area, parts

_NAME = re.compile(r"[0-9a-f]{64}")
READ_DEADLINE_S = 3.0
# Somebody who is seen or heard may have it erased: browsers ask again after an hour.
AN_HOUR = "public, max-age=3600, must-revalidate"

blueprint = Blueprint("media", __name__)


@blueprint.get("/media/<sha256>")
def show(sha256: str) -> Response:
    """A sound, its captions or a picture. 206 for a piece, 416 for one that is not there, 410 for
    what was erased for good."""
    try:
        found = read(sha256)
    except grpc.RpcError as error:
        if problem_of(error).reason == "MEDIA_ERASED":
            raise Problem(410, "media_erased") from error
        raise
    response = make_response(found.content)
    response.content_type = found.media_type
    response.headers["Cache-Control"] = AN_HOUR
    response.set_etag(sha256)
    size = len(found.content)
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        refused = make_response("", 416)
        refused.headers["Content-Range"] = f"bytes */{size}"
        refused.headers["Accept-Ranges"] = "bytes"
        refused.headers["Cache-Control"] = "no-store"
        return refused
    return response


def read(sha256: str) -> Media:
    """Returns bytes of this area. Errors: Problem for a name that is none; grpc.RpcError."""
    if not _NAME.fullmatch(sha256):
        raise Problem(404, "not_found")
    return parts().media.get(area().area, sha256, lambda: _ask(sha256))


def _ask(sha256: str) -> Media:
    guide = stub(RecordingServiceStub, deadline_s=READ_DEADLINE_S)
    answer = guide.ReadMedia(pb.ReadMediaRequest(sha256=sha256))
    pieces, had = [answer.content], len(answer.content)
    while had < answer.total_bytes:  # a video comes in pieces
        more = guide.ReadMedia(pb.ReadMediaRequest(sha256=sha256, offset=had)).content
        if not more:
            raise AssertionError("the guide gave no more of what it has more of")
        pieces.append(more)
        had += len(more)
    return Media(b"".join(pieces), answer.media_type)


def pack_files(recording: guide_pb.Recording) -> list[packs.PackFile]:
    """Returns what a pack carries of a recording, at the address its page plays it from."""
    names = [recording.audio_sha256, recording.captions_sha256]
    found = [(name, read(name)) for name in names if name]
    return [
        packs.PackFile(address(name), one.content, one.media_type, ranges=True)
        for name, one in found
    ]


def picture_file(sha256: str) -> packs.PackFile:
    """Returns what a pack carries of a photo, at the address its page shows it from."""
    found = read(sha256)
    return packs.PackFile(address(sha256), found.content, found.media_type)


def address(sha256: str) -> str:
    """Returns where a sound or captions are served."""
    return f"/media/{sha256}"
