"""Taking events in: facts with their roll-ups, counted zones, names, settings of the area.

Every function runs inside the transaction that also writes the inbox, so an event counts once.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kit.db import Transaction
from services.insights.app.deps import Deps
from services.insights.domain.area import AreaState
from services.insights.domain.fact import DEFAULT_TIME_ZONE, DatedFact, Fact, date_facts
from services.insights.domain.months import expected
from services.insights.domain.rollup import roll_up
from services.insights.domain.said import Envelope
from services.insights.domain.shop_close import ShopDayClosed
from services.insights.domain.zone import LevelSaid, ZoneHourSaid
from services.insights.store import areas, facts, labels, parts, shop_closes, sources, zones

Said = TypeVar("Said")


@dataclass
class _Batch:
    """What one transaction heard and has not written yet."""

    facts: list[Fact] = field(default_factory=list)
    heard: list[Envelope] = field(default_factory=list)


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
    counted, heard = batch.facts, batch.heard
    if area.dropped_time is not None:
        counted = [fact for fact in counted if not area.outlived(fact.said_time)]
        heard = [envelope for envelope in heard if not area.outlived(envelope.said_time)]
    if counted:
        await _count(tx, area, date_facts(counted, area.zone, heard_time), heard_time)
    alive: defaultdict[str, list[datetime]] = defaultdict(list)
    for fact in counted:
        alive[fact.service].append(fact.occur_time)
    for envelope in heard:
        alive[envelope.service].append(envelope.occur_time)
    for service, times in sorted(alive.items()):
        await sources.heard(tx, service, max(times), heard_time, len(times))


async def _count(
    tx: Transaction, area: AreaState, dated: Sequence[DatedFact], heard_time: datetime
) -> None:
    # Of a day whose single facts are gone, only its sums grow; the inbox knows who was counted.
    final, single = list[DatedFact](), list[DatedFact]()
    for each in dated:
        (final if area.is_sealed(each.fact.kind, each.occur_date) else single).append(each)
    await parts.make(tx, expected((each.fact.event_id for each in single), heard_time))
    fresh = await facts.add(tx, single, heard_time) + final
    await facts.add_roll_ups(tx, roll_up(fresh))
    if final:
        await facts.count_late(tx, Counter(each.occur_date for each in final if each.late))


async def take_in(deps: Deps, tx: Transaction, found: Sequence[Fact]) -> None:
    """Counts facts."""
    _batch(deps, tx).facts.extend(found)


async def note(deps: Deps, tx: Transaction, envelope: Envelope) -> None:
    """Notes an event that changes no figure, for the freshness of its service."""
    _batch(deps, tx).heard.append(envelope)


async def take_zone_hours(
    deps: Deps, tx: Transaction, found: Sequence[tuple[Envelope, ZoneHourSaid]]
) -> None:
    """Keeps counted hours; a later version of one replaces the earlier."""
    await zones.keep_hours(tx, await _living(deps, tx, found))


async def take_zone_levels(
    deps: Deps, tx: Transaction, found: Sequence[tuple[Envelope, LevelSaid]]
) -> None:
    """Keeps the newest level of each zone."""
    await zones.keep_levels(tx, await _living(deps, tx, found))


async def _living(
    deps: Deps, tx: Transaction, found: Sequence[tuple[Envelope, Said]]
) -> list[tuple[Said, int, datetime]]:
    """Returns what was said since the area was dropped, with its version and when it was said."""
    _batch(deps, tx).heard.extend(envelope for envelope, _ in found)
    area = await areas.hold(tx)
    return [
        (said, envelope.version, envelope.said_time)
        for envelope, said in found
        if not area.outlived(envelope.said_time)
    ]


async def take_label(
    deps: Deps,
    tx: Transaction,
    envelope: Envelope,
    *,
    kind: str,
    key: str,
    place_id: str,
    names: Mapping[str, str],
) -> None:
    """Keeps what a place, stop or POI is called."""
    if await _is_alive(deps, tx, envelope):
        await labels.keep(tx, kind, key, place_id, names, envelope.version)


async def take_owner_totals(
    deps: Deps,
    tx: Transaction,
    envelope: Envelope,
    *,
    business_date: date,
    said: Mapping[str, int],
) -> None:
    """Keeps what an owner says of a day."""
    if await _is_alive(deps, tx, envelope):
        await sources.keep_totals(
            tx, envelope.service, business_date, said, envelope.version, envelope.said_time
        )


async def take_shop_close(
    deps: Deps, tx: Transaction, envelope: Envelope, said: ShopDayClosed
) -> None:
    """Keeps what the closes of a shop hold of each date."""
    if await _is_alive(deps, tx, envelope):
        await shop_closes.keep(tx, said, envelope.occur_time, envelope.said_time)


async def _is_alive(deps: Deps, tx: Transaction, envelope: Envelope) -> bool:
    await note(deps, tx, envelope)
    return not (await areas.hold(tx)).outlived(envelope.said_time)


async def configure_area(
    deps: Deps, tx: Transaction, envelope: Envelope, *, time_zone: str, demo: bool
) -> None:
    """Takes over the settings of the area; another time zone dates all its facts again."""
    await note(deps, tx, envelope)
    known = await areas.change(tx)
    at = envelope.said_time
    stale = known.configured_time is not None and at <= known.configured_time
    if stale or known.outlived(at):
        return
    zone = _usable(time_zone)
    await areas.configure(tx, time_zone=zone, demo=demo, at=at)
    if zone != known.zone.key:
        await areas.take_time(tx)
        await facts.redate(tx, zone)
        await facts.rebuild_roll_ups(tx)


async def drop_area(tx: Transaction, envelope: Envelope) -> None:
    """Removes the area; what is said after that moment, in an area made anew, stays."""
    known = await areas.change(tx)
    if known.outlived(envelope.said_time):
        return
    await areas.take_time(tx)
    await areas.drop(tx, envelope.said_time)
    await facts.rebuild_roll_ups(tx)


def _usable(time_zone: str) -> str:
    try:
        return ZoneInfo(time_zone).key
    except (ZoneInfoNotFoundError, ValueError):
        # directory checks zones; one this machine does not know must not stop all counting.
        return DEFAULT_TIME_ZONE
