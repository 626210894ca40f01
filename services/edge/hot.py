"""Ready pages: a stop page that was made once is sent again without waking Flask."""

import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from kit import telemetry
from services.edge.areas import Area, UnknownArea
from services.edge.assets import Asset, Assets
from services.edge.language import kept_as, wish_of

KEPT_AT_MOST = 5_000  # of about 17 KB each
FOREVER = float("inf")
LOCALE_COOKIE = "meguri_locale="
# What a 304 says of the page that the phone has already (RFC 9110, 15.4.5).
SAID_AGAIN = frozenset({"Content-Type", "Cache-Control", "Vary", "ETag"})
KEPT_PATHS = frozenset({"/", "/g/", "/map", "/api/v1/stops"})  # the same for everybody, like stops

Environ = Mapping[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Any, StartResponse], Iterable[bytes]]
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """A page as bytes. until: monotonic time after which it may say something untrue.

    served: the language its content is in, which may be another than the one it was asked for in.
    """

    body: bytes
    packed: bytes
    etag: str
    plain_headers: Headers
    packed_headers: Headers
    until: float
    served: str


def make_page(body: bytes, headers: Headers, until: float = FOREVER, served: str = "") -> Page:
    """Packs a rendered page. headers: all but length, encoding and ETag."""
    packed = gzip.compress(body, 6, mtime=0)
    # Weak: the packed and the plain bytes are the same page.
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    known = [*headers, ("ETag", etag)]
    return Page(
        body, packed, etag,
        [*known, ("Content-Length", str(len(body)))],
        [*known, ("Content-Encoding", "gzip"), ("Content-Length", str(len(packed)))],
        until, served,
    )  # fmt: skip


class Ready:
    """The pages of one process, by area, name (stop code or path) and locale."""

    def __init__(self) -> None:
        self._pages: dict[tuple[str, str, str], Page] = {}
        self._turn: dict[str, int] = {}
        self._lock = threading.Lock()

    def turn(self, area: str) -> int:
        """Returns a number that changes with every drop: take it before reading what is shown."""
        return self._turn.get(area, 0)

    def put(self, area: str, name: str, locale: str, page: Page, turn: int) -> None:
        """Keeps a page, unless it was dropped while it was being made."""
        key = (area, name, locale)
        with self._lock:
            if self._turn.get(area, 0) != turn:
                return
            if len(self._pages) >= KEPT_AT_MOST and key not in self._pages:
                self._make_room()
            self._pages[key] = page

    def _make_room(self) -> None:
        """Drops pages that are over, and at least a tenth: the ones kept longest."""
        now, least = time.monotonic(), KEPT_AT_MOST // 10
        live = [(key, page) for key, page in self._pages.items() if page.until > now]
        spare = max(0, least - (len(self._pages) - len(live)))
        self._pages = dict(live[spare:])

    def get(self, area: str, name: str, locale: str) -> Page | None:
        """Returns a page that still tells the truth, or None."""
        page = self._pages.get((area, name, locale))
        return page if page is not None and page.until > time.monotonic() else None

    def drop(self, area: str) -> None:
        """Drops every page of an area: stops show their neighbors, and closures show on all."""
        with self._lock:
            self._turn[area] = self._turn.get(area, 0) + 1
            self._pages = {key: page for key, page in self._pages.items() if key[0] != area}

    def drop_one(self, area: str, name: str) -> None:
        """Drops one page of an area in all languages."""
        with self._lock:
            self._pages = {key: at for key, at in self._pages.items() if key[:2] != (area, name)}


class Finder(Protocol):
    """Finds the area of a host name. Errors: UnknownArea."""

    def of_host(self, host: str) -> Area: ...


Published = Callable[[Area], tuple[str, ...]]
Choose = Callable[[str | None, str, tuple[str, ...]], str]
Count = Callable[[str, str, str, str], None]


