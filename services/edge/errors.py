"""One table from what went wrong to what people and programs are told (RFC 9457)."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import grpc
from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask_babel import lazy_gettext as _l
from markupsafe import escape
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from kit import log, telemetry
from kit.client import problem_of
from services.edge import wings

Code = grpc.StatusCode

# gRPC code -> HTTP status, reason used where the service gave none of its own
BY_CODE: Mapping[grpc.StatusCode, tuple[int, str]] = {
    Code.INVALID_ARGUMENT: (400, "invalid_fields"),
    Code.NOT_FOUND: (404, "not_found"),
    Code.ALREADY_EXISTS: (409, "already_exists"),
    Code.ABORTED: (409, "version_conflict"),
    Code.FAILED_PRECONDITION: (409, "failed_precondition"),
    Code.OUT_OF_RANGE: (400, "invalid_fields"),
    Code.UNAUTHENTICATED: (401, "login_required"),
    Code.PERMISSION_DENIED: (403, "not_allowed"),
    Code.RESOURCE_EXHAUSTED: (429, "too_many_requests"),
    Code.UNAVAILABLE: (503, "service_unavailable"),
    Code.DEADLINE_EXCEEDED: (503, "service_unavailable"),
    Code.CANCELLED: (503, "service_unavailable"),
}
AWAY = frozenset({Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.CANCELLED})

BY_STATUS: Mapping[int, str] = {
    400: "bad_request", 401: "login_required", 403: "not_allowed", 404: "not_found",
    405: "method_not_allowed", 408: "body_incomplete", 411: "length_required",
    413: "body_too_large", 415: "unsupported_media_type",
    429: "too_many_requests", 503: "service_unavailable",
}  # fmt: skip

# reason -> sentence that says what to do; blueprints add theirs (problems.py: PROBLEMS)
TITLES: dict[str, Any] = {
    "bad_request": _l("This request could not be understood."),
    "malformed_json": _l("The body is not valid JSON."),
    "body_too_large": _l("This is too large to send. Make it smaller and try again."),
    "body_incomplete": _l("Not all of this arrived. Nothing was changed. Send it again."),
    "length_required": _l("This must be sent whole, with its length."),
    "too_many_bodies": _l("Too much is being sent from here at once. Try again in a moment."),
    "bodies_busy": _l("Too much is being sent to us at once. Try again in a moment."),
    "unsupported_media_type": _l("This kind of content is not accepted here."),
    "invalid_fields": _l("Some entries need a correction."),
    "text_too_long": _l("A text is too long. Shorten it and try again; nothing was kept."),
    "card_number_typed": _l(
        "A card's number was typed. Take it out and try again; nothing was kept."
    ),
    "not_found": _l("There is no such page here."),
    "unknown_area": _l("No destination answers to this address. Check the address on the sign."),
    "unknown_stop_code": _l("We do not know this code. Type it again as printed on the sign."),
    "method_not_allowed": _l("This address does not accept that kind of request."),
    "login_required": _l("Sign in to go on."),
    "login_expired": _l("Your sign-in has expired. Nothing was changed."),
    "not_allowed": _l("Your login does not include this page. Ask the person who manages logins."),
    "wrong_login": _l("The login name or the password is wrong."),
    "foreign_origin": _l("This form was sent from another site. Nothing was changed."),
    "tls_required": _l(
        "This has to be asked over https. What was sent came over the line in plain: change keys"
        " and passwords that were in it."
    ),
    "form_expired": _l("This form is too old. Nothing was changed. Open the page again."),
    "too_many_requests": _l("That was a lot at once. Wait a minute and try again."),
    "service_unavailable": _l("This part is resting for a moment. Try again shortly."),
    "version_conflict": _l("Somebody else changed this meanwhile. Open it again and repeat."),
    "request_id_reused": _l("This was already sent with other contents. Open the page again."),
    "already_exists": _l("This exists already."),
    "failed_precondition": _l("This cannot be done just now."),
    "sign_in_refused": _l("The login name or the password is wrong."),
    "first_password_ended": _l(
        "This password was made for you and has ended. Ask an admin for a new one."
    ),
    "session_over": _l("Your sign-in has expired. Nothing was changed."),
    "too_many_attempts": _l("That was a lot at once. Wait a minute and try again."),
    "login_name_taken": _l("This login name is taken. Choose another."),
    "host_taken": _l("Another destination answers to this host name already. Choose another."),
    "area_not_demo": _l("Only a demonstration area can be dropped. Nothing was changed."),
    "closure_over": _l("This closure is over already. Nothing was changed."),
    "unknown_notice_address": _l("No notices are sent to such an address. Look at the list."),
    "internal": _l("Something broke on our side. It was noted."),
}
ALIASES: Mapping[str, str] = {
    "unavailable": "service_unavailable", "deadline_exceeded": "service_unavailable",
    "cancelled": "service_unavailable", "store_unavailable": "service_unavailable",
    "store_busy": "service_unavailable",
    "not_authenticated": "login_required",
}  # fmt: skip

# What the pages of one blueprint say instead: (blueprint, reason) -> sentence
_FIELD_WORDS: list[Callable[[str], str]] = []
OWN_TITLES: dict[tuple[str, str], Any] = {}


def add_sentences(blueprint: str, problems: Mapping[str, Any]) -> None:
    """Adds the sentences of a blueprint: its own pages say them whatever other blueprints say for
    the same reason. For all other pages the first one counts."""
    for reason, title in problems.items():
        OWN_TITLES[blueprint, reason.lower()] = title
        TITLES.setdefault(reason.lower(), title)


def sentence(reason: str) -> Any:
    """Returns the sentence of this page's blueprint for a reason, else the common one, or None."""
    blueprint = (request.blueprint or "").partition(".")[0]
    return OWN_TITLES.get((blueprint, reason)) or TITLES.get(reason)


