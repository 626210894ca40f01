"""The last good answers of the services, so that a page still opens while one of them is away."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

KEPT_AT_MOST = 20_000


@dataclass(frozen=True)
class Kept:
    """An answer and when the service gave it (aware, UTC)."""

    value: Any
    at: datetime


class Shelf:
    """A bounded store of answers by key; the ones put longest ago leave first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._current: dict[str, int] = {}
        self.away: set[str] = set()  # areas whose guide did not answer the last check

    def is_current(self, area: str, turn: int) -> bool:
        """Tells whether nothing was dropped since the whole area was put here or checked."""
        return self._current.get(area) == turn

    def mark_current(self, area: str, turn: int) -> None:
        """Says that at this turn of the ready pages the shelf held what the services say."""
        self._current[area] = turn

    def put(self, key: Hashable, value: Any, at: datetime) -> None:
        """Keeps an answer in place of the one before."""
        with self._lock:
            self._kept[key] = Kept(value, at)
            self._kept.move_to_end(key)
            if len(self._kept) > KEPT_AT_MOST:
                self._kept.popitem(last=False)

    def get(self, key: Hashable) -> Kept | None:
        """Returns the last answer, or None."""
        return self._kept.get(key)
