"""One's own login: another password by the one of before, and an end of all other sessions."""

from typing import Any

import grpc
from flask import Blueprint, Response, redirect, request
from flask_babel import gettext as _

from kit.roles import STAFF
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.edge import cookies, kept_forms
from services.edge.account import code, kept, second_step
from services.edge.account.page import LEAST, MOST, own_login, said_of
from services.edge.clients import stub
from services.edge.errors import form_request_id
from services.edge.login import SIGN_IN_DEADLINE_S, requires
from services.edge.pages import notify

blueprint = Blueprint("account", __name__, template_folder="templates")
blueprint.register_blueprint(code.blueprint)
blueprint.register_blueprint(second_step.blueprint)
kept_forms.keep_rest(kept.ADDRESSES, kept.show)

# Which field a refusal is about; anything else is told as everywhere.
_FIELDS = {"PASSWORD_WRONG": "current", "PASSWORD_TOO_EASY": "new", "TOO_MANY_ATTEMPTS": "current"}
_AT_END = {"PASSWORD_WRONG": "end_password", "TOO_MANY_ATTEMPTS": "end_password"}


@blueprint.get("/account")
@requires(*STAFF, owing=True)
def show() -> Response:
    """The own login."""
    said = {
        "password": _("The new password holds from now on. Everywhere else you are signed out."),
        "sessions": _("Everywhere else you are signed out."),
        "session": _("This one is signed out."),
        "step": _("The second step is off. Signing in asks for the password alone."),
    }.get(request.args.get("changed", ""))
    if said:
        notify("ok", said)
    return own_login({})


@blueprint.post("/account/password")
@requires(*STAFF, owing=True)
def change_password() -> Response:
    """Takes another password."""
    current, new = request.form.get("current", "")[:500], request.form.get("new", "")[:500]
    wrong = _wrong_with(new, request.form.get("again", "")[:500])
    if wrong:
        return own_login(wrong)
    try:
        stub(DirectoryServiceStub, deadline_s=SIGN_IN_DEADLINE_S).ChangeOwnPassword(
            pb.ChangeOwnPasswordRequest(
                request_id=form_request_id(), session_id=cookies.SESSION.read(),
                current_password=current, new_password=new,
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        return own_login(said_of(error, _FIELDS))
    return redirect("/account?changed=password", 303)  # type: ignore[return-value] # werkzeug's


@blueprint.post("/account/sessions/end")
@requires(*STAFF, owing=True)
def end_sessions() -> Response:
    """Signs out of one session, or everywhere but here."""
    which = request.form.get("which", "")[:100]
    try:
        stub(DirectoryServiceStub, deadline_s=SIGN_IN_DEADLINE_S).EndOwnSessions(
            pb.EndOwnSessionsRequest(
                request_id=form_request_id(), session_id=cookies.SESSION.read(),
                current_password=request.form.get("end_password", "")[:500], handle=which,
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        return own_login(said_of(error, _AT_END))
    said = "session" if which else "sessions"
    return redirect(f"/account?changed={said}", 303)  # type: ignore[return-value] # werkzeug's


def _wrong_with(new: str, again: str) -> dict[str, Any]:
    if not LEAST <= len(new) <= MOST:
        return {"new": _("Use %(least)s to %(most)s characters.", least=LEAST, most=MOST)}
    if new != again:
        return {"again": _("This is not the same as above.")}
    return {}
