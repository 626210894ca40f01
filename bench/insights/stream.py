"""From the streams to committed facts and roll-ups, and once more from nothing, beside rivals.

Rivals do the same messages or the same rows and nothing else: messages fetched and acknowledged;
rows of facts and inbox written in batches inside the server.
"""

import asyncio
import hashlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from nats.js.api import AckPolicy, ConsumerConfig

from bench.insights import mix
from bench.insights.split import watching
from bench.platform import Bench
from kit.bus import stream_of
from kit.publishing import publish_rows
from kit.quick_client import QuickClient
from services.insights.main import HEAR_AT_ONCE

SERVICES = ("itinerary", "multilingual", "payments", "visitor_sense")
DAYS = 3
AT_ONCE = HEAR_AT_ONCE  # of rivals
PUBLISHED_AT_ONCE = 500
LOOK_S = 0.1
LONGEST_S = 900.0
# What an area's rows lie in, besides the settings of areas.
EMPTIED = "facts, hour_rollups, day_rollups, zone_hours, zone_levels, sources, inbox"
_HEARD = "select coalesce(sum(event_count), 0) from sources where area = 'bench'"
DUMPED = ("hour_rollups", "day_rollups", "zone_hours", "zone_levels")


@asynccontextmanager
async def connected(bench: Bench) -> AsyncIterator[QuickClient]:
    """Connects to NATS as its operator."""
    login = bench.state["nats_credentials"]
    client = QuickClient()
    await client.connect(
        bench.state["nats"], user=login["user"],
        password=_password(login["password_file"]),
        inbox_prefix=f"_INBOX_{login['user']}",
    )  # fmt: skip
    try:
        yield client
    finally:
        await client.close()


def _password(file: str) -> str:
    return Path(file).read_text(encoding="utf-8").strip()


def measure(bench: Bench, count: int, tell: Callable[[str], None]) -> dict[str, float]:
    """Returns figures of so many events. Errors: RuntimeError."""
    return asyncio.run(_measure(bench, count, tell))


async def _measure(bench: Bench, count: int, tell: Callable[[str], None]) -> dict[str, float]:
    found: dict[str, float] = {"stream_events": count}
    async with _held(bench):
        tell(f"{count} events are put into the streams")
        began = time.monotonic()
        await _publish(bench, count)
        found["publish_s"] = time.monotonic() - began
    tell("they are heard")
    with watching(bench, found, "ingest", count):
        found["ingest_s"] = await _until_heard(bench, count)
    said = _dump(bench)
    tell("rivals: fetch and acknowledge; batched SQL")
    found["fetch_s"] = await _fetch_all(bench, count)
    found["batched_sql_s"] = _batched_sql(bench)
    found["facts"] = _one(bench, "select count(*) from facts where area = 'bench'")
    found["fact_bytes"] = _one(
        bench, "select sum(pg_total_relation_size(relid)) from pg_partition_tree('facts')"
    ) / max(1, found["facts"])  # fmt: skip
    async with _held(bench, anew=True):
        tell("they are said again, to a store that knows them")
    with watching(bench, found, "again", count):
        found["again_s"] = await _until_settled(bench)
    found["again_differs"] = float(_dump(bench) != said)
    async with _held(bench, anew=True):
        _run(bench, f"truncate {EMPTIED}")
    tell("they are heard anew, by a store without a fact")
    with watching(bench, found, "replay", count):
        found["replay_s"] = await _until_heard(bench, count)
    found["replay_differs"] = float(_dump(bench) != said)
    found["again_per_second"] = count / found["again_s"]
    found["ingest_per_second"] = count / found["ingest_s"]
    found["replay_per_second"] = count / found["replay_s"]
    found["fetch_per_second"] = count / found["fetch_s"]
    found["batched_sql_per_second"] = found["facts"] / found["batched_sql_s"]
    return found


async def _publish(bench: Bench, count: int) -> None:
    waiting: defaultdict[str, list[mix.Row]] = defaultdict(list)
    first = datetime.now(UTC).date() - timedelta(days=DAYS + 1)
    async with connected(bench) as client:
        for row in mix.events(count, first, DAYS):
            rows = waiting[row["service"]]
            rows.append(row)
            if len(rows) == PUBLISHED_AT_ONCE:
                await _publish_rows(client, rows)
                rows.clear()
        for rows in waiting.values():
            await _publish_rows(client, rows)


async def _publish_rows(client: QuickClient, rows: list[mix.Row]) -> None:
    if rows and len((await publish_rows(client, rows[0]["service"], rows)).stored) != len(rows):
        raise RuntimeError("NATS did not store all events")


async def _until_heard(bench: Bench, count: int) -> float:
    """Returns the seconds until so many events are committed."""
    began = time.monotonic()
    # One connection for all looks: making ten a second is work for PostgreSQL, too.
    with psycopg.connect(bench.admin_url("insights"), autocommit=True) as connection:
        while _value(connection, _HEARD) < count:
            if time.monotonic() - began > LONGEST_S:
                raise RuntimeError("the events were not heard")
            await asyncio.sleep(LOOK_S)
    return time.monotonic() - began


