"""Threads for what waits: the event loop hands them requests, they run the WSGI application.

Granian's own WSGI server would do this too, but sends every request through a thread, ready pages
as well: with 16 at once, handing Python's lock around costs more than the page (decision 0042).
"""

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from granian.rsgi import (  # type: ignore[attr-defined] # public, but its types say it is not
    HTTPProtocol,
    ProtocolClosed,
    Scope,
)

from services.edge.hot import Answer, Headers

StartResponse = Callable[..., Any]
Application = Callable[[Any, StartResponse], Iterable[bytes]]

# PEP 3333 names these two without HTTP_.
PLAIN_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def between(name: str) -> str:
    """Returns what joins the lines of one header (RFC 9110, 5.3; of cookies RFC 9113, 8.2.3)."""
    return "; " if name == "cookie" else ","


class Threads:
    """Runs a WSGI application (PEP 3333) behind a server that speaks RSGI.

    application: called in one of `most` threads; more requests than that wait for one.
    """

    def __init__(self, application: Application, most: int) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="request")

    async def answer(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answers one request. Called on the event loop, which it never holds up."""
        loop = asyncio.get_running_loop()
        request = _Request(self._application, scope, protocol, loop)
        answer = await loop.run_in_executor(self._pool, request.run)
        if answer is not None:
            send(protocol, answer)


def send(protocol: HTTPProtocol, answer: Answer) -> None:
    """Sends a whole answer."""
    if answer.body:
        protocol.response_bytes(answer.status, answer.headers, answer.body)
    else:  # no body, and no length of one: 304 and HEAD tell the length of what they do not send
        protocol.response_empty(answer.status, answer.headers)


class Body(io.RawIOBase):
    """wsgi.input: the body is waited for when it is first read, and not at all if nobody does.

    receive: waits for the whole body. One that broke off reads as empty: its length then tells
    (bodies.read). pieces: gives it as it comes instead, and keeps none of it (uploads.py).
    """

    def __init__(
        self, receive: Callable[[], bytes], pieces: Callable[[], Iterator[bytes]] = lambda: iter(())
    ) -> None:
        super().__init__()
        self._receive, self.pieces = receive, pieces
        self._data: io.BytesIO | None = None

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Reads what fits. Waits for the body."""
        if self._data is None:
            try:
                self._data = io.BytesIO(self._receive())
            except ProtocolClosed:
                self._data = io.BytesIO()
        return self._data.readinto(buffer)


class _Request:
    """One request in its thread."""

    def __init__(
        self, application: Application, scope: Scope, protocol: HTTPProtocol,
        loop: asyncio.AbstractEventLoop,
    ) -> None:  # fmt: skip
        self._application, self._protocol, self._loop = application, protocol, loop
        body = Body(lambda: self._wait(_receive(protocol)), self._pieces)
        self._environ = environ_of(scope, body)
        self._status, self._headers = 0, Headers()

    def run(self) -> Answer | None:
        """Returns the whole answer, or None after a stream was sent piece by piece."""
        pieces = self._application(self._environ, self._start)
        try:
            known = any(name.lower() == "content-length" for name, _ in self._headers)
            if known or isinstance(pieces, list):
                return Answer(self._status, self._headers, b"".join(pieces))
            self._stream(iter(pieces))
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()
        return None

    def _start(self, status: str, headers: Headers, _error: Any = None) -> None:
        self._status, self._headers = int(status[:3]), headers

    def _stream(self, pieces: Iterator[bytes]) -> None:
        """Sends pieces as they come, each when the one before is on its way. One thread takes all
        of them: what the application bound to its thread stays bound."""
        transport = self._wait(_open(self._protocol, self._status, self._headers))
        try:
            for piece in filter(None, pieces):
                self._wait(_send(transport, piece))
        except ProtocolClosed:  # whoever read it has left
            return

    def _pieces(self) -> Iterator[bytes]:
        """Gives the body piece by piece until it ends or breaks off."""
        body = aiter(self._protocol)
        with suppress(ProtocolClosed):
            while (piece := self._wait(_next(body))) is not None:
                yield bytes(piece)

    def _wait(self, what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result()


async def _receive(protocol: HTTPProtocol) -> bytes:
    return await protocol()


async def _next(body: AsyncIterator[bytes]) -> bytes | None:
    try:
        return await anext(body)
    except (
        StopAsyncIteration
    ):  # with a default in place of this, Granian's iterator ends the process
        return None


async def _open(protocol: HTTPProtocol, status: int, headers: Headers) -> Any:
    return protocol.response_stream(status, headers)


async def _send(transport: Any, piece: bytes) -> None:
    await transport.send_bytes(piece)


def environ_of(scope: Scope, body: io.RawIOBase) -> dict[str, Any]:
    """Returns what PEP 3333 asks for, of one request.

    Headers with an underscore are left out: they would pass for those with a hyphen. A header
    whose bytes are no ASCII is there and empty: no Origin is believed, an unreadable one is not.
    Without a Host the host is empty, as Names has it, and not the address of this server.
    """
    host, _, port = scope.server.rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": address_of(scope.client),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue
        key = _key(name)
        environ[key] = f"{environ[key]}{between(name)}{value}" if key in environ else value
    for name in scope.headers.keys():  # noqa: SIM118 - its types know no iteration
        if "_" not in name:
            environ.setdefault(_key(name), "")
    environ.setdefault("HTTP_HOST", "")
    return environ


def _key(name: str) -> str:
    return PLAIN_NAMES.get(name) or f"HTTP_{name.upper().replace('-', '_')}"


def address_of(client: str) -> str:
    """Returns the address of "192.0.2.1:50000" or "[2001:db8::1]:50000"."""
    return client.rpartition(":")[0].strip("[]")
