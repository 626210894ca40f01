"""The gRPC door of videos: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.roles import EDITORS, REVIEWERS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import video_service_pb2 as pb
from meguri.multilingual.v1 import video_service_pb2_grpc as pb_grpc
from services.multilingual import wire
from services.multilingual.api import photos, recordings
from services.multilingual.app import photo_care, videos
from services.multilingual.app.deps import Deps
from services.multilingual.app.videos import Words
from services.multilingual.domain import video
from services.multilingual.domain.content import poster
from services.multilingual.domain.photo import PhotoFile
from services.multilingual.domain.recording import ErasedKind
from services.multilingual.domain.video import Video
from services.multilingual.domain.vtt import CaptionsRefused
from services.multilingual.gateways.videos_apart import VideosBusy

NAME = "meguri.multilingual.v1.VideoService"

ALLOWED: Allowed = {
    "ListVideos": EDITORS,
    "PutVideoPiece": EDITORS,
    "AddVideo": EDITORS,
    "EditVideo": EDITORS,
    "ShowVideo": EDITORS,
    "RemoveVideo": EDITORS,
    "BringBackVideo": EDITORS,
    "EraseVideo": EDITORS,
}

_Code = grpc.StatusCode
ERRORS: Errors = {
    **photos.ERRORS,  # of the poster, of stops, of a second look
    video.VideoKind: (_Code.INVALID_ARGUMENT, "VIDEO_KIND"),
    video.VideoWebm: (_Code.INVALID_ARGUMENT, "VIDEO_WEBM"),
    video.VideoCodec: (_Code.INVALID_ARGUMENT, "VIDEO_CODEC"),
    video.VideoUnreadable: (_Code.INVALID_ARGUMENT, "VIDEO_UNREADABLE"),
    video.VideoTooLarge: (_Code.INVALID_ARGUMENT, "VIDEO_TOO_LARGE"),
    video.VideoTooLong: (_Code.INVALID_ARGUMENT, "VIDEO_TOO_LONG"),
    video.VideoTooManyPixels: (_Code.INVALID_ARGUMENT, "VIDEO_TOO_MANY_PIXELS"),
    CaptionsRefused: (_Code.INVALID_ARGUMENT, "CAPTIONS_REFUSED"),
    VideosBusy: (_Code.UNAVAILABLE, "VIDEOS_BUSY"),
    video.VideosFull: (_Code.FAILED_PRECONDITION, "VIDEOS_FULL"),
    video.UploadsFull: (_Code.RESOURCE_EXHAUSTED, "VIDEO_UPLOADS_FULL"),
    video.UploadOfSomebodyElse: (_Code.FAILED_PRECONDITION, "VIDEO_UPLOAD_TAKEN"),
    video.VideoIncomplete: (_Code.FAILED_PRECONDITION, "VIDEO_INCOMPLETE"),
    video.VideoWasErased: (_Code.FAILED_PRECONDITION, "VIDEO_WAS_ERASED"),
    video.VideoUnknown: (_Code.NOT_FOUND, "VIDEO_UNKNOWN"),
    video.VideoChanged: (_Code.ABORTED, "VIDEO_CHANGED"),
}


class VideoApi(pb_grpc.VideoServiceServicer):
    """Answers meguri.multilingual.v1.VideoService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ListVideos(
        self, request: pb.ListVideosRequest, context: Any
    ) -> pb.ListVideosResponse:
        """The videos of a stop."""
        found = await videos.VIDEOS.listed(
            self._deps, caller().area, request.stop_code, photos.reader()
        )
        pictures = await videos.list_photos(self._deps, caller().area, request.stop_code)
        return pb.ListVideosResponse(
            videos=[
                _message(
                    each, found.locales[0], poster(each, pictures),
                    reason_needed=each.media_id in found.alone,
                )
                for each in found.items
            ],
            locales=found.locales, name=found.name, looked_at=found.looked_at,
            erasures=[
                recordings.erasure(each)
                for each in await photo_care.list_erasures(
                    self._deps, caller().area, ErasedKind.VIDEO
                )
            ],
        )  # fmt: skip

    async def PutVideoPiece(
        self, request: pb.PutVideoPieceRequest, context: Any
    ) -> pb.PutVideoPieceResponse:
        """A piece of a video."""
        await videos.put_piece(
            self._deps, request_key(request), caller().area, request.upload_id, request.place,
            request.content,
        )  # fmt: skip
        return pb.PutVideoPieceResponse()

    async def AddVideo(self, request: pb.AddVideoRequest, context: Any) -> pb.AddVideoResponse:
        """Puts a video in."""
        kept = await videos.add_video(
            self._deps, request_key(request), caller().area, stop_code=request.stop_code,
            upload_id=request.upload_id, piece_count=request.piece_count, poster=request.poster,
            vtt_file=request.captions, words=_words(request),
        )  # fmt: skip
        return pb.AddVideoResponse(video=_message(kept.item), change_number=kept.change_number)

    async def EditVideo(self, request: pb.EditVideoRequest, context: Any) -> pb.EditVideoResponse:
        """Changes what is said of a video."""
        kept = await videos.edit_video(
            self._deps, request_key(request), caller().area, request.video_id, request.version,
            _words(request),
        )  # fmt: skip
        return pb.EditVideoResponse(video=_message(kept.item), change_number=kept.change_number)

    async def ShowVideo(self, request: pb.ShowVideoRequest, context: Any) -> pb.ShowVideoResponse:
        """Shows a video that waited."""
        kept = await videos.VIDEOS.show(
            self._deps, request_key(request), caller().area, request.video_id, request.version,
            request.reason,
            reviews_others=not REVIEWERS.isdisjoint(caller().roles),
        )  # fmt: skip
        return pb.ShowVideoResponse(video=_message(kept.item), change_number=kept.change_number)

    async def RemoveVideo(
        self, request: pb.RemoveVideoRequest, context: Any
    ) -> pb.RemoveVideoResponse:
        """Takes a video away."""
        kept = await videos.VIDEOS.remove(
            self._deps, request_key(request), caller().area, request.video_id
        )
        return pb.RemoveVideoResponse(change_number=kept.change_number)

    async def BringBackVideo(
        self, request: pb.BringBackVideoRequest, context: Any
    ) -> pb.BringBackVideoResponse:
        """Brings a video back."""
        kept = await videos.bring_back(
            self._deps, request_key(request), caller().area, request.video_id
        )
        return pb.BringBackVideoResponse(change_number=kept.change_number)

    async def EraseVideo(
        self, request: pb.EraseVideoRequest, context: Any
    ) -> pb.EraseVideoResponse:
        """Erases a video for good."""
        number = await videos.erase_video(
            self._deps, request_key(request), caller().area, request.video_id, request.stop_code,
            recordings.reason_of(request.reason),
        )  # fmt: skip
        return pb.EraseVideoResponse(change_number=number)


def _words(request: pb.AddVideoRequest | pb.EditVideoRequest) -> Words:
    return Words(request.credit, dict(request.alts), dict(request.transcripts), request.reason)


def _message(
    kept: Video,
    source: str = "",
    poster: tuple[PhotoFile, ...] = (),
    *,
    reason_needed: bool = False,
) -> pb.StopVideo:
    """Encodes a video for staff. poster: the picture visitors see, where it is not its own."""
    return pb.StopVideo(
        video=wire.video_message(kept, None, None, source, poster or kept.poster),
        alts=dict(kept.alts), transcripts=dict(kept.transcripts), version=kept.version,
        remove_time=wire.timestamp(kept.remove_time), waiting=kept.waiting, author=kept.author,
        writer=kept.writer, looker=kept.looker, reason=kept.reason,
        reading=guide_pb.Reading.ValueType(int(kept.reading)),
        create_time=wire.timestamp(kept.create_time), reason_needed=reason_needed,
    )  # fmt: skip
