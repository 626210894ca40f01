"""Events leave in the same transaction as the state they tell of, and are published after it."""

import asyncio
import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from google.protobuf.message import Message

from kit import log, telemetry
from kit.bus import BODY_LIMIT_BYTES
from kit.db import ALL_AREAS, Database, Row, StoreUnavailable, Transaction
from kit.ids import new_id
from kit.pure.event import Event
from kit.stopping import stop_if_told

Encoder = Callable[[Any], Message]
Encoders = Mapping[type[Event], Encoder]

BATCH = 500  # events published with one wait for acknowledgements
POLL_S = 0.5  # net below the wake-up, for events of a process that died before publishing
RELAY_LOCK = 0x6D67  # one relay per database, whatever runs


def type_name(event: type[Event]) -> str:
    """Returns the event's name on the wire: PaymentCaptured -> payment_captured."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()


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
        await tx.execute_many(
            "insert into outbox"
            " (area, event_id, type, aggregate_id, version, occur_time, traceparent, body)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (event.area, new_id(), type_name(type(event)), event.aggregate_id, event.version,
                 event.occur_time, traceparent, self._encoded(event))
                for event in events
            ],
        )  # fmt: skip
        if events:
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
        self._log = log.get("relay")

    async def run(self) -> None:
        """Publishes until canceled."""
        while True:
            stop_if_told()
            self._outbox.waiting.clear()
            try:
                while await self.drain_once() == BATCH:
                    pass
            except StoreUnavailable as error:
                self._log.warning("outbox cannot be read", error=str(error))
            # Not wait_for: before Python 3.12 it can swallow a cancellation that meets the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._outbox.waiting.wait()

    async def drain_once(self) -> int:
        """Publishes one batch and marks it. Returns how many events were acknowledged."""
        async with self._database.transaction(ALL_AREAS) as tx:
            mine = await tx.fetch_one("select pg_try_advisory_xact_lock(%s) as got", (RELAY_LOCK,))
            if mine is None or not mine["got"]:
                return 0
            rows = await tx.fetch_all(
                "select id, area, event_id::text as event_id, type, aggregate_id, version,"
                " occur_time, traceparent, body from outbox"
                " where published_time is null order by id limit %s",
                (BATCH,),
            )
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
