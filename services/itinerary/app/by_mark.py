"""What plans read of an area, made once after each change and kept in the process.

A mark is never used twice, so what is kept is never that of an earlier life of an area.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")
MOST_AREAS = 32  # kept at once


class ByMark(Generic[Value]):
    """The value of each area with the mark of its latest change; those used last."""

    def __init__(self, most: int = MOST_AREAS) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[str, Value]] = OrderedDict()
        self._turns: dict[str, asyncio.Lock] = {}

    async def get(self, area: str, mark: str, make: Callable[[], Awaitable[Value]]) -> Value:
        """Returns the value of an area at a mark. Others that come while it is made wait for it.

        make: must see the area as it was at the mark, in the transaction that read it.
        """
        if (known := self._known(area, mark)) is not None:
            return known
        async with self._turns.setdefault(area, asyncio.Lock()):
            if (known := self._known(area, mark)) is not None:
                return known
            made = await make()
            self._keep(area, mark, made)
            return made

    def _known(self, area: str, mark: str) -> Value | None:
        kept = self._kept.get(area)
        if kept is None or kept[0] != mark:
            return None
        self._kept.move_to_end(area)
        return kept[1]

    def _keep(self, area: str, mark: str, made: Value) -> None:
        self._kept[area] = (mark, made)
        self._kept.move_to_end(area)
        while len(self._kept) > self._most:
            gone, _ = self._kept.popitem(last=False)
            self._turns.pop(gone, None)
