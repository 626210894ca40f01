"""Counting kept plans, in the transaction that keeps them; and what the counts say of a day.

Each plan counts once, as it is now: a change takes off what it was and adds what it is. People are
counted for each day; days that were planned together are one plan.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from kit.db import Transaction
from services.itinerary.app.catalogs import Offer
from services.itinerary.app.deps import Deps
from services.itinerary.domain.calendar import minute_of_day
from services.itinerary.domain.crowd import Crowd, Level
from services.itinerary.domain.headcount import counted_since, headcount_of
from services.itinerary.domain.plan import DayPlan, Itinerary
from services.itinerary.domain.spot_counts import spots_of
from services.itinerary.domain.trip import TripRequest
from services.itinerary.store import sojourns
from services.itinerary.store import spots as store
from services.itinerary.store.spots import HeadcountKey, Marks, SpotKey

LEVEL_HOLDS = timedelta(hours=6)  # a level is said when it changes; one that old was lost track of


def count_plan(
    deps: Deps,
    tx: Transaction,
    itinerary_id: str,
    before: DayPlan | None,
    after: DayPlan,
    *,
    alone: bool = False,
) -> None:
    """Has a plan that was just written counted as the last step of its transaction. before: as it
    was until now; None for a new one. alone: it is known to be of no sojourn.

    All plans of a day add to the same sums: whoever counts makes others wait until it has ended.
    """
    tx.before_commit(
        f"count {itinerary_id}",
        lambda: _count(deps, tx, itinerary_id, before, after, alone=alone),
    )


async def _count(
    deps: Deps,
    tx: Transaction,
    itinerary_id: str,
    before: DayPlan | None,
    after: DayPlan,
    *,
    alone: bool,
) -> None:
    today = deps.clock.now().astimezone(ZoneInfo(after.time_zone)).date()
    marks = await store.read_marks(tx, itinerary_id) if before else Marks(None, None)
    leads = alone or await sojourns.is_first(tx, itinerary_id)
    people: Counter[HeadcountKey] = Counter()
    plans: Counter[SpotKey] = Counter()
    if before and marks.touched_date and marks.plan_date:
        people.subtract(_people(before, marks.touched_date))
        plans.subtract(_plans(before, marks.plan_date, leads=leads))
    plan_date = marks.plan_date or today
    people.update(_people(after, today))
    plans.update(_plans(after, plan_date, leads=leads))
    await store.write_marks(tx, itinerary_id, Marks(today, plan_date))
    await store.add_people(tx, people)
    await store.add_plans(tx, plans)


async def load_crowd(
    deps: Deps,
    tx: Transaction,
    trip: TripRequest,
    offer: Offer,
    own: Itinerary | None = None,
) -> Crowd:
    """Returns how full places will be on the day of a trip. own: a kept plan of the party itself,
    which is in nobody's way."""
    settings, zone = offer.settings, offer.time_zone
    limited = [
        poi_id
        for poi_id, each in settings.items()
        if each.capacity is not None and poi_id in offer.pois
    ]
    if not limited:
        return Crowd(settings)
    since = counted_since(trip.day)
    people = await store.read_people(tx, trip.day, since, limited)
    if own is not None and own.plan.trip.day == trip.day:
        touched = (await store.read_marks(tx, own.itinerary_id)).touched_date
        for (poi_id, slot), count in headcount_of(own.plan).items():
            if touched is not None and touched >= since and poi_id in people:
                people[poi_id][slot] = max(0, people[poi_id][slot] - count)
    places = {poi_id: poi.place_id for poi_id, poi in offer.pois.items()}
    live = await live_levels(deps, tx, trip, zone, places)
    now_minute = minute_of_day(deps.clock.now(), trip.day, zone)
    return Crowd(settings, people, live, now_minute)


async def live_levels(
    deps: Deps, tx: Transaction, trip: TripRequest, zone: str, places: Mapping[str, str]
) -> dict[str, Level]:
    """Returns what sensors say of POIs now; nothing for a trip of another day. places: of POIs, by
    their ids."""
    now = deps.clock.now()
    if trip.day != now.astimezone(ZoneInfo(zone)).date():
        return {}
    levels = await store.read_levels(tx, now - LEVEL_HOLDS)
    return {
        poi_id: levels[place_id] for poi_id, place_id in places.items() if place_id in levels
    }  # fmt: skip


def _people(plan: DayPlan, touched: date) -> dict[HeadcountKey, int]:
    return {
        HeadcountKey(plan.trip.day, poi_id, slot, touched): people
        for (poi_id, slot), people in headcount_of(plan).items()
    }


def _plans(plan: DayPlan, plan_date: date, *, leads: bool) -> dict[SpotKey, int]:
    return {SpotKey(plan_date, *key): count for key, count in spots_of(plan, leads=leads).items()}