class HotPages:
    """WSGI middleware: static files and ready pages; everything else is Flask's.

    choose: (own choice, Accept-Language, published) -> locale. label: the same -> the locale in
    which a page says that it is in another language than wished for, or "".
    count: called with (area, stop code, wish, locale served) for every stop page sent.
    published: the languages that an area's guide can be read in, which are chosen from.
    special: tells which requests get a page of their own (in_app.is_new_inside).
    """

    def __init__(
        self, app: Application, ready: Ready, areas: Finder, assets: Assets,
        choose: Choose, label: Choose, count: Count, published: Published,
        special: Callable[[Environ], bool] = lambda _: False,
    ) -> None:  # fmt: skip
        self._app, self._ready, self._areas, self._assets = app, ready, areas, assets
        self._choose, self._label, self._count, self._special = choose, label, count, special
        self._published = published
        self._hit = telemetry.EDGE_CACHE.labels("hit")
        self._not_modified = telemetry.EDGE_CACHE.labels("not_modified")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answers a request from memory where that is possible."""
        path: str = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "GET":
            if path[:3] in ("/g/", "/G/") and len(path) > 3 and _says_nothing(environ):
                answer = self._kept(path[3:].upper(), environ, start_response, counted=True)
                if answer is not None:
                    return answer
            elif path in KEPT_PATHS and not environ.get("QUERY_STRING"):
                answer = self._kept(path, environ, start_response, counted=False)
                if answer is not None:
                    return answer
            elif path.startswith("/static/"):
                found = self._assets.find(path[8:])
                if found is not None:
                    return _send_asset(
                        found[0], forever=found[1], environ=environ, start_response=start_response
                    )
        return self._app(environ, start_response)

    def _kept(
        self, name: str, environ: Environ, start_response: StartResponse, *, counted: bool
    ) -> list[bytes] | None:
        if self._special(environ):
            return None
        try:
            area = self._areas.of_host(environ.get("HTTP_HOST", ""))
        except UnknownArea:
            return None
        wished = environ.get("HTTP_ACCEPT_LANGUAGE", "")
        asked = (_own_choice(environ), wished, self._published(area))
        locale = self._choose(*asked)
        label = "" if name.startswith("/api/") else self._label(*asked)
        page = self._ready.get(area.area, name, kept_as(locale, label))
        if page is None:
            return None
        if counted and "HTTP_SEC_PURPOSE" not in environ:  # a prefetch is nobody's scan
            self._count(area.area, name, wish_of(*asked), page.served)
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and page.etag in known:
            self._not_modified.inc()
            again = [each for each in page.plain_headers if each[0] in SAID_AGAIN]
            start_response("304 Not Modified", again)
            return []
        self._hit.inc()
        if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            start_response("200 OK", page.packed_headers)
            return [page.packed]
        start_response("200 OK", page.plain_headers)
        return [page.body]


def _says_nothing(environ: Environ) -> bool:
    """Tells whether the query of a stop page leaves it as it is: all but a locale does. Apps and
    mailings add words of their own (`?openExternalBrowser=1`), and each is the same page."""
    query: str = environ.get("QUERY_STRING", "")
    return not query or ("locale" not in query and "%" not in query)


def _own_choice(environ: Environ) -> str | None:
    cookies: str = environ.get("HTTP_COOKIE", "")
    at = cookies.find(LOCALE_COOKIE)
    if at < 0:
        return None
    return cookies[at + len(LOCALE_COOKIE) :].partition(";")[0].strip('" ')


def _send_asset(
    asset: Asset,
    *,
    forever: bool,
    environ: Environ,
    start_response: StartResponse,
) -> list[bytes]:
    headers = [
        ("Content-Type", asset.content_type),
        ("Cache-Control", "public, max-age=31536000, immutable" if forever else "no-cache"),
        ("Vary", "Accept-Encoding"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("ETag", asset.etag),
    ]
    if asset.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        start_response("304 Not Modified", headers)
        return []
    body = asset.body
    if asset.packed and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        body = asset.packed
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return [body]
