"""Kept plans are forgotten a season after their day: nobody opens their links any more."""

from datetime import timedelta

from kit.db import ALL_AREAS
from kit.forever import forever
from services.itinerary.app.deps import Deps
from services.itinerary.store import itineraries as store

KEEP_DAYS = 90
PAUSE_S = 3600.0
PORTION = 500  # rows in one transaction


async def forget_old_plans(deps: Deps) -> int:
    """Deletes the plans of days long past, in all areas; returns how many."""
    before = deps.clock.now().date() - timedelta(days=KEEP_DAYS)
    forgotten = 0
    while True:
        async with deps.db.transaction(ALL_AREAS) as tx:
            count = await store.forget_before(tx, before, PORTION)
        forgotten += count
        if count < PORTION:
            return forgotten


async def keep_forgetting(deps: Deps) -> None:
    """Forgets old plans every hour until canceled."""
    await forever("forget", lambda: forget_old_plans(deps), PAUSE_S)
