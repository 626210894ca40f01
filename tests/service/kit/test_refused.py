"""What NATS refuses steps aside with what follows it of its aggregate; nothing else waits."""

import asyncio
from collections import Counter
from dataclasses import replace

import nats
import pytest

from kit import telemetry
from kit.bus import Bus
from kit.db import ALL_AREAS, Database, Row
from kit.outbox import BATCH, REFUSED_MOST_S, RETRIED, Outbox, Relay
from kit.publishing import Published
from kit.pure.event import Event
from tests.service.kit.parts import ENCODERS, event, headers, waiting


async def test_what_nats_refuses_is_put_off_and_counted_and_the_others_pass(
    database: Database, bus: Bus, area: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kit.outbox.POLL_S", 0.1)
    config = (await bus.stream.stream_info("DIRECTORY")).config
    await bus.stream.update_stream(replace(config, max_msg_size=2_000))
    outbox = Outbox(ENCODERS)
    async with database.transaction(area) as tx:
        places = ["a", "x" * 3_000, "b", "c", "d"]
        await outbox.add_many(tx, [event(area, place) for place in places])
    refused = telemetry.EVENTS_REFUSED.labels("directory")
    before = refused._value.get()
    relay = Relay("directory", database, outbox, bus)
    assert await relay.drain_once() == 4
    assert refused._value.get() == before + 1
    async with database.transaction(area) as tx:
        await outbox.add(tx, event(area, "e"))
    assert await relay.drain_once() == 1, "it stands before nobody"
    assert refused._value.get() == before + 1, "and is left alone for a while"
    await bus.stream.update_stream(config)
    await asyncio.sleep(0.25)
    assert await relay.drain_once() == 1
    assert await waiting(database) == 0


class Picky:
    """A bus that refuses what it is told to, and notes the rest in its order."""

    def __init__(self, *refused: str) -> None:
        self.refused, self.taken, self.asked = set(refused), list[str](), 0

    async def publish_rows(self, _service: str, rows: list[Row]) -> Published:
        bad = [row["id"] for row in rows if row["aggregate_id"] in self.refused]
        good = [row for row in rows if row["aggregate_id"] not in self.refused]
        self.taken += [f"{row['aggregate_id']}{row['version']}" for row in good]
        self.asked += len(rows)
        return Published([row["id"] for row in good], bad)


async def say(database: Database, area: str, *names: str) -> None:
    """Says one event of each aggregate named; the second of one has version 2, and so on."""
    said = Counter[str]()
    async with database.transaction(area) as tx:
        events = list[Event]()
        for name in names:
            said[name] += 1
            events.append(replace(event(area, name), version=said[name]))
        await Outbox(ENCODERS).add_many(tx, events)


async def test_more_refused_events_than_a_batch_holds_stand_before_nobody(
    database: Database, area: str
) -> None:
    bad = [f"bad{number}" for number in range(3 * BATCH)]
    picky = Picky(*bad)
    await say(database, area, *bad)
    relay = Relay("directory", database, Outbox(ENCODERS), picky)
    for _ in range(3):
        assert await relay.drain_once() == 0
    await say(database, area, "good")
    # Another process: what stepped aside is known to the database.
    assert await Relay("directory", database, Outbox(ENCODERS), picky).drain_once() == 1
    assert picky.taken == ["good1"]


async def test_retries_of_refused_events_are_few_in_a_round_and_rarer_each_time(
    database: Database, area: str
) -> None:
    bad = [f"bad{number}" for number in range(2 * RETRIED)]
    picky = Picky(*bad)
    await say(database, area, *bad)
    relay = Relay("directory", database, Outbox(ENCODERS), picky)
    pauses = []
    for _ in range(17):
        await relay.drain_once()
        async with database.transaction(ALL_AREAS) as tx:
            row = await tx.fetch_one(
                "select extract(epoch from max(next_attempt_time) - now()) as pause_s from outbox"
            )
            await tx.execute(
                "update outbox set next_attempt_time = next_attempt_time - interval '1 hour'"
            )
        pauses.append(round(float(row["pause_s"])) if row else 0)
    assert picky.asked == 2 * RETRIED + 16 * RETRIED
    assert pauses[:4] == [1, 2, 2, 4], "half of them are tried in each round"
    assert pauses[-1] == max(pauses) == REFUSED_MOST_S


async def test_what_follows_a_refused_event_of_its_aggregate_waits_with_it(
    database: Database, area: str
) -> None:
    picky = Picky("a")
    await say(database, area, "a")
    relay = Relay("directory", database, Outbox(ENCODERS), picky)
    assert await relay.drain_once() == 0
    async with database.transaction(area) as tx:
        later = replace(event(area, "a"), version=2)
        await Outbox(ENCODERS).add_many(tx, [later, event(area, "b")])
    assert await relay.drain_once() == 1
    picky.refused.clear()
    async with database.transaction(ALL_AREAS) as tx:
        await tx.execute("update outbox set next_attempt_time = now() where attempt_count > 0")
    assert await relay.drain_once() == 1, "the refused one first"
    assert await relay.drain_once() == 1
    assert picky.taken == ["b1", "a1", "a2"]
    assert await waiting(database) == 0


async def test_nats_is_not_sent_what_follows_a_refused_event_in_one_batch(
    database: Database, bus: Bus, area: str, nats_url: str
) -> None:
    config = (await bus.stream.stream_info("DIRECTORY")).config
    await bus.stream.update_stream(replace(config, max_msg_size=2_000))
    large = "x" * 3_000
    await say(database, area, "a", large, large, "b", "a", "b")
    relay = Relay("directory", database, Outbox(ENCODERS), bus)
    assert await relay.drain_once() == 4
    await bus.stream.update_stream(config)
    async with database.transaction(ALL_AREAS) as tx:
        await tx.execute("update outbox set next_attempt_time = now() where attempt_count > 0")
    assert [await relay.drain_once() for _ in range(3)] == [1, 1, 0]
    connection = await nats.connect(nats_url)
    subscription = await connection.jetstream().subscribe(
        f"meguri.{area}.directory.v1.place_closed", ordered_consumer=True
    )
    order = [headers(await subscription.next_msg(timeout=30)) for _ in range(6)]
    assert [each["ce-aggregateversion"] for each in order if each["ce-subject"] == large] == [
        "1", "2",
    ]  # fmt: skip
    await connection.close()
