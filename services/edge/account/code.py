"""The second step of signing in: a code of the app, or one from paper."""

from datetime import UTC, datetime
from urllib.parse import quote

import grpc
from flask import Blueprint, Response, g, redirect, request
from flask_babel import gettext as _

from kit.client import problem_of
from meguri.directory.v1 import second_factor_service_pb2 as pb
from meguri.directory.v1.second_factor_service_pb2_grpc import SecondFactorServiceStub
from services.edge import cookies
from services.edge.clients import new_request_id, stub
from services.edge.errors import is_away
from services.edge.language import own_path
from services.edge.login import (
    CODE_PATH,
    SIGN_IN_DEADLINE_S,
    code_page,
    opened,
    person_of,
    sender_name,
    sign_in_anew,
)
from services.edge.parts import edge_itself

MOST = 100  # characters that are sent on: whatever somebody pastes

blueprint = Blueprint("code", __name__)


@blueprint.get(CODE_PATH)
def ask() -> Response:
    """Asks for the code; who gave no password before is asked for that."""
    if not cookies.HALF.read():
        wanted = own_path(request.args.get("next", "/"))
        return redirect(f"/login?next={quote(wanted)}", 303)  # type: ignore[return-value] # werkzeug's
    return code_page()


@blueprint.post(CODE_PATH)
def take() -> Response:
    """Opens the session by the code."""
    given = request.form.get("code", "")[:MOST].strip()
    paper = request.form.get("paper", "")[:MOST].strip()
    if not cookies.HALF.read():
        return sign_in_anew(_over())
    if not (given or paper):
        return code_page(error=_("Type the six digits that the app shows."), status=400)
    try:
        answer = stub(
            SecondFactorServiceStub, deadline_s=SIGN_IN_DEADLINE_S, caller=edge_itself(g.area.area)
        ).FinishSignIn(
            pb.FinishSignInRequest(
                request_id=new_request_id(), half_login_id=cookies.HALF.read(),
                code=paper or given, sender=sender_name(),
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        if is_away(error):
            raise
        return _refused(error)
    known = person_of(answer.user)
    ends = datetime.fromtimestamp(answer.expire_time.seconds, UTC)
    response = opened(known, answer.session_id, ends, known.login_name)
    cookies.HALF.drop(response)
    return response


def _refused(error: grpc.RpcError) -> Response:
    said = problem_of(error)
    if said.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return code_page(error=_("Too many attempts. Wait ten minutes."), status=429)
    if said.reason == "CODE_WRONG":
        return code_page(
            error=_("This code is wrong or was used already. Type the one that the app shows now."),
            status=401,
        )
    response = sign_in_anew(_over())
    cookies.HALF.drop(response)
    return response


def _over() -> str:
    return str(_("The code came more than five minutes after the password. Sign in once more."))
