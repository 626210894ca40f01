"""Counting stop pages that were sent: queued, and handed to the guide within a second.

While the guide is away the newest KEPT_AT_MOST page views wait for it. Lost are what is queued at
a kill -9 and, counted by reason in meguri_edge_views_lost_total, the oldest beyond that bound
(full), what the guide refuses (refused) and what an absent guide leaves at the end (stopped).
Scans that phones report themselves go to the guide at once (visitor/api.py).
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kit import log
from kit.ids import new_id

KEPT_AT_MOST = 100_000  # about 30 MB: three quarters of an hour of the busiest day
BATCH_AT_MOST = 500
EVERY_S = 0.5
TRIES = 5  # of a batch that is refused, not of one that meets nobody


@dataclass(frozen=True, slots=True)
class SeenStop:
    """One stop page that was sent. wished: the language the visitor wants most, nothing else."""

    scan_id: str
    stop_code: str
    wished: str
    served: str
    at: datetime


@dataclass(slots=True)
class Batch:
    """What is sent in one call, however often: the request id makes it count once."""

    area: str
    request_id: str
    scans: Sequence[SeenStop]
    refused: int = 0


class GuideAway(Exception):
    """Nobody answered; the same batch may be sent again."""


Send = Callable[[str, str, Sequence[SeenStop]], None]  # area, request id, scans
Lost = Callable[[str, int], None]  # reason, how many


class ScanQueue:
    """Takes scans from request threads and sends them from a thread of its own.

    send: Errors: GuideAway; any other one refuses the batch. lost: told of page views that are
    never counted; reason is full, refused or stopped.
    """

    def __init__(self, send: Send, lost: Lost) -> None:
        self._send, self._tell_lost = send, lost
        self._queue: deque[tuple[str, SeenStop]] = deque()
        self._batches: deque[Batch] = deque()
        self._flushing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._said = ""
        self._log = log.get("scans")

    def count(self, area: str, code: str, wished: str, served: str) -> None:
        """Notes that a stop page was sent. wished: as language.wish_of says."""
        self._queue.append((area, SeenStop(new_id(), code, wished[:35], served, datetime.now(UTC))))

    def start(self) -> None:
        """Starts sending. The thread outlives the main one for the last flush, so no daemon."""
        self._thread = threading.Thread(target=self._run, name="scans")
        self._thread.start()

    def stop(self) -> None:
        """Sends what is queued, once, and ends."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        main = threading.main_thread()
        while main.is_alive() and not self._stop.wait(EVERY_S):
            self.flush()
        self.flush()
        self._lose("stopped", self._waiting())

    def flush(self) -> None:
        """Sends everything queued, oldest first, until nobody answers."""
        with self._flushing:
            self._make_room()
            if self._send_batches():
                self._pack()
                self._send_batches()

    def _send_batches(self) -> bool:
        for _ in range(len(self._batches)):
            batch = self._batches.popleft()
            try:
                self._send(batch.area, batch.request_id, batch.scans)
            except GuideAway:
                self._batches.appendleft(batch)
                return False
            except Exception as error:  # noqa: BLE001 - counting must never end the thread
                self._refuse(batch, error)
        return True

    def _pack(self) -> None:
        by_area: dict[str, list[SeenStop]] = {}
        for _ in range(len(self._queue)):
            area, seen = self._queue.popleft()
            by_area.setdefault(area, []).append(seen)
        for area, scans in by_area.items():
            for start in range(0, len(scans), BATCH_AT_MOST):
                self._batches.append(Batch(area, new_id(), scans[start : start + BATCH_AT_MOST]))

    def _make_room(self) -> None:
        lost, over = 0, self._waiting() - KEPT_AT_MOST
        while lost < over and self._batches:
            lost += len(self._batches.popleft().scans)
        while lost < over:
            self._queue.popleft()
            lost += 1
        self._lose("full", lost)

    def _waiting(self) -> int:
        return len(self._queue) + sum(len(batch.scans) for batch in self._batches)

    def _refuse(self, batch: Batch, error: Exception) -> None:
        batch.refused += 1
        if batch.refused < TRIES:
            self._batches.append(batch)
            return
        self._log.warning("scans were refused", area=batch.area, error=repr(error)[:200])
        self._lose("refused", len(batch.scans))

    def _lose(self, reason: str, count: int) -> None:
        if count:
            self._tell_lost(reason, count)
            if reason != self._said:
                self._said = reason  # once: it goes on for as long as the guide is away
                self._log.warning("page views are not counted", reason=reason, count=count)
