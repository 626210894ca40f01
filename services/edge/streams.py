"""Server-sent events: each stream holds a thread of the server, so places are few and come back."""

import threading
from collections.abc import Iterator

from flask import Response, stream_with_context

from services.edge.errors import Problem

BUSY_S = 30  # after which who got no place may ask again


def stream(events: Iterator[str], places: threading.BoundedSemaphore) -> Response:
    """Returns an answer that stays open as long as there are events, in one of a few places.

    Errors: Problem service_unavailable when all places are taken; events are not begun then.
    """
    if not places.acquire(blocking=False):
        raise Problem(503, "service_unavailable", retry_after_s=BUSY_S)
    answer = Response(stream_with_context(_Held(events, places)), mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


class _Held:
    """Events that give their place back however they end, also where nobody ever reads them."""

    def __init__(self, events: Iterator[str], places: threading.BoundedSemaphore) -> None:
        self._events, self._places, self._holds = events, places, True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            return next(self._events)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives the place back, once."""
        if self._holds:
            self._holds = False
            self._places.release()

    def __del__(self) -> None:
        self.close()
