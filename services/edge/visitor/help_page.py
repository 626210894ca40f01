"""Help: whom to call, a message to the association, and its answer behind a secret link.

A message has an id and a secret, both made by the phone's script or, without one, by the page.
The secret stands behind the # of the answer's address, which no browser sends anywhere; the page
hands it on in the body of a form, so that it is in no log. Nothing of the sender is kept but what
was typed.
"""

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import grpc
from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _

from kit.client import problem_of
from meguri.multilingual.v1 import help_service_pb2 as pb
from services.edge import help_desk, own_address
from services.edge.clients import new_request_id
from services.edge.errors import Problem, sentence
from services.edge.parts import locale
from services.edge.visitor import batches, stops

AT_MOST = 5
NAME = "help_requests"
TEXT_AT_MOST = 1_000
CONTACT_AT_MOST = 200
CODE_AT_MOST = 40
SECRET_BYTES = 32
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}$")
_HIDDEN = {
    "Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow, noarchive"
}  # fmt: skip

blueprint = Blueprint("help", __name__)


@dataclass
class Draft:
    """A message as typed. wrong: field to what is to be done about it."""

    help_id: str = ""
    secret: str = ""
    topic: str = ""
    text: str = ""
    contact: str = ""
    stop_code: str = ""
    receipt_number: str = ""
    wrong: dict[str, str] = field(default_factory=dict)

    def sent(self) -> pb.HelpRequestSent:
        """Returns it as the guide takes it."""
        return pb.HelpRequestSent(
            help_id=self.help_id, secret=self.secret,
            topic=pb.HelpTopic.ValueType(help_desk.BY_NAME.get(self.topic, 0)), text=self.text,
            contact=self.contact, stop_code=self.stop_code, receipt_number=self.receipt_number,
            locale=locale(),
        )  # fmt: skip


@blueprint.get("/help")
def show() -> Response:
    """Whom to call, what to do without signal, and the form."""
    draft = Draft(
        str(uuid4()), secrets.token_urlsafe(SECRET_BYTES),
        stop_code=request.args.get("stop", "")[:CODE_AT_MOST],
        receipt_number=request.args.get("receipt", "")[:CODE_AT_MOST],
    )  # fmt: skip
    return _page(draft)


@blueprint.post("/help")
def send() -> Response:
    """Takes a message from the form, and says where the answer will be."""
    draft = _typed()
    if draft.wrong:
        return _page(draft, 422)
    batches.count(NAME, 1)
    try:
        answer = _record([draft.sent()], new_request_id())
    except grpc.RpcError as error:
        refused = problem_of(error).reason
        if refused != "HELP_DESK_FULL":
            raise
        draft.wrong["form"] = str(sentence(refused.lower()))
        return _page(draft, 503)
    for each in answer.rejected:
        _explain(draft, each.reason)
        return _page(draft, 422)
    link = f"{own_address.of_area()}/help/answers#{draft.secret}"
    return _hidden(render_template("visitor/help_sent.html", link=link, secret=draft.secret))


@blueprint.post("/api/v1/help-requests")
def record() -> Response:
    """Takes messages from phones, with client-made ids; each arrives exactly once."""
    messages = batches.read(NAME, AT_MOST, _entry)
    answer = _record(messages, batches.request_id("help-requests"))
    return jsonify(
        recorded=answer.recorded_count,
        repeated=answer.repeated_count,
        rejected=[
            {"help_id": each.help_id, "reason": each.reason.lower()} for each in answer.rejected
        ],
    )


@blueprint.get("/help/answers")
def answers() -> Response:
    """Where an answer is read. The secret is behind the # of the address: a script hands it on;
    without one it is pasted."""
    return _hidden(render_template("visitor/help_answer.html", found=None, problem=""))


@blueprint.post("/help/answers")
def read_answer() -> Response:
    """Shows the answer of whoever has the secret, or its whole address."""
    found = _SECRET.search(request.form.get("secret", "")[-300:].strip())
    if found is None:
        return _no_answer()
    try:
        answer = help_desk.service().ReadHelpAnswer(
            pb.ReadHelpAnswerRequest(secret=found.group())
        )  # fmt: skip
    except grpc.RpcError as error:
        if problem_of(error).reason != "HELP_LINK_UNKNOWN":
            raise
        return _no_answer()
    return _hidden(
        render_template(
            "visitor/help_answer.html",
            found=answer,
            problem="",
            secret=found.group(),
            topic=help_desk.TOPICS[answer.topic][1],
            moment=_moment,
            last_day=help_desk.last_day,
            states=pb,
        )
    )


