"""Counting stop pages that were sent: queued, and handed to the guide within a second.

Views of one stop in the same languages are counted together, so that a thousand cost the guide one
row. While it is away they wait by the minute: the newest KEPT_AT_MOST such minutes. Lost are what
is queued at a kill -9 and, counted by reason in meguri_edge_views_lost_total, the oldest beyond
that bound (full), what the guide refuses (refused) and what an absent guide leaves at the end
(stopped). Scans that phones report themselves go to the guide at once (visitor/api.py).
Stray codes, which lead nowhere, are counted by a queue of their own, smaller and slower.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from kit import log
from kit.ids import new_id

KEPT_AT_MOST = 100_000  # about 40 MB: the minutes of several busy days
BATCH_AT_MOST = 500
EVERY_S = 0.5
STRAYS_KEPT_AT_MOST = 2_000  # anybody can make codes up: what comes beyond them is not counted
STRAYS_EVERY_S = 5.0
CODE_LENGTH = 5
MINUTE_S = 60
TRIES = 5  # of a batch that is refused, not of one that meets nobody


class View(NamedTuple):
    """A stop page that was sent within one minute, which at counts since 1970. wished: the language
    the visitor wants most, nothing else."""

    area: str
    stop_code: str
    wished: str
    served: str
    at: float


@dataclass(slots=True)
class SeenStop:
    """A stop page that was sent count times within one minute, first at that time."""

    stop_code: str
    wished: str
    served: str
    at: datetime
    count: int = 0
    scan_id: str = field(default_factory=new_id)


@dataclass(slots=True)
class Batch:
    """What is sent in one call, however often: the request id makes it count once."""

    area: str
    request_id: str
    scans: Sequence[SeenStop]
    refused: int = 0

    def views(self) -> int:
        """Returns how many page views it holds."""
        return sum(seen.count for seen in self.scans)


class GuideAway(Exception):
    """Nobody answered; the same batch may be sent again."""


Send = Callable[[str, str, Sequence[SeenStop]], None]  # area, request id, scans
Lost = Callable[[str, int], None]  # reason, how many
Cut = Callable[[str, str], str]  # area, wish -> the language it is counted under


class ScanQueue:
    """Takes scans from request threads and sends them from a thread of its own.

    send: Errors: GuideAway; any other one refuses the batch. lost: told of page views that are
    never counted; reason is full, refused or stopped. cut: leaves a bounded number of wishes.
    kept_at_most: of what waits. every_s: between two sendings.
    """

    def __init__(
        self, send: Send, lost: Lost, cut: Cut = lambda _area, wish: wish,
        kept_at_most: int = KEPT_AT_MOST, every_s: float = EVERY_S,
    ) -> None:  # fmt: skip
        self._send, self._tell_lost, self._cut = send, lost, cut
        self._kept_at_most, self._every_s = kept_at_most, every_s
        # What was seen since the last look, by area, code, wish, language served and minute: when
        # first, and how often. Counted where it is seen, a thousand views alike are one row.
        self._fresh: dict[tuple[str, str, str, str, float], list[float]] = {}
        self._counting = threading.Lock()
        self._seen: dict[View, SeenStop] = {}  # by view of a minute, oldest first
        self._batches: deque[Batch] = deque()
        self._flushing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._said = ""
        self._log = log.get("scans")

    def count(self, area: str, code: str, wished: str, served: str) -> None:
        """Notes that a stop page was sent. wished: as language.wish_of says."""
        now = time.time()
        key = (area, code, wished[:35], served, now // MINUTE_S)
        with self._counting:
            seen = self._fresh.get(key)
            if seen is None:
                self._fresh[key] = [now, 1]
            else:
                seen[1] += 1

    def count_stray(self, area: str, code: str) -> None:
        """Notes that somebody opened or typed a code that leads nowhere. code: in its one spelling;
        what is none by its length is counted without it. One beyond twice the bound is dropped at
        once: thousands may come between two sendings."""
        if len(self._fresh) > 2 * self._kept_at_most:
            self._tell_lost("full", 1)
            return
        self.count(area, code if len(code) == CODE_LENGTH else "", "", "")

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
        main, ticks = threading.main_thread(), 0
        while main.is_alive() and not self._stop.wait(EVERY_S):  # the end is noticed soon
            ticks += 1
            if ticks * EVERY_S >= self._every_s:
                self.flush()
                ticks = 0
        self.flush()
        left = sum(batch.views() for batch in self._batches)
        self._lose("stopped", left + sum(seen.count for seen in self._seen.values()))

    def flush(self) -> None:
        """Sends everything queued, oldest first, until nobody answers."""
        with self._flushing:
            self._gather()
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

    def _gather(self) -> None:
        with self._counting:
            fresh, self._fresh = self._fresh, {}
        for (area, code, wish, served, minute), (first, count) in fresh.items():
            wished = self._cut(area, wish)
            view = View(area, code, wished, served, minute)
            seen = self._seen.get(view)
            if seen is None:
                at = datetime.fromtimestamp(first, UTC)
                seen = self._seen[view] = SeenStop(code, wished, served, at)
            seen.count += int(count)

    def _pack(self) -> None:
        by_area: dict[str, list[SeenStop]] = {}
        for view, seen in self._seen.items():
            by_area.setdefault(view.area, []).append(seen)
        self._seen = {}
        for area, scans in by_area.items():
            for start in range(0, len(scans), BATCH_AT_MOST):
                self._batches.append(Batch(area, new_id(), scans[start : start + BATCH_AT_MOST]))

    def _make_room(self) -> None:
        over = (
            len(self._seen) + sum(len(batch.scans) for batch in self._batches) - self._kept_at_most
        )
        lost = 0
        while over > 0 and self._batches:
            batch = self._batches.popleft()
            over, lost = over - len(batch.scans), lost + batch.views()
        for minute in list(self._seen)[: max(0, over)]:
            lost += self._seen.pop(minute).count
        self._lose("full", lost)

    def _refuse(self, batch: Batch, error: Exception) -> None:
        batch.refused += 1
        if batch.refused < TRIES:
            self._batches.append(batch)
            return
        self._log.warning("scans were refused", area=batch.area, error=repr(error)[:200])
        self._lose("refused", batch.views())

    def _lose(self, reason: str, count: int) -> None:
        if count:
            self._tell_lost(reason, count)
            if reason != self._said:
                self._said = reason  # once: it goes on for as long as the guide is away
                self._log.warning("page views are not counted", reason=reason, count=count)
