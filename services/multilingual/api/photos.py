"""The gRPC door of photos: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.roles import EDITORS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import photo_service_pb2 as pb
from meguri.multilingual.v1 import photo_service_pb2_grpc as pb_grpc
from services.multilingual import wire
from services.multilingual.app import photos
from services.multilingual.app.deps import Deps
from services.multilingual.domain.photo import (
    Photo,
    PhotoChanged,
    PhotoHeic,
    PhotoKind,
    PhotosFull,
    PhotoTooLarge,
    PhotoTooManyPixels,
    PhotoTooSmall,
    PhotoUnknown,
    PhotoUnreadable,
)
from services.multilingual.domain.stop_code import StopCodeMistyped, StopCodeUnknown
from services.multilingual.gateways.photos_apart import PhotosBusy

NAME = "meguri.multilingual.v1.PhotoService"

ALLOWED: Allowed = {
    "ListPhotos": EDITORS,
    "AddPhoto": EDITORS,
    "EditPhoto": EDITORS,
    "MovePhotoFirst": EDITORS,
    "RemovePhoto": EDITORS,
    "BringBackPhoto": EDITORS,
}

ERRORS: Errors = {
    PhotoKind: (grpc.StatusCode.INVALID_ARGUMENT, "PHOTO_KIND"),
    PhotoHeic: (grpc.StatusCode.INVALID_ARGUMENT, "PHOTO_HEIC"),
    PhotoUnreadable: (grpc.StatusCode.INVALID_ARGUMENT, "PHOTO_UNREADABLE"),
    PhotoTooLarge: (grpc.StatusCode.INVALID_ARGUMENT, "PHOTO_TOO_LARGE"),
    PhotoTooManyPixels: (grpc.StatusCode.INVALID_ARGUMENT, "PHOTO_TOO_MANY_PIXELS"),
    PhotoTooSmall: (grpc.StatusCode.INVALID_ARGUMENT, "PHOTO_TOO_SMALL"),
    PhotosBusy: (grpc.StatusCode.UNAVAILABLE, "PHOTOS_BUSY"),
    PhotosFull: (grpc.StatusCode.FAILED_PRECONDITION, "PHOTOS_FULL"),
    PhotoUnknown: (grpc.StatusCode.NOT_FOUND, "PHOTO_UNKNOWN"),
    PhotoChanged: (grpc.StatusCode.ABORTED, "PHOTO_CHANGED"),
    StopCodeMistyped: (grpc.StatusCode.INVALID_ARGUMENT, "STOP_CODE_MISTYPED"),
    StopCodeUnknown: (grpc.StatusCode.NOT_FOUND, "STOP_CODE_UNKNOWN"),
}


class PhotoApi(pb_grpc.PhotoServiceServicer):
    """Answers meguri.multilingual.v1.PhotoService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ListPhotos(
        self, request: pb.ListPhotosRequest, context: Any
    ) -> pb.ListPhotosResponse:
        """The photos of a stop."""
        found = await photos.list_photos(self._deps, caller().area, request.stop_code)
        source = found.locales[0]
        return pb.ListPhotosResponse(
            photos=[_message(each, source) for each in found.photos],
            locales=found.locales,
            name=found.name,
        )

    async def AddPhoto(self, request: pb.AddPhotoRequest, context: Any) -> pb.AddPhotoResponse:
        """Puts a photo in."""
        outcome = await photos.add_photo(
            self._deps, request_key(request), caller().area, stop_code=request.stop_code,
            content=request.content, credit=request.credit, alts=dict(request.alts),
        )  # fmt: skip
        return pb.AddPhotoResponse(
            photo=_message(outcome.photo), change_number=outcome.change_number
        )

    async def EditPhoto(self, request: pb.EditPhotoRequest, context: Any) -> pb.EditPhotoResponse:
        """Changes what is said of a photo."""
        outcome = await photos.edit_photo(
            self._deps, request_key(request), caller().area, photo_id=request.photo_id,
            version=request.version, credit=request.credit, alts=dict(request.alts),
        )  # fmt: skip
        return pb.EditPhotoResponse(
            photo=_message(outcome.photo), change_number=outcome.change_number
        )

    async def MovePhotoFirst(
        self, request: pb.MovePhotoFirstRequest, context: Any
    ) -> pb.MovePhotoFirstResponse:
        """Makes a photo the first."""
        outcome = await photos.move_first(
            self._deps, request_key(request), caller().area, request.photo_id
        )
        return pb.MovePhotoFirstResponse(change_number=outcome.change_number)

    async def RemovePhoto(
        self, request: pb.RemovePhotoRequest, context: Any
    ) -> pb.RemovePhotoResponse:
        """Takes a photo away."""
        outcome = await photos.remove_photo(
            self._deps, request_key(request), caller().area, request.photo_id
        )
        return pb.RemovePhotoResponse(change_number=outcome.change_number)

    async def BringBackPhoto(
        self, request: pb.BringBackPhotoRequest, context: Any
    ) -> pb.BringBackPhotoResponse:
        """Brings a photo back."""
        outcome = await photos.bring_back(
            self._deps, request_key(request), caller().area, request.photo_id
        )
        return pb.BringBackPhotoResponse(change_number=outcome.change_number)


def _message(photo: Photo, source: str = "") -> pb.StopPhoto:
    """Encodes a photo for staff; alt in the source locale where it is known."""
    told = wire.photo_message(photo, None)
    if source in photo.alts:
        text = guide_pb.LocalizedText(
            text=photo.alts[source], locale=source, requested_locale=source,
            state=guide_pb.TRANSLATION_STATE_SOURCE,
        )  # fmt: skip
        told.alt.CopyFrom(text)
    return pb.StopPhoto(
        photo=told, alts=dict(photo.alts), version=photo.version,
        remove_time=wire.timestamp(photo.remove_time),
    )  # fmt: skip
