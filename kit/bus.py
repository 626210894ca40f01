"""NATS JetStream: the connection of a process, and hearing events exactly once in effect.

Envelope: CloudEvents 1.0, NATS protocol binding, binary mode (`ce-*` headers), body protobuf.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from time import perf_counter
from typing import Any, NamedTuple
from uuid import UUID

import nats.errors
from google.protobuf.message import DecodeError, Message
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from kit import log, telemetry
from kit.area import DROPPED, forget_area
from kit.config import Settings
from kit.db import Database, Row, Transaction, column
from kit.publishing import Published, publish_rows
from kit.pull import ACK_WAIT_S, FETCH, Listener, Poison, PullLoop
from kit.quick_client import QuickClient, RawMsg
from kit.quick_pull import QuickPull

BODY_LIMIT_BYTES = 512 * 1024  # NATS takes 1 MiB with headers
CONNECT_PAUSE_S = 0.2
SUBSCRIBE_WAIT_S = 2.0
DEAD_LETTERS = "DEAD_LETTERS"
# Headers of a dead letter; the last two instead of a body that may be copied nowhere.
REASON, SUBJECT, STREAM, SEQUENCE = (
    "Meguri-Reason", "Meguri-Subject", "Meguri-Stream", "Meguri-Sequence",
)  # fmt: skip
DEAD_PREFIX = "meguri_dead"  # beside meguri.<area>…, since streams may not overlap


def stream_of(service: str) -> str:
    """Returns the stream that holds a service's events."""
    return service.upper()


class Delivery(NamedTuple):
    """The envelope of one event, read from its headers. occur_time is aware, UTC."""

    event_id: str
    type: str
    area: str
    service: str
    aggregate_id: str
    version: int
    occur_time: datetime
    traceparent: str
    body: bytes


Handle = Callable[[Transaction, Delivery, Any], Awaitable[None]]
Gather = Callable[[Transaction, Sequence[tuple[Delivery, Any]]], Awaitable[None]]


@dataclass(frozen=True)
class Hearing:
    """What to do when one kind of event of one service arrives.

    The handler runs in the transaction that also writes the inbox: it raises to have the event
    delivered again, and must not keep anything outside of that transaction. Events of one
    aggregate come in order of their versions, except after a failure of NATS or of a handler:
    a handler compares the version with what it knows and lets an older one pass.
    gather: instead of the handler, given all events of its kind of a transaction at once, after
    the handlers of the other kinds; for kinds whose effect does not depend on what else is heard.
    commutes: its effects may come in any order, as sums do: full batches of such kinds alone are
    written side by side. Not for what a newer version replaces.
    """

    service: str
    event: str
    message_type: type[Message]
    handle: Handle | None = None
    gather: Gather | None = None
    commutes: bool = False


# The envelope as kit.publishing writes it: read at one look. Others are read header by header.
_ENVELOPE = re.compile(
    rb"NATS/1\.0\r\nNats-Msg-Id: [^\r\n]*\r\nce-specversion: 1\.0\r\n"
    rb"ce-id: ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\r\n"
    rb"ce-source: [^\r\n]*\r\nce-type: [^\r\n]*\r\nce-subject: ([!-~]+)\r\n"
    rb"ce-time: ([!-~]+)\r\nce-aggregateversion: ([0-9]+)\r\n"
    rb"ce-datacontenttype: application/protobuf\r\n(?:traceparent: ([!-~]+)\r\n)?"
    rb"(?:Nats-Batch-[A-Za-z]+: [0-9a-f]+\r\n)*\r\n"
)


@lru_cache(maxsize=1024)
def _parts_of(subject: str) -> tuple[str, str, str]:
    """Returns area, service and event. Errors: ValueError."""
    _, area, service, _, event = subject.split(".", 4)
    return area, service, event


def read_delivery(message: Msg) -> Delivery:
    """Reads the envelope. Errors: Poison when a header is missing or malformed."""
    known = _ENVELOPE.fullmatch(message.raw) if isinstance(message, RawMsg) else None
    try:
        area, service, event = _parts_of(message.subject)
        if known is None:
            return _read_slowly(message, area, service, event)
        event_id, aggregate_id, moment, version, traceparent = known.groups()
        return Delivery(
            event_id.decode(), event, area, service, aggregate_id.decode(), int(version),
            datetime.fromisoformat(moment.decode()),
            traceparent.decode() if traceparent else "", message.data,
        )  # fmt: skip
    except (KeyError, ValueError) as error:
        raise Poison(f"envelope: {error!r}") from error


