"""A server as the edge's, with an application that shows what travels through its threads.

Arguments: the port, a file that marks the end of /stream, and "bare" for one without a porch.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from services.edge import forwarded, leaving, server
from services.edge.areas import Areas
from services.edge.assets import Assets
from services.edge.front import Front
from services.edge.hot import HotPages, Ready, make_page
from services.edge.language import choose_all
from services.edge.threads import Threads

PAGES = {"ja": "洞".encode() * 5_000, "en": b"cave " * 4_000, "ko": b"ko" * 9_000}
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-cache"),
           ("Vary", "Cookie, Accept-Language")]  # fmt: skip
made: list[Front] = []
LARGE = bytes(range(256)) * 40_000
MARK = Path(sys.argv[2]) if len(sys.argv) > 2 else Path("unused")


def answer(environ: Any, start: Any) -> Any:
    """/whole /stream /feed /empty /fails /large, /body, which says what it was sent, and /who asks.
    /behind tells the port of granian where a porch stands before it."""
    path = environ["PATH_INFO"]
    if path == "/stream":
        start("200 OK", [("Content-Type", "text/event-stream")])
        return pieces()
    if path == "/feed":
        start("200 OK", [("Content-Type", "text/event-stream")])
        return feed()
    if path == "/fails":
        raise RuntimeError("on purpose")
    if path == "/empty":
        start("204 No Content", [])
        return []
    body = environ["wsgi.input"].read() if path == "/body" else b"whole"
    if path == "/large":
        body = LARGE
    if path == "/who":
        body = f"{environ['REMOTE_ADDR']} {environ['SERVER_PORT']}".encode()
    if path == "/behind":
        body = b" ".join(str(front.porch._behind).encode() for front in made if front.porch)
    start(
        "200 OK", [("Content-Length", str(len(body))), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    )
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def pieces() -> Iterator[bytes]:
    """Goes on until nobody reads any more, and leaves a mark when it ends."""
    try:
        while True:
            yield b"data: x\n\n" * 1_000
    finally:
        MARK.write_text("ended")


def feed() -> Iterator[bytes]:
    """Says something every minute, as a stream of news does, until the server ends."""
    while not leaving.told():
        yield b"data: x\n\n"
        leaving.pause(60)


def application() -> Front:
    ready = Ready()
    for locale, text in PAGES.items():
        ready.put("mine", "K7Q2X", locale, make_page(text, HEADERS), 0)
        ready.put("mine", "/", locale, make_page(text + text, HEADERS), 0)
    pages = HotPages(
        ready, Areas(list, "mine"), Assets(), choose_all, lambda *_: None, lambda _: tuple(PAGES)
    )
    made.append(Front(pages, forwarded.Names(forwarded.Proxies()), Threads(answer, 2)))
    return made[-1]


if __name__ == "__main__":
    granian = Granian(
        "tests.service.edge.small_app:application", address="127.0.0.1", port=int(sys.argv[1]),
        interface=Interfaces.RSGI, http=HTTPModes.http1, factory=True, websockets=False,
        workers_kill_timeout=8, http1_settings=HTTP1Settings(header_read_timeout=10_000),
        log_level="error",  # type: ignore[arg-type] # the names of the enumeration are accepted
    )  # fmt: skip
    if "bare" in sys.argv:
        granian.serve()
    else:
        server.serve(granian)
