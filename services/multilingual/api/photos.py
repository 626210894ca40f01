"""The gRPC door of photos: decode, call the use case, encode."""

from collections.abc import Mapping
from typing import Any

import grpc

from kit.roles import EDITORS, REVIEWERS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import photo_service_pb2 as pb
from meguri.multilingual.v1 import photo_service_pb2_grpc as pb_grpc
from services.multilingual import wire
from services.multilingual.api import recordings
from services.multilingual.app import photo_care, photos
from services.multilingual.app.deps import Deps
from services.multilingual.app.stop_media import Listed, Reader
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
    PhotoWasErased,
)
from services.multilingual.domain.recording import ErasedKind
from services.multilingual.domain.review import SecondReaderNeeded
from services.multilingual.domain.stop_code import StopCodeMistyped, StopCodeUnknown
from services.multilingual.gateways.photos_apart import PhotosBusy

NAME = "meguri.multilingual.v1.PhotoService"

ALLOWED: Allowed = {
    "ListPhotos": EDITORS,
    "AddPhoto": EDITORS,
    "EditPhoto": EDITORS,
    "MovePhotoFirst": EDITORS,
    "MovePhoto": EDITORS,
    "ListWaitingPhotos": EDITORS,
    "ShowPhoto": EDITORS,
    "ErasePhoto": EDITORS,
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
    PhotoWasErased: (grpc.StatusCode.FAILED_PRECONDITION, "PHOTO_WAS_ERASED"),
    SecondReaderNeeded: (grpc.StatusCode.FAILED_PRECONDITION, "SECOND_READER_NEEDED"),
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
        area = caller().area
        found = await photos.PHOTOS.listed(self._deps, area, request.stop_code, reader())
        posters = await photo_care.list_posters(self._deps, area)
        return pb.ListPhotosResponse(
            photos=[_listed(each, found, posters) for each in found.items],
            locales=found.locales,
            name=found.name,
            looked_at=found.looked_at,
            erasures=[
                recordings.erasure(each)
                for each in await photo_care.list_erasures(self._deps, area, ErasedKind.PHOTO)
            ],
        )

    async def AddPhoto(self, request: pb.AddPhotoRequest, context: Any) -> pb.AddPhotoResponse:
        """Puts a photo in."""
        outcome = await photos.add_photo(
            self._deps, request_key(request), caller().area, stop_code=request.stop_code,
            content=request.content, credit=request.credit, alts=dict(request.alts),
            reason=request.reason,
        )  # fmt: skip
        return pb.AddPhotoResponse(
            photo=_message(outcome.item), change_number=outcome.change_number
        )

    async def EditPhoto(self, request: pb.EditPhotoRequest, context: Any) -> pb.EditPhotoResponse:
        """Changes what is said of a photo."""
        outcome = await photos.edit_photo(
            self._deps, request_key(request), caller().area, photo_id=request.photo_id,
            version=request.version, credit=request.credit, alts=dict(request.alts),
            reason=request.reason,
        )  # fmt: skip
        return pb.EditPhotoResponse(
            photo=_message(outcome.item), change_number=outcome.change_number
        )

    async def MovePhotoFirst(
        self, request: pb.MovePhotoFirstRequest, context: Any
    ) -> pb.MovePhotoFirstResponse:
        """Makes a photo the first."""
        outcome = await photos.move(
            self._deps, request_key(request), caller().area, request.photo_id, None
        )
        return pb.MovePhotoFirstResponse(change_number=outcome.change_number)

    async def MovePhoto(self, request: pb.MovePhotoRequest, context: Any) -> pb.MovePhotoResponse:
        """Moves a photo."""
        outcome = await photos.move(
            self._deps, request_key(request), caller().area, request.photo_id, request.steps
        )
        return pb.MovePhotoResponse(change_number=outcome.change_number)

    async def ListWaitingPhotos(
        self, request: pb.ListWaitingPhotosRequest, context: Any
    ) -> pb.ListWaitingPhotosResponse:
        """Stops with photos that wait."""
        found = await photo_care.list_waiting(self._deps, caller().area)
        stops = [
            pb.WaitingPhotos(
                stop_code=each.stop_code,
                name=each.name,
                photo_count=each.photos,
                video_count=each.videos,
            )
            for each in found
        ]
        return pb.ListWaitingPhotosResponse(stops=stops)

    async def ShowPhoto(self, request: pb.ShowPhotoRequest, context: Any) -> pb.ShowPhotoResponse:
        """Shows a photo that waited."""
        outcome = await photos.PHOTOS.show(
            self._deps, request_key(request), caller().area, request.photo_id, request.version,
            request.reason,
            reviews_others=not REVIEWERS.isdisjoint(caller().roles),
        )  # fmt: skip
        return pb.ShowPhotoResponse(
            photo=_message(outcome.item), change_number=outcome.change_number
        )

    async def ErasePhoto(
        self, request: pb.ErasePhotoRequest, context: Any
    ) -> pb.ErasePhotoResponse:
        """Erases a photo for good."""
        gone = await photo_care.erase_photo(
            self._deps, request_key(request), caller().area, request.photo_id, request.stop_code,
            recordings.reason_of(request.reason),
        )  # fmt: skip
        return pb.ErasePhotoResponse(change_number=gone.change_number, stop_codes=gone.stop_codes)

    async def RemovePhoto(
        self, request: pb.RemovePhotoRequest, context: Any
    ) -> pb.RemovePhotoResponse:
        """Takes a photo away."""
        outcome = await photos.PHOTOS.remove(
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


def reader() -> Reader:
    """Returns who calls."""
    who = caller()
    return Reader(who.principal, not REVIEWERS.isdisjoint(who.roles))


def _listed(
    photo: Photo, found: Listed[Photo], posters: Mapping[str, frozenset[str]]
) -> pb.StopPhoto:
    message = _message(photo, found.locales[0])
    message.reason_needed = photo.media_id in found.alone
    stops = (posters.get(each.sha256, frozenset()) for each in photo.files)
    message.poster_stop_codes[:] = sorted(frozenset[str]().union(*stops))
    return message


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
        remove_time=wire.timestamp(photo.remove_time), waiting=photo.waiting,
        author=photo.author, writer=photo.writer, looker=photo.looker, reason=photo.reason,
        reading=guide_pb.Reading.ValueType(int(photo.reading)),
        create_time=wire.timestamp(photo.create_time),
    )  # fmt: skip
