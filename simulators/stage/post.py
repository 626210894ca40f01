"""Sends a provider's webhooks, with the bad habits that providers have."""

import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum

from simulators.stage.play import Event, Play

TICK_S = 0.03
DEADLINE_S = 5.0


class Habit(StrEnum):
    """How webhooks are sent."""

    ONCE = "once"
    TWICE = "twice"
    REVERSED = "reversed"  # the newest first
    FORGED = "forged"  # with a signature of another key
    ALTERED = "altered"  # one byte changed after signing
    OFF = "off"


class Post(threading.Thread):
    """Lets time pass in the play and sends what there is to tell. url: "" to send nothing."""

    def __init__(self, play: Play, url: str, stopping: threading.Event) -> None:
        super().__init__(daemon=True, name="webhooks")
        self.play, self.url, self.habit = play, url, Habit.ONCE
        self.sent: list[tuple[str, int]] = []
        self._stopping = stopping
        self._kept: list[Event] = []

    def run(self) -> None:
        """Until the simulator stops."""
        while not self._stopping.wait(TICK_S):
            self.play.tick()
            self.flush()

    def flush(self) -> None:
        """Sends what waits. With the habit REVERSED two are gathered first."""
        events, self.play.outbound.waiting = self.play.outbound.waiting, []
        if self.habit is Habit.REVERSED:
            self._kept += events
            if len(self._kept) < 2:
                return
            events, self._kept = self._kept[::-1], []
        self._send_all(events)

    def _send_all(self, events: Sequence[Event]) -> None:
        if not self.url or self.habit is Habit.OFF:
            return
        for event in events:
            for _ in range(2 if self.habit is Habit.TWICE else 1):
                self._send(event)

    def _send(self, event: Event) -> None:
        body, headers = event.body, dict(event.headers)
        if self.habit is Habit.ALTERED:
            body = body.replace(b"COMPLETED", b"COMPLETEE", 1).replace(b'"true"', b'"truE"', 1)
        if self.habit is Habit.FORGED:
            headers = {name: value[::-1] for name, value in headers.items()}
            body = body.replace(b'"hmacSignature": "', b'"hmacSignature": "A', 1)
        request = urllib.request.Request(  # noqa: S310 - the address was given by who started us
            self.url, data=body, headers={"Content-Type": "application/json", **headers}
        )
        status = 0
        with suppress(OSError):
            try:
                with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:  # noqa: S310 - as above
                    status = answer.status
            except urllib.error.HTTPError as error:
                status = error.code
                error.close()
        self.sent.append((event.name, status))
