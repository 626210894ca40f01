"""Publishing outbox rows on NATS: one atomic batch where there are many, one by one else.

Envelope: CloudEvents 1.0, NATS protocol binding, binary mode (`ce-*` headers), body protobuf.
A batch (ADR-50 of NATS: all stored or none) waits for one acknowledgement instead of one per event,
which costs a tenth. It is refused whole when one of its events is stored already: then they are
published singly, and the server drops the repeats.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

import nats.errors

from kit import log
from kit.db import Row
from kit.quick_client import QuickClient
from kit.stopping import stop_if_told

PUBLISH_WAIT_S = 10.0
SERVER_FAULTS = 500
BATCH_LEAST = 4  # below, the second round trip of a refused batch is not worth the risk
_log = log.get("bus")


def subject_of(area: str, service: str, event: str) -> str:
    """Returns the subject an event is published on."""
    return f"meguri.{area}.{service}.v1.{event}"


class Refused(Exception):
    """NATS does not take an event, and says why."""


@dataclass(frozen=True)
class Published:
    """Ids of outbox rows. stored: acknowledged. refused: NATS said that it does not take them.

    Of the others nobody knows; they are sent again.
    """

    stored: Sequence[int] = ()
    refused: Sequence[int] = ()


async def publish_rows(connection: QuickClient, service: str, rows: list[Row]) -> Published:
    """Publishes outbox rows in order."""
    if len(rows) >= BATCH_LEAST:
        try:
            if await _publish_batch(connection, service, rows):
                return Published([row["id"] for row in rows])
        except (nats.errors.Error, TimeoutError) as error:
            stop_if_told()
            _log.warning("publish", error=repr(error))
            return Published()  # stored or not, nobody knows: the next round repeats it
    return await _publish_singly(connection, service, rows)


async def _publish_batch(connection: QuickClient, service: str, rows: list[Row]) -> bool:
    """Returns False when the batch was refused; nothing of it is stored then."""
    batch = uuid4().hex
    *others, last = rows
    await connection.publish_all(
        (
            subject_of(row["area"], service, row["type"]),
            bytes(row["body"]),
            {**_headers(service, row), **_place(batch, number)},
        )
        for number, row in enumerate(others, 1)
    )
    headers = {**_headers(service, last), **_place(batch, len(rows)), "Nats-Batch-Commit": "1"}
    subject = subject_of(last["area"], service, last["type"])
    reply = await connection.request(
        subject, bytes(last["body"]), headers=headers, timeout=PUBLISH_WAIT_S
    )
    answer = json.loads(reply.data)
    return "error" not in answer and answer.get("count") == len(rows)


def _place(batch: str, number: int) -> dict[str, str]:
    return {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number)}


async def _publish_singly(connection: QuickClient, service: str, rows: list[Row]) -> Published:
    """Publishes one by one, in order, waiting for all acknowledgements together.

    What comes after an event of the same aggregate waits for it, and is not sent where that failed.
    With plain requests: publish_async of nats-py hears no refusal, it waits until its time is over.
    """
    stored, refused = list[int](), list[int]()

    async def publish_in_turn(rows: Sequence[Row]) -> None:
        for row in rows:
            error = await _publish_one(connection, service, row)
            if error is None:
                stored.append(row["id"])
                continue
            _log.error("event not taken", id=row["id"], kind=row["type"], error=repr(error))
            if isinstance(error, Refused):
                refused.append(row["id"])
            return

    if not rows:
        return Published()
    first, *others = _by_aggregate(rows)
    # The first alone: it opens the inbox of this connection, at which the others would overtake.
    await publish_in_turn(first[:1])
    if stored:
        others.insert(0, first[1:])
    await asyncio.gather(*(publish_in_turn(each) for each in others))
    stop_if_told()
    return Published(sorted(stored), sorted(refused))


def _by_aggregate(rows: Sequence[Row]) -> list[list[Row]]:
    """Returns the rows of each aggregate in their order, the aggregates in that of their first."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["area"], row["aggregate_id"]), []).append(row)
    return list(found.values())


async def _publish_one(connection: QuickClient, service: str, row: Row) -> Exception | None:
    """Returns what went wrong, None when the event is stored."""
    subject = subject_of(row["area"], service, row["type"])
    try:
        reply = await connection.request(
            subject, bytes(row["body"]), headers=_headers(service, row), timeout=PUBLISH_WAIT_S
        )
    except (nats.errors.Error, TimeoutError) as error:
        stop_if_told()
        return error
    refusal = json.loads(reply.data).get("error")
    if refusal is None:
        return None
    text = str(refusal.get("description"))
    # A full disk or a server that is not ready says 503: that is about no single event.
    return nats.errors.Error(text) if refusal.get("code", 0) >= SERVER_FAULTS else Refused(text)


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
