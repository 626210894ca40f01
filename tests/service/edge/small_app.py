"""A server as the edge's, with an application that shows what travels through its threads."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces

from services.edge import forwarded, leaving
from services.edge.areas import Areas
from services.edge.assets import Assets
from services.edge.front import Front
from services.edge.hot import HotPages, Ready
from services.edge.language import choose_all
from services.edge.threads import Threads

MARK = Path(sys.argv[2]) if len(sys.argv) > 2 else Path("unused")


def answer(environ: Any, start: Any) -> Any:
    """/whole /stream /feed /empty /fails, and /body, which says what it was sent."""
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
    pages = HotPages(Ready(), Areas(list, "mine"), Assets(), choose_all, print, lambda _: ("ja",))
    return Front(pages, forwarded.Names(frozenset()), Threads(answer, 2))


if __name__ == "__main__":
    Granian(
        "tests.service.edge.small_app:application", address="127.0.0.1", port=int(sys.argv[1]),
        interface=Interfaces.RSGI, http=HTTPModes.http1, factory=True, websockets=False,
        workers_kill_timeout=8,
        log_level="error",  # type: ignore[arg-type] # the names of the enumeration are accepted
    ).serve()  # fmt: skip
