"""Operation of one area: are all parts well, who may sign in, what is closed."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from google.protobuf.timestamp_pb2 import Timestamp

from kit.auth import Role
from kit.roles import ADMINS, CLOSERS
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.edge.admin import closable, people
from services.edge.clients import new_request_id, stub
from services.edge.closures import REASONS
from services.edge.directory import shut_of
from services.edge.errors import form_request_id
from services.edge.login import requires
from services.edge.operation import readiness
from services.edge.pages import notify
from services.edge.parts import area, locale, parts, person

LOGIN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")  # as directory takes it
SIGN_IN_DEADLINE_S = 5.0  # making a password's hash takes a good part of a second on purpose

blueprint = Blueprint("admin", __name__, template_folder="templates")
blueprint.register_blueprint(people.blueprint)

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
UNTIL: dict[str, Any] = {
    "unknown": _l("until further notice"),
    "1h": _l("for one hour"),
    "3h": _l("for three hours"),
    "today": _l("until the end of today"),
    "time": _l("until a time"),
}


@blueprint.get("/admin")
@requires(*ADMINS)
def overview() -> str:
    """How the platform is, and what is closed."""
    return _closures_page(just_closed=request.args.get("closed", ""))


@blueprint.get("/admin/closures")
@requires(*CLOSERS)
def closures() -> str:
    """What is closed, for those who may close a place and nothing else here."""
    return _closures_page(just_closed=request.args.get("closed", ""))


@blueprint.post("/admin/closures")
@requires(*CLOSERS)
def close_place() -> Response | str:
    """Closes a place; plans, guide pages and tickets hear of it within a second."""
    until, wrong = _until(request.form)
    place_id = request.form.get("place_id", "")
    reason = request.form.get("reason", "")
    if not place_id:
        wrong["place_id"] = _("Choose a place.")
    if reason not in REASONS:
        wrong["reason"] = _("Choose a reason.")
    if wrong:
        return _closures_page(wrong=wrong, given=dict(request.form))
    call = pb.ClosePlaceRequest(
        request_id=form_request_id(), place_id=place_id, reason=reason,
        note=request.form.get("note", "").strip()[:500],
    )  # fmt: skip
    if until is not None:
        call.until_time.CopyFrom(_stamp(until))
    closure = stub(DirectoryServiceStub).ClosePlace(call).closure
    parts().closures.forget(area().area)
    return _to_closures(f"?closed={closure.closure_id}")


@blueprint.post("/admin/closures/<closure_id>/reopen")
@requires(*CLOSERS)
def reopen_place(closure_id: str) -> Response:
    """Ends a closure: the undo."""
    stub(DirectoryServiceStub).ReopenPlace(
        pb.ReopenPlaceRequest(request_id=form_request_id(), closure_id=closure_id)
    )
    parts().closures.forget(area().area)
    return _to_closures()


@blueprint.get("/admin/users")
@requires(*ADMINS)
def users() -> str:
    """Who may sign in."""
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
    return redirect("/admin/users", 303)  # type: ignore[return-value]


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
    known = person()
    return known is not None and Role.ADMIN in known.roles


def _to_closures(query: str = "") -> Response:
    page = "/admin" if _is_admin() else "/admin/closures"
    return redirect(f"{page}{query}#closures", 303)  # type: ignore[return-value]


def _closures_page(
    just_closed: str = "",
    wrong: dict[str, str] | None = None,
    given: dict[str, str] | None = None,
) -> str:
    directory = stub(DirectoryServiceStub)
    places = directory.ListPlaces(pb.ListPlacesRequest()).places
    found = directory.ListClosures(pb.ListClosuresRequest(include_ended=True)).closures
    names = {place.place_id: _name(place) for place in places}
    now = datetime.now(UTC)
    rows = [_row(closure, names, now) for closure in found]
    for row in rows:
        if row["closure_id"] == just_closed and row["in_force"]:
            notify(
                "ok",
                _("%(place)s is closed now. Guide pages and day plans say so.", place=row["place"]),
            )
    return render_template(
        "admin/overview.html",
        states=readiness() if _is_admin() else {}, components=COMPONENTS, state_words=STATES,
        reasons=REASONS, until_choices=UNTIL,
        in_force=[row for row in rows if row["in_force"]],
        ended=[row for row in rows if not row["in_force"]][:20],
        groups=[(label, [(place.place_id, _name(place)) for place in found])
                for label, found in closable.groups(places)],
        request_id=new_request_id(), new_request_id=new_request_id, wrong=wrong or {},
        given=given or {}, just_closed=just_closed,
    )  # fmt: skip


def _users_page(made: Any = None, wrong: dict[str, str] | None = None, given: Any = None) -> str:
    found = stub(DirectoryServiceStub).ListUsers(pb.ListUsersRequest()).users
    shops = people.shop_names()
    return render_template(
        "admin/users.html",
        users=[
            (user, [ROLES.get(_role(number), "") for number in user.roles],
             people.shops_of(user, shops))
            for user in found
        ],
        roles=ROLES, made=made, request_id=new_request_id(), new_request_id=new_request_id,
        wrong=wrong or {}, given=given or {},
    )  # fmt: skip


def _role(number: "pb.Role.ValueType") -> str:
    return pb.Role.Name(number).removeprefix("ROLE_").lower()


def _name(place: pb.Place) -> str:
    return place.names.get(locale()) or place.names.get("ja") or place.place_id


def _row(closure: pb.Closure, names: dict[str, str], now: datetime) -> dict[str, Any]:
    shut = shut_of(closure)
    reopened = (
        closure.reopened_time.ToDatetime(tzinfo=UTC) if closure.HasField("reopened_time") else None
    )
    return {
        "closure_id": shut.closure_id,
        "place": names.get(shut.place_id, shut.place_id),
        "reason": shut.reason,
        "note": shut.note,
        "since": shut.since,
        "until": shut.until,
        "ended": reopened or shut.until,
        "in_force": reopened is None and not shut.is_over(now),
    }


def _until(form: Any) -> tuple[datetime | None, dict[str, str]]:
    """Reads until when a place is closed, in the area's own time."""
    zone = ZoneInfo(area().time_zone)
    now, choice = datetime.now(zone), form.get("until", "")
    if choice not in UNTIL:  # neither a long nor a short closure is a safe guess
        return None, {"until": _("Choose how long.")}
    if choice in ("1h", "3h"):
        return now + timedelta(hours=int(choice[0])), {}
    if choice == "today":
        return datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), zone), {}
    if choice == "unknown":
        return None, {}
    return _until_time(form, zone, now)


def _until_time(form: Any, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, dict[str, str]]:
    try:
        until = datetime.fromisoformat(form.get("until_time", "")).replace(tzinfo=zone)
    except ValueError:
        return None, {"until_time": _("Give a day and a time.")}
    if until <= now:
        return None, {"until_time": _("This time is over already.")}
    return until, {}


def _stamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at.astimezone(UTC))
    return stamp
