"""One's own login: another password by the one of before, and an end of all other sessions."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _

from kit.client import problem_of
from kit.roles import STAFF
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.edge import cookies
from services.edge.account.problems import PROBLEMS
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id
from services.edge.login import SIGN_IN_DEADLINE_S, requires
from services.edge.pages import notify
from services.edge.parts import area

blueprint = Blueprint("account", __name__, template_folder="templates")

LEAST, MOST = 12, 200  # characters, as directory takes them
# Which field a refusal is about; anything else is told as everywhere.
_FIELDS = {"PASSWORD_WRONG": "current", "PASSWORD_TOO_EASY": "new", "TOO_MANY_ATTEMPTS": "current"}


@dataclass(frozen=True)
class Shown:
    """A session as it is listed: when it began in the area's time, and whether it is this one."""

    began: datetime
    here: bool


@blueprint.get("/account")
@requires(*STAFF)
def show() -> Response:
    """The own login."""
    if request.args.get("changed") == "password":
        notify("ok", _("The new password holds from now on. Everywhere else you are signed out."))
    elif request.args.get("changed") == "sessions":
        notify("ok", _("Everywhere else you are signed out."))
    return _page({})


@blueprint.post("/account/password")
@requires(*STAFF)
def change_password() -> Response:
    """Takes another password."""
    current, new = request.form.get("current", "")[:500], request.form.get("new", "")[:500]
    wrong = _wrong_with(new, request.form.get("again", "")[:500])
    if wrong:
        return _page(wrong)
    try:
        stub(DirectoryServiceStub, deadline_s=SIGN_IN_DEADLINE_S).ChangeOwnPassword(
            pb.ChangeOwnPasswordRequest(
                request_id=form_request_id(), session_id=cookies.SESSION.read(),
                current_password=current, new_password=new,
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        reason = problem_of(error).reason
        if reason not in _FIELDS:
            raise
        busy = _("Too many attempts. Wait ten minutes.")
        return _page({_FIELDS[reason]: PROBLEMS.get(reason.lower(), busy)})
    return redirect("/account?changed=password", 303)  # type: ignore[return-value] # werkzeug's


@blueprint.post("/account/sessions/end")
@requires(*STAFF)
def end_sessions() -> Response:
    """Signs out everywhere but here."""
    stub(DirectoryServiceStub).EndOtherSessions(
        pb.EndOtherSessionsRequest(
            request_id=form_request_id(), session_id=cookies.SESSION.read()
        )
    )  # fmt: skip
    return redirect("/account?changed=sessions", 303)  # type: ignore[return-value] # werkzeug's


def _wrong_with(new: str, again: str) -> dict[str, Any]:
    if not LEAST <= len(new) <= MOST:
        return {"new": _("Use %(least)s to %(most)s characters.", least=LEAST, most=MOST)}
    if new != again:
        return {"again": _("This is not the same as above.")}
    return {}


def _page(wrong: dict[str, Any]) -> Response:
    found = stub(DirectoryServiceStub).ListOwnSessions(
        pb.ListOwnSessionsRequest(session_id=cookies.SESSION.read())
    )
    zone = ZoneInfo(area().time_zone)
    sessions = [
        Shown(each.begin_time.ToDatetime(tzinfo=UTC).astimezone(zone), each.asking)
        for each in found.sessions
    ]
    response = make_response(
        render_template(
            "account/account.html", wrong=wrong, sessions=sessions, least=LEAST,
            request_id=new_request_id(), end_id=new_request_id(),
        ),
        400 if wrong else 200,
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response
