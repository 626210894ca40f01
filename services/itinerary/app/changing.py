"""A kept day that changes: around a closure, by new wishes, and back again.

Each reads, searches outside of any transaction, and writes only if nobody else has changed the day
meanwhile. Nothing that has begun is moved, and nothing else that need not be.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kit.db import Transaction
from kit.pure.errors import InvalidFields, NotFound, Refusal, VersionConflict
from kit.pure.event import Event
from kit.requests import RequestKey, once
from services.itinerary.app.asking import answered
from services.itinerary.app.beside import check_apart, still_beside
from services.itinerary.app.counting import count_plan
from services.itinerary.app.deps import Deps
from services.itinerary.app.itineraries import (
    Read,
    as_id,
    check_known,
    get_itinerary,
    kept_itinerary,
    load_catalog,
    read_now,
    searched,
)
from services.itinerary.app.roads import roads_for
from services.itinerary.domain.calendar import minute_of_day
from services.itinerary.domain.changes import noted
from services.itinerary.domain.events import ItineraryChanged, ItineraryRepaired
from services.itinerary.domain.plan import (
    ChangeCause,
    DayPlan,
    Itinerary,
    LatestChange,
    RideEffect,
)
from services.itinerary.domain.poi import Poi
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.proposals import MOST, DayKind, proposed
from services.itinerary.domain.repair import cut, joined, put_off
from services.itinerary.domain.riding import breaks
from services.itinerary.domain.trip import TripRequest, check_trip
from services.itinerary.store import itineraries as store
from services.itinerary.store.areas import MARKS

MOST_LATE_MINUTES = 240

SayChange = Callable[[Itinerary], Event]


class NotUnderWay(Refusal):
    """Only a day that is under way can be late."""


@dataclass(frozen=True)
class Repaired:
    """What a repair changed."""

    added: tuple[str, ...]
    dropped: tuple[str, ...]


async def repair_itinerary(
    deps: Deps, key: RequestKey, area: str, itinerary_id: str, limit_s: float
) -> tuple[Read, Repaired]:
    """Plans the rest of a kept day around what has closed and around rides that no longer work.

    A day that nothing has hit, or that somebody else has changed meanwhile, stays as it is. Errors:
    NotFound, AreaNotReady, PlannerBusy.
    """
    itinerary_id = as_id(itinerary_id)
    async with deps.db.read(area, asking=MARKS) as tx:
        read = await read_now(deps, tx, itinerary_id)
        before = read.itinerary
        catalog = await load_catalog(deps, tx, before.plan.trip, before)
    plan, rides = before.plan, read.rides if breaks(read.rides) else ()
    if read.needs_repair:
        rest = await _replanned(deps, catalog, plan, limit_s)
        plan = noted(before.plan, rest, _cause(read, rides), read.effects, rides)
    changes = (rides or before.plan.rental) and (plan.legs, plan.conflicts) != (
        before.plan.legs, before.plan.conflicts
    )  # fmt: skip
    repaired = _repaired(plan.latest_change) if read.needs_repair else Repaired((), ())
    closure_ids = tuple(sorted({effect.closure_id for effect in read.effects}))
    timetable_ids = tuple(sorted({effect.timetable_id for effect in rides}))
    async with deps.db.transaction(area) as tx:

        async def keep() -> Repaired:
            if not (repaired.added or repaired.dropped or changes):
                return Repaired((), ())
            beside = await still_beside(tx, before, plan, catalog.pois)
            if not beside or await _locked(tx, itinerary_id) != before.version:
                return Repaired((), ())
            await _write(
                deps, tx, before, plan,
                lambda fresh: ItineraryRepaired(
                    area=area, aggregate_id=itinerary_id, version=fresh.version,
                    occur_time=deps.clock.now(), closure_ids=closure_ids,
                    timetable_ids=timetable_ids, added_poi_ids=repaired.added,
                    dropped_poi_ids=repaired.dropped, plan=plan,
                ),
            )  # fmt: skip
            return repaired

        answer = await once(tx, key, Repaired, keep)
    return await get_itinerary(deps, area, itinerary_id), answer


def _cause(read: Read, rides: tuple[RideEffect, ...]) -> ChangeCause:
    if read.effects:
        return ChangeCause.CLOSURE
    broken = [effect for effect in rides if not effect.holds] or rides
    return ChangeCause.DELAY if all(each.live for each in broken) else ChangeCause.TIMETABLE


async def change_itinerary(
    deps: Deps,
    key: RequestKey,
    area: str,
    itinerary_id: str,
    expected_version: int,
    trip: TripRequest,
    limit_s: float,
    *,
    anew: bool = False,
) -> Read:
    """Plans a kept day again for other wishes, keeping as many of its visits as still work.

    anew: search the whole of it instead; what has begun stays.

    Errors: NotFound, InvalidFields, DaysOverlap, VersionConflict, AreaNotReady, PlannerBusy.
    """
    itinerary_id = as_id(itinerary_id)
    check_trip(trip)
    async with deps.db.read(area, asking=MARKS) as tx:
        before = await kept_itinerary(tx, itinerary_id)
        catalog = await load_catalog(deps, tx, trip, before)
        await check_apart(tx, before, trip)
    check_known(catalog, trip, before.plan.trip)
    wished = replace(before.plan, trip=trip)
    if trip.day != before.plan.trip.day:
        # Nothing of another day has begun, whatever the clock says of the kept one.
        wished = replace(wished, visits=(), legs=())
    keep = () if anew else tuple(visit.poi_id for visit in before.plan.visits)
    rest = await _replanned(deps, catalog, wished, limit_s, keep=keep, lunch_of=before.plan)
    plan = noted(before.plan, rest, ChangeCause.WISH)
    return await _changed(deps, key, before, expected_version, plan, area, catalog.pois)


async def report_lateness(
    deps: Deps,
    key: RequestKey,
    area: str,
    itinerary_id: str,
    expected_version: int,
    late_minutes: int,
    limit_s: float,
    *,
    leaving: bool = False,
) -> Read:
    """Plans the rest of a day under way again for a party that is late; what has begun stays.

    late_minutes: behind its day; 0 where it only says that it goes on now (leaving).

    Errors: NotFound, InvalidFields, NotUnderWay, VersionConflict, AreaNotReady, PlannerBusy.
    """
    itinerary_id = as_id(itinerary_id)
    if not (late_minutes == 0 if leaving else 1 <= late_minutes <= MOST_LATE_MINUTES):
        raise InvalidFields([("late_minutes", f"1 to {MOST_LATE_MINUTES}, or 0 with leaving")])
    async with deps.db.read(area, asking=MARKS) as tx:
        before = await kept_itinerary(tx, itinerary_id)
        catalog = await load_catalog(deps, tx, before.plan.trip, before)
    plan = before.plan
    minute = minute_of_day(deps.clock.now(), plan.trip.day, plan.time_zone)
    if not 0 <= minute < plan.trip.end_minute:
        raise NotUnderWay("This day is not under way: it is over, or another day.")
    begun = cut(catalog, plan, minute, late_minutes, leaving=leaving)
    rest = await searched(
        deps, catalog, begun.trip, limit_s, done=begun.remainder, keep=begun.keep_poi_ids,
        kept_lunch=plan.lunch_poi_id,
    )  # fmt: skip
    late = noted(plan, joined(plan, begun, rest), ChangeCause.LATE, late_minutes=late_minutes)
    return await _changed(deps, key, before, expected_version, late, area, catalog.pois)


async def propose_days(
    deps: Deps, area: str, itinerary_id: str, limit_s: float
) -> list[tuple[DayKind, Itinerary]]:
    """Returns other days for the wishes of a kept one; keeps nothing. Those that would be much the
    same are left out. Errors: NotFound, AreaNotReady, PlannerBusy.
    """
    async with deps.db.read(area, asking=MARKS) as tx:
        kept = await kept_itinerary(tx, as_id(itinerary_id))
        catalog = await load_catalog(deps, tx, kept.plan.trip, kept)
    loop = asyncio.get_running_loop()
    ends = loop.time() + limit_s
    # All of them move alike, between the same ends.
    catalog = replace(catalog, roads=await roads_for(deps.roads, catalog, kept.plan.trip))

    async def planned(trip: TripRequest) -> DayPlan:
        wished = replace(kept.plan, trip=trip)
        return await _replanned(deps, catalog, wished, (ends - loop.time()) / MOST, keep=())

    days = await answered(proposed(kept.plan), planned)
    return [(kind, Itinerary("", 0, plan, deps.clock.now())) for kind, plan in days]


async def undo_itinerary(
    deps: Deps,
    key: RequestKey,
    area: str,
    itinerary_id: str,
    expected_version: int,
    limit_s: float,
) -> Read:
    """Brings back a day as it was before its latest change; again, and the change is back.

    Where visits have begun since then, these stay, and of the rest as much as still works comes
    back; nothing does that another day of the party has by now. Errors: NotFound (also where
    nothing was changed), VersionConflict, AreaNotReady, PlannerBusy.
    """
    itinerary_id = as_id(itinerary_id)
    async with deps.db.read(area, asking=MARKS) as tx:
        before = await kept_itinerary(tx, itinerary_id)
        earlier = before.earlier
        if earlier is None:
            raise NotFound("Nothing of this day was changed yet.")
        catalog = await load_catalog(deps, tx, earlier.trip, before)
    same_day = earlier.trip.day == before.plan.trip.day
    given_up = any(visit.poi_id in catalog.away for visit in earlier.visits)
    if given_up or (same_day and _begun(deps, before.plan) != _begun(deps, earlier)):
        wished = replace(before.plan, trip=earlier.trip)
        keep = tuple(visit.poi_id for visit in earlier.visits)
        earlier = await _replanned(deps, catalog, wished, limit_s, keep=keep, lunch_of=earlier)
    plan = noted(before.plan, earlier, ChangeCause.UNDO)
    return await _changed(deps, key, before, expected_version, plan, area, catalog.pois)


async def _replanned(
    deps: Deps,
    catalog: Catalog,
    plan: DayPlan,
    limit_s: float,
    *,
    keep: tuple[str, ...] | None = None,
    lunch_of: DayPlan | None = None,
) -> DayPlan:
    """Returns the day with all after the present minute planned again for its trip.

    keep: what to keep as far as it still works, in order; None for the visits of the day. lunch_of:
    the day whose lunch is kept, where it is another one.
    """
    begun = cut(catalog, plan, minute_of_day(deps.clock.now(), plan.trip.day, plan.time_zone))
    gone = begun.remainder.poi_ids
    keep = begun.keep_poi_ids if keep is None else tuple(i for i in keep if i not in gone)
    rest = await searched(
        deps, catalog, begun.trip, limit_s, done=begun.remainder, keep=keep,
        kept_lunch=(lunch_of or plan).lunch_poi_id, not_before=put_off(plan),
    )  # fmt: skip
    return joined(plan, begun, rest)


def _begun(deps: Deps, plan: DayPlan) -> list[tuple[str, int, int]]:
    """Returns what of a day has begun: POI, first and last minute."""
    minute = minute_of_day(deps.clock.now(), plan.trip.day, plan.time_zone)
    begun = (visit for visit in plan.visits if visit.start_minute <= minute)
    return [(visit.poi_id, visit.start_minute, visit.end_minute) for visit in begun]


async def _changed(
    deps: Deps,
    key: RequestKey,
    before: Itinerary,
    expected_version: int,
    plan: DayPlan,
    area: str,
    pois: Mapping[str, Poi],
) -> Read:
    async with deps.db.transaction(area) as tx:

        async def keep() -> int:
            beside = await still_beside(tx, before, plan, pois)
            locked = await _locked(tx, before.itinerary_id)
            if not (beside and locked == before.version == expected_version):
                raise VersionConflict("This day was changed on another phone meanwhile.")
            fresh = await _write(
                deps, tx, before, plan,
                lambda fresh: ItineraryChanged(
                    area=area, aggregate_id=fresh.itinerary_id, version=fresh.version,
                    occur_time=deps.clock.now(), plan=plan,
                ),
            )  # fmt: skip
            return fresh.version

        await once(tx, key, int, keep)
    return await get_itinerary(deps, area, before.itinerary_id)


async def _write(
    deps: Deps, tx: Transaction, before: Itinerary, plan: DayPlan, event: SayChange
) -> Itinerary:
    # What was earlier still need not be kept: one step back, and forward again.
    fresh = Itinerary(
        before.itinerary_id, before.version + 1, plan, before.create_time, before.plan
    )
    await store.write_itinerary(tx, fresh)
    count_plan(deps, tx, fresh.itinerary_id, before.plan, plan)
    await deps.outbox.add(tx, event(fresh))
    return fresh


async def _locked(tx: Transaction, itinerary_id: str) -> int | None:
    """Locks the itinerary; returns its version, None where it is gone."""
    current = await store.read_itinerary(tx, itinerary_id, for_update=True)
    return current.version if current else None


def _repaired(change: LatestChange | None) -> Repaired:
    if change is None:
        return Repaired((), ())
    return Repaired(
        tuple(poi.poi_id for poi in change.added), tuple(poi.poi_id for poi in change.dropped)
    )