def add_field_words(known: Callable[[str], str]) -> None:
    """Has error pages say what services say of a field in the language of the page. known: returns
    the sentence, "" where it has none."""
    if known not in _FIELD_WORDS:
        _FIELD_WORDS.append(known)


def field_text(text: str) -> str:
    """Returns what a service said of a field for a person; the English itself only in English."""
    own = next((found for known in _FIELD_WORDS if (found := known(text))), "")
    return own or (text if g.get("locale") == "en" else "")


@dataclass
class Problem(Exception):
    """Stops a request with an HTTP status and a stable reason.

    fields: pairs of field name and sentence. title: replaces the sentence of the table.
    """

    status: int
    reason: str
    detail: str = ""
    fields: Sequence[tuple[str, str]] = ()
    title: str = ""
    retry_after_s: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reason = ALIASES.get(self.reason.lower(), self.reason.lower())


def of_rpc(error: grpc.RpcError) -> Problem:
    """Returns what a refused or failed call means for the one who asked."""
    said = problem_of(error)
    status, reason = BY_CODE.get(said.code, (500, "internal"))
    if status == 500:
        return Problem(500, "internal")
    if said.reason != said.code.name:
        reason = said.reason.lower()
    away = said.code in AWAY
    return Problem(
        status, reason, "" if away else said.text, said.fields, retry_after_s=2 if away else 0
    )


def is_away(error: grpc.RpcError) -> bool:
    """Tells whether a service could not be reached or did not answer in time."""
    return error.code() in AWAY


