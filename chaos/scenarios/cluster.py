"""Three NATS servers with three copies of each stream: the leader is killed while events pass.

Real parts without a platform: outbox and relay on PostgreSQL, a cluster of nats-server, a consumer
with its inbox. Acknowledged is what the speaker's database committed; effects are rows that the
listener wrote, one a hearing, so that a second one shows.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import nats.errors
import psycopg
from nats.js import errors as stream_errors

from chaos import servers
from chaos.bench import Bench
from chaos.servers import Server, listens
from chaos.stage import Broken, Size, slack_now
from infra.local import nats as nats_server
from infra.local import postgres
from infra.local.bus_layout import STREAMS
from infra.local.ports import HOST, PortChooser
from infra.local.prepare import prepare_databases, prepare_streams
from kit import config
from kit.bus import Bus, Consumer, Delivery, Hearing
from kit.db import Database, StoreUnavailable, Transaction
from kit.ids import new_secret
from kit.outbox import Outbox, Relay
from kit.pull import ACK_WAIT_S, FETCH
from kit.pure.event import Event
from meguri.directory.v1 import directory_events_pb2 as pb

MEMBERS, COPIES = 3, 3
EVENTS, EVENTS_FULL = 20_000, 200_000  # five seeds in full: a million
KILLS, KILLS_FULL = 3, 40
DATABASE_EVERY = 4  # in full each fourth blow is for PostgreSQL
IN_ONE, PAUSE_S = 50, 0.05  # events of a transaction; between two: kills must fall among them
AWAY_S = 2.0  # a killed member stays so long
ELECTED_WITHIN_S, HEARD_WITHIN_S = 60.0, 120.0
GAP_MOST_S = 8.0 * 2  # platform.md measured 4-8 s without a leader, doubled for a busy machine
# What a server had under way to the listener when it died comes again when the time for its
# acknowledgement is over. Others pass it meanwhile, but at the end of all events nothing else does.
UNDER_WAY = FETCH * 4  # that a consumer may have at most
LAST_MOST_S = ACK_WAIT_S + GAP_MOST_S
SPEAKER, LISTENER = "directory", "insights"
STREAM = SPEAKER.upper()


class PlaceClosed(Event):
    """Stands for any event; its aggregate is its number."""


@dataclass(frozen=True)
class Member:
    """One server of the cluster and where clients reach it."""

    name: str
    url: str
    server: Server


class Listener:
    """Writes a row for each event it hears, and when. longest_s: without any, while many were left.
    last_s: without any, when those were left that may have been under way to a dead server's
    listener."""

    def __init__(self, events: int) -> None:
        self.count, self.longest_s, self.last_s = 0, 0.0, 0.0
        self._many = events - UNDER_WAY
        self._last = time.monotonic()

    async def handle(self, tx: Transaction, delivery: Delivery, _body: Any) -> None:
        """Hears one event."""
        await tx.execute("insert into effects values (%s)", (delivery.aggregate_id,))
        tx.after_commit(self._note)

    def _note(self) -> None:
        now = time.monotonic()
        silent_s, self._last, self.count = now - self._last, now, self.count + 1
        if self.count <= self._many:
            self.longest_s = max(self.longest_s, silent_s)
        else:
            self.last_s = max(self.last_s, silent_s)


class Blows:
    """Who is struck. database: also PostgreSQL now and then; None for never."""

    def __init__(self, bench: Bench, members: Sequence[Member], database: Server | None) -> None:
        self._bench, self.members, self._database = bench, members, database
        self.leaders = 0

    async def strike(self, number: int, bus: Bus) -> None:
        """Kills what the number says, and starts it again. In this thread: a process started
        elsewhere would end with the thread that started it."""
        if self._database is not None and number % DATABASE_EVERY == 0:
            self._bench.tell("  … PostgreSQL is killed")
            self._bench.faults += 1
            self._database.kill()
            self._database.start()
            return
        leader = await _leader(bus)
        [member] = [each for each in self.members if each.name == leader]
        self._bench.tell(f"  … {leader}, which leads, is killed")
        self._bench.faults += 1
        self.leaders += 1
        member.server.kill()
        await asyncio.sleep(AWAY_S)
        member.server.start()


async def _leader(bus: Bus) -> str:
    """Returns who leads the stream, once it has all of its copies. Errors: Broken."""
    ends = time.monotonic() + ELECTED_WITHIN_S
    while time.monotonic() < ends:
        with contextlib.suppress(nats.errors.Error, stream_errors.Error, TimeoutError):
            found = (await bus.stream.stream_info(STREAM)).cluster
            copies = [] if found is None else found.replicas or []
            whole = len(copies) == COPIES - 1 and all(each.current for each in copies)
            if found is not None and found.leader and whole:
                return str(found.leader)
        await asyncio.sleep(0.1)
    raise Broken("the stream does not have all of its copies again")


def leader_killed(bench: Bench, size: Size) -> None:
    """Kills the stream's leader again and again while events pass. Errors: Broken."""
    events, kills = (EVENTS_FULL, KILLS_FULL) if size.full else (EVENTS, KILLS)
    with ExitStack() as running:
        database, urls = _databases(bench, running)
        members = _cluster(bench, running)
        blows = Blows(bench, members, database if size.full else None)
        listener = asyncio.run(_play(bench, blows, urls, events, kills))
        with psycopg.connect(urls[LISTENER]) as connection:
            rows = connection.execute("select number from effects").fetchall()
        bench.judge((str(n) for n in range(events)), (row[0] for row in rows), "event")
    if listener.longest_s > GAP_MOST_S * slack_now():
        raise Broken(f"nothing was heard for {listener.longest_s:.1f} s")
    if listener.last_s > LAST_MOST_S * slack_now():
        raise Broken(f"the last events were waited for {listener.last_s:.1f} s")


