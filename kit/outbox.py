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
REFUSED_MOST_S = 60.0  # longest pause before a refused event is tried again
RETRIED = 50  # refused events tried again in one round
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
# An aggregate's events keep their order: what comes after a refused one waits with it.
_WAITING = (
    "select id, area, event_id::text as event_id, type, aggregate_id, version,"
    " occur_time, traceparent, body from outbox"
    " where published_time is null and next_attempt_time is null"
    " and not exists (select from outbox earlier where earlier.published_time is null"
    " and earlier.next_attempt_time is not null and earlier.area = outbox.area"
    " and earlier.aggregate_id = outbox.aggregate_id and earlier.id < outbox.id)"
    " order by id limit %s"
)
_RETRIED = (
    "select id, area, event_id::text as event_id, type, aggregate_id, version,"
    " occur_time, traceparent, body from outbox where id = any(array("
    "select min(id) from outbox where published_time is null and next_attempt_time is not null"
    " group by area, aggregate_id having min(next_attempt_time) <= now()"
    " order by min(next_attempt_time) limit %s)) order by id"
)
_PENDING = (
    "select count(*) as waiting, count(*) filter (where next_attempt_time <= now()) as due"
    " from outbox where published_time is null"
)
_PUT_OFF = (
    "update outbox set attempt_count = attempt_count + 1, next_attempt_time = now()"
    " + make_interval(secs => least(%s, %s * power(2, least(attempt_count, 20) + 1)))"
    " where id = any(%s)"
)
_OUT = (
    "update outbox set published_time = now(), attempt_count = 0, next_attempt_time = null"
    " where id = any(%s)"
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
        if tx.area != ALL_AREAS and any(event.area != tx.area for event in events):
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

    In order, but for what NATS refuses: that steps aside, with what comes after it of the same
    aggregate, and is tried again less and less often.
    """

    def __init__(self, service: str, database: Database, outbox: Outbox, bus: Publisher) -> None:
        self._service, self._database, self._outbox, self._bus = service, database, outbox, bus
        self._began = 0.0
        self._more = False  # the last batch was full, and NATS answered

    async def run(self) -> None:
        """Publishes until canceled."""
        await forever("relay", self._turn, self._wait)

    async def _turn(self) -> bool:
        self._outbox.waiting.clear()
        self._began = monotonic()
        await self.drain_once()
        return self._more

    async def _wait(self) -> None:
        # Not wait_for: before Python 3.12 it can swallow a cancellation that meets the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                await self._outbox.waiting.wait()
        # The first event after a quiet while goes out at once.
        await asyncio.sleep(max(0.0, self._began + PAUSE_S - monotonic()))

    async def drain_once(self) -> int:
        """Publishes one batch and marks it. Returns how many events were acknowledged."""
        self._more = False
        async with self._database.alone(RELAY_LOCK) as mine:
            return await self._round() if mine else 0

    async def _round(self) -> int:
        """Reads, publishes, marks: no transaction is open while NATS is waited for."""
        async with self._database.transaction(ALL_AREAS, line=True) as tx:
            rows = await tx.fetch_all(_WAITING, (BATCH,))
            pending = await tx.fetch_one(_PENDING)
            due = await tx.fetch_all(_RETRIED, (RETRIED,)) if pending and pending["due"] else []
        telemetry.OUTBOX_PENDING.labels(self._service).set(pending["waiting"] if pending else 0)
        published = await self._publish(rows)
        self._more = len(rows) == BATCH and bool(published.stored or published.refused)
        # By themselves: one of them would have NATS refuse a batch of good ones whole.
        again = await self._publish(due)
        return len(published.stored) + len(again.stored)

    async def _publish(self, rows: list[Row]) -> Published:
        """Publishes rows and marks what became of them."""
        if not rows:
            return Published()
        published = await self._bus.publish_rows(self._service, rows)
        async with self._database.transaction(ALL_AREAS, line=True) as tx:
            if published.stored:
                await tx.execute(_OUT, (list(published.stored),))
            if published.refused:
                put_off = (REFUSED_MOST_S, POLL_S, list(published.refused))
                await tx.execute(_PUT_OFF, put_off)
        telemetry.EVENTS_PUBLISHED.labels(self._service).inc(len(published.stored))
        telemetry.EVENTS_REFUSED.labels(self._service).inc(len(published.refused))
        return published
