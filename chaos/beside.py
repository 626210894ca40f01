"""Something that goes on in a thread of its own for as long as a block lasts."""

import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Beside(ABC):
    """Looks, reads or sends beside what a scenario does. Use as a context: what broke in the
    thread is raised at its end, for a look that saw nothing must not pass for a clean one."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._broke: Exception | None = None
        self._thread = threading.Thread(target=self._work_on, daemon=True)

    def __enter__(self) -> Self:
        self._begin()
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._ended.set()
        self._thread.join()
        if self._broke is not None and error is None:
            raise self._broke

    def _work_on(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the block's end tells it
            self._broke = error

    def _begin(self) -> None:  # noqa: B027 - not everybody has something to do first
        """Does what comes before the thread."""

    @abstractmethod
    def _work(self) -> None:
        """Goes on until self._ended."""