def _databases(bench: Bench, running: ExitStack) -> tuple[Server, dict[str, str]]:
    """Starts PostgreSQL and returns it with the addresses of the two databases."""
    password, folder = new_secret(), bench.folder / "postgres"
    postgres.make(folder, password)
    port = PortChooser().choose(0)
    server = servers.database(folder, port, password)
    server.start()
    running.callback(server.stop)
    urls = {name: postgres.url(port, new_secret(), user=name, database=name)
            for name in (SPEAKER, LISTENER)}  # fmt: skip
    prepare_databases(postgres.url(port, password), urls)
    with psycopg.connect(urls[LISTENER], autocommit=True) as connection:
        connection.execute("create table effects (number text not null)")
    return server, urls


def _cluster(bench: Bench, running: ExitStack) -> list[Member]:
    """Starts the servers and makes the streams, with copies on all of them."""
    chooser = PortChooser()
    ports = [(chooser.choose(0), chooser.choose(0), chooser.choose(0)) for _ in range(MEMBERS)]
    routes, password = [f"{HOST}:{port}" for _, _, port in ports], secrets.token_urlsafe(16)
    members = []
    for number, (port, monitor_port, route_port) in enumerate(ports):
        name, folder = f"meguri-{number}", bench.folder / f"nats-{number}"
        peers = nats_server.Peers(routes, password, name, f"{HOST}:{route_port}")
        written = nats_server.write_config(folder, [], peers=peers)
        server = Server(
            partial(nats_server.command, written, port, monitor_port), partial(listens, port),
            folder / "said.log", folder,
        )  # fmt: skip
        members.append(Member(name, f"nats://{HOST}:{port}", server))
        server.start()
        running.callback(server.stop)
    asyncio.run(_make_streams(members))
    return members


