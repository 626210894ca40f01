"""Finished days: how long people stayed, which zones the same devices saw, and in which order.

Made at the end of the day from the devices near by per minute, which are deleted soon after; only
what may leave the installation is kept. Stays and pairs are rounded down to tens: stays of a zone
less a pair would be the devices that were in one zone and not in the other. Where the area has a
budget of noise, that protects instead (domain.noise). Nothing is linked beyond the day: its key is
gone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise, permutations

from kit.db import ALL_AREAS
from kit.pure.errors import InvalidFields
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.domain import day
from services.visitor_sense.domain.curves import came_and_left
from services.visitor_sense.domain.flows import (
    Stay,
    ZonesSeen,
    dwell_quantiles,
    stays_of,
    visitors_only,
)
from services.visitor_sense.domain.moves import Moves, Pair, paths_of, told_ways, ways_of
from services.visitor_sense.domain.noise import MOST_MOVES, MOST_ZONES, Budget, quantiles
from services.visitor_sense.domain.release import rounded_down
from services.visitor_sense.domain.sketch import Distinct
from services.visitor_sense.store import days as store
from services.visitor_sense.store.days import ClosedDay, ZoneDay, ZoneDevices, ZoneMove, ZonePair
from services.visitor_sense.store.hours import devices_between
from services.visitor_sense.store.noise import budget_on

# Batches under way at midnight arrive within this time; what comes later is not in the day.
CLOSE_GRACE = timedelta(minutes=10)
QUARTILES = (0.25, 0.5, 0.75)
MAX_DAYS = 400
# Minutes of stay that durations are sorted into before noise is added; the last end is the longest.
BINS = (0, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 360)
Heard = dict[str, dict[int, list[int]]]
Visitors = dict[str, dict[int, Sequence[int]]]


@dataclass(frozen=True)
class Days:
    """Closed days from first to last, with dwell per zone, zones seen together, and moves."""

    closed: list[ClosedDay]
    zones: list[ZoneDay]
    pairs: list[ZonePair]
    moves: list[ZoneMove]
    devices: list[ZoneDevices]


@dataclass(frozen=True)
class ToldDay:
    """What a day tells. pairs: devices by two zones. moves: by zone left and zone reached. devices:
    different ones by zone, as hours count them."""

    zones: dict[str, ZoneDay] = field(default_factory=dict)
    pairs: dict[Pair, int] = field(default_factory=dict)
    moves: dict[Pair, int] = field(default_factory=dict)
    devices: dict[str, int] = field(default_factory=dict)


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
        budget = await budget_on(tx, area, key_date)
        told = told_of(key_date, minutes, budget)
        if budget is None:  # a device may be in any number of zones: no noise would cover it
            sets = await devices_between(tx, begin, begin + timedelta(days=1))
            told = replace(told, devices=different(sets))
        closed = ClosedDay(key_date, directed=True, noise_tenths=budget.tenths if budget else 0)
        return await store.put_day(
            tx, closed, now, told.zones, told.pairs, told.moves, told.devices
        )


def different(sets: Iterable[tuple[str, Distinct]]) -> dict[str, int]:
    """Returns how many different devices the hours of each zone hold together, rounded down: held
    against the hours, that leaves open whether nobody else came, or K and more."""
    whole: dict[str, Distinct] = defaultdict(Distinct)
    for zone_id, devices in sets:
        whole[zone_id].merge(devices)
    counts = {zone_id: rounded_down(each.count().estimate) for zone_id, each in whole.items()}
    return {zone_id: devices for zone_id, devices in counts.items() if devices}


def told_of(
    key_date: date,
    minutes: Iterable[tuple[str, datetime, Distinct]],
    budget: Budget | None = None,
) -> ToldDay:
    """Returns what a day tells: without a budget rounded down, with one under its noise."""
    heard: Heard = defaultdict(lambda: defaultdict(list))
    for zone_id, minute, near in minutes:
        time_ms = day.to_ms(minute)
        for device in near.fixed():
            heard[zone_id][device].append(time_ms)
    visitors = visitors_only(heard)
    return _rounded(key_date, visitors) if budget is None else _noisy(key_date, visitors, budget)


def _rounded(key_date: date, visitors: Visitors) -> ToldDay:
    zones, seen, moves = dict[str, ZoneDay](), ZonesSeen(), Moves()
    for zone_id, devices in visitors.items():
        seen.add(zone_id, devices)
        quartiles = dwell_quantiles(devices, QUARTILES)
        if quartiles is not None:
            stays = sum(len(stays_of(times)) for times in devices.values())
            seconds = tuple(round(one / 1_000) for one in quartiles)
            came, left = came_and_left(devices.values(), day.to_ms(day.midnight_of(key_date)))
            zones[zone_id] = ZoneDay(
                zone_id, key_date, rounded_down(stays), seconds, came_s=came, left_s=left
            )
    for device, path in paths_of(visitors).items():
        moves.add(device, ways_of(path))
    both = {pair: round(devices) for pair, devices in seen.both().items()}
    return ToldDay(zones, *told_ways(both, moves))


def _noisy(key_date: date, visitors: Visitors, budget: Budget) -> ToldDay:
    """Returns a day under noise. All zones and all moves between them get some, whether anybody was
    there or not; pairs are not told, because moves take their part of the budget."""
    first_stays: dict[str, list[Stay]] = {zone_id: [] for zone_id in visitors}
    moves = Moves()
    for device, path in paths_of(visitors).items():
        for zone_id in list(dict.fromkeys(path))[:MOST_ZONES]:
            first_stays[zone_id].append(stays_of(visitors[zone_id][device])[0])
        moves.add(device, ways_of(path)[:MOST_MOVES])
    zones = {}
    for zone_id, stays in first_stays.items():
        told = budget.stays.told(len(stays), budget.stays.add(len(stays)))
        if told is not None:
            seconds = _noisy_quartiles(stays, budget)
            zones[zone_id] = ZoneDay(zone_id, key_date, told, seconds, (), (), budget.tenths)
    counts, ways = moves.ways(), dict[Pair, int]()
    for way in permutations(sorted(visitors), 2):
        count = counts.get(way, 0)
        told = budget.move.told(count, budget.move.add(count))
        if told is not None:
            ways[way] = told
    return ToldDay(zones, {}, ways)


def _noisy_quartiles(stays: Sequence[Stay], budget: Budget) -> tuple[float, ...]:
    minutes = [stay.dwell_ms / 60_000 for stay in stays]
    bins = [
        (60 * begin, 60 * end, budget.stays.add(sum(begin <= one < end for one in minutes)))
        for begin, end in pairwise(BINS)
    ]
    if not any(count for _, _, count in bins):
        bins = [(0, 60 * BINS[-1], 1)]  # noise alone: nothing is known
    return tuple(round(one) for one in quantiles(bins, QUARTILES))


async def read_days(deps: Deps, area: str, first: date, last: date) -> Days:
    """Returns what closed days tell. Errors: InvalidFields."""
    if not timedelta(0) <= last - first < timedelta(days=MAX_DAYS):
        raise InvalidFields([("to_date", f"from_date or later, at most {MAX_DAYS} days")])
    async with deps.db.read(area) as tx:
        closed, zones, pairs, moves, devices = await store.read_days(tx, first, last)
    # Days that were closed before stays and pairs were rounded are kept as they were counted.
    return Days(
        closed,
        [one if one.noise_tenths else replace(one, stays=rounded_down(one.stays)) for one in zones],
        [replace(one, devices=rounded_down(one.devices)) for one in pairs],
        moves,
        devices,
    )
