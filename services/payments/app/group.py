"""Group commit: while one transaction is being committed, what comes next waits and goes together.

One writer per area and process. The first sale after a quiet while is written at once; a busy area
gets larger groups by itself, begun PAUSE_S apart: a group costs as much as twenty of its sales.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from kit.db import StoreBusy, StoreUnavailable

MOST = 256  # units in one transaction: bounds its length and what a failure repeats
PAUSE_S = 0.01  # between the beginnings of two groups, unless a whole one waits

Unit = TypeVar("Unit")
Result = TypeVar("Result")
Write = Callable[[str, Sequence[Unit]], Awaitable[Sequence[Result | Exception]]]
_OPEN = object()


class _Call:
    """What one caller waits for: a result or an error for each of its units. One future for all:
    of a call of 128 sales, a future and a task for each cost a tenth."""

    __slots__ = ("_left", "future", "results")

    def __init__(self, count: int) -> None:
        self.results: list[Any] = [_OPEN] * count
        self._left = count
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def settle(self, place: int, result: object) -> None:
        """Notes what became of a unit; what came first stands."""
        if self.results[place] is not _OPEN:
            return
        self.results[place] = result
        self._left -= 1
        if not self._left and not self.future.done():  # else the caller gave up: the work is done
            self.future.set_result(None)


class Group(Generic[Unit, Result]):
    """Hands units of work to `write`, many at a time. write returns a result or an error each."""

    def __init__(self, write: Write[Unit, Result], pause_s: float = PAUSE_S) -> None:
        self._write, self._pause_s = write, pause_s
        self._waiting: dict[str, deque[tuple[Unit, _Call, int]]] = {}
        self._writers: dict[str, asyncio.Task[None]] = {}

    async def submit(self, area: str, unit: Unit) -> Result:
        """Returns the unit's result once it is committed. Errors: the unit's own, StoreBusy, and
        StoreUnavailable, after which nobody knows: the caller repeats with the same key."""
        [result] = await self.submit_all(area, [unit])
        if isinstance(result, Exception):
            raise result
        return result

    async def submit_all(self, area: str, units: Sequence[Unit]) -> list[Result | Exception]:
        """Returns the result or the error of each unit once the last of them is committed or
        refused. They are written in their order, in as few groups as the bound allows."""
        if not units:
            return []
        call = _Call(len(units))
        queue = self._waiting.setdefault(area, deque())
        queue.extend((unit, call, place) for place, unit in enumerate(units))
        if area not in self._writers:
            self._writers[area] = asyncio.create_task(self._drain(area), name=f"writer {area}")
        await call.future
        return call.results

    async def _drain(self, area: str) -> None:
        queue, clock = self._waiting[area], asyncio.get_running_loop().time
        group: list[tuple[Unit, _Call, int]] = []
        try:
            while queue:
                began = clock()
                group = [queue.popleft() for _ in range(min(MOST, len(queue)))]
                await self._commit(area, group)
                if len(queue) < MOST:
                    await asyncio.sleep(max(0.0, began + self._pause_s - clock()))
        finally:  # whatever ends this writer, the next sale starts another one
            del self._writers[area], self._waiting[area]
            for _, call, place in [*group, *queue]:
                call.settle(place, StoreUnavailable("Nobody knows. Try again."))

    async def _commit(self, area: str, group: Sequence[tuple[Unit, _Call, int]]) -> None:
        try:
            results = await self._write(area, [unit for unit, _, _ in group])
        except (StoreUnavailable, StoreBusy) as error:  # one by one it would only take longer
            results = [error] * len(group)
        except Exception as error:  # noqa: BLE001 - one unit must not fail its neighbors
            if len(group) > 1:
                for single in group:
                    await self._commit(area, [single])
                return
            results = [error]
        for (_, call, place), result in zip(group, results, strict=True):
            call.settle(place, result)
