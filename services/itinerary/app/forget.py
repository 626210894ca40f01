"""Kept plans are forgotten a season after their day: nobody opens their links any more. Counts of
them go too, each after its time."""

from datetime import timedelta

from kit.db import ALL_AREAS
from kit.forever import forever
from services.itinerary.app.deps import Deps
from services.itinerary.store import itineraries as store
from services.itinerary.store.spots import forget_counts

KEEP_DAYS = 90
KEEP_HEADCOUNT_DAYS = 2  # of who would be where: sums that nobody plans by any longer
KEEP_SPOTS_DAYS = 430  # of what plans showed: a month beside the same one a year before
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
            break
    async with deps.db.transaction(ALL_AREAS) as tx:
        await forget_counts(
            tx,
            deps.clock.now().date() - timedelta(days=KEEP_HEADCOUNT_DAYS),
            deps.clock.now().date() - timedelta(days=KEEP_SPOTS_DAYS),
        )
    return forgotten


async def keep_forgetting(deps: Deps) -> None:
    """Forgets old plans every hour until canceled."""
    await forever("forget", lambda: forget_old_plans(deps), PAUSE_S)
