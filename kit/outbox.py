"""Events leave in the same transaction as the state they tell of, and are published after it."""

import asyncio
import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from time import monotonic
from typing import Any, Protocol

import msgspec
from google.protobuf.message import Message

from kit import telemetry
from kit.bus import BODY_LIMIT_BYTES
from kit.db import ALL_AREAS, Database, Row, Transaction
from kit.forever import forever
from kit.ids import new_id
from kit.pure.event import Event

Encoder = Callable[[Any], Message]
Encoders = Mapping[type[Event], Encoder]

BATCH = 500  # events published with one wait for acknowledgements
PAUSE_S = 0.1  # between two rounds: what is said meanwhile shares a transaction and an fsync
POLL_S = 0.5  # net below the wake-up, for events of a process that died before publishing
RELAY_LOCK = 0x6D67  # one relay per database, whatever runs


def type_name(event: type[Event]) -> str:
    """Returns the event's name on the wire: PaymentCaptured -> payment_captured."""
    return _snake_case(event.__name__)


# All rows as one JSON parameter: one statement, and no adapting of values one by one.
_INSERT = (
    "insert into outbox"
    " (area, event_id, type, aggregate_id, version, occur_time, body, traceparent)"
    " select area, event_id, type, aggregate_id, version, occur_time, decode(body, 'base64'), %s"
    " from jsonb_to_recordset(%s::jsonb) as given (place int, area text, event_id uuid, type text,"
    " aggregate_id text, version bigint, occur_time timestamptz, body text) order by place"
)
# Without the lock nothing: another relay is at work. The rows were looked up a moment before it was
# had, so one that was published in between may go out again, and the bus drops the repeat.
_WAITING = (
    "with mine as materialized (select pg_try_advisory_xact_lock(%s) as got)"
    " select id, area, event_id::text as event_id, type, aggregate_id, version,"
    " occur_time, traceparent, body from outbox"
    " where published_time is null and (select got from mine) order by id limit %s"
)


@cache
def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Publisher(Protocol):
    """What the relay needs of the bus."""

    async def publish_rows(self, service: str, rows: list[Row]) -> list[int]:
        """Publishes outbox rows in order and returns the ids acknowledged as stored."""
        ...


class Outbox:
    """Writes events of one service beside their state."""

    def __init__(self, encoders: Encoders) -> None:
        self._encoders = encoders
        self.waiting = asyncio.Event()

    async def add(self, tx: Transaction, event: Event) -> None:
        """Says an event in the running transaction; see add_many."""
        await self.add_many(tx, [event])

    async def add_many(self, tx: Transaction, events: Sequence[Event]) -> None:
        """Says events, in order, in the running transaction and in one round trip.

        Errors: KeyError for an event type the service has no encoder for; ValueError when an
        event is of another area than the transaction or larger than BODY_LIMIT_BYTES.
        """
        if any(tx.area not in {event.area, ALL_AREAS} for event in events):
            raise ValueError("an event belongs to the area of its transaction")
        traceparent = telemetry.traceparent()
        if not events:
            return
        rows = [
            {"place": place, "area": event.area, "event_id": new_id(),
             "type": type_name(type(event)), "aggregate_id": event.aggregate_id,
             "version": event.version, "occur_time": event.occur_time,
             "body": self._encoded(event)}
            for place, event in enumerate(events)
        ]  # fmt: skip
        await tx.execute(_INSERT, (traceparent, msgspec.json.encode(rows).decode()))
        tx.after_commit(self.waiting.set)

    def _encoded(self, event: Event) -> bytes:
        body = self._encoders[type(event)](event).SerializeToString(deterministic=True)
        if len(body) > BODY_LIMIT_BYTES:
            raise ValueError(f"{type(event).__name__} of {len(body)} bytes is too large to be said")
        return body


class Relay:
    """Publishes what the outbox holds, at least once; the bus drops repeats.

    In order, unless NATS fails on one event of a batch and takes a later one: whoever hears
    compares versions.
    """

    def __init__(self, service: str, database: Database, outbox: Outbox, bus: Publisher) -> None:
        self._service, self._database, self._outbox, self._bus = service, database, outbox, bus
        self._began = 0.0

    async def run(self) -> None:
        """Publishes until canceled."""
        await forever("relay", self._turn, self._wait)

    async def _turn(self) -> bool:
        self._outbox.waiting.clear()
        self._began = monotonic()
        return await self.drain_once() == BATCH

    async def _wait(self) -> None:
        # Not wait_for: before Python 3.12 it can swallow a cancellation that meets the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                await self._outbox.waiting.wait()
        # The first event after a quiet while goes out at once.
        await asyncio.sleep(max(0.0, self._began + PAUSE_S - monotonic()))

    async def drain_once(self) -> int:
        """Publishes one batch and marks it. Returns how many events were acknowledged."""
        async with self._database.transaction(ALL_AREAS) as tx:
            rows = await tx.fetch_all(_WAITING, (RELAY_LOCK, BATCH))
            telemetry.OUTBOX_PENDING.labels(self._service).set(await self._pending(tx, len(rows)))
            if not rows:
                return 0
            stored = await self._bus.publish_rows(self._service, rows)
            await tx.execute(
                "update outbox set published_time = now() where id = any(%s)", (stored,)
            )
        telemetry.EVENTS_PUBLISHED.labels(self._service).inc(len(stored))
        return len(stored)

    async def _pending(self, tx: Transaction, found: int) -> int:
        if found < BATCH:
            return found
        row = await tx.fetch_one("select count(*) as n from outbox where published_time is null")
        return int(row["n"]) if row else found
