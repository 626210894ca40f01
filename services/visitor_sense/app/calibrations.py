"""Zones learn from counted people what their devices stand for, and how that holds later."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.db import Transaction
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.domain import day
from services.visitor_sense.domain.accuracy import judge
from services.visitor_sense.domain.calibration import CountedWindow, TooFewCounts, calibrate
from services.visitor_sense.domain.errors import CountsTooFew, UnknownZone
from services.visitor_sense.domain.people import Drift, Learned, drift
from services.visitor_sense.store import calibrations as store
from services.visitor_sense.store import zones as zone_store

LEARN_FROM = timedelta(days=400)  # older counts speak of other phones
MOST_COUNTS = 1_000
MOST_PERSONS = 1_000_000


@dataclass(frozen=True)
class ZoneLearned:
    """A zone's newest calibration and how it has held since."""

    learned: Learned
    since: Drift


async def calibrate_zone(
    deps: Deps, area: str, key: RequestKey, zone_id: str, counts: Mapping[datetime, int]
) -> ZoneLearned:
    """Notes counts by hand (hour -> people) and learns from all there are.

    Errors: UnknownZone, InvalidFields; CountsTooFew, and then counts are not noted either.
    """
    now = deps.clock.now()
    check_counts(counts, now)
    async with deps.db.transaction(area) as tx:

        async def learn() -> int:
            await _put_counts(tx, zone_id, counts, now)
            return await _learn(tx, zone_id, now)

        version = await once(tx, key, int, learn)
        found = await store.learned_for(tx, area, zone_id, version, now)
    assert found is not None  # noqa: S101 - it was learned above, once
    return ZoneLearned(found, Drift(0, 0))


async def note_counts(
    deps: Deps, area: str, key: RequestKey, zone_id: str, counts: Mapping[datetime, int]
) -> int:
    """Notes people counted by hand or by a gate (hour -> people) to learn from later; returns how
    many hours. Errors: UnknownZone, InvalidFields.
    """
    now = deps.clock.now()
    check_counts(counts, now)
    if not counts:
        raise InvalidFields([("counts", "at least one")])
    async with deps.db.transaction(area) as tx:

        async def note() -> int:
            await _put_counts(tx, zone_id, counts, now)
            return len(counts)

        return await once(tx, key, int, note)


def hours_once(counted: Iterable[tuple[datetime, int]]) -> dict[datetime, int]:
    """Returns hour -> people. Errors: InvalidFields for an hour that is given twice."""
    found = dict[datetime, int]()
    for hour, persons in counted:
        if hour in found:
            raise InvalidFields([("counts.hour_start_time", "each hour once")])
        found[hour] = persons
    return found


def check_counts(counts: Mapping[datetime, int], now: datetime) -> None:
    """Errors: InvalidFields."""
    bad = []
    if len(counts) > MOST_COUNTS:
        bad.append(("counts", f"at most {MOST_COUNTS} at a time"))
    for hour, persons in counts.items():
        if hour != day.hour_of(hour) or hour + timedelta(hours=1) > now:
            bad.append(("counts.hour_start_time", "the first moment of an hour that is over"))
        if not 0 <= persons <= MOST_PERSONS:
            bad.append(("counts.persons", f"0 to {MOST_PERSONS}"))
    if bad:
        raise InvalidFields(bad[:10])


async def _put_counts(
    tx: Transaction, zone_id: str, counts: Mapping[datetime, int], now: datetime
) -> None:
    if zone_id not in {zone.zone_id for zone in await zone_store.list_zones(tx)}:
        raise UnknownZone("No zone has this id.")
    await store.put_hand_counts(tx, zone_id, counts, now)


async def _learn(tx: Transaction, zone_id: str, now: datetime) -> int:
    counted = await store.counted_hours(tx, now - LEARN_FROM, [zone_id])
    windows = [
        CountedWindow(day.key_date(hour).isoformat(), near, float(persons))
        for _, hour, near, persons in counted
    ]
    try:
        calibration = calibrate(windows)
    except TooFewCounts as error:
        raise CountsTooFew(str(error)) from error
    try:
        judged = judge(windows)
        figures = (judged.wape, judged.mae, judged.coverage)
    except TooFewCounts:
        figures = (math.nan, math.nan, math.nan)
    known = (await store.newest(tx)).get(zone_id)
    version = known.version + 1 if known else 1
    await store.put_learned(tx, Learned(zone_id, version, now, calibration, *figures))
    return version


async def zones_learned(tx: Transaction) -> list[ZoneLearned]:
    """Returns the newest calibration of each zone, with what was counted after it."""
    newest = await store.newest(tx)
    if not newest:
        return []
    first = min(one.learn_time for one in newest.values())
    counted = await store.counted_hours(tx, first, newest)
    return [
        ZoneLearned(
            one,
            drift([
                (one.calibration.people(near), float(persons))
                for zone_id, hour, near, persons in counted
                if zone_id == one.zone_id and hour >= one.learn_time
            ]),
        )
        for one in newest.values()
    ]  # fmt: skip
