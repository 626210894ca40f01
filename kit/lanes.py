"""A few pieces of work side by side, begun one after the other."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any

from kit.stopping import end


class Lanes:
    """As many pieces of work on their way as there are lanes, of whoever made them."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._going: deque[asyncio.Task[None]] = deque()

    async def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Begins a piece of work; returns once there is a lane for the next one.

        Errors: what the oldest one raises.
        """
        self._going.append(asyncio.create_task(work))
        while len(self._going) >= self._count:
            await self._oldest()

    async def join(self) -> None:
        """Returns once all are done. Errors: what the oldest that failed raises."""
        while self._going:
            await self._oldest()

    async def end(self) -> None:
        """Cancels what is on its way, until each has ended; how it ended, nobody asks."""
        await end(self._going)
        await asyncio.gather(*self._going, return_exceptions=True)
        self._going.clear()

    async def _oldest(self) -> None:
        await asyncio.shield(self._going[0])
        self._going.popleft()
