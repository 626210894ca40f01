"""Keeping pages that are the same for everybody as ready bytes (hot.py sends them)."""

import time
from datetime import UTC, datetime

from flask import Response, g, request

from services.edge import guards
from services.edge.headers import takes_gzip
from services.edge.hot import CHANGING, FOREVER, Page, make_page
from services.edge.language import kept_as
from services.edge.parts import area, locale, parts

STALE_PAGE_S = 10.0  # how long a page made from the shelf is kept while the guide is away
LIVE_PAGE_S = 2.0  # home shows how full it is


def answer(
    body: str,
    name: str,
    turn: int,
    until: float,
    kind: str = "text/html; charset=utf-8",
    *,
    of_host: bool = False,
    of_query: bool = True,
    served: str = "",
) -> Response:
    """Returns a page and keeps it under `name`, unless the address asked for something special
    or the page names the host it was asked of: that may be any, and others read it too.
    of_query: False for the page of a stop, which only the words of CHANGING change.

    turn: of the area's ready pages, taken before anything shown was read. until: monotonic time.
    served: the language of its content, for pages that are counted.
    """
    special = bool(request.args) if of_query else any(map(request.args.get, CHANGING))
    once = special or of_host
    page = make_page(body.encode(), _headers(kind), until, served, once=once)
    if not once:
        label = g.label if kind.startswith("text/html") else ""
        parts().ready.put(area().area, name, kept_as(locale(), label), page, turn)
    return _sent(page)


def until(*times: datetime | None, stale: bool = False, live: bool = False) -> float:
    """Returns the monotonic time until which a page tells the truth: the soonest of what is given
    and of the next closure that begins or ends."""
    now = time.monotonic()
    ends = [
        FOREVER,
        *([now + STALE_PAGE_S] if stale else []),
        *([now + LIVE_PAGE_S] if live else []),
    ]
    changes = (*times, parts().closures.next_change(area().area))
    ends += [now + (at - datetime.now(UTC)).total_seconds() for at in changes if at is not None]
    if parts().closures.of(area().area).stale:
        ends.append(now + STALE_PAGE_S)
    return min(ends)


def _headers(kind: str) -> list[tuple[str, str]]:
    headers = [
        ("Content-Type", kind),
        ("Cache-Control", "no-cache"),  # kept by the phone, asked again each time: one short 304
        ("Vary", "Accept-Language, Cookie, Accept-Encoding"),
        ("Content-Language", g.locale),
    ]
    return [*headers, *guards.only_tls().items(), *guards.HEADERS.items()]


def _sent(page: Page) -> Response:
    packed = takes_gzip(request.headers.get("Accept-Encoding", ""))
    sent = page.packed if packed else page.plain
    response = Response(sent.body)
    response.headers.clear()
    for name, value in sent.headers:
        response.headers[name] = value
    if page.etag in request.headers.get("If-None-Match", ""):
        response.status_code = 304
        response.data = b""
        del response.headers["Content-Encoding"]
    return response
