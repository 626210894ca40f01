"""Sounds and captions kept by an edge process, by area and content; the oldest are given up."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

BYTES_KEPT = 24_000_000  # a whole area in three languages


@dataclass(frozen=True)
class Media:
    """Bytes and the type they are served as."""

    content: bytes
    media_type: str


class MediaShelf:
    """Keeps what was asked for; content never changes, so nothing grows old here."""

    def __init__(self, most_bytes: int = BYTES_KEPT) -> None:
        self._kept: OrderedDict[tuple[str, str], Media] = OrderedDict()
        self._most, self._bytes = most_bytes, 0
        self._lock = threading.Lock()

    def get(self, area: str, sha256: str, ask: Callable[[], Media]) -> Media:
        """Returns what is kept, else what `ask` gives; whatever it raises is raised."""
        key = (area, sha256)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        found = ask()
        with self._lock:
            if key not in self._kept and len(found.content) <= self._most:
                self._kept[key] = found
                self._bytes += len(found.content)
            while self._bytes > self._most:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone.content)
        return found
