"""Group commit: while one transaction is being committed, what comes next waits and goes together.

One writer per area and process. The first sale after a quiet while is written at once; a busy area
gets larger groups by itself, begun PAUSE_S apart: a group costs as much as twenty of its sales.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from kit.db import StoreBusy, StoreUnavailable

MOST = 128  # units in one transaction: bounds its length and what a failure repeats
PAUSE_S = 0.01  # between the beginnings of two groups, unless a whole one waits

Unit = TypeVar("Unit")
Result = TypeVar("Result")
Write = Callable[[str, Sequence[Unit]], Awaitable[Sequence[Result | Exception]]]


class Group(Generic[Unit, Result]):
    """Hands units of work to `write`, many at a time. write returns a result or an error each."""

    def __init__(self, write: Write[Unit, Result], pause_s: float = PAUSE_S) -> None:
        self._write, self._pause_s = write, pause_s
        self._waiting: dict[str, deque[tuple[Unit, asyncio.Future[Result]]]] = {}
        self._writers: dict[str, asyncio.Task[None]] = {}

    async def submit(self, area: str, unit: Unit) -> Result:
        """Returns the unit's result once it is committed. Errors: the unit's own, StoreBusy, and
        StoreUnavailable, after which nobody knows: the caller repeats with the same key."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(area, deque()).append((unit, future))
        if area not in self._writers:
            self._writers[area] = asyncio.create_task(self._drain(area), name=f"writer {area}")
        return await future

    async def _drain(self, area: str) -> None:
        queue, clock = self._waiting[area], asyncio.get_running_loop().time
        group: list[tuple[Unit, asyncio.Future[Result]]] = []
        try:
            while queue:
                began = clock()
                group = [queue.popleft() for _ in range(min(MOST, len(queue)))]
                await self._commit(area, group)
                if len(queue) < MOST:
                    await asyncio.sleep(max(0.0, began + self._pause_s - clock()))
        finally:  # whatever ends this writer, the next sale starts another one
            del self._writers[area], self._waiting[area]
            for _, future in [*group, *queue]:
                if not future.done():
                    future.set_exception(StoreUnavailable("Nobody knows. Try again."))

    async def _commit(
        self, area: str, group: Sequence[tuple[Unit, asyncio.Future[Result]]]
    ) -> None:
        try:
            results = await self._write(area, [unit for unit, _ in group])
        except (StoreUnavailable, StoreBusy) as error:  # one by one it would only take longer
            results = [error] * len(group)
        except Exception as error:  # noqa: BLE001 - one unit must not fail its neighbors
            if len(group) > 1:
                for single in group:
                    await self._commit(area, [single])
                return
            results = [error]
        for (_, future), result in zip(group, results, strict=True):
            if future.done():
                continue  # the caller gave up; the work is done all the same
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