def words(draft: Draft, desk: pb.HelpDesk | None, about: str = "") -> dict[str, Any]:
    """Returns what the page of help is made of. draft: empty for the page of a pack, whose script
    makes id and secret. about: the name of the stop it was opened from."""
    return {
        "draft": draft, "about": about, "hours": help_desk.hours(desk), "desk": desk,
        "topics": [help_desk.TOPICS[number] for number in sorted(help_desk.TOPICS)],
    }  # fmt: skip


def _page(draft: Draft, status: int = 200) -> Response:
    page = render_template(
        "visitor/help.html", **words(draft, help_desk.read(), _name_of(draft.stop_code))
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"  # each has an id of its own
    return response


def _name_of(code: str) -> str:
    """Returns the name of a stop, "" where there is none or the guide is away."""
    if not code:
        return ""
    try:
        return str(stops.read_stop(code).value.name.text)
    except grpc.RpcError:
        return ""


def _typed() -> Draft:
    form = request.form
    try:
        help_id = str(UUID(form.get("help_id", "")))
    except ValueError as error:
        raise Problem(400, "form_expired") from error
    draft = Draft(
        help_id, form.get("secret", "")[:CONTACT_AT_MOST], form.get("topic", "")[:CODE_AT_MOST],
        form.get("text", "").replace("\r\n", "\n").strip(), form.get("contact", "").strip(),
        form.get("stop_code", "")[:CODE_AT_MOST], form.get("receipt_number", "")[:CODE_AT_MOST],
    )  # fmt: skip
    for reason, wrong in (
        ("TOPIC_INVALID", draft.topic not in help_desk.BY_NAME),
        ("TEXT_INVALID", not 0 < len(draft.text) <= TEXT_AT_MOST),
        ("CONTACT_INVALID", len(draft.contact) > CONTACT_AT_MOST),
    ):
        if wrong:
            _explain(draft, reason)
    return draft


def _explain(draft: Draft, reason: str) -> None:
    """Says beside the field, else above the form, what is to be done."""
    name, what = {
        "TOPIC_INVALID": ("topic", _("Choose what it is about.")),
        "TEXT_INVALID": ("text", _("Write your message, at most 1,000 characters.")),
        "CONTACT_INVALID": (
            "contact", _("Write an e-mail address or a phone number, or leave it empty."),
        ),
    }.get(reason, ("form", str(sentence(reason.lower()) or sentence("form_expired"))))  # fmt: skip
    draft.wrong[name] = what


def _entry(entry: batches.Entry) -> pb.HelpRequestSent:
    topic = entry.given.get("topic")
    if not isinstance(topic, str) or topic not in help_desk.BY_NAME:
        raise entry.bad("topic", f"must be one of {', '.join(help_desk.BY_NAME)}")
    return pb.HelpRequestSent(
        help_id=entry.text("help_id", "is missing: a UUID made by the client"),
        secret=entry.text("secret", "is missing: 32 random bytes in base64url"),
        topic=pb.HelpTopic.ValueType(help_desk.BY_NAME[topic]),
        text=entry.text("text", "is missing", most=2 * TEXT_AT_MOST),
        contact=entry.text("contact", most=CONTACT_AT_MOST),
        stop_code=entry.text("stop_code"),
        receipt_number=entry.text("receipt_number"),
        locale=entry.text("locale", "is missing: the language of the answer"),
        write_time=entry.time("write_time"),
    )


def _record(messages: list[pb.HelpRequestSent], request_id: str) -> pb.RecordHelpRequestsResponse:
    return help_desk.service().RecordHelpRequests(
        pb.RecordHelpRequestsRequest(request_id=request_id, help_requests=messages)
    )


def _no_answer() -> Response:
    page = render_template(
        "visitor/help_answer.html", found=None, problem=str(sentence("help_link_unknown"))
    )
    return _hidden(page, 404)


def _hidden(page: str, status: int = 200) -> Response:
    response = make_response(page, status)
    response.headers.update(_HIDDEN)
    return response


def _moment(stamp: Any) -> datetime:
    found: datetime = stamp.ToDatetime(tzinfo=UTC)
    return found
