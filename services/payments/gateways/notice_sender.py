"""Sending notices: one POST each, to public addresses only, without following redirects."""

import ipaddress
import socket
from collections.abc import Mapping, Sequence
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from services.payments.domain.notice import Tried, may_be_reached

DEADLINE_S = 15.0  # the specification asks for 15 to 30
IN_FLIGHT = 32


class Sender(Protocol):
    """What sending needs."""

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Tried:
        """Sends one notice. No error: what went wrong is said in the answer."""
        ...

    async def close(self) -> None:
        """Lets go of what is open."""
        ...


class _Forbidden(OSError):
    """The name belongs to an address that notices may not go to."""


class _Resolver(AbstractResolver):
    """Resolves names and looks at what is connected to, not at what was looked up before."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._allowed = allowed
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Errors: OSError, _Forbidden."""
        found = await self._inner.resolve(host, port, family)
        if not all(may_be_reached(each["host"], self._allowed) for each in found):
            raise _Forbidden(f"{host} is no public address")
        return found

    async def close(self) -> None:
        """Nothing to let go of."""
        await self._inner.close()


class HttpSender:
    """Sends over HTTP. allowed: networks that are not public and may be reached all the same."""

    def __init__(self, allowed: Sequence[str]) -> None:
        for network in allowed:
            ipaddress.ip_network(network)  # a wrong setting stops the start
        self._allowed = tuple(allowed)
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "HttpSender":
        """Reads MEGURI_NOTICE_NETWORKS, networks with commas between. Errors: ValueError."""
        given = environment.get("MEGURI_NOTICE_NETWORKS", "")
        return cls([each.strip() for each in given.split(",") if each.strip()])

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Tried:
        """Sends one notice; its answer's body is not read."""
        host = urlsplit(url).hostname or ""
        if _is_ip(host) and not may_be_reached(host, self._allowed):
            return Tried(fault="address_forbidden")  # a literal address is never resolved
        if self._session is None:  # aiohttp wants the running loop
            connector = aiohttp.TCPConnector(
                limit=IN_FLIGHT, force_close=True, resolver=_Resolver(self._allowed),
                use_dns_cache=False,
            )  # fmt: skip
            self._session = aiohttp.ClientSession(connector=connector, trust_env=False)
        timeout = aiohttp.ClientTimeout(total=DEADLINE_S)
        try:
            async with self._session.post(
                url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                fault = "" if 200 <= answer.status < 300 else "refused"
                return Tried(status=answer.status, fault=fault)
        except aiohttp.ClientConnectorCertificateError:
            return Tried(fault="certificate")
        except TimeoutError:
            return Tried(fault="too_slow")
        except aiohttp.ClientConnectorError as error:
            is_forbidden = isinstance(error.os_error, _Forbidden)
            return Tried(fault="address_forbidden" if is_forbidden else "unreachable")
        except (aiohttp.ClientError, ValueError):
            return Tried(fault="unreachable")

    async def close(self) -> None:
        """Closes what is open."""
        if self._session is not None:
            await self._session.close()


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
