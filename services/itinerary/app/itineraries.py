"""Planning, reading and repairing a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from kit.db import Transaction
from kit.ids import new_id
from kit.pure.errors import InvalidFields, NotFound
from kit.requests import RequestKey, once
from services.itinerary.app.deps import AreaNotReady, Deps
from services.itinerary.domain.bus import bus_day
from services.itinerary.domain.calendar import instant, minute_of_day
from services.itinerary.domain.events import ItineraryPlanned, ItineraryRepaired
from services.itinerary.domain.plan import DayPlan, Effect, Itinerary
from services.itinerary.domain.planner import build_plan, job_of
from services.itinerary.domain.prepare import Catalog, Remainder, prepare
from services.itinerary.domain.repair import closed_ends, cut, effects_on, joined
from services.itinerary.domain.trip import TravelMode, TripRequest, check_trip
from services.itinerary.store import areas
from services.itinerary.store import catalog as catalog_store
from services.itinerary.store import itineraries as store


@dataclass(frozen=True)
class Read:
    """An itinerary with the closures that hit it now. closed_ends: reasons by place, where a start
    or end is shut."""

    itinerary: Itinerary
    effects: tuple[Effect, ...]
    closed_ends: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Repaired:
    """What a repair changed."""

    added: tuple[str, ...]
    dropped: tuple[str, ...]


async def plan_itinerary(
    deps: Deps, key: RequestKey, area: str, trip: TripRequest, limit_s: float
) -> Read:
    """Plans a day and keeps it. Errors: InvalidFields, AreaNotReady, PlannerBusy (of the search).

    The search runs outside of any transaction; a repeated request returns the plan kept first.
    """
    check_trip(trip)
    async with deps.db.read(area) as tx:
        catalog = await _catalog(deps, tx, trip)
    _check_known(catalog, trip)
    plan = await _searched(deps, catalog, trip, limit_s)
    async with deps.db.transaction(area) as tx:

        async def keep() -> str:
            now = deps.clock.now()
            itinerary = Itinerary(new_id(), 1, plan, now)
            await store.write_itinerary(tx, itinerary)
            await deps.outbox.add(
                tx,
                ItineraryPlanned(
                    area=area, aggregate_id=itinerary.itinerary_id, version=1, occur_time=now,
                    plan=plan,
                ),
            )  # fmt: skip
            return itinerary.itinerary_id

        kept_id = await once(tx, key, str, keep)
        return await _read(tx, kept_id)


async def get_itinerary(deps: Deps, area: str, itinerary_id: str) -> Read:
    """Returns a kept itinerary with the closures that hit it now. Errors: NotFound."""
    async with deps.db.read(area) as tx:
        return await _read(tx, _as_id(itinerary_id))


async def repair_itinerary(
    deps: Deps, key: RequestKey, area: str, itinerary_id: str, limit_s: float
) -> tuple[Read, Repaired]:
    """Plans the rest of a kept day around what has closed; moves nothing it need not move.

    Errors: NotFound, AreaNotReady, PlannerBusy.
    """
    itinerary_id = _as_id(itinerary_id)
    async with deps.db.read(area) as tx:
        read = await _read(tx, itinerary_id)
        catalog = await _catalog(deps, tx, read.itinerary.plan.trip)
    plan = read.itinerary.plan
    if read.effects:
        minute = minute_of_day(deps.clock.now(), plan.trip.day, plan.time_zone)
        begun = cut(catalog, plan, minute)
        rest = await _searched(
            deps, catalog, begun.trip, limit_s, done=begun.remainder, keep=begun.keep_poi_ids
        )
        plan = joined(plan, begun, rest)
    repaired = _difference(read.itinerary.plan, plan)
    closure_ids = tuple(sorted({effect.closure_id for effect in read.effects}))
    async with deps.db.transaction(area) as tx:

        async def keep() -> Repaired:
            now = await _locked(tx, read.itinerary)
            if not (repaired.added or repaired.dropped) or now is None:
                return Repaired((), ())
            fresh = Itinerary(itinerary_id, now + 1, plan, read.itinerary.create_time)
            await store.write_itinerary(tx, fresh)
            await deps.outbox.add(
                tx,
                ItineraryRepaired(
                    area=area, aggregate_id=itinerary_id, version=fresh.version,
                    occur_time=deps.clock.now(), closure_ids=closure_ids,
                    added_poi_ids=repaired.added, dropped_poi_ids=repaired.dropped, plan=plan,
                ),
            )  # fmt: skip
            return repaired

        answer = await once(tx, key, Repaired, keep)
        return await _read(tx, itinerary_id), answer


async def _locked(tx: Transaction, seen: Itinerary) -> int | None:
    """Locks the itinerary; returns its version, or None when somebody else repaired it since."""
    current = await store.read_itinerary(tx, seen.itinerary_id, for_update=True)
    if current is None or current.version != seen.version:
        return None
    return current.version


def _difference(before: DayPlan, after: DayPlan) -> Repaired:
    old = [visit.poi_id for visit in before.visits]
    new = [visit.poi_id for visit in after.visits]
    return Repaired(
        tuple(poi_id for poi_id in new if poi_id not in old),
        tuple(poi_id for poi_id in old if poi_id not in new),
    )


async def _catalog(deps: Deps, tx: Transaction, trip: TripRequest) -> Catalog:
    zone = await areas.read_time_zone(tx)
    if zone is None:
        raise AreaNotReady("This area is still being loaded. Try again in a moment.")
    pois = {poi.poi_id: poi for poi, _ in await catalog_store.list_pois(tx)}
    ends = [location.place_id for location in (trip.start, trip.end)]
    network = await deps.networks.current(tx) if trip.mode is TravelMode.BUS else None
    stops = set(network.stop_places.values()) if network else set()
    places = await catalog_store.list_places(tx, [*ends, *sorted(stops)])
    closures = await catalog_store.list_closures(tx, instant(trip.day, 0, zone))
    bus = bus_day(network, places, trip.day) if network else None
    return Catalog(zone, pois, places, closures, bus)


def _check_known(catalog: Catalog, trip: TripRequest) -> None:
    found = []
    for name, location in (("start", trip.start), ("end", trip.end)):
        if location.point is None and location.place_id not in catalog.places:
            found.append((name, f"there is no place {location.place_id[:80]}"))
    for name, poi_ids in (
        ("must_poi_ids", trip.must_poi_ids),
        ("never_poi_ids", trip.never_poi_ids),
    ):
        unknown = [poi_id[:80] for poi_id in poi_ids if poi_id not in catalog.pois]
        if unknown:
            found.append((name, f"there is no {', '.join(unknown[:10])}"))
    if found:
        raise InvalidFields(found)


async def _searched(
    deps: Deps,
    catalog: Catalog,
    trip: TripRequest,
    limit_s: float,
    *,
    done: Remainder | None = None,
    keep: Sequence[str] = (),
) -> DayPlan:
    prepared = prepare(catalog, trip, done)
    job = job_of(prepared, keep=keep)
    outcome = await deps.search.run(job, limit_s) if job else None
    return build_plan(catalog, prepared, outcome)


async def _read(tx: Transaction, itinerary_id: str) -> Read:
    itinerary = await store.read_itinerary(tx, itinerary_id)
    if itinerary is None:
        raise NotFound("There is no such itinerary. It may have been deleted.")
    plan = itinerary.plan
    closures = await catalog_store.list_closures(tx, instant(plan.trip.day, 0, plan.time_zone))
    return Read(itinerary, effects_on(plan, closures), closed_ends(plan, closures))


def _as_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise NotFound("There is no such itinerary. Check the link.") from error
