"""Operation of one area: are all parts well, who may sign in, what is closed."""

import re
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from kit import certificates
from kit.auth import Role
from kit.roles import ADMINS, ASSOCIATION
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.edge import closing, own_address
from services.edge.admin import advice, copies, opt_outs, people
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id
from services.edge.login import requires
from services.edge.operation import readiness
from services.edge.pages import notify
from services.edge.parts import may, parts
from services.edge.squares import squares

LOGIN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")  # as directory takes it
SIGN_IN_DEADLINE_S = 5.0  # making a password's hash takes a good part of a second on purpose

blueprint = Blueprint("admin", __name__, template_folder="templates")
blueprint.register_blueprint(people.blueprint)
blueprint.register_blueprint(opt_outs.blueprint)

COMPONENTS: dict[str, Any] = {
    "directory": _l("Areas, places, logins"),
    "multilingual": _l("Guide"),
    "itinerary": _l("Day plans"),
    "payments": _l("Payments"),
    "visitor_sense": _l("Visitor counts"),
    "insights": _l("Numbers"),
    "nats": _l("News between the parts"),
    "disk": _l("Disk"),
}
STATES: dict[str, Any] = {
    "ok": _l("Well"),
    "away": _l("Does not answer"),
    "database_away": _l("Its database does not answer"),
    "unknown": _l("Not installed"),
    "disk_low": _l("Little room left"),
    "disk_full": _l("Full"),
}
ROLES: dict[str, Any] = {
    "clerk": _l("Takes payments"),
    "shop_owner": _l("Sees the shop's sales"),
    "editor": _l("Edits texts"),
    "reviewer": _l("Reviews texts"),
    "analyst": _l("Reads the numbers"),
    "accountant": _l("Closes and exports money"),
    "admin": _l("Manages everything"),
}


@blueprint.get("/admin")
@requires(*ADMINS)
def overview() -> str:
    """How the platform is, and what is closed."""
    return _closures_page(just_closed=request.args.get("closed", ""))


@blueprint.get("/admin/closures")
@requires(*ASSOCIATION)
def closures() -> str:
    """What is closed, for those who may close a place and nothing else here."""
    return _closures_page(just_closed=request.args.get("closed", ""))


@blueprint.post("/admin/closures")
@requires(*ASSOCIATION)
def close_place() -> Response | str:
    """Closes a place; plans, guide pages and tickets hear of it within a second."""
    wanted, wrong = closing.read(request.form)
    if wrong:
        return _closures_page(wrong=wrong, given=dict(request.form))
    return _to_closures(f"?closed={closing.close(wanted)}")


@blueprint.post("/admin/closures/<closure_id>/reopen")
@requires(*ASSOCIATION)
def reopen_place(closure_id: str) -> Response:
    """Ends a closure: the undo."""
    closing.reopen(closure_id)
    return _to_closures()


@blueprint.get("/admin/users")
@requires(*ADMINS)
def users() -> str:
    """Who may sign in."""
    if request.args.get("kept") == "rule":
        notify("ok", _("Kept. Whoever has no second step yet is asked for it at the next page."))
    elif request.args.get("reset"):
        notify("ok", _("The second step is taken away. The person signs in by password alone and "
                       "sets it up anew."))  # fmt: skip
    return _users_page()


@blueprint.post("/admin/users")
@requires(*ADMINS)
def create_user() -> str:
    """Makes a login and shows its password, once."""
    chosen = [role for role in request.form.getlist("roles") if role in ROLES]
    login_name = request.form.get("login_name", "").strip().lower()
    wrong = {}
    if not chosen:
        wrong["roles"] = _("Choose at least one task.")
    if not LOGIN_NAME.fullmatch(login_name):
        wrong["login_name"] = _("Give 3 to 40 letters, digits, dots or dashes.")
    if wrong:
        return _users_page(wrong=wrong, given=request.form)
    answer = stub(DirectoryServiceStub, deadline_s=SIGN_IN_DEADLINE_S).CreateUser(
        pb.CreateUserRequest(
            request_id=form_request_id(), login_name=login_name,
            display_name=request.form.get("display_name", "").strip()[:80] or login_name,
            roles=[pb.Role.Value(f"ROLE_{role.upper()}") for role in chosen],
        )
    )  # fmt: skip
    return _users_page(made=answer)