def _read_slowly(message: Msg, area: str, service: str, event: str) -> Delivery:
    headers = message.headers or {}
    return Delivery(
        event_id=str(UUID(headers["ce-id"])),
        type=event,
        area=area,
        service=service,
        aggregate_id=headers["ce-subject"],
        version=int(headers["ce-aggregateversion"]),
        occur_time=datetime.fromisoformat(headers["ce-time"]),
        traceparent=headers.get("traceparent", ""),
        body=message.data,
    )


class Bus:
    """One connection of one process to NATS."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._log = log.get("bus")
        self.connection = QuickClient()
        self.opened = asyncio.Event()
        self.lost = asyncio.Event()  # the library gave the connection up for good

    async def open(self) -> None:
        """Connects, waiting for the server as long as it takes; afterwards reconnects by itself."""
        while not self.connection.is_connected:
            try:
                await self.connection.connect(
                    # Of a cluster any server will do; it names the others when one is reached.
                    self._settings.nats_url.split(","),
                    user=self._settings.nats_user or None,
                    password=self._settings.nats_password or None,
                    name=self._settings.service,
                    # Answers and deliveries of one program are no other program's business.
                    inbox_prefix=f"_INBOX_{self._settings.nats_user}".rstrip("_"),
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=CONNECT_PAUSE_S,  # type: ignore[arg-type] # seconds, fractions work
                    ping_interval=5,
                    max_outstanding_pings=2,
                    error_cb=self._note,
                    disconnected_cb=self.connection.give_up_asking,
                    closed_cb=self._closed,
                )
            except (OSError, nats.errors.Error, TimeoutError):
                await asyncio.sleep(CONNECT_PAUSE_S)
        self.stream = self.connection.jetstream(timeout=5)
        self.opened.set()

    async def _note(self, error: Exception) -> None:
        self._log.warning("nats", error=repr(error))

    async def _closed(self) -> None:
        if self.opened.is_set():
            self.lost.set()

    async def close(self) -> None:
        """Sends what is buffered and disconnects."""
        with contextlib.suppress(nats.errors.Error, TimeoutError, OSError):
            await self.connection.flush(timeout=1)
        with contextlib.suppress(nats.errors.Error, TimeoutError, OSError):
            await self.connection.close()

    async def publish_rows(self, service: str, rows: list[Row]) -> Published:
        """Publishes outbox rows in order."""
        if not self.connection.is_connected:
            return Published()
        return await publish_rows(self.connection, service, rows)


class Consumer:
    """Hears the events of one other service for this one, in order, under a durable name."""

    def __init__(
        self, bus: Bus, database: Database, own: str, source: str, hearings: Sequence[Hearing],
        fetch: int = FETCH,
    ) -> None:  # fmt: skip
        self._bus, self._database, self._own, self._source = bus, database, own, source
        self._fetch = fetch
        self._hearings = {hearing.event: hearing for hearing in hearings}
        # Told as 0 from the start: of a series that begins with 1, Prometheus sees no increase.
        self._count("dead", 0)
        self.loop = PullLoop(
            Listener(
                name=f"hear {source}", subscribe=self._subscribe, read=read_delivery,
                area=lambda delivery: delivery.area, key=lambda delivery: delivery.event_id,
                apply=self._apply, bury=self._bury, count=self._count, spent=self._spent,
                fetch=fetch, any_order=self._commutes,
            )
        )  # fmt: skip

    async def run(self) -> None:
        """Hears until canceled; comes back by itself after any fault of bus or database."""
        await self.loop.run()

    def _commutes(self, delivery: Delivery) -> bool:
        hearing = self._hearings.get(delivery.type)
        return hearing is not None and hearing.commutes

    async def _subscribe(self) -> QuickPull:
        durable = f"{self._own}-hears-{self._source}"
        stream = stream_of(self._source)
        # Asked again soon: a cluster without a leader answers nothing, and says nothing.
        await self._bus.connection.jetstream(timeout=SUBSCRIBE_WAIT_S).add_consumer(
            stream,
            ConsumerConfig(
                durable_name=durable,
                filter_subject=f"meguri.*.{self._source}.v1.>",
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=ACK_WAIT_S,
                max_ack_pending=self._fetch * 4,
                deliver_policy=DeliverPolicy.ALL,
            ),
        )
        return await QuickPull(self._bus.connection, stream, durable).open()

    async def _apply(self, area: str, deliveries: list[Delivery]) -> None:
        async with self._database.transaction(area) as tx:
            await self._effect(tx, deliveries)
            began = perf_counter()
        self._spent("write", perf_counter() - began)

    async def _effect(self, tx: Transaction, deliveries: list[Delivery]) -> None:
        """Runs the handlers of all deliveries that the inbox has not seen, in order."""
        known = [each for each in deliveries if each.type in self._hearings]
        self._count("unknown", len(deliveries) - len(known))
        if not known:
            return
        began = perf_counter()
        # Answered are those that are there already: of news, nearly everything, none.
        rows = await tx.fetch_all(
            "with fresh as (insert into inbox (area, event_id)"
            " select %s, unnest(string_to_array(%s, E'\\n')::uuid[])"
            " on conflict do nothing returning event_id)"
            " select given.id from unnest(string_to_array(%s, E'\\n')) as given (id)"
            " where not exists (select from fresh where event_id = given.id::uuid)",
            (tx.area, ids := column(each.event_id for each in known), ids),
        )
        seen = {row["id"] for row in rows}
        self._spent("inbox", (known_at := perf_counter()) - began)
        done, gathered = 0, dict[str, list[tuple[Delivery, Any]]]()
        for delivery in known:
            if delivery.event_id in seen:
                continue
            seen.add(delivery.event_id)  # the same event may stand in one batch twice
            done += 1
            hearing = self._hearings[delivery.type]
            try:
                body = hearing.message_type.FromString(delivery.body)
            except DecodeError as error:
                raise Poison(f"body: {error}") from error
            if hearing.handle is None:
                gathered.setdefault(delivery.type, []).append((delivery, body))
                continue
            with telemetry.span(f"hear {delivery.type}", delivery.traceparent):
                await hearing.handle(tx, delivery, body)
            if delivery.type == DROPPED:
                await forget_area(tx, drop_id=delivery.event_id, drop_time=delivery.occur_time)
        await self._gather(tx, gathered)
        self._spent("handle", perf_counter() - known_at)
        self._count("repeated", len(known) - done)
        tx.after_commit(lambda: self._count("done", done))

    async def _gather(
        self, tx: Transaction, gathered: dict[str, list[tuple[Delivery, Any]]]
    ) -> None:
        """Gives each kind all of its events. One alone is a step of its own trace, as elsewhere."""
        at = telemetry.began()
        for event, pairs in gathered.items():
            gather, name = self._hearings[event].gather, f"hear {event}"
            if gather is None:
                continue
            if len(pairs) == 1:
                with telemetry.span(name, pairs[0][0].traceparent):
                    await gather(tx, pairs)
                continue
            await gather(tx, pairs)
            parents = [each.traceparent for each, _ in pairs]
            tx.after_commit(partial(telemetry.steps, name, parents, at))

    async def _bury(self, message: Msg, delivery: Delivery | None, error: Exception) -> None:
        """Keeps a poisonous message in the dead letters, with the reason."""
        reason = str(error) if delivery is None else f"{type(error).__name__}: {error}"
        given = message.headers or {}
        headers = {
            # Orders to the server, such as the place in a batch, would have this refused.
            **{n: v for n, v in given.items() if not n.startswith("Nats-")},
            REASON: reason[:500].replace("\n", " "),
            SUBJECT: message.subject,
            "Meguri-Consumer": self._own,
        }
        # The id of the original would be dropped as a repeat within the window of its own stream.
        # One that was delivered again has another id each time, and is buried under that.
        name = given.get("Nats-Msg-Id") or given.get("ce-id", message.reply)
        headers["Nats-Msg-Id"] = f"dead:{self._own}:{name}"
        subject = f"{DEAD_PREFIX}.{self._own}.{self._source}"
        body = message.data
        if len(body) > BODY_LIMIT_BYTES:
            # With its headers it would pass NATS's limit, which ends the connection.
            headers["Meguri-Body-Bytes"], body = str(len(body)), b""
        await self._bus.stream.publish(subject, body, headers=headers)

    def _count(self, outcome: str, amount: int = 1) -> None:
        telemetry.EVENTS_HEARD.labels(self._own, self._source, outcome).inc(amount)

    def _spent(self, step: str, seconds: float) -> None:
        telemetry.HEARING_SECONDS.labels(self._own, self._source, step).inc(seconds)
