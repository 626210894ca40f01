"""What a closure would touch, told before anybody closes a place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kit.pure.errors import InvalidFields
from services.itinerary.app.deps import AreaNotReady, Deps
from services.itinerary.domain.place import Closure
from services.itinerary.domain.poi import Poi
from services.itinerary.domain.repair import effects_on
from services.itinerary.domain.told_plans import ToldPlans, full_hour, told_plans
from services.itinerary.store import areas, catalog, itineraries

MAX_PLACES = 1_000


@dataclass(frozen=True)
class Touched:
    """What a closure would touch. plans: of all days from today on, and those of today."""

    pois: tuple[Poi, ...]
    plans: ToldPlans


async def preview_closure(
    deps: Deps, area: str, place_ids: Sequence[str], until: datetime | None
) -> Touched:
    """Returns what closing places from now on would touch; a visit that is over is not touched.
    Plans are counted up to the full hour after `until`: minute by minute they would tell of one.

    Errors: InvalidFields, AreaNotReady.
    """
    if not 1 <= len(place_ids) <= MAX_PLACES:
        raise InvalidFields([("place_ids", f"give 1 to {MAX_PLACES} places")])
    now, places = deps.clock.now(), frozenset(place_ids)
    async with deps.db.read(area) as tx:
        zone = await areas.read_time_zone(tx)
        if zone is None:
            raise AreaNotReady("This area is still being loaded. Try again in a moment.")
        today = now.astimezone(ZoneInfo(zone)).date()
        last = until.astimezone(ZoneInfo(zone)).date() if until else None
        plans = await itineraries.list_plans_at(tx, place_ids, today, last)
        pois = [poi for poi, _ in await catalog.list_pois(tx) if poi.place_id in places]
    closure = Closure("", places, "", now, until and full_hour(until))
    hit = [plan for plan in plans if effects_on(plan, [closure])]
    plans_today = sum(plan.trip.day == today for plan in hit)
    return Touched(tuple(pois), told_plans(len(hit), plans_today))
