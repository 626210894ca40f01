"""The guide's process: wiring only."""

from kit.forever import forever
from kit.own_key import own_key
from kit.rpc import GrpcPart
from kit.runtime import Parts, Runtime, main
from meguri.multilingual.v1 import asked_service_pb2_grpc as asked_grpc
from meguri.multilingual.v1 import day_note_service_pb2_grpc as day_note_grpc
from meguri.multilingual.v1 import exchange_service_pb2_grpc as exchange_grpc
from meguri.multilingual.v1 import feedback_service_pb2_grpc as feedback_grpc
from meguri.multilingual.v1 import help_service_pb2_grpc as help_grpc
from meguri.multilingual.v1 import multilingual_service_pb2_grpc as pb_grpc
from meguri.multilingual.v1 import photo_service_pb2_grpc as photo_grpc
from meguri.multilingual.v1 import recording_service_pb2_grpc as recording_grpc
from meguri.multilingual.v1 import review_service_pb2_grpc as review_grpc
from meguri.multilingual.v1 import sign_service_pb2_grpc as sign_grpc
from meguri.multilingual.v1 import tour_service_pb2_grpc as tour_grpc
from meguri.multilingual.v1 import video_service_pb2_grpc as video_grpc
from meguri.multilingual.v1 import writing_service_pb2_grpc as writing_grpc
from services.multilingual import api, events
from services.multilingual.api import (
    asked,
    day_notes,
    exchange,
    feedback,
    helping,
    photos,
    recordings,
    reviews,
    signs,
    tour,
    videos,
    writing,
)
from services.multilingual.app.deps import Deps
from services.multilingual.app.helping import tidy_up
from services.multilingual.app.later import show_due
from services.multilingual.app.videos import tidy_up as tidy_pieces

TIDY_EVERY_S = 900  # help requests that are over, pieces of videos that never came
DUE_EVERY_S = 15  # texts to be shown from a time on: nobody waits for the second


def build(runtime: Runtime) -> Parts:
    """Puts the rooms together."""
    deps = Deps(
        db=runtime.database,
        outbox=runtime.outbox,
        clock=runtime.clock,
        # Lost, links that were handed out open nothing any longer.
        link_key=own_key(runtime.settings.data_dir / "secrets" / "review_links"),
    )
    return Parts(
        grpc=_doors(deps),
        hearings=events.hearings(deps),
        background=[
            lambda: forever("later", lambda: show_due(deps), DUE_EVERY_S),
            lambda: forever("help", lambda: tidy_up(deps), TIDY_EVERY_S),
            lambda: forever("videos", lambda: tidy_pieces(deps), TIDY_EVERY_S),
        ],
    )


def _doors(deps: Deps) -> list[GrpcPart]:
    return [
        GrpcPart(
            pb_grpc.add_GuideServiceServicer_to_server, api.GuideApi(deps),
            "meguri.multilingual.v1.GuideService", api.ALLOWED, api.ERRORS,
        ),
        GrpcPart(
            recording_grpc.add_RecordingServiceServicer_to_server, recordings.RecordingApi(deps),
            recordings.NAME, recordings.ALLOWED, recordings.ERRORS,
        ),
        GrpcPart(
            photo_grpc.add_PhotoServiceServicer_to_server, photos.PhotoApi(deps),
            photos.NAME, photos.ALLOWED, photos.ERRORS,
        ),
        GrpcPart(
            video_grpc.add_VideoServiceServicer_to_server, videos.VideoApi(deps),
            videos.NAME, videos.ALLOWED, videos.ERRORS,
        ),
        GrpcPart(
            feedback_grpc.add_FeedbackServiceServicer_to_server, feedback.FeedbackApi(deps),
            feedback.NAME, feedback.ALLOWED, feedback.ERRORS,
        ),
        GrpcPart(
            sign_grpc.add_SignServiceServicer_to_server, signs.SignApi(deps),
            signs.NAME, signs.ALLOWED, signs.ERRORS,
        ),
        GrpcPart(
            exchange_grpc.add_ExchangeServiceServicer_to_server, exchange.ExchangeApi(deps),
            exchange.NAME, exchange.ALLOWED, exchange.ERRORS,
        ),
        GrpcPart(
            day_note_grpc.add_DayNoteServiceServicer_to_server, day_notes.DayNoteApi(deps),
            day_notes.NAME, day_notes.ALLOWED, day_notes.ERRORS,
        ),
        GrpcPart(
            review_grpc.add_ReviewServiceServicer_to_server, reviews.ReviewApi(deps),
            reviews.NAME, reviews.ALLOWED, reviews.ERRORS,
        ),
        GrpcPart(
            help_grpc.add_HelpServiceServicer_to_server, helping.HelpApi(deps),
            helping.NAME, helping.ALLOWED, helping.ERRORS,
        ),
        GrpcPart(
            tour_grpc.add_TourServiceServicer_to_server, tour.TourApi(deps),
            tour.NAME, tour.ALLOWED, tour.ERRORS,
        ),
        GrpcPart(
            writing_grpc.add_WritingServiceServicer_to_server, writing.WritingApi(deps),
            writing.NAME, writing.ALLOWED, writing.ERRORS,
        ),
        GrpcPart(
            asked_grpc.add_AskedServiceServicer_to_server, asked.AskedApi(deps),
            asked.NAME, asked.ALLOWED, asked.ERRORS,
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    main("multilingual", events.ENCODERS, build)
