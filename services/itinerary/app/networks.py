"""The network of an area as plans want it: made once after each change, kept in the process."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from kit.db import Transaction
from services.itinerary.app.by_mark import ByMark
from services.itinerary.domain.live import RUNS_HOLD, LiveKind, LiveTold
from services.itinerary.domain.transit.live import LiveRun, LiveView
from services.itinerary.domain.transit.merge import network_of
from services.itinerary.domain.transit.network import Network
from services.itinerary.domain.transit.ways import Ways
from services.itinerary.store import areas, live
from services.itinerary.store import timetables as store


@dataclass(frozen=True)
class Networks:
    """The networks of areas; one of ten thousand calls takes about 5 MB.

    A plan pays one small query; only the first after a change reads and decodes.
    """

    _kept: ByMark[Network] = field(default_factory=ByMark)
    _live: ByMark[Network] = field(default_factory=ByMark)

    async def mark(self, tx: Transaction, day: date, now: datetime) -> str:
        """Returns the version of the network of the transaction's area for a date: another one with
        each change, and around today also with all that operators tell of delays."""
        base = await store.read_change_id(tx)
        told = await live.read_marks(tx, now - RUNS_HOLD) if _is_near(day, now) else ""
        if not told:
            return base
        # What is told without a date is of today, and at midnight of another day.
        return f"{base} {told} {await _today(tx, now)}"

    async def current(
        self, tx: Transaction, day: date | None = None, now: datetime | None = None
    ) -> Network:
        """Returns the network of the transaction's area for a date, as that transaction sees it.

        tx: must see one snapshot (Database.read): the mark and the rows belong together. day, now:
        None for what the timetables say, whatever operators tell.
        """
        base = await self._timetabled(tx)
        if day is None or now is None or not _is_near(day, now):
            return base
        mark = await self.mark(tx, day, now)
        if mark == base.version:
            return base

        async def make() -> Network:
            told = await live.list_told(tx, LiveKind.RUNS, now - RUNS_HOLD)
            zone = await areas.read_time_zone(tx) or "UTC"
            return replace(base, version=mark, live=view_of(zone, await _today(tx, now), told))

        return await self._live.get(tx.area, mark, make)

    async def _timetabled(self, tx: Transaction) -> Network:
        mark = await store.read_change_id(tx)

        async def make() -> Network:
            rows = await store.list_bodies(tx)
            ways, _version = await store.read_ways(tx)
            # A town's feed takes a tenth of a second: others are answered meanwhile.
            return await asyncio.to_thread(_network, mark, rows, ways)

        return await self._kept.get(tx.area, mark, make)


async def _today(tx: Transaction, now: datetime) -> date:
    return now.astimezone(ZoneInfo(await areas.read_time_zone(tx) or "UTC")).date()


def view_of(zone: str, today: date, told: Mapping[str, tuple[LiveTold, datetime]]) -> LiveView:
    """Returns what feeds tell of their runs as a view over their timetables. told: by feed."""
    runs: dict[str, list[tuple[str, LiveRun]]] = {}
    for feed, (each, _) in told.items():
        prefix = f"{feed}/"
        for run in each.runs:
            runs.setdefault(f"{prefix}{run.run_id}", []).append((prefix, run))
    return LiveView(today, zone, runs)


def _is_near(day: date, now: datetime) -> bool:
    """Tells whether what operators tell now can be of a date: it is never the same everywhere."""
    return abs((day - now.date()).days) <= 1


def _network(mark: str, rows: dict[str, store.Kept], ways: Ways) -> Network:
    lines = [line for kept in rows.values() if (line := kept.line)]
    feeds = [feed for name, kept in rows.items() if (feed := kept.feed(name))]
    return network_of(mark, lines, feeds, ways)
