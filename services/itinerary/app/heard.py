"""What directory tells (areas, places, closures) and visitor_sense (how crowded zones are).

Runs in the transaction that writes the inbox. Order is not promised after a failure: places and
closures compare versions, areas and zones compare times.
"""

from datetime import datetime

from kit.db import Transaction
from services.itinerary.domain.area import AreaChange, configured, dropped
from services.itinerary.domain.crowd import Level
from services.itinerary.domain.place import Closure, Place
from services.itinerary.store import areas, spots
from services.itinerary.store import catalog as store


async def configure_area(tx: Transaction, time_zone: str, version: int, at: datetime) -> None:
    """Keeps the time zone of the area."""
    await _apply(tx, configured(await areas.read_for_update(tx), time_zone, version, at))


async def drop_area(tx: Transaction, at: datetime) -> None:
    """Deletes everything of the area, unless it was made anew since."""
    await _apply(tx, dropped(await areas.read_for_update(tx), at))


async def _apply(tx: Transaction, change: AreaChange) -> None:
    if change.wipe_until is not None:
        await areas.wipe(tx, change.wipe_until)
    await areas.write(tx, change.state)


async def record_place(tx: Transaction, place: Place, at: datetime) -> None:
    """Keeps where a place is and what it is called."""
    if not await _of_earlier_life(tx, at):
        await store.write_place(tx, place, at)


async def close_place(tx: Transaction, closure: Closure, version: int, at: datetime) -> None:
    """Closes places: new plans avoid them, kept ones say that they are hit when they are read."""
    if not await _of_earlier_life(tx, at):
        await store.write_closure(tx, closure, version, at)


async def reopen_place(tx: Transaction, closure_id: str, version: int, at: datetime) -> None:
    """Ends a closure."""
    if not await _of_earlier_life(tx, at):
        await store.end_closure(tx, closure_id, version, at)


async def zone_level(
    tx: Transaction, zone_id: str, place_id: str, level: Level, as_of: datetime, at: datetime
) -> None:
    """Keeps how crowded a zone is now."""
    if not await _of_earlier_life(tx, at):
        await spots.write_level(tx, zone_id, place_id, level, as_of, at)


async def _of_earlier_life(tx: Transaction, at: datetime) -> bool:
    dropped_time = await areas.read_dropped_time(tx)
    return dropped_time is not None and at <= dropped_time