@blueprint.post("/admin/users/<user_id>/disable")
@requires(*ADMINS)
def switch_user(user_id: str) -> Response:
    """Lets somebody sign in no longer, or again."""
    stub(DirectoryServiceStub).ChangeUser(
        pb.ChangeUserRequest(
            request_id=form_request_id(), user_id=user_id,
            version=people.form_version(),
            disabled=request.form.get("disabled") == "yes",
        )
    )  # fmt: skip
    return redirect("/admin/users", 303)  # type: ignore[return-value] # werkzeug's is Flask's


@blueprint.post("/admin/users/<user_id>/password")
@requires(*ADMINS)
def renew_password(user_id: str) -> str:
    """Has a new password made for somebody who forgot the old one, and shows it, once."""
    answer = stub(DirectoryServiceStub, deadline_s=SIGN_IN_DEADLINE_S).ChangeUser(
        pb.ChangeUserRequest(
            request_id=form_request_id(), user_id=user_id, make_password=True,
            version=people.form_version(),
            disabled=request.form.get("disabled") == "yes",
        )
    )  # fmt: skip
    return _users_page(made=answer if answer.password else None)


def _is_admin() -> bool:
    return may(Role.ADMIN)


def _to_closures(query: str = "") -> Response:
    page = "/admin" if _is_admin() else "/admin/closures"
    return redirect(f"{page}{query}#closures", 303)  # type: ignore[return-value] # werkzeug's is Flask's


def _closures_page(
    just_closed: str = "",
    wrong: dict[str, str] | None = None,
    given: dict[str, str] | None = None,
) -> str:
    places = stub(DirectoryServiceStub).ListPlaces(pb.ListPlacesRequest()).places
    shown = closing.given(places, just_closed, wrong, given)
    done = closing.said_closed(shown)
    if done:
        notify("ok", done)
    return render_template(
        "admin/overview.html", shown=shown, request_id=new_request_id(),
        well=_lights() if _is_admin() else None,
    )  # fmt: skip


def _lights() -> dict[str, Any]:
    """Returns every light of the page, the worst of them, and what to do about each."""
    states, saved = readiness(), copies.shown()
    found = certificates.look(parts().settings.data_dir)
    holds = advice.certificate_lights(found)
    return {
        "parts": [
            (COMPONENTS.get(name, name), advice.of_state(state), STATES[state])
            for name, state in states.items()
        ],
        "troubles": [*advice.of_parts(states, COMPONENTS), *advice.of_disk(states["disk"])],
        "copies": saved, "certificates": holds,
        "certificate_troubles": advice.of_certificates(found),
        "worst": advice.worst(states, (*advice.lights_of(saved), *holds)),
    }  # fmt: skip


def _users_page(made: Any = None, wrong: dict[str, str] | None = None, given: Any = None) -> str:
    found = stub(DirectoryServiceStub).ListUsers(pb.ListUsersRequest()).users
    shops, address = people.shop_names(), own_address.for_phones() if made else ""
    return render_template(
        "admin/users.html",
        users=[
            (user, [ROLES.get(_role(number), "") for number in user.roles],
             people.shops_of(user, shops))
            for user in found
        ],
        roles=ROLES, made=made, address=address,
        code=squares(f"{address}/login") if address else None,
        request_id=new_request_id(), new_request_id=new_request_id,
        wrong=wrong or {}, given=given or {}, needing=people.needing_second_step(),
    )  # fmt: skip


def _role(number: "pb.Role.ValueType") -> str:
    return pb.Role.Name(number).removeprefix("ROLE_").lower()
