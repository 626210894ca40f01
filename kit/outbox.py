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
from kit.publishing import Published
from kit.pure.event import Event

Encoder = Callable[[Any], Message]
Encoders = Mapping[type[Event], Encoder]

BATCH = 500  # events published with one wait for acknowledgements
PAUSE_S = 0.1  # between two rounds: what is said meanwhile shares a transaction and an fsync
POLL_S = 0.5  # net below the wake-up, for events of a process that died before publishing
REFUSED_MOST_S = 60.0
REFUSED_KEPT = 1_000  # bound of memory; beyond it they are tried at each look
RELAY_LOCK = 0x6D67  # one relay per database, whatever runs


def type_name(event: type[Event]) -> str:
    """Returns the event's name on the wire: PaymentCaptured -> payment_captured."""
    return _snake_case(event.__name__)


# All rows as one JSON parameter: one statement, and no adapting of values one by one.
_INSERT = (
    "insert into outbox"
    " (area, event_id, type, aggregate_id, version, occur_time, body, traceparent)"
    " select area, event_id, type, aggregate_id, version, occur_time, decode(body, 'base64'), %s"
    " from json_to_recordset(%s::json) as given (place int, area text, event_id uuid, type text,"
    " aggregate_id text, version bigint, occur_time timestamptz, body text) order by place"
)
_WAITING = (
    "select id, area, event_id::text as event_id, type, aggregate_id, version,"
    " occur_time, traceparent, body from outbox"
    " where published_time is null and id <> all(%s::bigint[]) order by id limit %s"
)


@cache
def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Publisher(Protocol):
    """What the relay needs of the bus."""

    async def publish_rows(self, service: str, rows: list[Row]) -> Published:
        """Publishes outbox rows in order and tells which are stored and which are refused."""
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
        await tx.send(_INSERT, (traceparent, msgspec.json.encode(rows).decode()))
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
        self._refused: dict[int, tuple[int, float]] = {}  # how often, and until when it waits

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
        async with self._database.alone(RELAY_LOCK) as mine:
            return await self._publish() if mine else 0

    async def _publish(self) -> int:
        """Reads, publishes, marks: no transaction is open while NATS is waited for."""
        now = monotonic()
        put_off = [row_id for row_id, (_, until) in self._refused.items() if until > now]
        async with self._database.transaction(ALL_AREAS) as tx:
            rows = await tx.fetch_all(_WAITING, (put_off, BATCH))
            pending = len(put_off) + await self._pending(tx, len(rows))
            telemetry.OUTBOX_PENDING.labels(self._service).set(pending)
        if not rows:
            return 0
        published = await self._bus.publish_rows(self._service, rows)
        self._put_off(published)
        if published.stored:
            async with self._database.transaction(ALL_AREAS) as tx:
                await tx.execute(
                    "update outbox set published_time = now() where id = any(%s)",
                    (list(published.stored),),
                )
        telemetry.EVENTS_PUBLISHED.labels(self._service).inc(len(published.stored))
        return len(published.stored)

    def _put_off(self, published: Published) -> None:
        """Has the others pass what NATS does not take; it is tried again, less and less often."""
        for row_id in published.stored:
            self._refused.pop(row_id, None)
        for row_id in published.refused:
            times = self._refused.get(row_id, (0, 0.0))[0] + 1
            pause_s = min(REFUSED_MOST_S, POLL_S * 2**times)
            if row_id in self._refused or len(self._refused) < REFUSED_KEPT:
                self._refused[row_id] = (times, monotonic() + pause_s)
            telemetry.EVENTS_REFUSED.labels(self._service).inc()

    async def _pending(self, tx: Transaction, found: int) -> int:
        if found < BATCH:
            return found
        row = await tx.fetch_one("select count(*) as n from outbox where published_time is null")
        return int(row["n"]) if row else found
