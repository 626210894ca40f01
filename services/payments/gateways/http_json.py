"""One JSON request over HTTP with a deadline over the whole of it."""

import asyncio
import http.client
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

IN_FLIGHT = 64  # requests at once; more wait within their own deadline
ANSWER_LIMIT_BYTES = 256 * 1024


class NotSent(Exception):
    """The provider cannot be reached: it has certainly not seen the request."""


class NoAnswer(Exception):
    """The request may have been seen, but no readable answer came in time."""


@dataclass(frozen=True)
class Reply:
    """A readable answer. status: HTTP status code. document: the JSON object."""

    status: int
    document: Mapping[str, Any]


class HttpJson:
    """A client of one provider. Every request has a connection of its own: an answer that comes
    twice or too late can then never be taken for the answer to something else."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url} is no address of a provider")
        self._host, self._port, self._prefix = parts.hostname, parts.port, parts.path.rstrip("/")
        self._secure = parts.scheme == "https"
        self._threads = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="provider")

    async def request(
        self, method: str, path: str, body: Mapping[str, Any] | None, deadline_s: float
    ) -> Reply:
        """Sends a request and reads the answer. Errors: NotSent, NoAnswer."""
        work = asyncio.get_running_loop().run_in_executor(
            self._threads, self._exchange, method, path, body, deadline_s
        )
        try:
            return await asyncio.wait_for(work, deadline_s)
        except TimeoutError as error:
            raise NoAnswer("deadline") from error

    def _exchange(
        self, method: str, path: str, body: Mapping[str, Any] | None, deadline_s: float
    ) -> Reply:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=deadline_s)
        try:
            connection.connect()
        except OSError as error:
            raise NotSent(str(error)) from error
        try:
            text = None if body is None else json.dumps(body).encode()
            headers = {"Content-Type": "application/json", "Connection": "close"}
            connection.request(method, self._prefix + path, text, headers)
            answer = connection.getresponse()
            document = json.loads(answer.read(ANSWER_LIMIT_BYTES))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(repr(error)) from error
        finally:
            connection.close()
        if not isinstance(document, dict):
            raise NoAnswer("the answer is no JSON object")
        return Reply(answer.status, document)

    def close(self) -> None:
        """Waits for nobody: threads end with their deadlines."""
        self._threads.shutdown(wait=False, cancel_futures=True)
