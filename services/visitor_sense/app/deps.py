"""What the use cases are given."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from kit.clock import Clock
from kit.db import Database
from kit.outbox import Outbox
from services.visitor_sense.domain.live import Seen


class LiveCounts(Protocol):
    """Devices seen in the last minutes; holds only what can be rebuilt from the stream."""

    async def add(self, area: str, seen: Seen) -> None:
        """Adds devices; repeats change nothing. Errors: LiveUnavailable."""
        ...

    async def count(self, area: str, zone_ids: Sequence[str], now: datetime) -> dict[str, int]:
        """Returns the distinct devices per zone within LIVE_WINDOW. Errors: LiveUnavailable."""
        ...

    async def set_as_of(self, area: str, at: datetime) -> None:
        """Keeps the moment the levels describe. Errors: LiveUnavailable."""
        ...

    async def as_of(self, area: str) -> datetime | None:
        """Returns the moment the levels describe, None when nobody knows."""
        ...


# Asks the sensors of an area for the key of a day and epoch; returns every key they gave.
AskSensors = Callable[[str, date, int], Awaitable[Sequence[bytes]]]
# Tells the sensors of an area which zones are paused.
TellSensors = Callable[[str, Sequence[str]], Awaitable[None]]
# Ends the connections of a gadget, by area and sensor.
EndLogins = Callable[[str, str], Awaitable[None]]
# Stores a signed batch in the stream; returns True when it was there already.
StoreBatch = Callable[[str, str, str, bytes], Awaitable[bool]]


async def nothing_to_end(_area: str, _sensor_id: str) -> None:
    """Where no gadget can log in, no login has to end."""


@dataclass
class Deps:
    """Database, outbox, clock, live figures, and the ways to the sensors.

    secret: of the installation, not in the database; opens the opt-out list.
    touched: areas with new observations since the last look at their levels.
    """

    db: Database
    outbox: Outbox
    clock: Clock
    live: LiveCounts
    ask_sensors: AskSensors
    tell_sensors: TellSensors
    store_batch: StoreBatch
    secret: bytes
    end_logins: EndLogins = nothing_to_end
    touched: set[str] = field(default_factory=set)
