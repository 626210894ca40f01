"""Addresses at which operators tell of their runs as they go: when they are asked, and how long
what they told is used."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from services.itinerary.domain.transit.live import LiveAlert, LiveRun

ASK_EVERY_S = 30.0
MOST_PAUSE_S = 900.0
JITTER = 0.2  # so that installations do not ask in step, nor come back in step after a fault
# Of a delay that was told longer ago than this nobody knows whether it still is one.
RUNS_HOLD = timedelta(minutes=5)
ALERTS_HOLD = timedelta(minutes=30)


class LiveKind(StrEnum):
    """What an address tells of."""

    RUNS = "runs"  # trip updates
    ALERTS = "alerts"
    VEHICLES = "vehicles"


@dataclass(frozen=True)
class LiveTold:
    """What is kept of a message. ignored: runs of no timetable. refused: what cannot be used.
    vehicles: how many positions; none of them is kept."""

    runs: tuple[LiveRun, ...] = ()
    alerts: tuple[LiveAlert, ...] = ()
    ignored: int = 0
    refused: int = 0
    vehicles: int = 0


@dataclass(frozen=True)
class LiveAddress:
    """One address of a feed and what became of asking it. told_time: of the newest message, as it
    says of itself; None before there is one. fault: stable, "" for none."""

    timetable_id: str
    kind: LiveKind
    url: str
    answer_time: datetime | None = None
    told_time: datetime | None = None
    fault: str = ""
    fault_count: int = 0
    told: LiveTold = LiveTold()

    def is_stale(self, now: datetime) -> bool:
        """Tells whether what it told is used no longer."""
        return self.told_time is None or self.told_time <= now - holds(self.kind)


def holds(kind: LiveKind) -> timedelta:
    """Returns how long what was told is used."""
    return ALERTS_HOLD if kind is LiveKind.ALERTS else RUNS_HOLD


def pause_s(faults: int, random: Random) -> float:
    """Returns the seconds until an address is asked again, after so many faults in a row."""
    pause = min(MOST_PAUSE_S, ASK_EVERY_S * 2.0 ** min(faults, 10))
    return pause * random.uniform(1 - JITTER, 1 + JITTER)


def told_at(said: int, now: datetime) -> datetime:
    """Returns when a message was told: as it says of itself (seconds since 1970), but never later
    than it was read; one that says nothing is as old as its reading."""
    if said <= 0:
        return now
    try:
        return min(now, datetime.fromtimestamp(said, now.tzinfo))
    except (ValueError, OverflowError, OSError):
        return now
