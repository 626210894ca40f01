"""Something that goes on in a thread of its own for as long as a block lasts."""

import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Beside(ABC):
    """Looks, reads or sends beside what a scenario does. Use as a context."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._begin()
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._ended.set()
        self._thread.join()

    def _begin(self) -> None:  # noqa: B027 - not everybody has something to do first
        """Does what comes before the thread."""

    @abstractmethod
    def _work(self) -> None:
        """Goes on until self._ended."""
