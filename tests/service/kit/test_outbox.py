"""State and event leave together, in one area, and are published at least once."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import nats
import psycopg
import pytest
from nats.js.api import DiscardPolicy

from kit.area import forget_area
from kit.bus import BODY_LIMIT_BYTES, Bus
from kit.db import _ALONG_INDEX, ALL_AREAS, Database, NotStorable, Row, StoreBusy, StoreUnavailable
from kit.ids import new_id
from kit.outbox import _PENDING, _WAITING, PAUSE_S, Outbox, Relay
from kit.publishing import Published
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
    order = [headers(await subscription.next_msg(timeout=30))["ce-subject"] for _ in range(1200)]
    assert order == [f"p{index}" for index in range(1200)]
    await connection.close()


@pytest.mark.parametrize("statement", [_WAITING.replace("%s", "500"), _PENDING])
async def test_what_was_published_is_passed_over_by_the_next_round(
    database: Database, bus: Bus, area: str, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first vacuum the index still has an entry of every event that has left."""
    outbox = Outbox(ENCODERS)
    for _ in range(2):
        async with database.transaction(area) as tx:
            await outbox.add_many(tx, [event(area, f"p{index}") for index in range(500)])
        assert await Relay("directory", database, outbox, bus).drain_once() == 500
    ways: list[str] = []
    scope = Database._scope

    def noting(database: Database, area: str, begin: str, how: str, asking: str) -> Any:
        ways.append(how)
        return scope(database, area, begin, how, asking)

    monkeypatch.setattr(Database, "_scope", noting)
    await Relay("directory", database, outbox, bus).drain_once()
    assert ways == [_ALONG_INDEX]
    async with database.transaction(ALL_AREAS, line=True) as tx:
        rows = await tx.fetch_all(f"explain {statement}")
    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert "using outbox_waiting" in plan
    assert not {"Sort", "Bitmap", "Seq Scan"} & set(re.findall("Sort|Bitmap|Seq Scan", plan))


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
        async with asyncio.timeout(30):
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
    async with asyncio.timeout(30):
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
