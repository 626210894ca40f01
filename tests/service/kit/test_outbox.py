"""State and event leave together, in one area, and are published at least once."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic

import nats
import psycopg
import pytest
from nats.js.api import DiscardPolicy

from kit import telemetry
from kit.area import forget_area
from kit.bus import BODY_LIMIT_BYTES, Bus
from kit.db import ALL_AREAS, Database, NotStorable, Row, StoreBusy, StoreUnavailable
from kit.ids import new_id
from kit.outbox import BATCH, PAUSE_S, REFUSED_MOST_S, RETRIED, Outbox, Relay
from kit.publishing import Published
from kit.pure.event import Event
from kit.requests import RequestKey, once
from tests.service.kit.parts import (
    ENCODERS,
    event,
    headers,
    waiting,
)


async def test_no_state_no_event(database: Database, area: str) -> None:
    outbox = Outbox(ENCODERS)

    async def fail_late() -> None:
        async with database.transaction(area) as tx:
            await outbox.add(tx, event(area))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_late()
    assert await waiting(database) == 0
    assert not outbox.waiting.is_set()


async def test_an_event_of_another_area_is_refused(database: Database, area: str) -> None:
    async with database.transaction(area) as tx:
        with pytest.raises(ValueError, match="area"):
            await Outbox(ENCODERS).add(tx, event(f"{area}x"))


async def test_relay_publishes_in_order_and_once(
    database: Database, bus: Bus, area: str, nats_url: str
) -> None:
    outbox = Outbox(ENCODERS)
    async with database.transaction(area) as tx:
        for index in range(1200):
            await outbox.add(tx, event(area, f"p{index}"))
    relay = Relay("directory", database, outbox, bus)
    published = [await relay.drain_once() for _ in range(4)]
    assert published == [500, 500, 200, 0]

    connection = await nats.connect(nats_url)
    subscription = await connection.jetstream().subscribe(
        f"meguri.{area}.directory.v1.place_closed", ordered_consumer=True
    )
    order = [headers(await subscription.next_msg(timeout=5))["ce-subject"] for _ in range(1200)]
    assert order == [f"p{index}" for index in range(1200)]
    await connection.close()


@pytest.mark.parametrize("count", [1, 40])
async def test_a_relay_that_died_after_publishing_repeats_without_effect(
    database: Database, bus: Bus, area: str, count: int
) -> None:
    """With 40 the whole batch is refused for its repeats, and what is new in it arrives singly."""
    outbox = Outbox(ENCODERS)
    async with database.transaction(area) as tx:
        await outbox.add_many(tx, [event(area, f"p{index}") for index in range(count)])
    relay = Relay("directory", database, outbox, bus)
    assert await relay.drain_once() == count
    assert (await bus.stream.stream_info("DIRECTORY")).state.messages == count
    async with database.transaction(ALL_AREAS) as tx:
        await tx.execute("update outbox set published_time = null")
    async with database.transaction(area) as tx:
        await outbox.add(tx, event(area, "new"))
    assert await relay.drain_once() == count + 1
    assert (await bus.stream.stream_info("DIRECTORY")).state.messages == count + 1
    assert await waiting(database) == 0


async def test_two_relays_do_not_publish_side_by_side(
    database: Database, bus: Bus, area: str
) -> None:
    outbox = Outbox(ENCODERS)
    async with database.transaction(area) as tx:
        for index in range(200):
            await outbox.add(tx, event(area, f"p{index}"))
    relays = [Relay("directory", database, outbox, bus) for _ in range(4)]
    published = await asyncio.gather(*(relay.drain_once() for relay in relays))
    assert sorted(published) == [0, 0, 0, 200]


async def test_what_collects_before_commit_runs_once_and_only_then(
    database: Database, area: str
) -> None:
    ran: list[str] = []

    async def flush() -> None:
        ran.append("flush")

    async with database.transaction(area) as tx:
        tx.before_commit("facts", flush)
        tx.before_commit("facts", flush)
        assert not ran
    assert ran == ["flush"]


@pytest.mark.parametrize("bad", ["", "Mine", "mine; drop table areas", "mine'--", "ma re"])
async def test_an_area_cannot_smuggle_sql(database: Database, bad: str) -> None:
    with pytest.raises(ValueError, match="area"):
        async with database.transaction(bad):
            pass


async def test_row_level_security_binds_the_owner_too(database: Database, area: str) -> None:
    async with database.transaction(area) as tx:
        await Outbox(ENCODERS).add(tx, event(area))
    async with database.read(f"{area}x") as tx:
        assert await tx.fetch_all("select * from outbox") == []
    async with database.read(area) as tx:
        assert len(await tx.fetch_all("select * from outbox")) == 1


async def test_a_relay_that_is_told_to_stop_stops(database: Database, bus: Bus, area: str) -> None:
    """On Python 3.11 wait_for may swallow the cancellation when an event arrives with it."""
    outbox = Outbox(ENCODERS)
    for _ in range(20):
        task = asyncio.create_task(Relay("directory", database, outbox, bus).run())
        await asyncio.sleep(0.01)
        outbox.waiting.set()
        task.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()


async def test_events_said_in_quick_succession_share_a_round(database: Database, area: str) -> None:
    """Each round costs a transaction and an fsync; the first after a quiet while does not wait."""
    outbox, rounds, all_out = Outbox(ENCODERS), list[int](), asyncio.Event()

    class Counting:
        async def publish_rows(self, _service: str, rows: list[Row]) -> Published:
            rounds.append(len(rows))
            if sum(rounds) >= 30:
                all_out.set()
            return Published(stored=[row["id"] for row in rows])

    task = asyncio.create_task(Relay("directory", database, outbox, Counting()).run())
    began = monotonic()
    async with asyncio.timeout(20):
        for index in range(30):
            async with database.transaction(area) as tx:
                await outbox.add(tx, event(area, f"p{index}"))
            await asyncio.sleep(0.01)
        await all_out.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert sum(rounds) == 30
    assert len(rounds) <= (monotonic() - began) / PAUSE_S + 2


async def test_an_event_nats_would_refuse_is_refused_with_its_state(
    database: Database, area: str
) -> None:
    too_large = "x" * (BODY_LIMIT_BYTES + 1)

    async def attempt() -> None:
        async with database.transaction(area) as tx:
            await Outbox(ENCODERS).add(tx, event(area, too_large))

    with pytest.raises(ValueError, match="too large"):
        await attempt()
    assert await waiting(database) == 0


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("set local statement_timeout = '20ms'; select pg_sleep(5)", StoreBusy),
        ("select 1/0", psycopg.errors.DivisionByZero),
        ("select pg_terminate_backend(pg_backend_pid())", StoreUnavailable),
        ("set transaction read only; delete from outbox", StoreUnavailable),
    ],
)
async def test_an_outage_is_told_from_a_conflict_and_from_a_mistake(
    database: Database, area: str, sql: str, kind: type[Exception]
) -> None:
    async def attempt() -> None:
        async with database.transaction(area) as tx:
            for statement in sql.split("; "):
                await tx.execute(statement)

    with pytest.raises(kind):
        await attempt()
    async with database.transaction(area) as tx:
        assert await tx.fetch_one("select 1 as one") == {"one": 1}, "the pool is well again"


async def test_a_drop_heard_late_spares_the_area_made_anew(database: Database, area: str) -> None:
    outbox, now = Outbox(ENCODERS), datetime.now(UTC)
    async with database.transaction(area) as tx:
        await outbox.add(tx, event(area, "old"))
    drop_id = new_id()
    async with database.transaction(area) as tx:
        await outbox.add(tx, event(area, "new"))
        await once(tx, RequestKey("anna", "of-the-new-life", b""), int, one)
    async with database.transaction(area) as tx:
        await forget_area(tx, drop_id=drop_id, drop_time=now)
    async with database.read(area) as tx:
        said = await tx.fetch_all("select aggregate_id from outbox")
        asked = await tx.fetch_all("select request_id from requests")
    assert [row["aggregate_id"] for row in said] == ["new"]
    assert [row["request_id"] for row in asked] == ["of-the-new-life"]


async def one() -> int:
    return 1


async def test_a_text_the_database_cannot_hold_is_named(database: Database, area: str) -> None:
    async def attempt() -> None:
        async with database.transaction(area) as tx:
            await tx.execute("select %s::text", ("a\x00b",))

    with pytest.raises(NotStorable):
        await attempt()


async def test_many_events_of_one_statement_keep_their_order_and_their_bytes(
    database: Database, area: str
) -> None:
    said = [event(area, f"p{index}") for index in range(300)]
    async with database.transaction(area) as tx:
        await Outbox(ENCODERS).add_many(tx, said)
        rows = await tx.fetch_all("select aggregate_id, body, occur_time from outbox order by id")
    assert [(row["aggregate_id"], row["occur_time"]) for row in rows] == [
        (each.aggregate_id, each.occur_time) for each in said
    ]
    assert [bytes(row["body"]) for row in rows] == [
        ENCODERS[type(each)](each).SerializeToString() for each in said
    ]


async def test_a_full_stream_server_is_an_outage_and_puts_off_nothing(
    database: Database, bus: Bus, area: str
) -> None:
    """NATS says 503 about a stream that is full; as soon as there is room, all goes at once."""
    config = (await bus.stream.stream_info("DIRECTORY")).config
    full = replace(config, max_msgs=1, discard=DiscardPolicy.NEW)
    await bus.stream.update_stream(full)
    outbox = Outbox(ENCODERS)
    async with database.transaction(area) as tx:
        await outbox.add_many(tx, [event(area, place) for place in ("a", "b", "c")])
    relay = Relay("directory", database, outbox, bus)
    assert await relay.drain_once() == 1
    await bus.stream.update_stream(replace(full, max_msgs=-1))
    assert await relay.drain_once() == 2


class Slow:
    """A bus that takes its time."""

    def __init__(self) -> None:
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def publish_rows(self, service: str, rows: list[Row]) -> Published:
        self.asked.set()
        await self.go_on.wait()
        return Published([row["id"] for row in rows])


async def test_no_transaction_is_open_while_nats_is_waited_for(
    database: Database, bus: Bus, area: str
) -> None:
    outbox, slow = Outbox(ENCODERS), Slow()
    async with database.transaction(area) as tx:
        await outbox.add(tx, event(area))
    drain = asyncio.create_task(Relay("directory", database, outbox, slow).drain_once())
    await slow.asked.wait()
    async with database.read(ALL_AREAS) as tx:
        others = await tx.fetch_all(
            "select state from pg_stat_activity where datname = current_database()"
            " and xact_start is not null and pid <> pg_backend_pid()"
            " and backend_type = 'client backend'"
        )
    assert others == []
    assert await Relay("directory", database, outbox, bus).drain_once() == 0, "one at a time"
    slow.go_on.set()
    assert await drain == 1
    assert await waiting(database) == 0


async def test_a_relay_that_ended_in_the_middle_leaves_no_lock(
    database: Database, bus: Bus, area: str
) -> None:
    outbox, slow = Outbox(ENCODERS), Slow()
    async with database.transaction(area) as tx:
        await outbox.add(tx, event(area))
    drain = asyncio.create_task(Relay("directory", database, outbox, slow).drain_once())
    await slow.asked.wait()
    drain.cancel()
    await asyncio.gather(drain, return_exceptions=True)
    assert await Relay("directory", database, outbox, bus).drain_once() == 1


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
    order = [headers(await subscription.next_msg(timeout=5)) for _ in range(6)]
    assert [each["ce-aggregateversion"] for each in order if each["ce-subject"] == large] == [
        "1", "2",
    ]  # fmt: skip
    await connection.close()
