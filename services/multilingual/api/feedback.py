"""The gRPC door of ratings and the survey: decode, call the use case, encode."""

from typing import Any

from kit import texts
from kit.auth import EVERYBODY
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import feedback_service_pb2 as pb
from meguri.multilingual.v1 import feedback_service_pb2_grpc as pb_grpc
from services.multilingual import wire
from services.multilingual.app import feedback
from services.multilingual.app.deps import Deps
from services.multilingual.domain.rating import Rating, Rejected
from services.multilingual.domain.survey import Question, Reply, words

NAME = "meguri.multilingual.v1.FeedbackService"
SOURCE = "ja"  # language the first questions are written in

ALLOWED: Allowed = {
    "RecordRatings": EVERYBODY,
    "RecordReplies": EVERYBODY,
    "ReadSurvey": EVERYBODY,
}

ERRORS: Errors = {}  # what is wrong with one answer is told beside the others


class FeedbackApi(pb_grpc.FeedbackServiceServicer):
    """Answers meguri.multilingual.v1.FeedbackService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def RecordRatings(
        self, request: pb.RecordRatingsRequest, context: Any
    ) -> pb.RecordRatingsResponse:
        """Takes ratings; each change acts once."""
        for each in request.ratings:
            texts.blank(each)
        outcome = await feedback.record_ratings(
            self._deps,
            request_key(request),
            caller().area,
            [_rating(each) for each in request.ratings],
        )
        return pb.RecordRatingsResponse(
            recorded_count=outcome.recorded,
            repeated_count=outcome.repeated,
            rejected=[_rejected(each) for each in outcome.rejected],
        )

    async def RecordReplies(
        self, request: pb.RecordRepliesRequest, context: Any
    ) -> pb.RecordRepliesResponse:
        """Takes replies to the survey, each once."""
        for each in request.replies:
            for answer in each.answers:
                texts.blank(answer)
            texts.blank(each)
        outcome = await feedback.record_replies(
            self._deps,
            request_key(request),
            caller().area,
            [_reply(each) for each in request.replies],
        )
        return pb.RecordRepliesResponse(
            recorded_count=outcome.recorded,
            repeated_count=outcome.repeated,
            rejected=[_rejected(each) for each in outcome.rejected],
        )

    async def ReadSurvey(
        self, request: pb.ReadSurveyRequest, context: Any
    ) -> pb.ReadSurveyResponse:
        """The questions in one language."""
        questions = feedback.read_survey()
        return pb.ReadSurveyResponse(
            questions=[_question(each, request.locale) for each in questions]
        )


def _rating(message: pb.Rating) -> Rating:
    return Rating(
        message.rating_id,
        message.stop_code,
        message.locale,
        message.face,
        tuple(message.reasons),
        message.change,
        wire.moment(message.rating_time) if message.HasField("rating_time") else None,
    )


def _reply(message: pb.Reply) -> Reply:
    return Reply(
        message.reply_id,
        message.locale,
        tuple((each.question_id, each.option_id) for each in message.answers),
        wire.moment(message.reply_time) if message.HasField("reply_time") else None,
    )


def _rejected(rejected: Rejected) -> pb.RejectedAnswer:
    return pb.RejectedAnswer(answer_id=rejected.answer_id, reason=rejected.reason)


def _question(question: Question, locale: str) -> pb.Question:
    return pb.Question(
        question_id=question.question_id,
        kind=pb.QuestionKind.ValueType(int(question.kind)),
        label=wire.words_message(words(question.label, locale, SOURCE)),
        options=[
            pb.QuestionOption(
                option_id=each.option_id,
                label=wire.words_message(words(each.label, locale, SOURCE)) if each.label else None,
            )
            for each in question.options
        ],
    )
