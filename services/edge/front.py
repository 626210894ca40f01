"""The first room of a request: ready pages on the event loop, everything else in a thread.

RSGI is granian's own interface (its specification comes with it). Nothing on the loop may wait: a
page that is not in memory, a form, a stream are all handed over. Where a porch stands before
granian (porch.py), it asks here for ready pages too, and what comes through granian is what it
handed over.
"""

import asyncio
import time
from collections.abc import Callable

from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined] # public all the same

from services.edge import leaving, pulse
from services.edge.forwarded import Headers, Names
from services.edge.headers import Header
from services.edge.heads import Lines
from services.edge.hot import Answer, HotPages
from services.edge.porch import Porch
from services.edge.threads import Threads, between, send

_REFUSED = (
    b'{"type": "urn:meguri:problem:bad_request", "reason": "bad_request", "status": 400, "title":'
    b' "This request could not be understood.", "detail": "Send one Host header."}'
)
TWO_HOSTS = Answer(
    400,
    [("Content-Type", "application/problem+json"), ("Content-Length", str(len(_REFUSED))),
     ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")],
    _REFUSED,
)  # fmt: skip


LAST_BYTES_S = 3.0  # for what was answered to reach its readers, after the server's end


class Passed:
    """The scope of a request that a porch handed over, with the visitor's address and its own."""

    __slots__ = (
        "client", "headers", "http_version", "method", "path", "query_string", "scheme", "server",
    )  # fmt: skip

    def __init__(self, scope: Scope, client: str, server: str) -> None:
        self.client, self.server, self.headers = client, server, scope.headers
        self.http_version, self.scheme = scope.http_version, scope.scheme
        self.method, self.path, self.query_string = scope.method, scope.path, scope.query_string


class Front:
    """Answers the requests of one worker. names: which host name a request is believed to ask."""

    def __init__(self, pages: HotPages, names: Names, threads: Threads) -> None:
        self._find, self._names, self._threads = pages.find, names, threads
        self.alive = time.monotonic()
        self.porch: Porch | None = None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by the server when its loop begins."""
        if self.porch is not None:
            self.porch.begin(loop)
        leaving.listen()
        self._live(loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by the server when it has answered everything and its loop has ended."""
        if self.porch is not None:
            self.porch.end(loop, LAST_BYTES_S)

    def _live(self, loop: asyncio.AbstractEventLoop) -> None:
        """Notes that the loop turns: pulse.py has a worker ended whose loop does not."""
        self.alive = time.monotonic()
        loop.call_later(pulse.BEAT_S / 2, self._live, loop)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answers one request. Of two Hosts a proxy before us may have meant the other one (RFC
        9112, 3.2): refused, whatever is asked."""
        if self.porch is not None:
            client = self.porch.client_of(scope.client)
            scope = Passed(scope, client, self.porch.address)  # type: ignore[assignment] # alike
        lines = scope.headers.get_all  # type: ignore[attr-defined] # untyped
        if len(lines("host")) > 1:
            send(protocol, TWO_HOSTS)
            return
        if _may_be_ready(scope.method, scope.path):
            header: Header = scope.headers.get
            # What a ready page is chosen by is read as the threads read it.
            if len(lines("cookie")) > 1 or len(lines("accept-language")) > 1:
                header = _joined(lines)
            told: Headers = scope.headers  # type: ignore[assignment] # untyped
            answer = self._ready(scope.path, scope.query_string, scope.client, told, header)
            if answer is not None:
                send(protocol, answer)
                return
        await self._threads.answer(scope, protocol)

    def ready(self, method: str, path: str, query: str, client: str, lines: Lines) -> Answer | None:
        """Returns the answer to a plain request, None where it is not in memory. client:
        "address:port"."""
        if method != "GET" and not _may_be_ready(method, path):
            return None
        return self._ready(path, query, client, lines, lines.get)

    def _ready(
        self, path: str, query: str, client: str, headers: Headers, header: Header
    ) -> Answer | None:
        """Looks for a page, but for who asked a proxy of ours in plain: guards.py leads on."""
        if self._names.in_plain(client, headers):
            return None
        return self._find(path, query, self._names.host(client, headers), header)


def _may_be_ready(method: str, path: str) -> bool:
    return method == "GET" or (method == "HEAD" and path.startswith("/static/"))


def _joined(lines: Callable[[str], list[str]]) -> Header:
    return lambda name, default: between(name).join(lines(name)) or default
