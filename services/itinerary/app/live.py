"""What operators tell of their runs as they go: which addresses are asked, and asking them."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from random import SystemRandom

import msgspec

from kit.db import ALL_AREAS, Transaction
from kit.forever import forever
from kit.pure.errors import NotFound
from kit.requests import RequestKey, once
from services.itinerary.app.deps import Deps
from services.itinerary.app.timetables import OtherKind, riding_today
from services.itinerary.domain.events import RunsDelayed
from services.itinerary.domain.live import LiveAddress, LiveKind, LiveTold, pause_s, told_at
from services.itinerary.domain.transit.faults import Fault, refuse
from services.itinerary.domain.transit.kept import TimetableKind
from services.itinerary.gateways.live import Asked
from services.itinerary.gateways.live_reply import LiveReply
from services.itinerary.store import live as store
from services.itinerary.store import timetables

AT_ONCE = 8
LEASE = timedelta(seconds=60)  # longer than asking and reading may take
LOOK_EVERY_S = 1.0

_RANDOM = SystemRandom()


async def get_live(deps: Deps, area: str, timetable_id: str) -> list[LiveAddress]:
    """Returns the addresses of a feed with what became of asking them; none where it has none."""
    async with deps.db.read(area) as tx:
        return await store.list_addresses(tx, timetable_id)


async def set_live(
    deps: Deps, key: RequestKey, area: str, timetable_id: str, urls: Mapping[LiveKind, str]
) -> list[LiveAddress]:
    """Says at which addresses an operator tells of its runs as they go ("" for none). Equal ones
    change nothing, and what they told stays.

    Errors: Faulty, NotFound, OtherKind.
    """
    refuse([
        Fault(f"{kind.value}_url", reason, "an address of the internet that begins with https://")
        for kind, url in urls.items()
        if url and (reason := deps.live.why_not(url))
    ])  # fmt: skip
    async with deps.db.transaction(area) as tx:

        async def keep() -> None:
            now = deps.clock.now()
            await timetables.lock(tx, now)
            kept = await timetables.read(tx, timetable_id)
            if kept is None or kept.facts is None:
                raise NotFound("There is no such timetable. Open the list again.")
            if kept.facts.kind is not TimetableKind.FEED:
                raise OtherKind(
                    f"{timetable_id} is a line. Only feeds of operators tell of delays."
                )
            if await store.write_addresses(tx, timetable_id, urls, now):
                await _say(deps, tx, timetable_id, LiveTold(), now)

        await once(tx, key, type(None), keep)
        return await store.list_addresses(tx, timetable_id)


async def keep_asking(deps: Deps) -> None:
    """Asks addresses when they are due, until canceled."""
    await forever("live", lambda: ask_due(deps), LOOK_EVERY_S)


async def ask_due(deps: Deps) -> bool:
    """Asks some addresses of any area that are due; returns whether there may be more."""
    now = deps.clock.now()
    async with deps.db.transaction(ALL_AREAS) as tx:
        found = await store.take_due(tx, now, now + LEASE, AT_ONCE)
    await asyncio.gather(*(_ask(deps, each) for each in found))
    return len(found) == AT_ONCE


async def _ask(deps: Deps, due: store.Due) -> None:
    asked = await deps.live.ask(due.url, due.etag, due.last_modified)
    now = deps.clock.now()
    async with deps.db.transaction(due.area) as tx:
        faults = due.fault_count + 1 if asked.fault else 0
        if not await _noted(deps, tx, due, asked, now):
            return  # another address was given meanwhile
        await store.write_next(tx, due, now + timedelta(seconds=pause_s(faults, _RANDOM)))


async def _noted(deps: Deps, tx: Transaction, due: store.Due, asked: Asked, now: datetime) -> bool:
    """Keeps what an address said. What is told as before, or again too late, is one event less."""
    told_time = due.told_time
    if asked.fault:
        there = await store.write_fault(tx, due, asked.fault, now)
    else:
        if asked.reply is not None:
            told_time = told_at(asked.reply.told_time, now)
        there = await store.write_answer(
            tx, due, now, told_time or now, asked.etag, asked.last_modified
        )
    if not there:
        return False
    known = LiveAddress(due.timetable_id, due.kind, due.url, told_time=told_time)
    stale = told_time is not None and known.is_stale(now)
    if asked.reply is not None:
        told = _told(due.kind, asked.reply)
        mark = blake2b(msgspec.msgpack.encode(told), digest_size=8).hexdigest()
        if mark != due.mark:
            await store.write_told(tx, due, mark, told)
        news = bool(due.mark) or bool(told.runs or told.alerts)
        if news and (mark != due.mark or due.stale_told) and not stale:
            await _say(deps, tx, due.timetable_id, told, now)
    if stale:
        if not due.stale_told:
            await _say(deps, tx, due.timetable_id, LiveTold(), now, stale=True)
        await store.note_stale(tx, due)
    return True


def _told(kind: LiveKind, reply: LiveReply) -> LiveTold:
    """Returns what is kept of a message: what the address is for, and of positions their number."""
    return LiveTold(
        reply.runs if kind is LiveKind.RUNS else (),
        reply.alerts if kind is LiveKind.ALERTS else (),
        reply.ignored, reply.refused, reply.vehicles,
    )  # fmt: skip


async def _say(
    deps: Deps, tx: Transaction, timetable_id: str, told: LiveTold, now: datetime,
    *, stale: bool = False,
) -> None:  # fmt: skip
    """Says that something else is told now, where anybody rides there today."""
    riding = await riding_today(tx, timetable_id, now)
    if not riding:
        return
    await deps.outbox.add(
        tx,
        RunsDelayed(
            area=tx.area, aggregate_id=f"live-{timetable_id}", version=int(now.timestamp() * 1000),
            occur_time=now, timetable_id=timetable_id, runs=len(told.runs),
            canceled=sum(run.canceled for run in told.runs), alerts=len(told.alerts), stale=stale,
            riding=riding,
        ),
    )  # fmt: skip
