"""Counting stop pages that were sent: queued, and handed to the guide within a second.

A page view is counted best effort: what is queued at a kill -9 is lost (at most one second).
Scans that phones report themselves go to the guide at once and are never lost (visitor/api.py).
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kit import log
from kit.ids import new_id

QUEUED_AT_MOST = 20_000
BATCH_AT_MOST = 500
EVERY_S = 0.5
TRIES = 20


@dataclass(frozen=True)
class SeenStop:
    """One stop page that was sent. wished: first wish of the header, nothing else of it."""

    scan_id: str
    stop_code: str
    wished: str
    served: str
    at: datetime


Send = Callable[[str, str, Sequence[SeenStop]], None]  # area, request id, batch


class ScanQueue:
    """Takes scans from request threads and sends them from a thread of its own."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: deque[tuple[str, SeenStop]] = deque(maxlen=QUEUED_AT_MOST)
        self._failed: deque[tuple[str, str, list[SeenStop], int]] = deque(maxlen=100)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._log = log.get("scans")

    def count(self, area: str, code: str, accept_language: str, served: str) -> None:
        """Notes that a stop page was sent."""
        wished = accept_language.partition(",")[0].partition(";")[0].strip()[:35]
        seen = SeenStop(new_id(), code, wished, served, datetime.now(UTC))
        self._queue.append((area, seen))

    def start(self) -> None:
        """Starts sending."""
        self._thread = threading.Thread(target=self._run, name="scans", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Sends what is queued, once, and ends."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(2)

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            self.flush()
        self.flush()

    def flush(self) -> None:
        """Sends everything queued and everything that failed before."""
        for _ in range(len(self._failed)):
            self._try(*self._failed.popleft())
        batches: dict[str, list[SeenStop]] = {}
        for _ in range(len(self._queue)):
            area, seen = self._queue.popleft()
            batches.setdefault(area, []).append(seen)
        for area, scans in batches.items():
            for start in range(0, len(scans), BATCH_AT_MOST):
                self._try(area, new_id(), scans[start : start + BATCH_AT_MOST], TRIES)

    def _try(self, area: str, request_id: str, batch: list[SeenStop], tries: int) -> None:
        try:
            self._send(area, request_id, batch)
        except Exception as error:  # noqa: BLE001 - counting must never end the thread
            if tries > 1:
                self._failed.append((area, request_id, batch, tries - 1))
            else:
                self._log.warning(
                    "scans were not counted", count=len(batch), error=repr(error)[:200]
                )
