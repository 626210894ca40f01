"""What visitors wrote: who has it, until when it is to be answered, and the answer itself.

No mail is sent from here: the answer stands on the visitor's own page, and a link opens the staff's
mail program or phone with it, where the visitor left an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import ASSOCIATION
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.multilingual.v1 import help_service_pb2 as pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from services.edge import help_desk
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id, is_away, sentence
from services.edge.language import ui_locale
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area, locale
from services.edge.studio import words

CLOCK = "clock"
UNKNOWN_LOCALE = "und"
VERSION_DIGITS = 9
# State → look of its badge and words.
STATES: dict[int, tuple[str, Any]] = {
    pb.HELP_STATE_NEW: ("warn", _l("New")),
    pb.HELP_STATE_TAKEN: ("info", _l("Taken")),
    pb.HELP_STATE_ANSWERED: ("ok", _l("Answered")),
    pb.HELP_STATE_CLOSED: ("plain", _l("Settled")),
}
ACTS: dict[int, Any] = {
    pb.HELP_ACT_TAKE: _l("taken"),
    pb.HELP_ACT_HAND_OVER: _l("handed over"),
    pb.HELP_ACT_NOTE: _l("note"),
    pb.HELP_ACT_SET_DUE: _l("another day set"),
    pb.HELP_ACT_ANSWER: _l("answered"),
    pb.HELP_ACT_CLOSE: _l("closed"),
    pb.HELP_ACT_REOPEN: _l("opened again"),
}
BY_ACTION = {
    "take": pb.HELP_ACT_TAKE, "hand-over": pb.HELP_ACT_HAND_OVER, "note": pb.HELP_ACT_NOTE,
    "due": pb.HELP_ACT_SET_DUE, "answer": pb.HELP_ACT_ANSWER, "close": pb.HELP_ACT_CLOSE,
    "reopen": pb.HELP_ACT_REOPEN,
}  # fmt: skip
# Refusals that are said on the page, with what was typed still there.
REFUSED = frozenset({
    "INVALID_FIELDS", "TEXT_TOO_LONG", "CARD_NUMBER_TYPED", "PLACEHOLDER_LEFT",
    "HELP_STEP_REFUSED", "VERSION_CONFLICT",
})  # fmt: skip

blueprint = Blueprint("help_inbox", __name__)


@dataclass
class Answer:
    """An answer as typed, or as a template begins it. missing: placeholders nobody could fill."""

    text: str = ""
    locale: str = ""
    machine_draft: bool = False
    template_id: str = ""
    own_words: str = ""  # the template in the language of whoever answers
    missing: list[str] = field(default_factory=list)


@blueprint.get("/studio/help")
@requires(*ASSOCIATION)
def inbox() -> str:
    """Lists what waits, overdue ones first; or what was closed."""
    closed = request.args.get("show") == "closed"
    found = help_desk.service().ListHelpRequests(pb.ListHelpRequestsRequest(closed=closed))
    if request.args.get("done") == "close":
        notify("ok", _("Closed. It can be opened again until it is erased."))
    return render_template(
        "studio/help_inbox.html", found=found, closed=closed, who=_who(), states=STATES,
        topics=help_desk.TOPICS, last_day=help_desk.last_day,
    )  # fmt: skip


@blueprint.get("/studio/help/<help_id>")
@requires(*ASSOCIATION)
def one(help_id: str) -> str:
    """Shows one message with everything that was done about it."""
    return _page(help_id, template_id=request.args.get("template", ""))


@blueprint.post("/studio/help/<help_id>")
@requires(*ASSOCIATION)
def act(help_id: str) -> Response | tuple[str, int]:
    """Takes one step: it is kept with who did it and when."""
    form = request.form
    action, version = form.get("action", ""), form.get("version", "")
    known = version.isascii() and version.isdecimal() and len(version) <= VERSION_DIGITS
    if action not in BY_ACTION or not known:
        raise Problem(400, "form_expired")
    words_typed = form.get("text", "") if action in ("note", "answer") else ""
    wanted = pb.ChangeHelpRequestRequest(
        request_id=form_request_id(), help_id=help_id, version=int(version), act=BY_ACTION[action],
        text=words_typed.strip(),
        locale=form.get("locale", "")[:40] if action == "answer" else "",
        machine_draft=action == "answer" and bool(form.get("machine_draft")),
        owner=form.get("owner", "")[:80] if action == "hand-over" else "",
        due_date=form.get("due_date", "")[:20] if action == "due" else "",
    )  # fmt: skip
    try:
        help_desk.service().ChangeHelpRequest(wanted)
    except grpc.RpcError as error:
        refused = problem_of(error).reason
        if refused not in REFUSED:
            raise
        notify("bad", str(sentence(refused.lower())))
        typed = Answer(words_typed, wanted.locale, wanted.machine_draft)
        is_answer = action == "answer"
        return _page(
            help_id, typed if is_answer else None, note="" if is_answer else words_typed
        ), 422
    if action == "close":
        return redirect("/studio/help?done=close", 303)
    return redirect(
        f"/studio/help/{quote(help_id)}#{'answers' if action == 'answer' else 'steps'}", 303
    )


def begin(template: pb.HelpTemplate, wanted: str, values: Mapping[str, str], own: str) -> Answer:
    """Returns the answer that a template begins.

    wanted: language of the visitor; English, else the first there is, where the template has no
    words in it. values: what to fill in; what is empty stays to be written, or goes where it has
    a line of its own. own: language of whoever answers.
    """
    texts = {each.locale: each for each in template.texts}
    said = texts.get(wanted) or texts.get("en") or template.texts[0]
    empty = {f"{{{name}}}" for name, value in values.items() if not value}
    text = "\n".join(each for each in said.text.splitlines() if each.strip() not in empty)
    missing = []
    for name, value in values.items():
        if value:
            text = text.replace(f"{{{name}}}", value)
        elif f"{{{name}}}" in text:
            missing.append(f"{{{name}}}")
    beside = texts[own].text if own in texts and own != said.locale else ""
    return Answer(text, said.locale, said.machine_draft, template.template_id, beside, missing)


def mail_or_call(contact: str, text: str, subject: str) -> str:
    """Returns the link that opens the mail program with an answer, or the phone; "" for none."""
    if "@" in contact:
        return f"mailto:{quote(contact, safe='@+')}?subject={quote(subject)}&body={quote(text)}"
    digits = "".join(each for each in contact if each.isdecimal() and each.isascii())
    return f"tel:{'+' if contact.startswith('+') else ''}{digits}" if digits else ""


def _page(
    help_id: str, answer: Answer | None = None, *, template_id: str = "", note: str = ""
) -> str:
    found = help_desk.service().ReadHelpRequest(pb.ReadHelpRequestRequest(help_id=help_id))
    templates = help_desk.service().ListHelpTemplates(pb.ListHelpTemplatesRequest()).templates
    summary = found.summary
    wanted = summary.locale if summary.locale != UNKNOWN_LOCALE else "en"
    stop_name, own_stop_name = (
        _name_of(summary.stop_code, wanted),
        _name_of(summary.stop_code, locale()),
    )
    chosen = next((each for each in templates if each.template_id == template_id), None)
    if answer is None and chosen is not None:
        answer = begin(chosen, wanted, _values(wanted, stop_name), locale())
    given = [each for each in found.steps if each.act == pb.HELP_ACT_ANSWER]
    last = given[-1].text if given else ""
    with force_locale(ui_locale(wanted).replace("-", "_")):
        subject = f"{area().name(wanted)}: {help_desk.TOPICS[summary.topic][1]}"
    return render_template(
        "studio/help_one.html", found=found, summary=summary, who=_who(), acts=ACTS,
        states=STATES, topics=help_desk.TOPICS, templates=_sorted(templates, summary.topic),
        begins=_beginnings(templates), stop_name=own_stop_name, wanted=wanted, pb=pb,
        answer=answer or Answer(locale=wanted), note=note, given=given, answers=_languages(wanted),
        link=mail_or_call(found.contact, last, subject), request_ids=new_request_id,
        today=datetime.now(ZoneInfo(area().time_zone)).date(), later=timedelta(days=90),
        due_day=help_desk.last_day(summary.due_time), last_day=help_desk.last_day,
    )  # fmt: skip


def _values(wanted: str, stop_name: str) -> dict[str, str]:
    with force_locale(ui_locale(wanted).replace("-", "_")):
        hours = help_desk.hours(help_desk.read())
    return {"stop": stop_name, "hours": hours, "phone": area().help_phone}


def _sorted(templates: Any, topic: int) -> list[pb.HelpTemplate]:
    """Returns the templates with those for a topic ahead."""
    return sorted(templates, key=lambda each: each.topic != topic)


def _beginnings(templates: Any) -> dict[str, str]:
    """Returns the second line of each template, which tells it from the others, in the language of
    the page."""
    found = {}
    for each in templates:
        texts = {text.locale: text.text for text in each.texts}
        lines = (texts.get(locale()) or texts.get("en") or each.template_id).splitlines()
        found[each.template_id] = lines[1] if len(lines) > 1 else lines[0]
    return found


def _languages(wanted: str) -> list[str]:
    return list(dict.fromkeys((wanted, *area().locales, "en")))


def _name_of(code: str, wanted: str) -> str:
    if not code:
        return ""
    request_stop = guide_pb.ReadStopRequest(stop_code=code, chosen_locale=wanted)
    try:
        return str(stub(GuideServiceStub).ReadStop(request_stop).stop.name.text)
    except grpc.RpcError:
        return ""  # closed, unpublished or away: the code stands there


class Who:
    """Names of those who answer here. everybody: to whom something can be handed over."""

    def __init__(self, colleagues: Any) -> None:
        self._names = {each.user_id: each.display_name for each in colleagues}
        self.everybody = [each for each in colleagues if not each.disabled]

    def __call__(self, user_id: str) -> str:
        """Returns how somebody is called on the page."""
        if user_id == CLOCK:
            return str(_("by itself"))
        return self._names.get(user_id) or words.who(user_id)


def _who() -> Who:
    try:
        found = stub(DirectoryServiceStub).ListColleagues(directory_pb.ListColleaguesRequest())
    except grpc.RpcError as error:
        if not is_away(error):
            raise
        return Who(())
    return Who(found.colleagues)
