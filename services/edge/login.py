"""Signing in and out, and what a page needs before it opens for somebody."""

import contextlib
import functools
import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar, cast
from urllib.parse import quote, urlsplit

import grpc
from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from kit import log
from kit.auth import Role
from kit.client import problem_of
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.edge import browsers, cookies, idle, kept_forms, wings
from services.edge.bodies import sender
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, is_away, wants_json
from services.edge.language import own_path
from services.edge.parts import edge_itself, parts
from services.edge.sessions import Person

FORM_FIELD = "form_token"
FORM_HEADER = "X-Form-Token"
CODE_PATH = "/login/code"
SIGN_IN_DEADLINE_S = 5.0  # checking a password takes a good part of a second on purpose (argon2)

P = ParamSpec("P")
R = TypeVar("R")

blueprint = Blueprint("login", __name__)


def requires(
    *roles: Role, owing: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Opens a view only to people with one of the roles; checks the form token of every POST.

    Without a login a page leads to /login and comes back afterwards; a form or program gets 401,
    a form that somebody keeps (kept_forms.py) with the way to go on with it.
    owing: also to people who have to set up a second step first; all other views lead them there.
    """
    allowed = frozenset(roles)

    def wrap(view: Callable[P, R]) -> Callable[P, R | Response]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            known = signed_in()
            if known is None or _ended_by_idleness(known):
                return _ask_to_sign_in()
            if known.held:
                if not owing:
                    return _ask_for_second_step()
                known = g.person = known.whole()
                g.caller = known.caller(g.area.area)
            if not known.roles & allowed:
                log.security("page_not_allowed", area=g.area.area, user_id=known.user_id,
                             route=_rule())  # fmt: skip
                raise Problem(403, "not_allowed")
            if request.method not in ("GET", "HEAD", "OPTIONS"):
                _check_form_token()
            if idle.is_deed():
                parts().uses.see(g.area.area, cookies.SESSION.read(), idle.part_of_site(),
                                 counts=idle.is_watched())  # fmt: skip
            return view(*args, **kwargs)

        guarded.__dict__["allowed"] = allowed  # for the matrix of who may open what
        return guarded

    return wrap


def signed_in() -> Person | None:
    """Returns who is signed in and has the rest of the request speak for that person."""
    if "person" not in g:
        session_id = cookies.SESSION.read()
        g.person = parts().sessions.person(g.area.area, session_id) if session_id else None
        if g.person is not None:
            g.caller = g.person.caller(g.area.area)
    return cast("Person | None", g.person)


def form_token() -> Markup:
    """Returns the hidden field every form of a signed-in page carries; empty for visitors."""
    value = form_token_value()
    return Markup('<input type="hidden" name="{}" value="{}">').format(FORM_FIELD, value) \
        if value else Markup("")  # fmt: skip


def form_token_value() -> str:
    """Returns the form token bound to this session, for scripts; "" without a session."""
    # Of a page that answers the sign-in itself: the browser has no cookie yet.
    session_id = g.get("new_session_id") or cookies.SESSION.read()
    known = signed_in()
    if not session_id or known is None:
        return ""
    proof = hmac.new(parts().secret, b"form|" + session_id.encode(), hashlib.sha256).hexdigest()
    # Whose form it is, for when the session is over: kept_forms.py.
    return f"{proof}_{kept_forms.mark_of(parts().secret, g.area.area, known.user_id)}"


def read_session(area: str, session_id: str) -> Person | None:
    """Asks directory whose session this is. Errors: grpc.RpcError when directory is away."""
    directory = stub(DirectoryServiceStub, caller=edge_itself(area))
    try:
        answer = directory.ReadSession(directory_pb.ReadSessionRequest(session_id=session_id))
    except grpc.RpcError as error:
        if is_away(error):
            raise
        return None
    known = person_of(answer.user, owes=answer.owes_second_factor)
    return replace(known, use_time=float(answer.use_time.seconds))


def tell_use(area: str, session_id: str, part: str, counts: bool) -> None:  # noqa: FBT001 - see idle.Tell
    """Has directory know that a session is used; it is told again in a few minutes."""
    with contextlib.suppress(grpc.RpcError):
        stub(DirectoryServiceStub, caller=edge_itself(area)).NoteSessionUse(
            directory_pb.NoteSessionUseRequest(
                request_id=new_request_id(), session_id=session_id, part=part, counts=counts
            )
        )


def _ended_by_idleness(known: Person) -> bool:
    """Ends the session of somebody who used none of these pages for too long."""
    area, session_id = g.area.area, cookies.SESSION.read()
    if not (
        known.use_time
        and idle.is_watched()
        and parts().uses.is_over(area, session_id, known.use_time)
    ):
        return False
    log.security("session_idle", area=area, user_id=known.user_id)
    _sign_out_of(area, session_id)
    g.person = None
    g.pop("caller", None)
    return True


def person_of(user: directory_pb.User, *, owes: bool = False) -> Person:
    """Reads a user as directory sends it. owes: there is to be a second step first."""
    known, none = roles_of(user.roles), frozenset[Role]()
    return Person(
        user.user_id, user.login_name, user.display_name or user.login_name,
        none if owes else known, frozenset(user.shop_place_ids), known if owes else none,
        password_until=float(user.password_until_time.seconds),
    )  # fmt: skip


def roles_of(numbers: Iterable[directory_pb.Role.ValueType]) -> frozenset[Role]:
    """Reads directory's role numbers; the names of both lists are the same."""
    names = [directory_pb.Role.Name(number) for number in numbers]
    return frozenset(Role(name.removeprefix("ROLE_").lower()) for name in names)


@blueprint.get("/login")
def show_login() -> Response:
    """Shows the sign-in form."""
    expired = bool(cookies.SESSION.read()) and signed_in() is None
    return _form(expired=expired)


@blueprint.post("/login")
def sign_in() -> Response:
    """Opens a session and goes where the person wanted to go, or asks for a code first."""
    login_name = request.form.get("login_name", "").strip().lower()[:100]
    password = request.form.get("password", "")[:500]
    area = g.area.area
    directory = stub(DirectoryServiceStub, deadline_s=SIGN_IN_DEADLINE_S, caller=edge_itself(area))
    try:
        answer = directory.SignIn(
            directory_pb.SignInRequest(
                request_id=new_request_id(), login_name=login_name, password=password,
                sender=sender_name(),
                known_browser=browsers.known(
                    parts().secret, area, login_name, cookies.KNOWN.read()
                ),
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        if is_away(error):
            raise
        said = problem_of(error)
        busy = said.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        text = _("The login name or the password is wrong.")
        if busy:
            text = _(
                "Too many attempts. Wait ten minutes, or use a browser you signed in with before."
            )
        elif said.reason == "FIRST_PASSWORD_ENDED":
            text = _("This password was made for you and has ended. Ask an admin for a new one.")
        return _form(error=text, login_name=login_name, status=429 if busy else 401)
    ends = datetime.fromtimestamp(answer.expire_time.seconds, UTC)
    if answer.half_login_id:
        return _ask_code(answer.half_login_id, ends)
    known = person_of(answer.user, owes=answer.owes_second_factor)
    return opened(known, answer.session_id, ends, login_name)


def opened(known: Person, session_id: str, ends: datetime, login_name: str) -> Response:
    """Keeps a new session in this browser and goes on: with a form that was kept, or to the page
    that was wanted. login_name: as it is typed the next time."""
    area, secret = g.area.area, parts().secret
    _end_the_one_before(area)
    response = _go_on(known, session_id) or _go_back(known)
    cookies.SESSION.put(response, session_id, expires=ends)
    browser = browsers.known(secret, area, login_name, cookies.KNOWN.read())
    cookies.KNOWN.put(response, browsers.cookie_for(secret, area, login_name, browser))
    return response


def sender_name() -> bytes:
    """Returns what names the network of this request to directory, never its address."""
    return parts().rates.name_of("sign in", sender(request.remote_addr or ""))


def _ask_code(half_login_id: str, ends: datetime) -> Response:
    """Keeps half of a login in this browser for its five minutes, and asks for the code."""
    wanted = own_path(request.form.get("next", "/"))
    response = (
        code_page() if kept_forms.of_sign_in()
        else cast(Response, redirect(f"{CODE_PATH}?next={quote(wanted)}", 303))
    )  # fmt: skip
    cookies.HALF.put(response, half_login_id, expires=ends)
    return response


def code_page(*, error: str = "", status: int = 200) -> Response:
    """Returns the page that asks for a code; what came with the sign-in form goes on with it."""
    wanted = own_path(request.values.get("next", "/"))
    response = make_response(
        render_template(
            "account/code.html", error=error, next=wanted, kept=kept_forms.of_sign_in(),
            kept_forms=kept_forms, path=CODE_PATH,
        ),
        status,
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response


def _end_the_one_before(area: str) -> None:
    """Who signs in leaves no session of before behind in this browser (OWASP ASVS 5.0, 7.2.4)."""
    before = cookies.SESSION.read()
    if before:
        _sign_out_of(area, before)


def _sign_out_of(area: str, session_id: str) -> None:
    parts().sessions.forget(area, session_id)
    with contextlib.suppress(grpc.RpcError):  # it ends with its time
        stub(DirectoryServiceStub, caller=edge_itself(area)).SignOut(
            directory_pb.SignOutRequest(request_id=new_request_id(), session_id=session_id)
        )


def _go_on(known: Person, session_id: str) -> Response | None:
    """Returns the page of a form that was kept over the sign-in; None where none was."""
    kept = kept_forms.of_sign_in()
    if kept is None or known.held:
        return None
    g.person, g.caller, g.new_session_id = known, known.caller(g.area.area), session_id
    own = kept_forms.mark_of(parts().secret, g.area.area, known.user_id)
    return kept_forms.resume(kept, own=hmac.compare_digest(kept.mark.encode(), own.encode()))


def _go_back(known: Person) -> Response:
    if known.held:
        return _to_second_step()
    back = own_path(request.form.get("next", ""))
    return cast(Response, redirect(back if back != "/" else wings.home_of(known.roles), 303))


@blueprint.post("/logout")
def sign_out() -> Response:
    """Ends the session."""
    session_id = cookies.SESSION.read()
    response = cast(Response, redirect("/login", 303))
    cookies.SESSION.drop(response)
    # Not "storage": sales and scans that wait to be sent are there. Scripts clear their own first.
    response.headers["Clear-Site-Data"] = '"cache"'
    if session_id:
        _check_form_token()
        parts().sessions.forget(g.area.area, session_id)
        stub(DirectoryServiceStub, caller=edge_itself(g.area.area)).SignOut(
            directory_pb.SignOutRequest(request_id=new_request_id(), session_id=session_id)
        )
        parts().sessions.forget(g.area.area, session_id)
    return response


def sign_in_anew(error: str) -> Response:
    """Returns the sign-in form where a code came too late; what came with it goes on."""
    return _form(error=error, status=401)


def _form(
    *,
    error: str = "",
    login_name: str = "",
    status: int = 200,
    expired: bool = False,
    kept: kept_forms.Kept | None = None,
) -> Response:
    wanted = own_path(request.values.get("next", "/"))
    response = make_response(
        render_template(
            "login.html", error=error, login_name=login_name, next=wanted, expired=expired,
            kept=kept or kept_forms.of_sign_in(), kept_forms=kept_forms,
        ),
        status,
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response


def _ask_for_second_step() -> Response:
    if request.method == "GET" and not wants_json():
        return _to_second_step()
    raise Problem(403, "second_step_owed")


def _to_second_step() -> Response:
    return cast(Response, redirect("/account#second-step", 303))


def _ask_to_sign_in() -> Response:
    expired = bool(cookies.SESSION.read())
    if request.method == "GET" and not wants_json():
        return cast(Response, redirect(f"/login?next={quote(_here())}", 303))
    kept = None if wants_json() else kept_forms.of_refused()
    if kept is not None:
        return _form(status=401, kept=kept)
    # The page the form was on, not the address it was sent to, is where to go on.
    try:
        back = urlsplit(request.headers.get("Referer", "")).path
    except ValueError:
        back = ""
    wanted = own_path(back or "/")
    raise Problem(
        401, "login_expired" if expired else "login_required",
        more={"sign_in": f"/login?next={quote(wanted)}"},
    )  # fmt: skip


def _rule() -> str:
    """The address as it was written in code: what callers put into it may be anything."""
    return str(request.url_rule) if request.url_rule else "(none)"


def _here() -> str:
    return request.full_path if request.query_string else request.path


def _check_form_token() -> None:
    given = request.headers.get(FORM_HEADER) or request.form.get(FORM_FIELD, "")
    if not hmac.compare_digest(given.encode(), form_token_value().encode()):
        known = signed_in()
        log.security("form_refused", area=g.area.area, user_id=known.user_id if known else "",
                     route=_rule())  # fmt: skip
        raise Problem(403, "form_expired")
