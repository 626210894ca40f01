"""Finished days: how long people stayed, and which zones the same devices saw.

Made at the end of the day from the devices near by per minute, which are deleted soon after; only
what may leave the installation is kept. Stays and pairs are rounded down to tens: stays of a zone
less a pair would be the devices that were in one zone and not in the other. Nothing is linked
beyond the day: its key is gone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from kit.db import ALL_AREAS
from kit.pure.errors import InvalidFields
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.domain import day
from services.visitor_sense.domain.flows import (
    ZonesSeen,
    dwell_quantiles,
    stays_of,
    visitors_only,
)
from services.visitor_sense.domain.release import rounded_down
from services.visitor_sense.domain.sketch import Distinct
from services.visitor_sense.store import days as store
from services.visitor_sense.store.days import ZoneDay, ZonePair

# Batches under way at midnight arrive within this time; what comes later is not in the day.
CLOSE_GRACE = timedelta(minutes=10)
QUARTILES = (0.25, 0.5, 0.75)
MAX_DAYS = 400
Heard = dict[str, dict[int, list[int]]]


@dataclass(frozen=True)
class Days:
    """Closed days from first to last, with dwell per zone and zones seen together."""

    closed: list[date]
    zones: list[ZoneDay]
    pairs: list[ZonePair]


async def close_days(deps: Deps) -> int:
    """Closes the days gone by of all areas; returns how many."""
    now = deps.clock.now()
    midnight = day.midnight_of(day.key_date(now))
    if now < midnight + CLOSE_GRACE:
        return 0
    async with deps.db.read(ALL_AREAS) as tx:
        wanted = await store.days_to_close(tx, midnight)
    return sum([await _close(deps, area, key_date, now) for area, key_date in wanted])


async def _close(deps: Deps, area: str, key_date: date, now: datetime) -> bool:
    begin = day.midnight_of(key_date)
    async with deps.db.transaction(area) as tx:
        minutes = await store.minutes_between(tx, begin, begin + timedelta(days=1))
        zones, pairs = told_of(key_date, minutes)
        return await store.put_day(tx, key_date, now, zones, pairs)


def told_of(
    key_date: date, minutes: Iterable[tuple[str, datetime, Distinct]]
) -> tuple[dict[str, ZoneDay], dict[tuple[str, str], int]]:
    """Returns dwell per zone and devices per pair of zones, both rounded down; below K devices
    there is nothing."""
    heard: Heard = defaultdict(lambda: defaultdict(list))
    for zone_id, minute, near in minutes:
        time_ms = day.to_ms(minute)
        for device in near.fixed():
            heard[zone_id][device].append(time_ms)
    visitors = visitors_only(heard)
    zones, seen = dict[str, ZoneDay](), ZonesSeen()
    for zone_id, devices in visitors.items():
        seen.add(zone_id, devices)
        quartiles = dwell_quantiles(devices, QUARTILES)
        if quartiles is not None:
            stays = sum(len(stays_of(times)) for times in devices.values())
            seconds = tuple(round(one / 1_000) for one in quartiles)
            zones[zone_id] = ZoneDay(zone_id, key_date, rounded_down(stays), seconds)
    both = {pair: rounded_down(round(devices)) for pair, devices in seen.both().items()}
    return zones, {pair: devices for pair, devices in both.items() if devices}


async def read_days(deps: Deps, area: str, first: date, last: date) -> Days:
    """Returns what closed days tell. Errors: InvalidFields."""
    if not timedelta(0) <= last - first < timedelta(days=MAX_DAYS):
        raise InvalidFields([("to_date", f"from_date or later, at most {MAX_DAYS} days")])
    async with deps.db.read(area) as tx:
        closed, zones, pairs = await store.read_days(tx, first, last)
    # Days that were closed before stays and pairs were rounded are kept as they were counted.
    return Days(
        closed,
        [replace(one, stays=rounded_down(one.stays)) for one in zones],
        [replace(one, devices=rounded_down(one.devices)) for one in pairs],
    )
