"""Pages of the survey: what is asked, in which order, in which words. Plain forms, no script."""

from collections.abc import Callable

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import EDITORS
from meguri.multilingual.v1 import feedback_service_pb2 as pb
from meguri.multilingual.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.whole import read_whole

MOVES = ("up", "down", "on", "off")

blueprint = Blueprint("survey", __name__)


@blueprint.get("/studio/survey")
@requires(*EDITORS)
def survey() -> str:
    """Shows all questions with the state of their words in each language."""
    return _list()


@blueprint.post("/studio/survey")
@requires(*EDITORS)
def arrange() -> Response | tuple[str, int]:
    """Moves a question up or down, or has it asked or not."""
    question_id, _dot, move = request.form.get("move", "").partition(".")
    found = _read("")
    if move not in MOVES or question_id not in {each.question_id for each in found.questions}:
        raise Problem(400, "bad_request")
    asked = moved([each.question_id for each in found.questions if each.shown], question_id, move)
    wanted = pb.ArrangeQuestionsRequest(
        request_id=form_request_id(), version=_version(), question_ids=asked
    )
    try:
        _service().ArrangeQuestions(wanted)
    except grpc.RpcError as error:
        return _changed_meanwhile(error, _list)
    return redirect("/studio/survey", 303)


@blueprint.get("/studio/survey/<question_id>/<locale>")
@requires(*EDITORS)
def question(question_id: str, locale: str) -> str:
    """Shows a question's words in one language beside the source."""
    return _desk(question_id, locale)


@blueprint.post("/studio/survey/<question_id>/<locale>")
@requires(*EDITORS)
def write(question_id: str, locale: str) -> Response | tuple[str, int]:
    """Saves words; visitors see them at once. With "anew" a question of its own begins."""
    form = request.form
    try:
        if "anew" in form:
            _service().AskAnew(
                pb.AskAnewRequest(
                    request_id=form_request_id(), version=_version(), question_id=question_id,
                    label=form.get("label", ""),
                )
            )  # fmt: skip
            return redirect("/studio/survey", 303)
        options = {
            name.removeprefix("option-"): text
            for name, text in form.items()
            if name.startswith("option-") and text.strip()
        }
        _service().WriteQuestion(
            pb.WriteQuestionRequest(
                request_id=form_request_id(), version=_version(), question_id=question_id,
                locale=locale, label=form.get("label", ""), options=options,
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        return _changed_meanwhile(error, lambda: _desk(question_id, locale, written=True))
    return redirect(f"/studio/survey/{question_id}/{locale}?done=1", 303)


def moved(asked: list[str], question_id: str, move: str) -> list[str]:
    """Returns the order after a move; at an end nothing moves."""
    rest = [each for each in asked if each != question_id]
    if move == "off":
        return rest
    if question_id not in asked:
        return [*asked, question_id]
    at = asked.index(question_id) + {"up": -1, "down": 1}.get(move, 0)
    at = max(0, min(at, len(rest)))
    return [*rest[:at], question_id, *rest[at:]]


def _list() -> str:
    return render_template(
        "studio/survey.html", found=_read(""), request_id=new_request_id(), kinds=pb
    )


def _desk(question_id: str, locale: str, *, written: bool = False) -> str:
    """written: shows what the form holds, in place of what is kept."""
    found = _read(locale)
    wanted = next((each for each in found.questions if each.question_id == question_id), None)
    if wanted is None or locale not in {each.locale for each in wanted.states}:
        raise Problem(404, "not_found")
    label, options = wanted.label, {each.option_id: each.label for each in wanted.options}
    if written:
        label = request.form.get("label", "")
        options = {each: request.form.get(f"option-{each}", "") for each in options}
    return render_template(
        "studio/survey_question.html", found=found, question=wanted, wanted_locale=locale,
        is_source=locale == found.source_locale, request_id=new_request_id(), kinds=pb,
        done=request.args.get("done", ""), words_shown=label, options=options,
    )  # fmt: skip


def _changed_meanwhile(error: grpc.RpcError, page: Callable[[], str]) -> tuple[str, int]:
    refused = problem_of(error)
    if refused.reason == "VERSION_CONFLICT":
        notify("warn", _("Somebody else changed the survey meanwhile. Look at it and save again."))
        return page(), 409
    if refused.reason in {"INVALID_FIELDS", "TEXT_TOO_LONG", "CARD_NUMBER_TYPED"}:
        notify("bad", _("Every text needs words: a question at most 120 characters, an answer 60."))
        return page(), 422
    raise error


def _version() -> int:
    known = read_whole(request.form.get("version", ""))
    return -1 if known is None else known


def _read(locale: str) -> pb.ListQuestionsResponse:
    return _service().ListQuestions(pb.ListQuestionsRequest(locale=locale))


def _service() -> FeedbackServiceStub:
    return stub(FeedbackServiceStub)
