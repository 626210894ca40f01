"""What stands before every request: origin, size, rate; and the headers of every answer."""

import gzip
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from urllib.parse import urlsplit

import grpc
from flask import Flask, Request, Response, g, redirect, request

from kit import telemetry
from services.edge import cookies, forwarded, uploads, wings
from services.edge.areas import UnknownArea
from services.edge.bodies import check_length, read, sender
from services.edge.errors import Problem, wants_json
from services.edge.headers import takes_gzip
from services.edge.language import (
    choose,
    for_guide,
    for_staff,
    label_of,
    staff_locales,
    wish_of,
)  # fmt: skip
from services.edge.login import signed_in
from services.edge.parts import parts

BODY_LIMIT_BYTES = 1024 * 1024
PACK_FROM_BYTES = 1_000
PACKED = ("text/html", "application/json", "image/svg+xml", "application/problem+json")
_PORT = re.compile(r":\d*$")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
AREALESS = ("/healthz", "/readyz", "/metrics", "/static/")
RATE_OTHERWISE = 1_200  # POSTs of strangers a minute and address

CONTENT_SECURITY_POLICY = "; ".join(
    ["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
     "font-src 'self'", "connect-src 'self'", "media-src 'self' blob:", "manifest-src 'self'",
     "worker-src 'self'", "frame-src 'self'", "form-action 'self'", "frame-ancestors 'self'",
     "base-uri 'none'"]
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def register(app: Flask) -> None:
    """Puts the guards before every request and the headers on every answer."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT_BYTES

    def before() -> Response | None:
        g.started = time.perf_counter()
        g.step = ExitStack()
        g.step.enter_context(telemetry.span(f"{request.method} {_rule()}"))
        parts().refusals.look()
        if not request.path.startswith(AREALESS):
            _choose_area_and_locale()
        elsewhere = _lead_to_tls()
        if elsewhere is None and "area" in g and request.method not in SAFE_METHODS:
            _take_body()
        return elsewhere

    def after(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.update(only_tls())
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store" if "person" in g else "no-cache"
        if response.mimetype == "text/html":
            response.vary.update(("Accept-Language", "Cookie"))
        _pack(response)
        elapsed_s = time.perf_counter() - g.get("started", time.perf_counter())
        telemetry.EDGE_SECONDS.labels(_rule(), str(response.status_code)).observe(elapsed_s)
        return response

    def over(_error: BaseException | None) -> None:
        step = g.pop("step", None)
        if step is not None:
            step.close()

    app.before_request(before)
    app.after_request(after)
    app.teardown_request(over)


def _rule() -> str:
    """The address as it was written in code: what callers put into it may be anything."""
    return str(request.url_rule) if request.url_rule else "(none)"


def only_tls() -> dict[str, str]:
    """Returns the header that keeps browsers to TLS, where phones reach us over it. A ready page
    goes to everybody: whoever had it made, perhaps this machine itself, must not decide."""
    if request.is_secure or is_public_over_tls():
        return {"Strict-Transport-Security": "max-age=31536000"}
    return {}


def is_public_over_tls() -> bool:
    """Tells whether phones reach us over TLS, whoever asks just now."""
    return forwarded.is_over_tls(parts().settings.environment)


def _public_url() -> str:
    return parts().settings.environment.get("MEGURI_PUBLIC_URL", "")


def _lead_to_tls() -> Response | None:
    """Leads on who opens a page in plain; programs and forms are refused before anything is read,
    or nobody would notice that a key went over the line in plain. Returns None for what came as it
    should. Errors: Problem tls_required."""
    if not (forwarded.came_in_plain(request.environ) and is_public_over_tls()):
        return None
    opens = request.method in ("GET", "HEAD") and "area" in g and not wants_json()
    if not opens:
        raise Problem(403, "tls_required")
    name, known = _PORT.sub("", request.host), (g.area.public_url, _public_url())
    ours = (each for each in known if _PORT.sub("", _host_of(each)) == name.lower())
    base = next((each for each in ours if each.startswith("https:")), f"https://{name}")
    here = request.full_path if request.query_string else request.path
    return redirect(f"{base.rstrip('/')}{here}", 308)  # type: ignore[return-value] # werkzeug's is Flask's


def _body_limit() -> int:
    """Some bodies may be larger than a form, where people send them who are signed in."""
    for large in wings.LARGE:
        if request.path.startswith(large.prefix) and request.path.endswith(large.suffix):
            return large.most_bytes if _is_somebody() else BODY_LIMIT_BYTES
    return BODY_LIMIT_BYTES


def _take_body() -> None:
    limit = request.max_content_length = _body_limit()
    again = _may_come_again(limit)
    if not again:
        check_length(request, limit)
    _check_origin()
    _check_rate()
    _read_body(uploads.keep_typed if again else read)


def _may_come_again(limit: int) -> bool:
    """Tells of a form that is too large whether somebody signed in sends it to a page that shows
    it again. It must say its length, as others must."""
    too_large = (request.content_length or 0) > limit
    whole = "Transfer-Encoding" not in request.headers
    return too_large and whole and uploads.may_come_again(request) and _is_somebody()


def _choose_area_and_locale() -> None:
    wished = request.headers.get("Accept-Language", "")
    try:
        g.area = parts().areas.of_host(request.host)
    except UnknownArea as error:
        g.locale = choose(None, wished, ("ja", "en"))
        raise Problem(404, "unknown_area", f"No area answers to {error}.") from error
    try:
        asked = request.args.get("locale") or cookies.LOCALE.read()
    except UnicodeDecodeError as error:  # bytes in the address that are no text
        request.query_string, g.locale = b"", choose(None, wished, g.area.locales)
        raise Problem(400, "bad_request") from error
    # The guide can be read where it is published; buttons speak every language of the area.
    there = parts().shelf.published(g.area) if for_guide(request.path) else g.area.locales
    g.locales = staff_locales(there) if for_staff(request.path) else there
    g.locale = choose(asked, wished, g.locales)
    g.label = label_of(asked, wished, there)
    g.wish = wish_of(asked, wished, there)


def _pack(response: Response) -> None:
    """Packs pages for visitors. Pages of signed-in people stay plain: packed lengths would let a
    stranger guess the form token in them (BREACH)."""
    if (
        "person" in g
        or response.is_streamed
        or response.status_code != 200
        or "Content-Encoding" in response.headers
        or not (response.mimetype or "").startswith(PACKED)
        or not takes_gzip(request.headers.get("Accept-Encoding", ""))
        or len(response.data) < PACK_FROM_BYTES
    ):
        return
    response.data = gzip.compress(response.data, 5, mtime=0)
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")


def _check_origin() -> None:
    """A browser says where a form came from; a form of another site is refused.

    Programs send neither header: they may pass, but never together with a person's cookie.
    """
    origin = request.headers.get("Origin")
    if origin is None and request.headers.get("Referer"):
        origin = request.headers["Referer"]
    if origin is not None:
        if _host_of(origin) != request.host.lower():
            raise Problem(403, "foreign_origin")
    elif request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Problem(403, "foreign_origin")
    elif cookies.SESSION.read():
        raise Problem(
            403, "foreign_origin", "A request with a login cookie needs an Origin header."
        )


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:  # "http://[::1" and the like: no browser sends it
        return ""


def _check_rate() -> None:
    """Counts a POST by address. People who are signed in pass, and only those: a cookie alone is
    nobody. /login counts for everybody.

    Who it is is asked when the limit is reached: a stranger cannot keep directory busy before,
    and visitors in the same network cannot shut out the till.
    """
    if request.path.startswith(wings.SIGNED):
        return  # signed by enrolled devices and providers
    at_login = request.path == "/login" or request.path.startswith("/login/")
    session_id = cookies.SESSION.read()
    if not at_login and parts().sessions.is_known(g.area.area, session_id):
        return
    what, limit = wings.limit_of(request.path) or ("other", RATE_OTHERWISE)
    try:
        parts().rates.check(g.area.area, what, request.remote_addr or "", limit)
    except Problem:
        if at_login or not _is_somebody():
            raise


def _read_body(read: Callable[[Request], None]) -> None:
    """Reads the body before anything else is done for it. Signed-in people have places of their
    own: somebody in the same network cannot shut out the till."""
    who = sender(request.remote_addr or "")
    try:
        with parts().bodies.waiting(who):
            read(request)
    except Problem as refused:
        if refused.status != 429 or not _is_somebody():
            raise
        with parts().bodies.waiting(f"user {g.person.user_id}"):
            read(request)


def _is_somebody() -> bool:
    try:
        return signed_in() is not None
    except grpc.RpcError:
        return False
