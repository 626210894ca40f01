"""Whom letters are mailed to: the form, a test, and what became of the newest mails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ANALYSTS
from meguri.insights.v1 import letter_service_pb2 as pb
from meguri.insights.v1.letter_service_pb2_grpc import LetterServiceStub
from services.edge import own_address
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id
from services.edge.insights.present import local
from services.edge.insights.problems import PROBLEMS
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area
from services.edge.whole import read_whole

LETTERS = "/insights/letter"
PAGE = f"{LETTERS}/mail"
MOST_RECIPIENTS, MOST_TYPED = 20, 6_000

blueprint = Blueprint("letter_mail", __name__)
KINDS = {"week": pb.LETTER_KIND_WEEK, "month": pb.LETTER_KIND_MONTH}
STATES: Mapping[int, tuple[str, Any]] = {
    pb.LETTER_MAIL_STATE_WAITING: ("info", _l("Waiting")),
    pb.LETTER_MAIL_STATE_SENDING: ("info", _l("Being sent")),
    pb.LETTER_MAIL_STATE_SENT: ("ok", _l("Sent")),
    pb.LETTER_MAIL_STATE_FAILED: ("bad", _l("Given up")),
}
ERRORS: Mapping[str, Any] = {
    "unreachable": _l("The mail server does not answer."),
    "tls": _l("The mail server has no certificate that this installation trusts."),
    "login": _l("The mail server does not take the user or the password."),
    "too_old": _l("It waited for four days, and was no news any more."),
}


@dataclass
class Typed:
    """The form as somebody filled it in. wrong: sentences by the id of their field."""

    on: bool = False
    recipients: str = ""
    kinds: tuple[str, ...] = ()
    language: str = "ja"
    version: int = 0
    wrong: dict[str, str] = field(default_factory=dict)


@blueprint.get(PAGE)
@requires(*ANALYSTS)
def mail() -> Response:
    """Whom letters are mailed to."""
    if request.args.get("done"):
        notify("ok", _("Saved."))
    if request.args.get("tested"):
        notify("ok", _("The test mail goes off within a minute. What became of it stands below."))
    found = _read()
    return _page(found, _typed_of(found))


@blueprint.post(PAGE)
@requires(*ANALYSTS)
def save() -> Response | Answer:
    """Says whom letters are mailed to."""
    typed = Typed(
        bool(request.form.get("on")), request.form.get("recipients", "")[:MOST_TYPED],
        tuple(kind for kind in KINDS if request.form.get(f"kind-{kind}")),
        request.form.get("language", "")[:2],
        read_whole(request.form.get("version", ""), 18) or 0,
    )  # fmt: skip
    addresses = typed.recipients.replace(",", " ").replace(";", " ").split()
    _check(typed, addresses)
    if not typed.wrong:
        wanted = pb.SaveLetterMailRequest(
            request_id=form_request_id(), expected_version=typed.version,
            settings=pb.LetterMailSettings(
                on=typed.on, recipients=addresses, kinds=[KINDS[kind] for kind in typed.kinds],
                language=typed.language, page_url=f"{own_address.of_area()}{LETTERS}",
            ),
        )  # fmt: skip
        try:
            _service().SaveLetterMail(wanted)
            return redirect(f"{PAGE}?done=1", 303)
        except grpc.RpcError as error:
            if problem_of(error).reason == "VERSION_CONFLICT":
                notify("warn", _("Somebody else has changed it meanwhile. This is what holds now."))
                found = _read()
                return _page(found, _typed_of(found), 409)
            _refused(error, typed)
    return _page(_read(), typed, 422)


@blueprint.post(f"{PAGE}/test")
@requires(*ANALYSTS)
def test() -> Response | Answer:
    """Mails a test to one of the list."""
    wanted = pb.SendTestLetterRequest(
        request_id=form_request_id(), recipient=request.form.get("recipient", "")[:254]
    )
    found = _read()
    typed = _typed_of(found)
    try:
        _service().SendTestLetter(wanted)
    except grpc.RpcError as error:
        _refused(error, typed)
        return _page(found, typed, 422)
    return redirect(f"{PAGE}?tested=1", 303)


def _check(typed: Typed, addresses: list[str]) -> None:
    if len(addresses) > MOST_RECIPIENTS:
        typed.wrong["f-recipients"] = _("At most 20 addresses.")
    odd = [each for each in addresses if each.count("@") != 1 or "." not in each.split("@")[1]]
    if odd:
        typed.wrong["f-recipients"] = _("This is no mail address: %(text)s", text=odd[0])
    if typed.on and not addresses:
        typed.wrong["f-recipients"] = _("Give at least one address, or switch mail off.")
    if typed.on and not typed.kinds:
        typed.wrong["f-kind-month"] = _("Choose which letters, or switch mail off.")


def _refused(error: grpc.RpcError, typed: Typed) -> None:
    reason = problem_of(error).reason
    told = PROBLEMS.get(reason)
    if reason == "INVALID_FIELDS":
        told = _("This cannot be kept. Look at each entry again; nothing was changed.")
    if told is None:
        raise error
    typed.wrong["form"] = str(told)


def _typed_of(found: pb.ReadLetterMailResponse) -> Typed:
    kept = found.settings
    return Typed(
        kept.on, "\n".join(kept.recipients),
        tuple(name for name, kind in KINDS.items() if kind in kept.kinds), kept.language or "ja",
        found.version,
    )  # fmt: skip


def _service() -> LetterServiceStub:
    return stub(LetterServiceStub)


def _read() -> pb.ReadLetterMailResponse:
    found: pb.ReadLetterMailResponse = _service().ReadLetterMail(pb.ReadLetterMailRequest())
    return found


def error_word(code: str) -> str:
    """Returns why a mail did not go."""
    if code.startswith("refused_"):
        return str(_("The mail server refused it (%(number)s).",
                     number=code.removeprefix("refused_")))  # fmt: skip
    return str(ERRORS.get(code, code))


def _page(found: pb.ReadLetterMailResponse, typed: Typed, status: int = 200) -> Response:
    body = render_template(
        "insights/letter_mail.html", found=found, typed=typed, request_id=new_request_id(),
        test_id=new_request_id(), states=STATES, error_word=error_word,
        mails=[(each, local(each.put_time, area().time_zone)) for each in found.mails],
    )  # fmt: skip
    return make_response(body, status)
