"""Known walks and taxis of an area, kept all at once."""

from kit.pure.errors import VersionConflict
from kit.requests import RequestKey, once
from services.itinerary.app.deps import Deps
from services.itinerary.domain.events import WaysChanged
from services.itinerary.domain.transit.faults import refuse
from services.itinerary.domain.transit.ways import Ways, check_ways
from services.itinerary.store import timetables as store


async def get_ways(deps: Deps, area: str) -> tuple[Ways, int]:
    """Returns known walks and taxis with their version; 0 where none was ever recorded."""
    async with deps.db.read(area) as tx:
        return await store.read_ways(tx)


async def save_ways(
    deps: Deps, key: RequestKey, area: str, ways: Ways, expected_version: int,
    *, dry_run: bool = False,
) -> int:  # fmt: skip
    """Keeps known walks and taxis; equal ones change nothing. Returns the version.

    Errors: Faulty, VersionConflict.
    """
    refuse(check_ways(ways))
    async with deps.db.transaction(area) as tx:

        async def save() -> int:
            now = deps.clock.now()
            await store.lock(tx, now)
            before, version = await store.read_ways(tx)
            if before == ways:
                return version
            if version != expected_version:
                raise VersionConflict("Somebody else changed these meanwhile. Open them again.")
            if dry_run:
                return version
            await store.write_ways(tx, ways, version + 1, now)
            await store.mark_change(tx, now)
            await deps.outbox.add(
                tx,
                WaysChanged(
                    area=area, aggregate_id="ways", version=version + 1, occur_time=now,
                    walk_count=len(ways.walks), taxi_count=len(ways.taxis),
                ),
            )  # fmt: skip
            return version + 1

        return await once(tx, key, int, save)
