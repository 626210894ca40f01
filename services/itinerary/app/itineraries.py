"""Planning and reading a day; changing.py changes and repairs it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from kit.db import Transaction
from kit.ids import new_id
from kit.pure.errors import InvalidFields, NotFound
from kit.requests import RequestKey, once_as
from services.itinerary.app.asking import answered
from services.itinerary.app.beside import away_from
from services.itinerary.app.counting import count_plan, live_levels, load_crowd
from services.itinerary.app.deps import AreaNotReady, Deps
from services.itinerary.app.riding import LiveNow, OperatorMessage, rides_now
from services.itinerary.app.roads import roads_for
from services.itinerary.domain.away import ALONE, Together, away_of, told_as_they_are
from services.itinerary.domain.bus import bus_day
from services.itinerary.domain.calendar import instant, minute_of_day
from services.itinerary.domain.crowd import LIVE_FOR_MINUTES, LIVE_PERCENT
from services.itinerary.domain.events import ItineraryPlanned
from services.itinerary.domain.kept_poi import retirement
from services.itinerary.domain.plan import DayPlan, Effect, Itinerary, RideEffect
from services.itinerary.domain.prepare import Catalog, Remainder, prepare
from services.itinerary.domain.repair import closed_ends, effects_on
from services.itinerary.domain.riding import breaks
from services.itinerary.domain.roads import NO_ROADS
from services.itinerary.domain.spending import plans_of
from services.itinerary.domain.trip import TravelMode, TripRequest, check_trip
from services.itinerary.store import itineraries as store
from services.itinerary.store import sojourns
from services.itinerary.store.areas import MARKS


@dataclass(frozen=True)
class Read:
    """An itinerary with the closures that hit it now. closed_ends: reasons by place, where a start
    or end is shut. rides: what no longer holds of its rides. messages, live: what operators tell,
    on the day itself. busy: POIs at which sensors see many people, and whose visit is about to
    begin. together: the days it belongs to."""

    itinerary: Itinerary
    effects: tuple[Effect, ...]
    closed_ends: Mapping[str, str] = field(default_factory=dict)
    rides: tuple[RideEffect, ...] = ()
    messages: tuple[OperatorMessage, ...] = ()
    live: tuple[LiveNow, ...] = ()
    busy: frozenset[str] = frozenset()
    together: Together = ALONE

    @property
    def needs_repair(self) -> bool:
        """Whether the rest of it should be planned again."""
        return bool(self.effects) or breaks(self.rides)


async def plan_itinerary(
    deps: Deps, key: RequestKey, area: str, trip: TripRequest, limit_s: float
) -> Read:
    """Plans a day and keeps it. Errors: InvalidFields, AreaNotReady, PlannerBusy (of the search).

    The search runs outside of any transaction; a repeated request returns the plan kept first.
    """
    check_trip(trip)
    async with deps.db.read(area, asking=MARKS) as tx:
        catalog = await load_catalog(deps, tx, trip)
    check_known(catalog, trip)
    plan = await searched(deps, catalog, trip, limit_s)
    now = deps.clock.now()
    made = Itinerary(new_id(), 1, plan, now)
    # Three round trips: what is in force now, whether this is a repeat, and all that is kept.
    async with deps.db.transaction(area, asking=MARKS) as tx:
        kept_id = await once_as(tx, key, made.itinerary_id, str)
        if kept_id is not None:
            return await as_of_now(deps, tx, await kept_itinerary(tx, kept_id))
        read = await as_of_now(deps, tx, made)
        await store.write_itinerary(tx, made)
        count_plan(deps, tx, made.itinerary_id, None, plan, alone=True)
        await deps.outbox.add(
            tx,
            ItineraryPlanned(
                area=area, aggregate_id=made.itinerary_id, version=1, occur_time=now, plan=plan
            ),
        )
    return read


async def get_itinerary(deps: Deps, area: str, itinerary_id: str) -> Read:
    """Returns a kept itinerary with what hits it now. Errors: NotFound."""
    async with deps.db.read(area, asking=MARKS) as tx:
        return await read_whole(deps, tx, as_id(itinerary_id))


async def read_whole(deps: Deps, tx: Transaction, itinerary_id: str) -> Read:
    """Returns a kept itinerary with all that is told of it now. Errors: NotFound."""
    read = await read_now(deps, tx, itinerary_id)
    read = replace(read, busy=await _busy(deps, tx, read.itinerary.plan))
    together = await sojourns.read_together(tx, itinerary_id)
    offer = await deps.catalogs.current(tx, deps.clock.now()) if together.days else None
    if offer is None:
        return read
    away = away_of(offer.pois, together.beside(itinerary_id))
    plan = told_as_they_are(read.itinerary.plan, away)
    return replace(read, itinerary=replace(read.itinerary, plan=plan), together=together)


async def _busy(deps: Deps, tx: Transaction, plan: DayPlan) -> frozenset[str]:
    """Returns the POIs of a plan at which sensors see many people, whose visit is about to begin or
    goes on."""
    visits = {visit.poi_id: visit for visit in plan.visits}
    places = {poi_id: visit.place_id for poi_id, visit in visits.items()}
    levels = await live_levels(deps, tx, plan.trip, plan.time_zone, places)
    now = minute_of_day(deps.clock.now(), plan.trip.day, plan.time_zone)
    return frozenset(
        poi_id
        for poi_id, level in levels.items()
        if level in LIVE_PERCENT
        and visits[poi_id].start_minute < now + LIVE_FOR_MINUTES
        and now < visits[poi_id].end_minute
    )


async def load_catalog(
    deps: Deps, tx: Transaction, trip: TripRequest, own: Itinerary | None = None
) -> Catalog:
    """Returns what the area offers for a trip. own: a kept plan of the party, which is in nobody's
    way. Errors: AreaNotReady."""
    offer = await deps.catalogs.current(tx, deps.clock.now())
    if offer is None:
        raise AreaNotReady("This area is still being loaded. Try again in a moment.")
    closures = await offer.closures_after(tx, instant(trip.day, 0, offer.time_zone))
    wished = trip.wished_poi_ids
    # Who asked for one that is retired since is told so; nobody else hears of it.
    gone = {poi_id: each for poi_id, each in offer.retired.items() if poi_id in wished}
    pois = {**offer.pois, **{poi_id: each.poi for poi_id, each in gone.items()}}
    bus = None
    if trip.mode is TravelMode.BUS:
        network = await deps.networks.current(tx, trip.day, deps.clock.now())
        bus = bus_day(network, offer.places, trip.day, past_midnight=trip.ends_after_midnight)
    crowd = await load_crowd(deps, tx, trip, offer, own)
    return Catalog(
        offer.time_zone, pois if gone else offer.pois, offer.places,
        [*closures, *map(retirement, gone.values())] if gone else closures, bus, crowd,
        await away_from(tx, own, pois, trip),
    )  # fmt: skip


def check_known(catalog: Catalog, trip: TripRequest, before: TripRequest | None = None) -> None:
    """Errors: InvalidFields for places and POIs that do not exist.

    before: what the party wished until now; POIs that are gone since then are no mistake of it.
    """
    found = []
    known = {*catalog.pois, *(before.wished_poi_ids if before else ())}
    for name, location in (("start", trip.start), ("end", trip.end)):
        if location.point is None and location.place_id not in catalog.places:
            found.append((name, f"there is no place {location.place_id[:80]}"))
    for name, poi_ids in (
        ("must_poi_ids", trip.must_poi_ids),
        ("never_poi_ids", trip.never_poi_ids),
        ("less_poi_ids", trip.less_poi_ids),
        ("visit_wishes", tuple(wish.poi_id for wish in trip.visit_wishes)),
    ):
        unknown = [poi_id[:80] for poi_id in poi_ids if poi_id not in known]
        if unknown:
            found.append((name, f"there is no {', '.join(unknown[:10])}"))
    if found:
        raise InvalidFields(found)


async def searched(
    deps: Deps,
    catalog: Catalog,
    trip: TripRequest,
    limit_s: float,
    *,
    done: Remainder | None = None,
    keep: Sequence[str] = (),
    kept_lunch: str = "",
    not_before: Mapping[str, int] | None = None,
) -> DayPlan:
    """Returns the plan of a trip, within limit_s seconds. Errors: PlannerBusy.

    done: what of the day is over. keep: visits to keep as far as they still work, in order.
    kept_lunch: at which of them lunch was. not_before: begins of kept visits that were put off for
    a quieter time, by POI.
    """
    loop = asyncio.get_running_loop()
    ends = loop.time() + limit_s
    if catalog.roads is NO_ROADS:  # whoever searches several times has asked already
        catalog = replace(catalog, roads=await roads_for(deps.roads, catalog, trip))
    searches = plans_of(catalog, prepare(catalog, trip, done), keep, kept_lunch, not_before)
    return await answered(searches, lambda job: deps.search.run(job, ends - loop.time()))


async def read_now(deps: Deps, tx: Transaction, itinerary_id: str) -> Read:
    """Returns a kept itinerary as it is now. tx: must see one snapshot. Errors: NotFound."""
    read = await as_of_now(deps, tx, await kept_itinerary(tx, itinerary_id))
    found = await rides_now(deps, tx, read.itinerary.plan)
    return replace(read, rides=found.effects, messages=found.messages, live=found.states)


async def kept_itinerary(tx: Transaction, itinerary_id: str) -> Itinerary:
    """Returns a kept itinerary as it was written. Errors: NotFound."""
    itinerary = await store.read_itinerary(tx, itinerary_id)
    if itinerary is None:
        raise NotFound("There is no such itinerary. It may have been deleted.")
    return itinerary


async def as_of_now(deps: Deps, tx: Transaction, itinerary: Itinerary) -> Read:
    """Returns an itinerary with the closures that hit it now, its rides not looked at."""
    plan = itinerary.plan
    offer = await deps.catalogs.current(tx, deps.clock.now())
    if offer is None:
        return Read(itinerary, ())
    closures = [
        *await offer.closures_after(tx, instant(plan.trip.day, 0, plan.time_zone)),
        *map(retirement, offer.retired.values()),
    ]
    return Read(itinerary, effects_on(plan, closures), closed_ends(plan, closures))


def as_id(text: str) -> str:
    """Returns an id as it is stored. Errors: NotFound where it can be none."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise NotFound("There is no such itinerary. Check the link.") from error
