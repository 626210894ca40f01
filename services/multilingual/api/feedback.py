"""The gRPC door of ratings and the survey: decode, call the use case, encode."""

from typing import Any

from kit import texts
from kit.pure.errors import InvalidFields
from kit.roles import EDITORS, EVERYBODY
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import feedback_service_pb2 as pb
from meguri.multilingual.v1 import feedback_service_pb2_grpc as pb_grpc
from services.multilingual import wire
from services.multilingual.app import feedback
from services.multilingual.app.deps import Deps
from services.multilingual.domain import survey_editing
from services.multilingual.domain.content import Option
from services.multilingual.domain.guide import Settings
from services.multilingual.domain.rating import Rating, Rejected
from services.multilingual.domain.scan import cut_locale
from services.multilingual.domain.survey import Question, Reply, Survey, words

NAME = "meguri.multilingual.v1.FeedbackService"

ALLOWED: Allowed = {
    "RecordRatings": EVERYBODY,
    "RecordReplies": EVERYBODY,
    "ReadSurvey": EVERYBODY,
    "ListQuestions": EDITORS,
    "WriteQuestion": EDITORS,
    "AskAnew": EDITORS,
    "ArrangeQuestions": EDITORS,
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
        """The questions in one language, those no longer asked too where that is wanted."""
        survey, settings = await feedback.read_survey(self._deps, caller().area)
        return pb.ReadSurveyResponse(
            questions=[
                _question(each, request.locale, settings.source_locale)
                for each in survey.questions
                if each.shown or request.include_not_asked
            ]
        )

    async def ListQuestions(
        self, request: pb.ListQuestionsRequest, context: Any
    ) -> pb.ListQuestionsResponse:
        """All questions for editing."""
        survey, settings = await feedback.read_survey(self._deps, caller().area)
        locale = request.locale or settings.source_locale
        return pb.ListQuestionsResponse(
            version=survey.version,
            questions=[_edited(each, locale, settings) for each in survey.questions],
            source_locale=settings.source_locale,
        )

    async def WriteQuestion(
        self, request: pb.WriteQuestionRequest, context: Any
    ) -> pb.WriteQuestionResponse:
        """Words of a question in one language."""
        if not cut_locale(request.locale):
            raise InvalidFields([("locale", "give a language")])

        def edit(survey: Survey, source_locale: str) -> Survey:
            return survey_editing.write(
                survey, request.question_id, request.locale, source_locale,
                request.label.strip(),
                {key: text.strip() for key, text in request.options.items()},
            )  # fmt: skip

        return pb.WriteQuestionResponse(version=await self._edit(request, edit))

    async def AskAnew(self, request: pb.AskAnewRequest, context: Any) -> pb.AskAnewResponse:
        """Another question in a question's place."""

        def edit(survey: Survey, source_locale: str) -> Survey:
            return survey_editing.ask_anew(
                survey, request.question_id, source_locale, request.label.strip()
            )

        return pb.AskAnewResponse(version=await self._edit(request, edit))

    async def ArrangeQuestions(
        self, request: pb.ArrangeQuestionsRequest, context: Any
    ) -> pb.ArrangeQuestionsResponse:
        """What is asked, in which order."""

        def edit(survey: Survey, _source_locale: str) -> Survey:
            return survey_editing.arrange(survey, list(request.question_ids))

        return pb.ArrangeQuestionsResponse(version=await self._edit(request, edit))

    async def _edit(self, request: Any, edit: feedback.Edit) -> int:
        return await feedback.edit_survey(
            self._deps, request_key(request), caller().area, request.version, edit
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


def _question(question: Question, locale: str, source_locale: str) -> pb.Question:
    return pb.Question(
        question_id=question.question_id,
        kind=pb.QuestionKind.ValueType(int(question.kind)),
        label=wire.words_message(words(question.label, locale, source_locale)),
        options=[
            pb.QuestionOption(
                option_id=each.option_id,
                label=wire.words_message(words(each.label, locale, source_locale))
                if each.label
                else None,
            )
            for each in question.options
        ],
        not_asked=not question.shown,
    )


def _edited(question: Question, locale: str, settings: Settings) -> pb.EditedQuestion:
    source = settings.source_locale
    states = [(each, *survey_editing.state_of(question, each, source)) for each in settings.locales]
    return pb.EditedQuestion(
        question_id=question.question_id,
        kind=pb.QuestionKind.ValueType(int(question.kind)),
        shown=question.shown,
        source_label=question.label.texts.get(source, ""),
        label=question.label.texts.get(locale, ""),
        options=[
            pb.EditedOption(
                option_id=each.option_id,
                source_label=each.label.texts.get(source, ""),
                label=each.label.texts.get(locale, ""),
            )
            for each in question.options
            if each.label
        ],
        states=[
            wire.option_message(Option(each, state, machine_draft=draft))
            for each, state, draft in states
        ],
    )
