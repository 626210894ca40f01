"""One JSON request over HTTP with a deadline over the whole of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # loaded with the first request: a start need not wait for two hundred modules
    import aiohttp

IN_FLIGHT = 128  # requests at once; more wait within their own deadline
BARE_BYTES = 32
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


@dataclass(frozen=True)
class Call:
    """One request. body: the exact bytes sent, since some providers have them signed. bare: the
    answer is a word and no JSON; it is read as {"text": word}."""

    method: str
    path: str
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    bare: bool = False

    @classmethod
    def of_json(
        cls, method: str, path: str, body: Mapping[str, Any] | None, *, bare: bool = False
    ) -> "Call":
        """Returns a request with a JSON body, or with none."""
        return cls(method, path, None if body is None else json.dumps(body).encode(), bare=bare)

    def with_headers(self, headers: Mapping[str, str]) -> "Call":
        """Returns the request with headers."""
        return replace(self, headers={**self.headers, **headers})


class HttpJson:
    """A client of one provider.

    Every request has a connection of its own: an answer that comes twice or too late can then
    never be taken for the answer to something else. What takes a step is a POST, or a PUT or DELETE
    that the provider promises to be repeatable: aiohttp repeats requests of idempotent methods by
    itself when a connection is cut, and nothing that moves money is ever sent twice.
    """

    def __init__(self, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"{url} is no address of a provider")
        self._url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: Mapping[str, Any], deadline_s: float) -> Reply:
        """Sends a JSON object and reads the answer. Errors: NotSent, NoAnswer."""
        call = Call.of_json("POST", path, body)
        return await self.send(call.with_headers({"Content-Type": "application/json"}), deadline_s)

    async def send(self, call: Call, deadline_s: float) -> Reply:
        """Sends a request and reads the answer. Errors: NotSent, NoAnswer."""
        import aiohttp  # noqa: PLC0415 - slow to load; a start need not wait for it

        if self._session is None:  # aiohttp wants the running loop
            connector = aiohttp.TCPConnector(limit=IN_FLIGHT, force_close=True)
            self._session = aiohttp.ClientSession(connector=connector)
        timeout = aiohttp.ClientTimeout(total=deadline_s)
        try:
            async with self._session.request(
                call.method, self._url + call.path, data=call.body, headers=call.headers,
                timeout=timeout, allow_redirects=False,
            ) as answer:  # fmt: skip
                text = await _read_whole(answer.content)
        except aiohttp.ClientConnectorError as error:
            raise NotSent(str(error)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NoAnswer(repr(error)) from error
        if call.bare and len(text) <= BARE_BYTES:
            return Reply(answer.status, {"text": text.decode("ascii", "replace").strip()})
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise NoAnswer("the answer is no JSON") from error
        if not isinstance(document, dict):
            raise NoAnswer("the answer is no JSON object")
        return Reply(answer.status, document)

    async def close(self) -> None:
        """Closes what is open."""
        if self._session is not None:
            await self._session.close()


async def _read_whole(content: "aiohttp.StreamReader") -> bytes:
    """Reads to the end: one read() returns what has arrived, which may be half of the answer."""
    text = bytearray()
    async for piece in content.iter_any():
        text += piece
        if len(text) > ANSWER_LIMIT_BYTES:
            raise NoAnswer("the answer is too long")
    return bytes(text)
