"""Zones, pauses, and the end of an area."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import Transaction
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.domain.errors import NothingToPause
from services.visitor_sense.domain.zones import MAX_ZONES, Zone, check_zone
from services.visitor_sense.store import areas
from services.visitor_sense.store import zones as store
from services.visitor_sense.store.closures import Closure, put_closure


async def configure_zones(deps: Deps, area: str, key: RequestKey, zones: Sequence[Zone]) -> int:
    """Makes or changes zones; returns how many changed. Errors: InvalidFields."""
    if not 0 < len(zones) <= MAX_ZONES:
        raise InvalidFields([("zones", f"give 1 to {MAX_ZONES} zones")])
    for zone in zones:
        check_zone(zone)
    async with deps.db.transaction(area) as tx:

        async def change() -> int:
            return sum([await store.put_zone(tx, zone) for zone in zones])

        changed = await once(tx, key, int, change)
    deps.touched.add(area)
    return changed


async def list_zones(deps: Deps, area: str) -> list[Zone]:
    """Returns the zones of the area by id."""
    async with deps.db.read(area) as tx:
        return await store.list_zones(tx)


async def pause_site(
    deps: Deps, area: str, key: RequestKey, place_id: str, until: datetime | None
) -> list[str]:
    """Stops observing at a place and returns its zones. Errors: NothingToPause, InvalidFields."""
    now = deps.clock.now()
    if until is not None and until <= now:
        raise InvalidFields([("until_time", "give a time to come")])
    async with deps.db.transaction(area) as tx:

        async def pause() -> list[str]:
            zone_ids = await _zones(tx, place_id)
            await store.begin_pause(tx, place_id, now, until)
            return zone_ids

        zone_ids = await once(tx, key, list[str], pause)
    await tell_sensors(deps, area)
    return zone_ids


async def resume_site(deps: Deps, area: str, key: RequestKey, place_id: str) -> list[str]:
    """Observes a place again and returns its zones. Errors: NothingToPause."""
    async with deps.db.transaction(area) as tx:

        async def resume() -> list[str]:
            zone_ids = await _zones(tx, place_id)
            await store.end_pause(tx, place_id, deps.clock.now())
            return zone_ids

        zone_ids = await once(tx, key, list[str], resume)
    await tell_sensors(deps, area)
    return zone_ids


async def _zones(tx: Transaction, place_id: str) -> list[str]:
    zone_ids = await store.zones_of_place(tx, place_id)
    if not zone_ids:
        raise NothingToPause("No zone belongs to this place.")
    return zone_ids


async def tell_sensors(deps: Deps, area: str) -> None:
    """Tells the sensors to ask again: what is paused, or who is left out, has changed."""
    now = deps.clock.now()
    async with deps.db.read(area) as tx:
        paused = sorted(await store.pauses_since(tx, now))
    deps.touched.add(area)
    await deps.tell_sensors(area, paused)


async def note_closure(tx: Transaction, closure: Closure) -> None:
    """Notes that places are closed, or open again."""
    await put_closure(tx, closure)


async def drop_area(tx: Transaction, at: datetime) -> None:
    """Deletes what an area had when directory dropped it."""
    await areas.drop_area(tx, at)
