"""Batches of observations from the stream OBSERVATIONS: signed bytes in, counts out."""

import asyncio
from datetime import UTC, date, timedelta
from typing import Any

import nats.errors
import nats.js.errors
import numpy as np
from google.protobuf.message import DecodeError
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)

from kit import log
from kit.bus import DEAD_PREFIX, REASON, SEQUENCE, SUBJECT, SUBSCRIBE_WAIT_S, Bus
from kit.bus import STREAM as DEAD_STREAM
from kit.forever import forever
from kit.pull import ACK_WAIT_S, Listener, Poison, PullLoop
from kit.quick_pull import QuickPull
from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as wire
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.app.observations import (
    Arrival,
    rebuild_live,
    record_batches,
    signed_batch,
)
from services.visitor_sense.domain import day
from services.visitor_sense.domain.errors import BatchMalformed
from services.visitor_sense.domain.live import LiveUnavailable
from services.visitor_sense.domain.observations import Batch
from services.visitor_sense.domain.zones import LIVE_WINDOW
from services.visitor_sense.events.connection import connected
from services.visitor_sense.gateways.live import ValkeyLive

STREAM, DURABLE = "OBSERVATIONS", "visitor_sense"
SUBJECTS = "observations.>"
STREAM_BYTES = 1024**3
DUPLICATE_WINDOW_S = 600
FETCH = 128  # batches in one transaction, up to 64,000 observations
AT_ONCE = 2
REBUILD_FETCH = 256
LIVE_LOOK_S = 2.0


def stream_config() -> StreamConfig:
    """Returns the stream of raw, pseudonymous observations: gone after 24 hours."""
    return StreamConfig(
        name=STREAM,
        subjects=[SUBJECTS],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_age=day.RETENTION.total_seconds(),
        max_bytes=STREAM_BYTES,
        duplicate_window=DUPLICATE_WINDOW_S,
    )


def read_arrival(area: str, data: bytes) -> Arrival:
    """Reads a signed batch. Errors: BatchMalformed, whose text shows nothing of the content."""
    try:
        envelope = wire.SignedBySensor.FromString(data)
        message = wire.ObservationBatch.FromString(envelope.body)
        key_date = date.fromisoformat(message.key_date)
        base_ms = day.to_ms(message.base_time.ToDatetime(tzinfo=UTC))
    except (DecodeError, ValueError, OverflowError):
        raise BatchMalformed("The bytes are not a signed batch.") from None
    if envelope.area != area:
        raise BatchMalformed("The batch is of another area than its subject.")
    signed = signed_batch(area, envelope.sensor_id, envelope.body, envelope.signature)
    batch = Batch(
        sensor_id=envelope.sensor_id,
        boot_id=message.boot_id,
        sequence=message.sequence,
        key_date=key_date,
        key_epoch=message.key_epoch,
        times_ms=np.array(message.offsets_ms, np.int64) + base_ms,
        pseudonyms=np.array(message.pseudonyms, np.uint64),
        signatures=np.array(message.signatures, np.uint64),
        randomized=np.array(message.randomized, np.bool_),
        resident=np.array(message.resident, np.bool_),
        rssi_dbm=np.array(message.rssi_dbm, np.int64),
        frames_by_mhz=dict(message.frames_by_mhz),
    )
    return Arrival(signed, batch)


def _read(message: Msg) -> Arrival:
    try:
        return read_arrival(message.subject.split(".")[1], message.data)
    except BatchMalformed as refusal:
        raise Poison(str(refusal)) from None


