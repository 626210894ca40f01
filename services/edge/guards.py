"""What stands before every request: origin, size, rate; and the headers of every answer."""

import gzip
import hashlib
import hmac
import time
from urllib.parse import urlsplit

import redis
from flask import Flask, Response, g, request

from kit import log, telemetry
from services.edge.areas import UnknownArea
from services.edge.errors import Problem
from services.edge.language import COOKIE, choose
from services.edge.login import SESSION_COOKIE
from services.edge.parts import parts

BODY_LIMIT_BYTES = 1024 * 1024
PACK_FROM_BYTES = 1_000
PACKED = ("text/html", "application/json", "image/svg+xml", "application/problem+json")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
AREALESS = ("/healthz", "/readyz", "/metrics", "/static/")
VALKEY_WAIT_S = 0.05
# Anonymous POSTs a minute and address. A whole cave may share the address of one access point.
RATE_PER_MINUTE = {"/api/v1/scans": 6_000, "/login": 60, "/api/v1/itineraries": 900, "/plan": 900}
RATE_OTHERWISE = 1_200

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


class Rates:
    """Counts POSTs in Valkey; lets everything pass while Valkey is away."""

    def __init__(self, url: str, secret: bytes) -> None:
        self._secret = secret
        self._log = log.get("rates")
        self._valkey = (
            redis.Redis.from_url(
                url, socket_timeout=VALKEY_WAIT_S, socket_connect_timeout=VALKEY_WAIT_S
            )
            if url
            else None
        )
        self._resting_until = 0.0

    def check(self, area: str, what: str, address: str, per_minute: int) -> None:
        """Counts one attempt. Errors: Problem too_many_requests."""
        if self._valkey is None or time.monotonic() < self._resting_until:
            return
        minute = int(time.time()) // 60
        key = f"meguri:{area}:rate:{minute}:{self._name(what, address)}"
        try:
            pipeline = self._valkey.pipeline(transaction=False)
            pipeline.incr(key)
            pipeline.expire(key, 120)
            count = int(pipeline.execute()[0])
        except redis.RedisError as error:
            self._resting_until = time.monotonic() + 1.0
            self._log.warning("valkey is away, rates are not counted", error=type(error).__name__)
            return
        if count > per_minute:
            raise Problem(429, "too_many_requests", retry_after_s=60 - int(time.time()) % 60)

    def _name(self, what: str, address: str) -> str:
        # Not the address itself: nothing personal is kept, and names of two days cannot be linked.
        day = int(time.time()) // 86_400
        text = f"{day}|{what}|{address}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()[:20]


def register(app: Flask, rates: Rates) -> None:
    """Puts the guards before every request and the headers on every answer."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT_BYTES

    def before() -> None:
        g.started = time.perf_counter()
        if request.path.startswith(AREALESS):
            return
        _choose_area_and_locale()
        if request.method not in SAFE_METHODS:
            _check_size()
            _check_origin()
            if SESSION_COOKIE not in request.cookies:
                _check_rate(rates)

    def after(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store" if "person" in g else "no-cache"
        if response.mimetype == "text/html":
            response.vary.update(("Accept-Language", "Cookie"))
        _pack(response)
        rule = str(request.url_rule) if request.url_rule else "(none)"
        elapsed_s = time.perf_counter() - g.get("started", time.perf_counter())
        telemetry.EDGE_SECONDS.labels(rule, str(response.status_code)).observe(elapsed_s)
        return response

    app.before_request(before)
    app.after_request(after)


def _choose_area_and_locale() -> None:
    wished = request.headers.get("Accept-Language", "")
    try:
        g.area = parts().areas.of_host(request.host)
    except UnknownArea as error:
        g.locale = choose(None, wished, ("ja", "en"))
        raise Problem(404, "unknown_area", f"No area answers to {error}.") from error
    asked = request.args.get("locale") or request.cookies.get(COOKIE)
    g.locale = choose(asked, wished, g.area.locales)


def _pack(response: Response) -> None:
    """Packs pages for visitors. Pages of signed-in people stay plain: packed lengths would let a
    stranger guess the form token in them (BREACH)."""
    if (
        "person" in g
        or response.is_streamed
        or response.status_code != 200
        or "Content-Encoding" in response.headers
        or not response.mimetype.startswith(PACKED)
        or "gzip" not in request.headers.get("Accept-Encoding", "")
        or len(response.data) < PACK_FROM_BYTES
    ):
        return
    response.data = gzip.compress(response.data, 5, mtime=0)
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")


def _check_size() -> None:
    limit = request.max_content_length or BODY_LIMIT_BYTES
    if (request.content_length or 0) > limit:
        raise Problem(413, "body_too_large", f"At most {limit} bytes are accepted.")


def _check_origin() -> None:
    """A browser says where a form came from; a form of another site is refused.

    Programs send neither header: they may pass, but never together with a person's cookie.
    """
    origin = request.headers.get("Origin")
    if origin is None and request.headers.get("Referer"):
        origin = request.headers["Referer"]
    if origin is not None:
        if urlsplit(origin).netloc.lower() != request.host.lower():
            raise Problem(403, "foreign_origin")
    elif request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Problem(403, "foreign_origin")
    elif SESSION_COOKIE in request.cookies:
        raise Problem(
            403, "foreign_origin", "A request with a login cookie needs an Origin header."
        )


def _check_rate(rates: Rates) -> None:
    if request.path.startswith(("/api/v1/payments", "/api/v1/sensors", "/hooks/")):
        return  # signed by enrolled devices and providers
    limit = RATE_PER_MINUTE.get(request.path, RATE_OTHERWISE)
    what = request.path if request.path in RATE_PER_MINUTE else "other"
    rates.check(g.area.area, what, request.remote_addr or "", limit)
