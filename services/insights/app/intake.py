"""Taking events in: facts with their roll-ups, counted zones, names, settings of the area.

Every function runs inside the transaction that also writes the inbox, so an event counts once.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kit.db import Transaction
from services.insights.app.deps import Deps
from services.insights.domain.fact import DEFAULT_TIME_ZONE, Fact, date_fact
from services.insights.domain.rollup import roll_up
from services.insights.domain.zone import LevelSaid, ZoneHourSaid
from services.insights.store import areas, facts, labels, sources, zones


@dataclass
class _Batch:
    """What one transaction heard and has not written yet."""

    facts: list[Fact] = field(default_factory=list)
    heard: defaultdict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))


_batches: WeakKeyDictionary[Transaction, _Batch] = WeakKeyDictionary()


def _batch(deps: Deps, tx: Transaction) -> _Batch:
    batch = _batches.get(tx)
    if batch is None:
        batch = _batches[tx] = _Batch()
        # One write for a whole run of events: one by one it was a tenth as fast.
        tx.before_commit("insights", lambda: _write(deps, tx, batch))
    return batch


async def _write(deps: Deps, tx: Transaction, batch: _Batch) -> None:
    area, heard_time = await areas.hold(tx), deps.clock.now()
    dated = [
        date_fact(fact, area.zone, heard_time)
        for fact in batch.facts
        if not area.outlived(fact.occur_time)
    ]
    if dated:
        fresh = await facts.add(tx, dated, heard_time)
        await facts.add_roll_ups(tx, roll_up(fresh))
    for service, times in sorted(batch.heard.items()):
        alive = [at for at in times if not area.outlived(at)]
        if alive:
            await sources.heard(tx, service, max(alive), heard_time, len(alive))


async def take_in(deps: Deps, tx: Transaction, fact: Fact) -> None:
    """Counts one fact."""
    batch = _batch(deps, tx)
    batch.facts.append(fact)
    batch.heard[fact.service].append(fact.occur_time)


async def note(deps: Deps, tx: Transaction, service: str, occur_time: datetime) -> None:
    """Notes an event that changes no figure, for the freshness of its service."""
    _batch(deps, tx).heard[service].append(occur_time)


async def take_zone_hour(
    deps: Deps, tx: Transaction, said: ZoneHourSaid, version: int, occur_time: datetime
) -> None:
    """Keeps a counted hour; a later version of it replaces the earlier one."""
    await note(deps, tx, "visitor_sense", occur_time)
    if not (await areas.hold(tx)).outlived(occur_time):
        await zones.keep_hour(tx, said, version, occur_time)


async def take_zone_level(
    deps: Deps, tx: Transaction, said: LevelSaid, version: int, occur_time: datetime
) -> None:
    """Keeps the newest level of a zone."""
    await note(deps, tx, "visitor_sense", occur_time)
    if not (await areas.hold(tx)).outlived(occur_time):
        await zones.keep_level(tx, said, version, occur_time)


async def take_label(
    deps: Deps,
    tx: Transaction,
    *,
    service: str,
    kind: str,
    key: str,
    place_id: str,
    names: Mapping[str, str],
    version: int,
    occur_time: datetime,
) -> None:
    """Keeps what a place, stop or POI is called."""
    await note(deps, tx, service, occur_time)
    if not (await areas.hold(tx)).outlived(occur_time):
        await labels.keep(tx, kind, key, place_id, names, version)


async def take_owner_totals(
    deps: Deps,
    tx: Transaction,
    *,
    service: str,
    business_date: date,
    said: Mapping[str, int],
    version: int,
    occur_time: datetime,
) -> None:
    """Keeps what an owner says of a day."""
    await note(deps, tx, service, occur_time)
    if not (await areas.hold(tx)).outlived(occur_time):
        await sources.keep_totals(tx, service, business_date, said, version, occur_time)


async def configure_area(
    deps: Deps, tx: Transaction, *, time_zone: str, demo: bool, occur_time: datetime
) -> None:
    """Takes over the settings of the area; another time zone dates all its facts again."""
    await note(deps, tx, "directory", occur_time)
    known = await areas.change(tx)
    stale = known.configured_time is not None and occur_time <= known.configured_time
    if stale or known.outlived(occur_time):
        return
    zone = _usable(time_zone)
    await areas.configure(tx, time_zone=zone, demo=demo, at=occur_time)
    if zone != known.zone.key:
        await facts.redate(tx, zone)
        await facts.rebuild_roll_ups(tx)


async def drop_area(tx: Transaction, occur_time: datetime) -> None:
    """Removes the area; what happened after that moment, in an area made anew, stays."""
    known = await areas.change(tx)
    if known.outlived(occur_time):
        return
    await areas.drop(tx, occur_time)
    await facts.rebuild_roll_ups(tx)


def _usable(time_zone: str) -> str:
    try:
        return ZoneInfo(time_zone).key
    except (ZoneInfoNotFoundError, ValueError):
        # directory checks zones; one this machine does not know must not stop all counting.
        return DEFAULT_TIME_ZONE
