"""The second step of one's own sign-in: set up with an app, new codes for paper, turned off."""

import re
from typing import Any

import grpc
import pyotp
from flask import Blueprint, Response, redirect, render_template, request
from flask_babel import gettext as _

from kit.roles import STAFF
from meguri.directory.v1 import second_factor_service_pb2 as pb
from meguri.directory.v1.second_factor_service_pb2_grpc import SecondFactorServiceStub
from services.edge import cookies
from services.edge.account.page import own_login, said_of, unkept
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id
from services.edge.login import SIGN_IN_DEADLINE_S, requires
from services.edge.parts import area, parts, person
from services.edge.squares import squares

MOST = 200  # characters that are sent on
SECRET = re.compile(r"[A-Z2-7]{32}")
# Which field a refusal is about; anything else is told as everywhere.
_FIELDS = {
    "PASSWORD_WRONG": "step_password", "TOO_MANY_ATTEMPTS": "step_password",
    "CODE_WRONG": "step_code",
}  # fmt: skip

blueprint = Blueprint("second_step", __name__)


@blueprint.post("/account/second-step")
@requires(*STAFF, owing=True)
def begin() -> Response:
    """Makes a secret and shows it, as a square code and as text."""
    try:
        answer = _service().BeginSecondFactor(
            pb.BeginSecondFactorRequest(
                request_id=form_request_id(), session_id=cookies.SESSION.read(),
                current_password=_given("step_password"),
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        return own_login(said_of(error, _FIELDS))
    return _app_page(answer.secret, {})


@blueprint.post("/account/second-step/confirm")
@requires(*STAFF, owing=True)
def confirm() -> Response:
    """Turns it on by the first code, and shows the codes for paper."""
    secret = request.form.get("secret", "")
    if not SECRET.fullmatch(secret):  # it comes back from the page only to be shown once more
        raise Problem(400, "form_expired")
    if not _given("step_code").strip():
        return _app_page(secret, {"step_code": _("Type the six digits that the app shows.")})
    try:
        answer = _service().ConfirmSecondFactor(
            pb.ConfirmSecondFactorRequest(
                request_id=form_request_id(), session_id=cookies.SESSION.read(),
                code=_given("step_code"),
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        said = said_of(error, _FIELDS)
        return _app_page(secret, {"step_code": next(iter(said.values()))})
    return _codes_page(answer.recovery_codes, fresh=True)


@blueprint.post("/account/second-step/codes")
@requires(*STAFF, owing=True)
def renew_codes() -> Response:
    """Makes new codes for paper."""
    try:
        answer = _service().RenewRecoveryCodes(
            pb.RenewRecoveryCodesRequest(
                request_id=form_request_id(), session_id=cookies.SESSION.read(),
                current_password=_given("step_password"), code=_given("step_code"),
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        return own_login(said_of(error, _FIELDS))
    return _codes_page(answer.recovery_codes, fresh=False)


@blueprint.post("/account/second-step/off")
@requires(*STAFF, owing=True)
def turn_off() -> Response:
    """Turns it off."""
    try:
        _service().EndSecondFactor(
            pb.EndSecondFactorRequest(
                request_id=form_request_id(), session_id=cookies.SESSION.read(),
                current_password=_given("step_password"), code=_given("step_code"),
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        return own_login(said_of(error, _FIELDS))
    _ask_anew()
    return redirect("/account?changed=step#second-step", 303)  # type: ignore[return-value] # werkzeug's


def _service() -> Any:
    return stub(SecondFactorServiceStub, deadline_s=SIGN_IN_DEADLINE_S)


def _given(name: str) -> str:
    return request.form.get(name, "")[:MOST]


def _ask_anew() -> None:
    """What was remembered of this session for a moment may hold roles back, or should."""
    parts().sessions.forget(area().area, cookies.SESSION.read())


def _app_page(secret: str, wrong: dict[str, Any]) -> Response:
    known = person()
    address = pyotp.TOTP(secret).provisioning_uri(
        name=known.login_name if known else "", issuer_name=f"Meguri {area().area}"
    )
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return unkept(
        render_template(
            "account/second_step.html", wrong=wrong, secret=secret, groups=groups,
            address=address, square=squares(address), request_id=new_request_id(),
        ),
        400 if wrong else 200,
    )  # fmt: skip


def _codes_page(codes: Any, *, fresh: bool) -> Response:
    _ask_anew()
    return unkept(render_template("account/paper_codes.html", codes=list(codes), fresh=fresh))
