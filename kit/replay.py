"""The way back: what outboxes keep is said again, and what was buried is delivered again.

Both only make known events arrive once more; the inbox of each listener knows which have acted.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from kit.bus import DEAD_LETTERS, DEAD_PREFIX, REASON, SEQUENCE, STREAM, SUBJECT
from kit.db import ALL_AREAS, Database

# Rows cleared at once, the next ones while half of these are still unsaid: a relay that runs dry
# looks again half a second later, which for a million events came to minutes. At most so many and
# half as many stand before what is said meanwhile.
WINDOW = 2_000
LOOK_S = 0.05
STUCK_S = 30.0  # a relay publishes thousands a second; a NATS that restarts takes a few seconds
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Told = Callable[[int, int], None]


class Stuck(Exception):
    """Nothing leaves an outbox: its service does not run, or NATS does not answer."""


async def replay(
    database: Database, service: str, since: datetime = BEGINNING,
    told: Told = lambda _done, _all: None, left: Callable[[int], None] = lambda _count: None,
) -> int:  # fmt: skip
    """Has the service's relay publish again what happened since a time. Returns how many events
    it was given.

    left: is told how many the relay could not publish where others went by (NATS refuses them; the
    service's log names each): it goes on trying, and the rest does not wait for them.

    The relay stays the only one that publishes: here rows are marked as not published, a window
    after the other, in their order. Stopped half-way it may be run again. told: is told of the
    ids that are done, and of all. Errors: Stuck.
    """
    first, last = await _ends(database)
    said = refused = 0
    for start in range(first, last + 1, WINDOW):
        end = min(last, start + WINDOW - 1)
        async with database.transaction(ALL_AREAS) as tx:
            marked = await tx.execute(
                "update outbox set published_time = null, attempt_count = 0,"
                " next_attempt_time = null where id between %s and %s"
                " and occur_time >= %s and published_time is not null",
                (start, end, since),
            )
        said += marked
        rest = WINDOW // 2 if end < last else 0
        refused = await _until_published(database, service, end, (refused, rest), marked)
        told(end - first + 1, last - first + 1)
    left(refused)
    return said


async def _ends(database: Database) -> tuple[int, int]:
    async with database.read(ALL_AREAS) as tx:
        row = await tx.fetch_one("select min(id) as first, max(id) as last from outbox")
    return (row["first"], row["last"]) if row and row["first"] is not None else (1, 0)


async def _until_published(
    database: Database, service: str, last_id: int, may_wait: tuple[int, int], marked: int
) -> int:
    """Waits until what was marked is out but for what is refused, and a rest. Returns how many are
    refused, as far as one knows.

    may_wait: how many were refused before, and how many of the others may still wait.
    """
    refused, rest = may_wait
    most = refused + marked
    least, moved = most, time.monotonic()
    while True:
        async with database.read(ALL_AREAS, line=True) as tx:
            row = await tx.fetch_one(
                "select count(*) as n from outbox where published_time is null and id <= %s",
                (last_id,),
            )
        waiting = int(row["n"]) if row else 0
        if waiting <= refused + rest:
            return min(waiting, refused)
        most = max(most, waiting)
        if waiting < least:
            least, moved = waiting, time.monotonic()
        if time.monotonic() - moved > STUCK_S:
            if waiting < most:
                return waiting
            raise Stuck(f"Nothing leaves the outbox of {service}: do the service and NATS run?")
        await asyncio.sleep(LOOK_S)


@dataclass(frozen=True)
class DeadLetter:
    """A delivery that was given up. consumer: who gave it up. source: whose event it was."""

    sequence: int
    consumer: str
    source: str
    subject: str
    event_id: str
    reason: str
    buried_time: datetime
    message: Msg

    @property
    def is_whole(self) -> bool:
        """Tells whether its body was kept."""
        return not (self.message.headers or {}).get("Meguri-Body-Bytes")


async def dead_letters(stream: JetStreamContext, source: str = "*") -> AsyncIterator[DeadLetter]:
    """Reads the dead letters, all or those of one service's stream, oldest first; not those that
    are buried meanwhile, which may be the same ones, delivered again."""
    info = await stream.stream_info(DEAD_LETTERS)
    if not info.state.messages:
        return
    wanted, last = f"{DEAD_PREFIX}.*.{source}", info.state.last_seq
    if not (await stream.stream_info(DEAD_LETTERS, subjects_filter=wanted)).state.subjects:
        return
    subscription = await stream.subscribe(wanted, stream=DEAD_LETTERS, ordered_consumer=True)
    try:
        while True:
            message = await subscription.next_msg(timeout=5)
            if message.metadata.sequence.stream > last:
                return
            yield _letter(message)
            if message.metadata.num_pending == 0:
                return
    finally:
        await subscription.unsubscribe()


def _letter(message: Msg) -> DeadLetter:
    headers = message.headers or {}
    _, consumer, source = message.subject.split(".", 2)
    return DeadLetter(
        sequence=message.metadata.sequence.stream,
        consumer=consumer,
        source=source,
        subject=headers.get(SUBJECT, ""),
        event_id=headers.get("ce-id", ""),
        reason=headers.get(REASON, ""),
        buried_time=message.metadata.timestamp,
        message=message,
    )


async def deliver_again(stream: JetStreamContext, letter: DeadLetter) -> bool:
    """Says a dead letter on its own subject once more and takes it out. Returns False when it
    cannot be, since its body was too large to be kept or has expired; it stays then."""
    headers = letter.message.headers or {}
    body = letter.message.data
    if SEQUENCE in headers:  # only where it lies was kept, not the body
        try:
            kept = await stream.get_msg(headers[STREAM], int(headers[SEQUENCE]))
        except NotFoundError:
            return False
        body = kept.data or b""
    elif not letter.is_whole or not letter.subject:
        return False
    again = {
        name: value for name, value in headers.items() if not name.startswith(("Meguri-", "Nats-"))
    }
    # Under its first id it would be dropped as a repeat. Who has heard it knows it by its ce-id.
    again["Nats-Msg-Id"] = f"again:{letter.sequence}:{letter.event_id}"
    await stream.publish(letter.subject, body, headers=again)
    await stream.delete_msg(DEAD_LETTERS, letter.sequence)
    return True
