"""Planning and reading days that belong together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from kit.ids import new_id
from kit.pure.errors import InvalidFields, NotFound
from kit.requests import RequestKey, once
from services.itinerary.app.asking import answered
from services.itinerary.app.counting import count_plan
from services.itinerary.app.deps import Deps
from services.itinerary.app.itineraries import (
    Read,
    as_id,
    check_known,
    load_catalog,
    read_whole,
    searched,
)
from services.itinerary.app.roads import roads_for
from services.itinerary.domain.evened import evened
from services.itinerary.domain.events import ItineraryPlanned
from services.itinerary.domain.job import Dealt
from services.itinerary.domain.plan import DayPlan, Itinerary
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.sojourn import (
    DayAsked,
    Days,
    Offered,
    better,
    check_days,
    deal_of,
    dealt_out,
    field_of,
    in_turn,
    offered,
)
from services.itinerary.domain.trip import TripRequest
from services.itinerary.gateways.tables import PlannerBusy
from services.itinerary.store import itineraries as itinerary_store
from services.itinerary.store import sojourns as store
from services.itinerary.store.areas import MARKS

KEPT_SHARE = 0.4  # of the time that is left over before days are asked a second time


@dataclass(frozen=True)
class ReadSojourn:
    """Days that belong together, as they are now."""

    sojourn_id: str
    days: tuple[Read, ...]


async def plan_sojourn(
    deps: Deps, key: RequestKey, area: str, trips: Sequence[TripRequest], limit_s: float
) -> ReadSojourn:
    """Plans days together and keeps them. trips: as of check_days.

    A repeated request returns the days kept first. Errors: InvalidFields, AreaNotReady, PlannerBusy
    (of the search).
    """
    check_days(trips)
    async with deps.db.read(area, asking=MARKS) as tx:
        catalogs = [await load_catalog(deps, tx, trip) for trip in trips]
    _check_known(catalogs, trips)
    plans = await _planned(deps, catalogs, trips, limit_s)
    async with deps.db.transaction(area) as tx:

        async def keep() -> str:
            sojourn_id, now = new_id(), deps.clock.now()
            kept = [Itinerary(new_id(), 1, plan, now) for plan in plans]
            for itinerary in kept:
                await itinerary_store.write_itinerary(tx, itinerary)
                count_plan(deps, tx, itinerary.itinerary_id, None, itinerary.plan)
                await deps.outbox.add(
                    tx,
                    ItineraryPlanned(
                        area=area, aggregate_id=itinerary.itinerary_id, version=1, occur_time=now,
                        plan=itinerary.plan, sojourn_id=sojourn_id,
                    ),
                )  # fmt: skip
            await store.write_sojourn(tx, sojourn_id, [each.itinerary_id for each in kept])
            return sojourn_id

        kept_id = await once(tx, key, str, keep)
    return await get_sojourn(deps, area, kept_id)


def _check_known(catalogs: Sequence[Catalog], trips: Sequence[TripRequest]) -> None:
    found: dict[str, str] = {}
    for number, (catalog, trip) in enumerate(zip(catalogs, trips, strict=True)):
        try:
            check_known(catalog, trip)
        except InvalidFields as error:
            # What all days share is told once.
            found |= {
                field_of(number, name) if name in ("start", "end") else name: text
                for name, text in error.fields
            }
    if found:
        raise InvalidFields(list(found.items()))


async def get_sojourn(deps: Deps, area: str, sojourn_id: str) -> ReadSojourn:
    """Returns the days of a sojourn with what hits them now. Errors: NotFound."""
    async with deps.db.read(area, asking=MARKS) as tx:
        together = await store.read_sojourn(tx, as_id(sojourn_id))
        if not together.days:
            raise NotFound("There are no such days. They may have been deleted.")
        days = [await read_whole(deps, tx, day.itinerary_id) for day in together.days]
    return ReadSojourn(together.sojourn_id, tuple(days))


async def _planned(
    deps: Deps, catalogs: Sequence[Catalog], trips: Sequence[TripRequest], limit_s: float
) -> list[DayPlan]:
    """Returns the plans of days, within limit_s seconds. Errors: PlannerBusy."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + limit_s
    pairs = [*zip(catalogs, trips, strict=True)]
    # All at once: a slow engine holds days up no longer than it does one day.
    roads = await asyncio.gather(*(roads_for(deps.roads, *pair) for pair in pairs))
    catalogs = [replace(each, roads=found) for each, found in zip(catalogs, roads, strict=True)]
    days: list[Offered] = []
    for pair in zip(catalogs, trips, strict=True):
        days += offered([pair])
        await asyncio.sleep(0)  # with thousands of POIs each day holds the loop up for a while
    asked, names = deal_of(days)
    dealt, early = Dealt(tuple(() for _ in days)), False
    if any(asked.days):
        try:
            dealt = await deps.search.deal(asked, ends - loop.time())
        except PlannerBusy:
            early = True  # days in turn are better than none

    async def planned(day: DayAsked) -> DayPlan:
        share = (ends - loop.time()) / (len(days) - day.number)
        catalog = replace(days[day.number].catalog, away=day.away)
        return await searched(deps, catalog, day.trip, share)

    def may_go_on() -> bool:
        return ends - loop.time() > limit_s * KEPT_SHARE

    plans = await answered(dealt_out(days, names, dealt, may_go_on), planned)
    if any(dealt.days) and may_go_on():
        turn = await _if_free(in_turn(days, names, may_go_on), planned)
        plans, early = (better(plans, turn), early) if turn else (plans, True)
    if may_go_on():
        even = await _if_free(evened(days, plans, may_go_on), planned)
        plans, early = (even, early) if even else (plans, True)
    # With more time the days may be others, although none of them was searched in haste.
    if early or dealt.stopped_early or not may_go_on():
        return [replace(plan, stopped_early=True) for plan in plans]
    return plans


async def _if_free(
    asking: Days, planned: Callable[[DayAsked], Awaitable[DayPlan]]
) -> list[DayPlan] | None:
    """Returns days of another look; None where no worker is free: it is not worth the first one."""
    try:
        return await answered(asking, planned)
    except PlannerBusy:
        return None