async def _until_settled(bench: Bench) -> float:
    """Returns the seconds until all that lies in the streams is acknowledged."""
    began = time.monotonic()
    async with connected(bench) as client:
        stream = client.jetstream(timeout=10)
        for service in SERVICES:
            while True:
                info = await stream.consumer_info(stream_of(service), f"insights-hears-{service}")
                if not info.num_pending and not info.num_ack_pending:
                    break
                if time.monotonic() - began > LONGEST_S:
                    raise RuntimeError("the events were not heard again")
                await asyncio.sleep(LOOK_S)
    return time.monotonic() - began


async def _fetch_all(bench: Bench, count: int) -> float:
    """Returns the seconds of fetching and acknowledging all of it, all streams at once."""
    read = 0

    async def drain(client: QuickClient, service: str) -> None:
        nonlocal read
        stream = client.jetstream(timeout=10)
        name = stream_of(service)
        info = await stream.add_consumer(name, ConsumerConfig(
            ack_policy=AckPolicy.EXPLICIT, inactive_threshold=60.0, max_ack_pending=AT_ONCE * 4,
            filter_subject=f"meguri.{mix.AREA}.{service}.v1.>",
        ))  # fmt: skip
        left = info.num_pending or 0
        subscription = await stream.pull_subscribe_bind(consumer=info.name, stream=name)
        while left:
            for message in await subscription.fetch(min(AT_ONCE, left), timeout=10):
                await message.ack()
                left -= 1
                read += 1
        await subscription.unsubscribe()
        await stream.delete_consumer(name, info.name)

    async with connected(bench) as client:
        began = time.monotonic()
        await asyncio.gather(*(drain(client, service) for service in SERVICES))
        spent = time.monotonic() - began
    if read != count:
        raise RuntimeError(f"{read} of {count} events lie in the streams")
    return spent


def _batched_sql(bench: Bench) -> float:
    """Returns the seconds of writing the same rows once more, AT_ONCE a transaction."""
    _run(
        bench,
        "create table rival_facts (like facts including all)",
        "create table rival_inbox (like inbox including all)",
        "create table rival_order as"
        " select event_id, row_number() over (order by event_id) as n from facts"
        " where area = 'bench'",
        "create index on rival_order (n)",
        "analyze rival_order",
    )
    with psycopg.connect(bench.admin_url("insights"), autocommit=True) as connection:
        rows = int(_value(connection, "select count(*) from rival_order"))
        began = time.monotonic()
        for start in range(1, rows + 1, AT_ONCE):
            with connection.transaction():
                span = (start, start + AT_ONCE - 1)
                connection.execute(
                    "insert into rival_inbox (area, event_id) select 'bench', event_id"
                    " from rival_order where n between %s and %s", span,
                )  # fmt: skip
                connection.execute(
                    "insert into rival_facts select f.* from rival_order join facts f"
                    " using (event_id) where n between %s and %s and area = 'bench'", span,
                )  # fmt: skip
        spent = time.monotonic() - began
    _run(bench, "drop table rival_facts, rival_inbox, rival_order")
    return spent


@asynccontextmanager
async def _held(bench: Bench, *, anew: bool = False) -> AsyncIterator[None]:
    """Has insights hear nothing during the block, so that only what comes after is timed.

    anew: it begins again with the first event, as after a loss of NATS or of its own store.
    """
    async with connected(bench) as client:
        stream = client.jetstream(timeout=10)
        never = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        for service in SERVICES:
            where = stream_of(service), f"insights-hears-{service}"
            if anew:
                config = (await stream.consumer_info(*where)).config
                await stream.delete_consumer(*where)
                await stream.add_consumer(where[0], replace(config, pause_until=never))
            else:
                await stream.pause_consumer(*where, pause_until=never)
        yield
        for service in SERVICES:
            await stream.resume_consumer(stream_of(service), f"insights-hears-{service}")


def _dump(bench: Bench) -> str:
    """Returns the SHA-256 of all roll-ups, row by row in the order of their keys."""
    digest = hashlib.sha256()
    with psycopg.connect(bench.admin_url("insights")) as connection:
        for table in DUMPED:
            query = f"copy (select * from {table} t where area = 'bench' order by t) to stdout"  # noqa: S608 - a constant
            with connection.cursor() as cursor, cursor.copy(query.encode()) as rows:
                for row in rows:
                    digest.update(bytes(row))
    return digest.hexdigest()


def _one(bench: Bench, query: str) -> float:
    with psycopg.connect(bench.admin_url("insights"), autocommit=True) as connection:
        return _value(connection, query)


def _value(connection: psycopg.Connection, query: str) -> float:
    row = connection.execute(query.encode()).fetchone()
    return float(row[0]) if row else 0.0


def _run(bench: Bench, *statements: str) -> None:
    with psycopg.connect(bench.admin_url("insights"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