async def _make_streams(members: Sequence[Member]) -> None:
    wanted = [each for each in STREAMS if each.name in {STREAM, "DEAD_LETTERS"}]
    ends = time.monotonic() + ELECTED_WITHIN_S
    while True:
        try:
            await prepare_streams(members[0].url, "", "", wanted, COPIES)
        except (nats.errors.Error, stream_errors.Error, TimeoutError):
            if time.monotonic() > ends:  # the cluster has no leader yet, or never gets one
                raise
            await asyncio.sleep(0.2)
        else:
            return


async def _play(
    bench: Bench, blows: Blows, urls: dict[str, str], events: int, kills: int
) -> Listener:
    """Returns who heard them all."""
    listener = Listener(events)
    async with _opened(blows.members, urls) as (speaks, hears, said, heard):
        outbox = Outbox({PlaceClosed: lambda event: pb.PlaceClosed(place_id=event.aggregate_id)})
        hearing = Hearing(SPEAKER, "place_closed", pb.PlaceClosed, listener.handle)
        work = [
            asyncio.create_task(each) for each in (
                Relay(SPEAKER, said, outbox, speaks).run(),
                Consumer(hears, heard, LISTENER, SPEAKER, [hearing]).run(),
                _speak(said, outbox, events),
            )
        ]  # fmt: skip
        try:
            for number in range(1, kills + 1):
                await _until(listener, events * number // (kills + 1))
                await blows.strike(number, hears)
            await _until(listener, events)
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
    bench.figures |= {
        "events": events, "leaders_killed": blows.leaders,
        "databases_killed": bench.faults - blows.leaders, "heard": listener.count,
        "recovery_s": round(listener.longest_s, 2), "last_s": round(listener.last_s, 2),
    }  # fmt: skip
    return listener


@asynccontextmanager
async def _opened(
    members: Sequence[Member], urls: dict[str, str]
) -> AsyncIterator[tuple[Bus, Bus, Database, Database]]:
    where = ",".join(each.url for each in members)
    settings = config.load("fault_test", {"MEGURI_NATS_URL": where})
    speaks, hears = Bus(settings), Bus(settings)
    said, heard = Database(urls[SPEAKER]), Database(urls[LISTENER])
    for each in (speaks, hears, said, heard):
        await each.open()
    try:
        yield speaks, hears, said, heard
    finally:
        for each in (speaks, hears, said, heard):
            await each.close()


async def _speak(database: Database, outbox: Outbox, events: int) -> None:
    """Says events in order; each transaction that ends is an acknowledgement."""
    for first in range(0, events, IN_ONE):
        now = datetime.now(UTC)
        said = [
            PlaceClosed(area="mine", aggregate_id=str(number), version=1, occur_time=now)
            for number in range(first, min(first + IN_ONE, events))
        ]
        again = False
        while not await _is_said(database, outbox, said, look=again):
            again = True
            await asyncio.sleep(PAUSE_S)
        await asyncio.sleep(PAUSE_S)


async def _is_said(
    database: Database, outbox: Outbox, events: Sequence[PlaceClosed], *, look: bool
) -> bool:
    """Says events in one transaction. Returns False where nobody knows whether it ended well: the
    next time one looks first, as is done for a client that asks with the same key again."""
    try:
        async with database.transaction("mine") as tx:
            first = (events[0].aggregate_id,)
            known = look and await tx.fetch_one(
                "select 1 as there from outbox where aggregate_id = %s", first
            )
            if not known:
                await outbox.add_many(tx, events)
    except (psycopg.Error, OSError, StoreUnavailable):
        return False
    return True


async def _until(listener: Listener, count: int) -> None:
    """Waits until so many events have been heard. Errors: Broken when nothing moves any more."""
    before, moved = listener.count, time.monotonic()
    while listener.count < count:
        await asyncio.sleep(0.02)
        if listener.count > before:
            before, moved = listener.count, time.monotonic()
        if time.monotonic() - moved > HEARD_WITHIN_S:
            raise Broken(f"{listener.count} of {count} events were heard, then no more")
