"""Live crowding: levels per zone, said when they change."""

from dataclasses import dataclass
from datetime import datetime

from kit.db import ALL_AREAS
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.domain.events import OccupancyLevelChanged
from services.visitor_sense.domain.live import LiveUnavailable
from services.visitor_sense.domain.zones import SILENT_AFTER, Level, Zone, level_of
from services.visitor_sense.store import areas as area_store
from services.visitor_sense.store import closures
from services.visitor_sense.store import sensors as sensor_store
from services.visitor_sense.store import zones as store
from services.visitor_sense.store.zones import ZoneLevel


@dataclass(frozen=True)
class ZoneOccupancy:
    """How crowded a zone is.

    as_of: moment the level describes; of an unknown one, when a sensor was last reported there.
    closed: the place is closed; what is measured there must not invite anybody.
    watched: a sensor that is not revoked belongs to it.
    """

    zone: Zone
    level: Level
    as_of: datetime | None
    paused: bool
    closed: bool
    watched: bool


async def areas(deps: Deps) -> list[str]:
    """Returns the areas that have zones."""
    async with deps.db.read(ALL_AREAS) as tx:
        return list(await area_store.all_areas(tx))


async def refresh_levels(deps: Deps, area: str) -> int:
    """Looks at the live figures of an area and says the levels that changed; returns how many.

    A live store that is down leaves the levels as they are; reading tells how old they are.
    """
    now = deps.clock.now()
    async with deps.db.read(area) as tx:
        zones = await store.list_levels(tx)
        reported = await sensor_store.latest_report(tx)
        paused = await store.pauses_since(tx, now)
    try:
        counts = await deps.live.count(area, [one.zone.zone_id for one in zones], now)
        await deps.live.set_as_of(area, now)
    except LiveUnavailable:
        return 0
    changed = 0
    for one in zones:
        zone_id = one.zone.zone_id
        if zone_id in paused or not _fresh(reported.get(zone_id), now):
            level = Level.UNKNOWN
        else:
            level = level_of(one.zone, counts[zone_id], one.level)
        if level is not one.level:
            changed += await _change(deps, area, one, level, now)
    return changed


def _fresh(reported: datetime | None, now: datetime) -> bool:
    return reported is not None and now - reported <= SILENT_AFTER


async def _change(deps: Deps, area: str, one: ZoneLevel, level: Level, now: datetime) -> bool:
    async with deps.db.transaction(area) as tx:
        if not await store.set_level(tx, one.zone.zone_id, level, one.version + 1, now):
            return False
        event = OccupancyLevelChanged(
            area=area,
            aggregate_id=one.zone.zone_id,
            version=one.version + 1,
            occur_time=now,
            zone_id=one.zone.zone_id,
            place_id=one.zone.place_id,
            previous_level=one.level,
            level=level,
        )
        await deps.outbox.add(tx, event)
    return True


async def read_occupancy(deps: Deps, area: str) -> list[ZoneOccupancy]:
    """Returns the level of every zone; one that nobody watched for five minutes is unknown."""
    now = deps.clock.now()
    async with deps.db.read(area) as tx:
        zones = await store.list_levels(tx)
        reported = await sensor_store.latest_report(tx)
        paused = await store.pauses_since(tx, now)
        closed = await closures.closed_places(tx, now)
        sensors = await sensor_store.list_sensors(tx)
    watched = {sensor.zone_id for sensor in sensors if sensor.revoke_time is None}
    try:
        looked = await deps.live.as_of(area)
    except LiveUnavailable:
        looked = None
    found = []
    for one in zones:
        zone_id = one.zone.zone_id
        as_of = max((at for at in (one.level_time, looked) if at), default=None)
        known = _fresh(reported.get(zone_id), now) and _fresh(as_of, now) and zone_id not in paused
        level = one.level if known else Level.UNKNOWN
        at = as_of if known else reported.get(zone_id)
        shut = one.zone.place_id in closed
        found.append(
            ZoneOccupancy(one.zone, level, at, zone_id in paused, shut, zone_id in watched)
        )
    return found
