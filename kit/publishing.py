"""Publishing outbox rows on NATS: one atomic batch where there are many, one by one else.

Envelope: CloudEvents 1.0, NATS protocol binding, binary mode (`ce-*` headers), body protobuf.
A batch (ADR-50 of NATS: all stored or none) waits for one acknowledgement instead of one per event,
which costs a tenth. It is refused whole when one of its events is stored already: then they are
published singly, and the server drops the repeats.
"""

import asyncio
import json
from uuid import uuid4

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js import JetStreamContext

from kit import log
from kit.db import Row
from kit.stopping import stop_if_told

PUBLISH_WAIT_S = 10.0
BATCH_LEAST = 4  # below, the second round trip of a refused batch is not worth the risk
_log = log.get("bus")


def subject_of(area: str, service: str, event: str) -> str:
    """Returns the subject an event is published on."""
    return f"meguri.{area}.{service}.v1.{event}"


async def publish_rows(
    connection: Client, stream: JetStreamContext, service: str, rows: list[Row]
) -> list[int]:
    """Publishes outbox rows in order and returns the ids whose storage was acknowledged."""
    if len(rows) >= BATCH_LEAST:
        try:
            if await _publish_batch(connection, service, rows):
                return [row["id"] for row in rows]
        except (nats.errors.Error, TimeoutError) as error:
            stop_if_told()
            _log.warning("publish", error=repr(error))
            return []  # stored or not, nobody knows: the next round repeats it
    return await _publish_singly(stream, service, rows)


async def _publish_batch(connection: Client, service: str, rows: list[Row]) -> bool:
    """Returns False when the batch was refused; nothing of it is stored then."""
    batch = uuid4().hex
    *others, last = rows
    for number, row in enumerate(others, 1):
        headers = {**_headers(service, row), **_place(batch, number)}
        subject = subject_of(row["area"], service, row["type"])
        await connection.publish(subject, bytes(row["body"]), headers=headers)
    headers = {**_headers(service, last), **_place(batch, len(rows)), "Nats-Batch-Commit": "1"}
    subject = subject_of(last["area"], service, last["type"])
    reply = await connection.request(
        subject, bytes(last["body"]), headers=headers, timeout=PUBLISH_WAIT_S
    )
    answer = json.loads(reply.data)
    return "error" not in answer and answer.get("count") == len(rows)


def _place(batch: str, number: int) -> dict[str, str]:
    return {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number)}


async def _publish_singly(stream: JetStreamContext, service: str, rows: list[Row]) -> list[int]:
    pending = []
    for row in rows:
        subject = subject_of(row["area"], service, row["type"])
        try:
            future = await stream.publish_async(
                subject, bytes(row["body"]), headers=_headers(service, row), wait_stall=5.0
            )
        except (nats.errors.Error, nats.js.errors.Error, TimeoutError) as error:
            stop_if_told()
            _log.warning("publish", error=repr(error))
            break
        pending.append((row["id"], future))
    if not pending:
        return []
    await asyncio.wait([future for _, future in pending], timeout=PUBLISH_WAIT_S)
    stored = []
    for row_id, future in pending:
        if future.done() and not future.cancelled() and future.exception() is None:
            stored.append(row_id)
        else:
            future.cancel()
    return stored


def _headers(service: str, row: Row) -> dict[str, str]:
    headers = {
        "Nats-Msg-Id": row["event_id"],
        "ce-specversion": "1.0",
        "ce-id": row["event_id"],
        "ce-source": f"/meguri/{service}",
        "ce-type": f"meguri.{service}.v1.{row['type']}",
        "ce-subject": row["aggregate_id"],
        "ce-time": row["occur_time"].isoformat(),
        "ce-aggregateversion": str(row["version"]),
        "ce-datacontenttype": "application/protobuf",
    }
    if row["traceparent"]:
        headers["traceparent"] = row["traceparent"]
    return headers
