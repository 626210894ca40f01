"""Asking an operator's address for its GTFS-Realtime message: bounded in size and time, without
following redirects, to public addresses alone.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from kit import log
from kit.child import Bounds, ChildEnded, ask_once
from kit.pure.public_address import is_literal, may_be_reached, networks_of
from services.itinerary.gateways.live_reply import LiveReply

if TYPE_CHECKING:  # loaded with the first question: a start need not wait for two hundred modules
    import aiohttp

PROGRAM = "services.itinerary.gateways.live_reader"
BOUNDS = Bounds(memory_bytes=384 * 1024 * 1024, cpu_s=5, wait_s=10.0)
DEADLINE_S = 8.0
MOST_BYTES = 4 * 1024 * 1024
IN_FLIGHT = 8
URL_CHARACTERS = 500

_DECODER = msgspec.msgpack.Decoder(LiveReply)


@dataclass(frozen=True)
class Asked:
    """What came of a question. fault: stable, "" for none. reply: None where nothing is new."""

    fault: str = ""
    reply: LiveReply | None = None
    etag: str = ""
    last_modified: str = ""


class LiveFeeds:
    """The door to operators' addresses. allowed: networks that are not public and may be reached
    all the same, by plain HTTP too."""

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        for network in allowed:
            ipaddress.ip_network(network)  # a wrong setting stops the start
        self._allowed = tuple(allowed)
        self._session: aiohttp.ClientSession | None = None
        self._log = log.get("live")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "LiveFeeds":
        """Reads MEGURI_REALTIME_NETWORKS, networks with commas between. Errors: ValueError."""
        return cls(networks_of(environment.get("MEGURI_REALTIME_NETWORKS", "")))

    def why_not(self, url: str) -> str:
        """Returns why an address is not asked, stable; "" where it is."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return "BAD_ADDRESS"
        if len(url) > URL_CHARACTERS or not url.isascii() or any(c <= " " for c in url):
            return "BAD_ADDRESS"
        # No name ends in a number, but systems take one such as 127.1 for an address.
        is_number = host.rstrip(".").rpartition(".")[2].isdecimal() and not is_literal(host)
        if not host or is_number or parts.username is not None or port == 0:
            return "BAD_ADDRESS"
        here = any(_is_in(host, network) for network in self._allowed)
        if parts.scheme != "https" and not (parts.scheme == "http" and here):
            return "NOT_HTTPS"
        if is_literal(host) and not may_be_reached(host, self._allowed):
            return "NOT_PUBLIC"  # a literal address is never resolved
        return ""

    async def ask(self, url: str, etag: str, last_modified: str) -> Asked:
        """Asks once. No error: what went wrong is said in the answer."""
        if reason := self.why_not(url):
            return Asked(reason)
        import aiohttp  # noqa: PLC0415 - slow to load; a start need not wait for it

        from kit.public_names import Forbidden  # noqa: PLC0415 - loads aiohttp

        try:
            got = await self._get(url, etag, last_modified)
        except aiohttp.ClientConnectorCertificateError:
            got = Asked("CERTIFICATE")
        except TimeoutError:
            got = Asked("TOO_SLOW")
        except aiohttp.ClientConnectorError as error:
            forbidden = isinstance(error.os_error, Forbidden)
            got = Asked("NOT_PUBLIC" if forbidden else "UNREACHABLE")
        except (aiohttp.ClientError, ValueError, OSError):
            got = Asked("BROKEN_OFF")
        return got if isinstance(got, Asked) else await self._read(*got)

    async def _get(self, url: str, etag: str, last_modified: str) -> Asked | tuple[bytes, str, str]:
        """Returns body, ETag and Last-Modified of what is new, or what came of the question."""
        import aiohttp  # noqa: PLC0415 - see ask

        # Packed, a small message could be a large one: what is read is what was sent.
        headers = {"Accept": "application/x-protobuf, */*", "Accept-Encoding": "identity"}
        known = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers |= {name: value for name, value in known.items() if value}
        async with self._opened().get(
            url, headers=headers, timeout=aiohttp.ClientTimeout(total=DEADLINE_S),
            allow_redirects=False,
        ) as answer:  # fmt: skip
            if answer.status == 304:
                return Asked(etag=etag, last_modified=last_modified)
            if answer.status != 200:
                return Asked(f"HTTP_{answer.status}")
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                return Asked("PACKED")
            body = await _body(answer)
            if body is None:
                return Asked("TOO_LARGE")
            etag, modified = (_short(answer.headers.get(n, "")) for n in ("ETag", "Last-Modified"))
            return body, etag, modified

    def _opened(self) -> "aiohttp.ClientSession":
        import aiohttp  # noqa: PLC0415 - see ask

        from kit.public_names import PublicNames  # noqa: PLC0415 - loads aiohttp

        if self._session is None:  # aiohttp wants the running loop
            connector = aiohttp.TCPConnector(
                limit=IN_FLIGHT, force_close=True, resolver=PublicNames(self._allowed),
                use_dns_cache=False,
            )  # fmt: skip
            self._session = aiohttp.ClientSession(
                connector=connector,
                trust_env=False,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def _read(self, body: bytes, etag: str, last_modified: str) -> Asked:
        try:
            reply = _DECODER.decode(await ask_once(PROGRAM, body, BOUNDS))
        except ChildEnded as error:
            self._log.error("a message broke its program", error=str(error))
            return Asked("TOO_HEAVY")
        except (TimeoutError, OSError) as error:
            self._log.warning("no answer in time", error=repr(error))
            return Asked("BUSY")
        except msgspec.MsgspecError as error:
            self._log.error("a message broke its program", error=str(error))
            return Asked("NOT_GTFS_RT")
        if reply.broke:
            self._log.error("a message broke its program", error=reply.broke)
            return Asked("NOT_GTFS_RT")
        if reply.reason:
            return Asked(reply.reason)
        return Asked("", reply, etag, last_modified)

    async def close(self) -> None:
        """Closes what is open."""
        if self._session is not None:
            await self._session.close()


async def _body(answer: "aiohttp.ClientResponse") -> bytes | None:
    """Returns the body; None for one that is too large, also where it says nothing of its size."""
    if (answer.content_length or 0) > MOST_BYTES:
        return None
    found = bytearray()
    async for piece in answer.content.iter_chunked(64 * 1024):
        found += piece
        if len(found) > MOST_BYTES:
            return None
    return bytes(found)


def _short(header: str) -> str:
    return header if len(header) <= 200 and header.isascii() else ""


def _is_in(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network)
    except ValueError:
        return False
