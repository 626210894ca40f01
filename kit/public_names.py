"""Names of the internet that lead to public addresses only."""

import socket
from collections.abc import Sequence

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from kit.pure.public_address import may_be_reached


class Forbidden(OSError):
    """The name belongs to an address that may not be reached."""


class PublicNames(AbstractResolver):
    """Resolves names and looks at what is connected to, not at what was looked up before."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._allowed = allowed
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Errors: OSError, Forbidden."""
        found = await self._inner.resolve(host, port, family)
        if not all(may_be_reached(each["host"], self._allowed) for each in found):
            raise Forbidden(f"{host} is no public address")
        return found

    async def close(self) -> None:
        """Nothing to let go of."""
        await self._inner.close()