def wants_json() -> bool:
    """Tells whether the one who asks is a program."""
    if request.path.startswith(wings.PROGRAMS):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def json_body() -> dict[str, Any]:
    """Returns the JSON object of the request. Errors: Problem malformed_json.

    A body nested beyond any sense, or with half a surrogate pair, is no JSON a service could take;
    of a key given twice nobody knows which value was meant.
    """
    try:
        found = json.loads(request.get_data(cache=True), object_pairs_hook=_once)
        json.dumps(found, ensure_ascii=False).encode()
    except _KeyTwice as error:
        raise Problem(400, "malformed_json", "Give each key of an object once.") from error
    except (RecursionError, UnicodeEncodeError) as error:
        raise Problem(400, "malformed_json", "The body cannot be read as text.") from error
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Problem(400, "malformed_json", "The body must be one JSON object.")
    return found


class _KeyTwice(ValueError):
    """An object of JSON has two values for one key."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _KeyTwice
    return found


def optional_json_body() -> dict[str, Any]:
    """Returns the JSON object of a request whose body may be empty. Errors: Problem."""
    return json_body() if request.get_data(cache=True).strip() else {}


def form_request_id() -> str:
    """Returns the request id the form was made with: sent twice it counts once. Errors: Problem."""
    request_id = request.form.get("request_id", "")
    if not request_id:
        raise Problem(400, "form_expired")
    return request_id[:80]


def answer(problem: Problem) -> Response:
    """Renders a problem for a program or a person, and counts what may be an attempt."""
    asked = g.get("area")
    current_app.extensions["meguri"].refusals.note(
        asked.area if asked else "", problem.reason, _route()
    )
    title = problem.title or sentence(problem.reason) or TITLES["bad_request"]
    if problem.status >= 500 and not problem.title:
        title = sentence(problem.reason) or TITLES["internal"]
    if wants_json():
        response = jsonify(_document(problem, str(title)))
        response.content_type = "application/problem+json"
    else:
        response = make_response(_page(problem, title))
    response.status_code = problem.status
    response.headers["Cache-Control"] = "no-store"
    if problem.retry_after_s:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    return response


def _page(problem: Problem, title: object) -> str:
    try:
        return render_template(
            "error.html",
            problem=problem,
            problem_title=title,
            mood=wings.mood_of(request.path),
            field_text=field_text,
        )
    except Exception as error:  # noqa: BLE001 - an error page that breaks must still say something
        log.get("edge").error("error page failed", exc_info=error)
        return f"<!doctype html><title>{problem.status}</title><p>{escape(str(title))}</p>"


def _document(problem: Problem, title: str) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": f"urn:meguri:problem:{problem.reason}",
        "reason": problem.reason,
        "title": title,
        "status": problem.status,
        **problem.more,
    }
    if problem.detail:
        document["detail"] = problem.detail
    if problem.fields:
        document["errors"] = [{"field": name, "detail": text} for name, text in problem.fields]
    return document


def _route() -> str:
    """The address as it was written in code: what callers put into it may be a card number."""
    return request.url_rule.rule if request.url_rule else "(no route)"


def failed(error: grpc.RpcError) -> Response:
    """Answers a request whose call was refused or failed."""
    problem = of_rpc(error)
    if problem.status >= 500:
        telemetry.fail(error)
        log.get("edge").warning("call failed", code=error.code().name, path=_route())
    return answer(problem)


def register(app: Flask) -> None:
    """Has every failure of a request end in answer()."""
    spoken = log.get("edge")

    def on_problem(problem: Problem) -> Response:
        return answer(problem)

    def on_http(error: HTTPException) -> Response:
        status = error.code or 500
        if error.response is not None or status < 400:
            return make_response(error.get_response())
        reason = BY_STATUS.get(status) or HTTPStatus(status).name.lower()
        response = answer(Problem(status, reason))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # RFC 9110, 15.5.6
        return response

    def on_exception(error: Exception) -> Response:
        number = secrets.token_hex(4)
        telemetry.fail(error)
        spoken.error("request failed", path=_route(), number=number, exc_info=error)
        return answer(Problem(500, "internal", more={"number": number}))

    app.register_error_handler(Problem, on_problem)
    app.register_error_handler(grpc.RpcError, failed)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(Exception, on_exception)
