"""Sounds and pictures kept by an edge process, by area and content; the oldest are given up."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

BYTES_KEPT = 48_000_000  # a whole area in three languages and two videos


@dataclass(frozen=True)
class Media:
    """Bytes and the type they are served as."""

    content: bytes
    media_type: str


class MediaShelf:
    """Keeps what was asked for; content never changes, so it goes when it is erased alone."""

    def __init__(self, most_bytes: int = BYTES_KEPT) -> None:
        self._kept: OrderedDict[tuple[str, str], Media] = OrderedDict()
        self._most, self._bytes = most_bytes, 0
        self._forgotten: dict[str, int] = {}
        self._lock = threading.Lock()

    def get(self, area: str, sha256: str, ask: Callable[[], Media]) -> Media:
        """Returns what is kept, else what `ask` gives; whatever it raises is raised."""
        key = (area, sha256)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
            turn = self._forgotten.get(area, 0)
        found = ask()
        with self._lock:
            # What was asked for before an erasure may be what was erased.
            current = turn == self._forgotten.get(area, 0)
            if current and key not in self._kept and len(found.content) <= self._most:
                self._kept[key] = found
                self._bytes += len(found.content)
            while self._bytes > self._most:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone.content)
        return found

    def forget(self, area: str) -> None:
        """Forgets all bytes of an area, for some were erased; the others are asked for again."""
        with self._lock:
            self._forgotten[area] = self._forgotten.get(area, 0) + 1
            for key in [key for key in self._kept if key[0] == area]:
                self._bytes -= len(self._kept.pop(key).content)
