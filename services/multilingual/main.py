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
from meguri.multilingual.v1 import recording_service_pb2_grpc as recording_grpc
from meguri.multilingual.v1 import review_service_pb2_grpc as review_grpc
from meguri.multilingual.v1 import sign_service_pb2_grpc as sign_grpc
from meguri.multilingual.v1 import writing_service_pb2_grpc as writing_grpc
from services.multilingual import api, events
from services.multilingual.api import (
    asked,
    day_notes,
    exchange,
    feedback,
    helping,
    recordings,
    reviews,
    signs,
    writing,
)
from services.multilingual.app.deps import Deps
from services.multilingual.app.helping import tidy_up

TIDY_EVERY_S = 900  # help requests that are over


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
        grpc=[
            GrpcPart(
                add=pb_grpc.add_GuideServiceServicer_to_server,
                servicer=api.GuideApi(deps),
                name="meguri.multilingual.v1.GuideService",
                allowed=api.ALLOWED,
                errors=api.ERRORS,
            ),
            GrpcPart(
                add=recording_grpc.add_RecordingServiceServicer_to_server,
                servicer=recordings.RecordingApi(deps),
                name=recordings.NAME,
                allowed=recordings.ALLOWED,
                errors=recordings.ERRORS,
            ),
            GrpcPart(
                add=feedback_grpc.add_FeedbackServiceServicer_to_server,
                servicer=feedback.FeedbackApi(deps),
                name=feedback.NAME,
                allowed=feedback.ALLOWED,
                errors=feedback.ERRORS,
            ),
            GrpcPart(
                add=sign_grpc.add_SignServiceServicer_to_server,
                servicer=signs.SignApi(deps),
                name=signs.NAME,
                allowed=signs.ALLOWED,
                errors=signs.ERRORS,
            ),
            GrpcPart(
                add=exchange_grpc.add_ExchangeServiceServicer_to_server,
                servicer=exchange.ExchangeApi(deps),
                name=exchange.NAME,
                allowed=exchange.ALLOWED,
                errors=exchange.ERRORS,
            ),
            GrpcPart(
                add=day_note_grpc.add_DayNoteServiceServicer_to_server,
                servicer=day_notes.DayNoteApi(deps),
                name=day_notes.NAME,
                allowed=day_notes.ALLOWED,
                errors=day_notes.ERRORS,
            ),
            GrpcPart(
                add=review_grpc.add_ReviewServiceServicer_to_server,
                servicer=reviews.ReviewApi(deps),
                name=reviews.NAME,
                allowed=reviews.ALLOWED,
                errors=reviews.ERRORS,
            ),
            GrpcPart(
                add=help_grpc.add_HelpServiceServicer_to_server,
                servicer=helping.HelpApi(deps),
                name=helping.NAME,
                allowed=helping.ALLOWED,
                errors=helping.ERRORS,
            ),
            GrpcPart(
                add=writing_grpc.add_WritingServiceServicer_to_server,
                servicer=writing.WritingApi(deps),
                name=writing.NAME,
                allowed=writing.ALLOWED,
                errors=writing.ERRORS,
            ),
            GrpcPart(
                add=asked_grpc.add_AskedServiceServicer_to_server,
                servicer=asked.AskedApi(deps),
                name=asked.NAME,
                allowed=asked.ALLOWED,
                errors=asked.ERRORS,
            ),
        ],
        hearings=events.hearings(deps),
        background=[lambda: forever("help", lambda: tidy_up(deps), TIDY_EVERY_S)],
    )


if __name__ == "__main__":
    main("multilingual", events.ENCODERS, build)
