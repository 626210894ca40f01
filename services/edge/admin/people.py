"""Who belongs to which shop, and whose sign-in has a second step."""

from collections.abc import Sequence

import grpc
from flask import Blueprint, Response, redirect, render_template, request

from kit.auth import Role
from kit.config import ConfigError
from kit.roles import ADMINS, STAFF
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import second_factor_service_pb2 as step_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.directory.v1.second_factor_service_pb2_grpc import SecondFactorServiceStub
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id
from services.edge.login import requires, roles_of
from services.edge.parts import locale

# Roles that a shop says something about.
OF_SHOPS = frozenset({pb.ROLE_CLERK, pb.ROLE_SHOP_OWNER})

blueprint = Blueprint("people", __name__)


@blueprint.get("/admin/users/<user_id>/shops")
@requires(*ADMINS)
def choose_shops(user_id: str) -> str:
    """Shows the shops somebody may be bound to."""
    user = _user(user_id)
    return render_template(
        "admin/shops.html", one=user, shops=_shops(), request_id=new_request_id(),
        owner=pb.ROLE_SHOP_OWNER in user.roles and pb.ROLE_CLERK not in user.roles,
    )  # fmt: skip


@blueprint.post("/admin/users/<user_id>/shops")
@requires(*ADMINS)
def bind_shops(user_id: str) -> Response:
    """Binds somebody to the chosen shops; the open session ends."""
    stub(DirectoryServiceStub).ChangeUser(
        pb.ChangeUserRequest(
            request_id=form_request_id(), user_id=user_id,
            version=form_version(),
            disabled=request.form.get("disabled") == "yes",
            shops=pb.ShopBinding(shop_place_ids=request.form.getlist("shops")),
        )
    )  # fmt: skip
    return redirect("/admin/users", 303)  # type: ignore[return-value] # werkzeug's is Flask's


@blueprint.post("/admin/users/<user_id>/second-step")
@requires(*ADMINS)
def reset_second_step(user_id: str) -> Response:
    """Takes the second step of somebody who lost phone and paper, and ends open sessions."""
    stub(SecondFactorServiceStub).ResetSecondFactor(
        step_pb.ResetSecondFactorRequest(
            request_id=form_request_id(), user_id=user_id, version=form_version()
        )
    )
    return redirect(f"/admin/users?reset={user_id}", 303)  # type: ignore[return-value] # werkzeug's is Flask's


@blueprint.post("/admin/second-step")
@requires(*ADMINS)
def require_second_step() -> Response:
    """Says which tasks need a second step at sign-in."""
    wanted = [role for role in request.form.getlist("needing") if role in STAFF]
    stub(SecondFactorServiceStub).SetSecondFactorRule(
        step_pb.SetSecondFactorRuleRequest(
            request_id=form_request_id(),
            roles=[pb.Role.Value(f"ROLE_{role.upper()}") for role in wanted],
        )
    )
    return redirect("/admin/users?kept=rule#second-step", 303)  # type: ignore[return-value] # werkzeug's is Flask's


def needing_second_step() -> frozenset[Role]:
    """Returns the tasks that need a second step at sign-in."""
    found = stub(SecondFactorServiceStub).GetSecondFactorRule(step_pb.GetSecondFactorRuleRequest())
    return roles_of(found.roles)


def form_version() -> int:
    """Returns the version of a user that the form was made from; 0, of no user, for nonsense."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def shops_of(user: pb.User, names: dict[str, str]) -> Sequence[str] | None:
    """Returns the names of the shops of a user; None for one whom shops do not concern."""
    if not OF_SHOPS & set(user.roles):
        return None
    return [names.get(place_id, place_id) for place_id in user.shop_place_ids]


def shop_names() -> dict[str, str]:
    """Returns the names of the shops by place; nothing while payments is away."""
    try:
        return {shop.shop_place_id: _name(shop) for shop in _shops()}
    except (grpc.RpcError, ConfigError):
        return {}


def _shops() -> Sequence[payments_pb.Shop]:
    return stub(PaymentsServiceStub).ListShops(payments_pb.ListShopsRequest()).shops


def _name(shop: payments_pb.Shop) -> str:
    return shop.names.get(locale()) or shop.names.get("ja") or shop.shop_place_id


def _user(user_id: str) -> pb.User:
    for user in stub(DirectoryServiceStub).ListUsers(pb.ListUsersRequest()).users:
        if user.user_id == user_id:
            return user
    raise Problem(404, "not_found")
