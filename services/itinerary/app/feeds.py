"""Feeds of operators: taken in as they were published, in place of the one before."""

import asyncio
from dataclasses import dataclass

from kit.requests import RequestKey, once
from services.itinerary.app.deps import Deps
from services.itinerary.app.timetables import keep
from services.itinerary.domain.transit.faults import bad_id, bad_phone, refuse
from services.itinerary.domain.transit.kept import KeptFeed, Summary, facts_of_feed
from services.itinerary.gateways.feed_reader import Table
from services.itinerary.gateways.gtfs.report import Problem
from services.itinerary.store import timetables as store

LANGUAGE = "ja"  # of a feed that does not say; GTFS-JP is in Japanese


@dataclass(frozen=True)
class FeedReport:
    """What became of a feed and of its rows. tables: read = used + refused in each."""

    summary: Summary
    tables: tuple[Table, ...]
    notes: tuple[Problem, ...]


async def import_feed(
    deps: Deps, key: RequestKey, area: str, timetable_id: str, archive: bytes, phone: str,
    *, dry_run: bool,
) -> FeedReport:  # fmt: skip
    """Takes a feed in; an equal one changes nothing. It is read outside of any transaction.

    Errors: Faulty, FeedUnusable, FeedsBusy, TimetablesFull, OtherKind.
    """
    refuse([*bad_id("timetable_id", timetable_id), *bad_phone("phone", phone)])
    reply = await deps.feeds.read(archive)
    if reply.timetable is None:
        raise AssertionError("a feed that can be used has a timetable")
    feed = KeptFeed(timetable_id, reply.timetable, reply.language or LANGUAGE, phone)
    # What is written takes a tenth of a second to make: not under the lock, nor on the loop.
    facts, body = await asyncio.to_thread(lambda: (facts_of_feed(feed), store.body_of(feed)))
    async with deps.db.transaction(area) as tx:

        async def load() -> FeedReport:
            await store.lock(tx, deps.clock.now())
            kept = await keep(deps, tx, timetable_id, (facts, body), None, dry_run=dry_run)
            return FeedReport(kept, reply.tables, reply.notes)

        return await once(tx, key, FeedReport, load)
