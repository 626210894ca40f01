"""The desk's hours, and the templates it answers with, in every language."""

from typing import Any

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.pure.languages import LOCALES
from kit.roles import ASSOCIATION
from meguri.multilingual.v1 import help_service_pb2 as pb
from services.edge import help_desk
from services.edge.clients import new_request_id
from services.edge.errors import Problem, form_request_id, sentence
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area, locale
from services.edge.whole import read_whole

NUMBER_DIGITS = 9
REFUSED = frozenset({"INVALID_FIELDS", "TEXT_TOO_LONG", "CARD_NUMBER_TYPED", "VERSION_CONFLICT"})

blueprint = Blueprint("help_words", __name__)


@blueprint.get("/studio/help/desk")
@requires(*ASSOCIATION)
def page() -> str:
    """Shows hours and templates, these in one language at a time."""
    if request.args.get("done"):
        notify("ok", _("Kept. It is used from now on."))
    return _page(_chosen())


@blueprint.post("/studio/help/desk")
@requires(*ASSOCIATION)
def set_desk() -> Response | tuple[str, int]:
    """Sets hours, days to answer in, days to keep."""
    form = request.form
    desk = pb.HelpDesk(
        weekdays=sorted({_number(each) for each in form.getlist("weekday")}),
        from_minute=help_desk.minute(form.get("from", "")) or 0,
        until_minute=help_desk.minute(form.get("until", "")) or 0,
        answer_days=_number(form.get("answer_days", "")),
        keep_days=_number(form.get("keep_days", "")),
        version=_number(form.get("version", "")),
    )  # fmt: skip
    wanted = pb.SetHelpDeskRequest(request_id=form_request_id(), desk=desk)
    try:
        help_desk.service().SetHelpDesk(wanted)
    except grpc.RpcError as error:
        return _refused(error, _chosen(), desk=desk)
    return redirect("/studio/help/desk?done=1", 303)


@blueprint.post("/studio/help/templates/<template_id>/<of_locale>")
@requires(*ASSOCIATION)
def write(template_id: str, of_locale: str) -> Response | tuple[str, int]:
    """Writes a template's words in one language."""
    text = request.form.get("text", "").strip()
    wanted = pb.WriteHelpTemplateRequest(
        request_id=form_request_id(), template_id=template_id[:40], locale=of_locale[:40],
        version=_number(request.form.get("version", "")), text=text,
    )  # fmt: skip
    try:
        help_desk.service().WriteHelpTemplate(wanted)
    except grpc.RpcError as error:
        return _refused(error, of_locale, typed={template_id: text})
    return redirect(f"/studio/help/desk?in={of_locale}&done=1#{template_id}", 303)


def _refused(error: grpc.RpcError, of_locale: str, **typed: Any) -> tuple[str, int]:
    reason = problem_of(error).reason
    if reason not in REFUSED:
        raise error
    notify("bad", str(sentence(reason.lower())))
    return _page(of_locale, **typed), 422


def _page(
    of_locale: str, desk: pb.HelpDesk | None = None, typed: dict[str, str] | None = None
) -> str:
    service = help_desk.service()
    templates = service.ListHelpTemplates(pb.ListHelpTemplatesRequest()).templates
    return render_template(
        "studio/help_desk.html",
        desk=desk or service.ReadHelpDesk(pb.ReadHelpDeskRequest()).desk,
        templates=templates, typed=typed or {}, of_locale=of_locale, desk_words=help_desk,
        known_locales=_locales(), topics=help_desk.TOPICS, request_ids=new_request_id,
        texts={
            each.template_id: {text.locale: text for text in each.texts} for each in templates
        },
        days=range(1, 8),
    )  # fmt: skip


def _chosen() -> str:
    wanted = request.args.get("in", "")
    return wanted if wanted in _locales() else locale()


def _locales() -> list[str]:
    return list(dict.fromkeys((*area().locales, *LOCALES)))


def _number(typed: str) -> int:
    """Returns a number of a form. Errors: Problem form_expired."""
    found = read_whole(typed, NUMBER_DIGITS)
    if found is None:
        raise Problem(400, "form_expired")
    return found
