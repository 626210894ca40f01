"""What visitors say: ratings of narrations and the survey, as forms and from phones.

Pages that everybody gets as the same ready bytes hold no id. It is made by the phone's script, or
by the page that a form of such a page leads to; sent twice it counts once.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.multilingual.v1 import feedback_service_pb2 as pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from services.edge import cookies, prefectures
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem
from services.edge.parts import area, locale, parts
from services.edge.visitor import batches
from services.edge.visitor.lookup import require_stop
from services.edge.visitor.stops import clean_code

AT_MOST = 100
CHANGES_AT_MOST = 100
RECORD_DEADLINE_S = 3.0
FACES = {"good": _l("Good"), "fair": _l("So-so"), "poor": _l("Not good")}
REASONS = {
    "hard": _l("Hard to understand"), "long": _l("Too long"), "language": _l("Odd language"),
    "mismatch": _l("Not what I see here"), "sound": _l("The sound"),
}  # fmt: skip
WITHDRAWN = "withdrawn"

CHANGE_DIGITS = 4
OF_ONE_STOP_PER_MINUTE = 60  # from one address: a bus that comes by and listens together

blueprint = Blueprint("feedback", __name__)


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"rating_faces": FACES, "rating_reasons": REASONS}


@blueprint.post("/api/v1/ratings")
def record_ratings() -> Response:
    """Takes ratings with client-made ids; each change of one acts exactly once."""
    ratings = batches.read("ratings", AT_MOST, _rating)
    _check_texts(each.stop_code for each in ratings)
    answer = _service().RecordRatings(
        pb.RecordRatingsRequest(request_id=batches.request_id("ratings"), ratings=ratings)
    )
    return _outcome(answer, "rating_id")


@blueprint.post("/api/v1/surveys")
def record_surveys() -> Response:
    """Takes surveys that were filled in, with client-made ids; each counts exactly once."""
    replies = batches.read("surveys", AT_MOST, _reply)
    answer = _service().RecordReplies(
        pb.RecordRepliesRequest(request_id=batches.request_id("surveys"), replies=replies)
    )
    return _outcome(answer, "survey_id")


@blueprint.get("/g/<code>/rating")
def rating_page(code: str) -> Response:
    """Where the faces of a stop lead without a script: the same again with an id, to be sent."""
    face = request.args.get("face", "")
    return _rating_form(code, str(uuid4()), 1, face if face in FACES else "", (), said="")


@blueprint.post("/g/<code>/rating")
def rate(code: str) -> Response:
    """Takes a rating from a form, and shows it so that it can be changed or taken back."""
    form = request.form
    face, reasons = form.get("face", ""), form.getlist("reason")
    told = form.get("change", "")
    change = int(told) if told.isascii() and told.isdecimal() and len(told) <= CHANGE_DIGITS else 0
    try:
        rating_id = str(UUID(form.get("rating_id", "")))
    except ValueError as error:
        raise Problem(400, "form_expired") from error
    if face not in (*FACES, WITHDRAWN):
        return _rating_form(code, rating_id, change, "", (), said=_("Choose one of the faces."))
    if face in ("good", WITHDRAWN):
        reasons = []
    rating = pb.Rating(
        rating_id=rating_id, stop_code=code, locale=form.get("in", "")[:40], face=_face(face),
        reasons=[_reason(each) for each in reasons], change=change,
    )  # fmt: skip
    batches.count("ratings", 1)
    _check_texts([code])
    _record_one(rating)
    said = _("Taken back.") if face == WITHDRAWN else _("Thank you. Your answer is noted.")
    shown = "" if face == WITHDRAWN else face
    return _rating_form(code, rating_id, change + 1, shown, reasons, said=said, given=bool(shown))


@blueprint.get("/survey")
def survey() -> Response:
    """The survey."""
    response = make_response(
        render_template("visitor/survey.html", **survey_words(locale(), str(uuid4())))
    )
    response.headers["Cache-Control"] = "no-store"  # each has an id of its own
    return response


@blueprint.post("/survey")
def answer_survey() -> Response:
    """Takes the survey from a form."""
    given = {
        name.removeprefix("q-"): value
        for name, value in request.form.items()
        if name.startswith("q-") and value
    }
    try:
        survey_id = str(UUID(request.form.get("survey_id", "")))
    except ValueError as error:
        raise Problem(400, "form_expired") from error
    if given:
        batches.count("surveys", 1)
        reply = pb.Reply(
            reply_id=survey_id, locale=locale(),
            answers=[pb.Answer(question_id=key[:40], option_id=value[:40])
                     for key, value in given.items()],
        )  # fmt: skip
        answer = _service().RecordReplies(
            pb.RecordRepliesRequest(request_id=new_request_id(), replies=[reply])
        )
        if answer.rejected:
            raise Problem(400, "form_expired")
    return _not_again(
        make_response(render_template("visitor/survey.html", done=True, questions=()))
    )


@blueprint.post("/survey/no")
def no_survey() -> Response:
    """Never asks this phone again."""
    return _not_again(redirect("/pack", 303))  # type: ignore[arg-type] # werkzeug's is Flask's


def offered() -> bool:
    """Tells whether the survey is still to be offered to this phone."""
    return not cookies.SURVEY.read()


def questions(of_locale: str) -> list[pb.Question]:
    """Returns the questions in a language, every option with a label. Errors: grpc.RpcError."""
    found = _service().ReadSurvey(pb.ReadSurveyRequest(locale=of_locale)).questions
    for question in found:
        for option in question.options:
            if not option.HasField("label"):
                option.label.text = _named(question.kind, option.option_id, of_locale)
    return list(found)


def survey_words(of_locale: str, survey_id: str) -> dict[str, Any]:
    """Returns what the page of the survey is made of. survey_id: "" for one that is the same for
    everybody, whose script makes an id. Errors: grpc.RpcError."""
    return {
        "questions": questions(of_locale), "survey_id": survey_id, "kinds": pb,
        "source_state": guide_pb.TRANSLATION_STATE_SOURCE,
    }  # fmt: skip


def _named(kind: int, option_id: str, of_locale: str) -> str:
    if kind == pb.QUESTION_KIND_PREFECTURE:
        return prefectures.name(option_id, of_locale)
    # The full names of these are too long for a button.
    own = {"ZZ": _("Another country"), "HK": _("Hong Kong")}.get(option_id)
    current = get_locale()
    known = current.territories.get(option_id) if current else None
    return str(own or known or option_id)


def _not_again(response: Response) -> Response:
    cookies.SURVEY.put(response, "1")  # and nothing else
    response.headers["Cache-Control"] = "no-store"
    return response


def _rating_form(
    code: str, rating_id: str, change: int, face: str, reasons: Any, *, said: str,
    given: bool = False,
) -> Response:  # fmt: skip
    stop = require_stop(code)
    page = render_template(
        "visitor/rating_page.html", stop=stop, rating_id=rating_id, change=change, face=face,
        chosen=set(reasons), said=said, given=given,
    )  # fmt: skip
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _check_texts(stop_codes: Iterable[str]) -> None:
    """Counts ratings by stop, too: nobody raises what is said of one text alone and at once.

    A demo plays half a day in ten seconds, from one address, and nobody acts on what it says.
    Errors: Problem too_many_requests.
    """
    if area().demo:
        return
    address = request.remote_addr or ""
    for stop_code, of_it in Counter(clean_code(code) for code in stop_codes).items():
        what = f"ratings of {stop_code}"
        parts().rates.check(area().area, what, address, OF_ONE_STOP_PER_MINUTE, of_it)


def _record_one(rating: pb.Rating) -> None:
    answer = _service().RecordRatings(
        pb.RecordRatingsRequest(request_id=new_request_id(), ratings=[rating])
    )
    if answer.rejected:
        raise Problem(400, "form_expired")


def _rating(entry: batches.Entry) -> pb.Rating:
    given = entry.given
    face, reasons, change = given.get("face"), given.get("reasons", []), given.get("change", 1)
    if face not in (*FACES, WITHDRAWN):
        raise entry.bad("face", f"must be one of {', '.join((*FACES, WITHDRAWN))}")
    if not isinstance(reasons, list) or any(each not in list(REASONS) for each in reasons):
        raise entry.bad("reasons", f"must be a list of {', '.join(REASONS)}")
    if (
        not isinstance(change, int)
        or isinstance(change, bool)
        or not 1 <= change <= CHANGES_AT_MOST
    ):
        raise entry.bad("change", f"must be a number from 1 to {CHANGES_AT_MOST}")
    return pb.Rating(
        rating_id=entry.text("rating_id", "is missing: a UUID made by the client"),
        stop_code=entry.text("stop_code", "is missing"),
        locale=entry.text("locale", "is missing: the language that was read"),
        face=_face(str(face)),
        reasons=[_reason(each) for each in reasons],
        change=change,
        rating_time=entry.time("rating_time"),
    )


def _reply(entry: batches.Entry) -> pb.Reply:
    answers = entry.given.get("answers")
    fine = isinstance(answers, dict) and 0 < len(answers) <= 20
    if not fine or not all(
        isinstance(text, str) and 0 < len(text) <= 40
        for pair in answers.items()  # type: ignore[union-attr] # a dict, as looked at above
        for text in pair
    ):
        raise entry.bad("answers", "must be an object: question id to option id, 1 to 20 of them")
    return pb.Reply(
        reply_id=entry.text("survey_id", "is missing: a UUID made by the client"),
        locale=entry.text("locale"),
        answers=[
            pb.Answer(question_id=key, option_id=value)
            for key, value in answers.items()  # type: ignore[union-attr] # as above
        ],
        reply_time=entry.time("survey_time"),
    )


def _outcome(answer: Any, id_name: str) -> Response:
    return jsonify(
        recorded=answer.recorded_count,
        repeated=answer.repeated_count,
        rejected=[
            {id_name: each.answer_id, "reason": each.reason.lower()} for each in answer.rejected
        ],
    )


def _face(word: str) -> "pb.Face.ValueType":
    return pb.Face.Value(f"FACE_{word.upper()}")


def _reason(word: str) -> "pb.RatingReason.ValueType":
    if word not in REASONS:
        raise Problem(400, "form_expired")
    return pb.RatingReason.Value(f"RATING_REASON_{word.upper()}")


def _service() -> FeedbackServiceStub:
    return stub(FeedbackServiceStub, deadline_s=RECORD_DEADLINE_S)