class ObservationConsumer:
    """Counts what the sensors send, in the order of the stream."""

    def __init__(self, bus: Bus, deps: Deps, live: ValkeyLive) -> None:
        self._bus, self._deps, self._live = bus, deps, live
        self._log = log.get("observations")
        self._loop = PullLoop(
            Listener(
                name="observations", subscribe=self._subscribe, read=_read,
                area=lambda arrival: arrival.signed.area,
                key=lambda arrival: arrival.batch.batch_id,
                apply=self._record, bury=self._bury, fetch=FETCH,
            )
        )  # fmt: skip

    async def run(self) -> None:
        """Counts until canceled; comes back by itself after any fault.

        Two at once: one reads and proves while the other waits for the database. The order of
        batches changes no count.
        """
        async with asyncio.TaskGroup() as both:
            for _ in range(AT_ONCE):
                both.create_task(self._loop.run())

    async def _subscribe(self) -> Any:  # nats-py ships no types
        stream = await self._stream()
        await stream.add_consumer(
            STREAM,
            ConsumerConfig(
                durable_name=DURABLE,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=ACK_WAIT_S,
                max_ack_pending=FETCH * 4,
                deliver_policy=DeliverPolicy.ALL,
            ),
        )
        return await QuickPull(self._bus.connection, STREAM, DURABLE).open()

    async def _stream(self) -> JetStreamContext:
        """Returns JetStream once the stream of observations is there."""
        await connected(self._bus.connection)
        # Asked again soon, as kit.bus does: a cluster without a leader answers nothing.
        stream = self._bus.connection.jetstream(timeout=SUBSCRIBE_WAIT_S)
        try:
            await stream.stream_info(STREAM)
        except nats.js.errors.NotFoundError:  # an installation makes it before its services start
            await stream.add_stream(stream_config())
        return stream

    async def _record(self, area: str, arrivals: list[Arrival]) -> None:
        done = await record_batches(self._deps, area, arrivals)
        for batch_id, refusal in done.rejected.items():
            self._log.warning("batch refused", batch=batch_id, reason=type(refusal).__name__)

    async def _bury(self, message: Msg, arrival: Arrival | None, error: Exception) -> None:
        """Keeps where a batch lies and why it cannot be used.

        The batch itself stays in its own stream for its 24 hours and is copied nowhere.
        """
        sequence = str(message.metadata.sequence.stream)
        batch_id = arrival.batch.batch_id if arrival else f"at-{sequence}"
        self._log.warning("batch buried", batch=batch_id, reason=type(error).__name__)
        # One that was delivered again has another id each time: else its second burial would be
        # dropped as a repeat of the first.
        name = (message.headers or {}).get("Nats-Msg-Id") or batch_id
        headers = {
            "Nats-Msg-Id": f"dead:visitor_sense:{name}",
            REASON: type(error).__name__ if arrival else "BATCH_MALFORMED",
            SUBJECT: message.subject,
            "Meguri-Batch": batch_id,
            DEAD_STREAM: STREAM,
            SEQUENCE: sequence,
        }
        await self._bus.connection.jetstream(timeout=5).publish(
            f"{DEAD_PREFIX}.visitor_sense.observations", b"", headers=headers
        )

    async def keep_live(self) -> None:
        """Rebuilds the live figures from the stream at the start and whenever Valkey lost them."""
        first = True

        async def look() -> None:
            nonlocal first
            try:
                if first or not await self._live.is_complete():
                    await self.rebuild()
                    await self._live.mark_complete()
                    first = False
            except LiveUnavailable as error:
                self._log.warning("live figures wait", error=type(error).__name__)

        await forever("observations", look, LIVE_LOOK_S)

    async def rebuild(self) -> int:
        """Reads the last minutes of the stream into the live figures; returns batches read."""
        stream = await self._stream()
        since = self._deps.clock.now() - LIVE_WINDOW - timedelta(minutes=1)
        info = await stream.add_consumer(
            STREAM,
            ConsumerConfig(
                ack_policy=AckPolicy.NONE,
                deliver_policy=DeliverPolicy.BY_START_TIME,
                opt_start_time=since,
                inactive_threshold=30.0,
                mem_storage=True,
            ),
        )
        subscription = await stream.pull_subscribe_bind(consumer=info.name, stream=STREAM)
        waiting, read = info.num_pending or 0, 0
        while read < waiting:
            messages = await subscription.fetch(min(REBUILD_FETCH, waiting - read), timeout=5)
            read += len(messages)
            await self._show(messages)
        await subscription.unsubscribe()
        return read

    async def _show(self, messages: list[Msg]) -> None:
        by_area: dict[str, list[Arrival]] = {}
        for message in messages:
            area = message.subject.split(".")[1]
            try:
                by_area.setdefault(area, []).append(read_arrival(area, message.data))
            except BatchMalformed:
                continue
        for area, arrivals in by_area.items():
            await rebuild_live(self._deps, area, arrivals)
