"""The first room of a request: ready pages on the event loop, everything else in a thread.

RSGI is granian's own interface (its specification comes with it). Nothing on the loop may wait: a
page that is not in memory, a form, a stream are all handed over.
"""

import asyncio
import time
from collections.abc import Callable

from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined] # public all the same

from services.edge import leaving, pulse
from services.edge.forwarded import Names
from services.edge.headers import Header
from services.edge.hot import Answer, HotPages
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


class Front:
    """Answers the requests of one worker. names: which host name a request is believed to ask."""

    def __init__(self, pages: HotPages, names: Names, threads: Threads) -> None:
        self._find, self._host, self._threads = pages.find, names.host, threads
        self.alive = time.monotonic()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by the server when its loop begins."""
        leaving.listen()
        self._live(loop)

    def _live(self, loop: asyncio.AbstractEventLoop) -> None:
        """Notes that the loop turns: pulse.py has a worker ended whose loop does not."""
        self.alive = time.monotonic()
        loop.call_later(pulse.BEAT_S / 2, self._live, loop)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answers one request. Of two Hosts a proxy before us may have meant the other one (RFC
        9112, 3.2): refused, whatever is asked."""
        lines = scope.headers.get_all  # type: ignore[attr-defined] # untyped
        if len(lines("host")) > 1:
            send(protocol, TWO_HOSTS)
            return
        if scope.method == "GET" or (scope.method == "HEAD" and scope.path.startswith("/static/")):
            header: Header = scope.headers.get
            # What a ready page is chosen by is read as the threads read it.
            if len(lines("cookie")) > 1 or len(lines("accept-language")) > 1:
                header = _joined(lines)
            host = self._host(scope.client, scope.headers)  # type: ignore[arg-type] # untyped
            answer = self._find(scope.path, scope.query_string, host, header)
            if answer is not None:
                send(protocol, answer)
                return
        await self._threads.answer(scope, protocol)


def _joined(lines: Callable[[str], list[str]]) -> Header:
    return lambda name, default: between(name).join(lines(name)) or default
