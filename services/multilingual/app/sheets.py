"""The sheets of a printing as PDF."""

import asyncio

from services.multilingual.domain.sign import Print
from services.multilingual.gateways import sign_sheets


class Sheets:
    """The PDF made last: it is read in pieces, and setting it again costs seconds."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._last: tuple[tuple[str, str], bytes] | None = None

    async def read(self, area: str, made: Print) -> bytes:
        """Returns the PDF of a printing; one is set at a time, beside the calls of others."""
        name = (area, made.print_id)
        async with self._turn:
            if self._last is None or self._last[0] != name:
                pdf = await asyncio.to_thread(sign_sheets.make, made)
                self._last = (name, pdf)
            return self._last[1]
