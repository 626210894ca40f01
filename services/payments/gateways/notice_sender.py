"""Sending notices: one POST each, to public addresses only, without following redirects."""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from kit.pure.public_address import is_literal, may_be_reached, networks_of
from services.payments.domain.notice import Tried

if TYPE_CHECKING:  # loaded with the first notice: a start need not wait for two hundred modules
    import aiohttp

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
        return cls(networks_of(environment.get("MEGURI_NOTICE_NETWORKS", "")))

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Tried:
        """Sends one notice; its answer's body is not read."""
        host = urlsplit(url).hostname or ""
        if is_literal(host) and not may_be_reached(host, self._allowed):
            return Tried(fault="address_forbidden")  # a literal address is never resolved
        import aiohttp  # noqa: PLC0415 - slow to load; a start need not wait for it

        from kit.public_names import Forbidden, PublicNames  # noqa: PLC0415 - loads aiohttp

        if self._session is None:  # aiohttp wants the running loop
            connector = aiohttp.TCPConnector(
                limit=IN_FLIGHT, force_close=True, resolver=PublicNames(self._allowed),
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
            is_forbidden = isinstance(error.os_error, Forbidden)
            return Tried(fault="address_forbidden" if is_forbidden else "unreachable")
        except (aiohttp.ClientError, ValueError):
            return Tried(fault="unreachable")

    async def close(self) -> None:
        """Closes what is open."""
        if self._session is not None:
            await self._session.close()
