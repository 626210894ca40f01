"""The other days of a sojourn, for whoever changes one of its days."""

from collections.abc import Mapping

from kit.db import Transaction
from services.itinerary.domain.away import NOTHING_AWAY, Away, away_of
from services.itinerary.domain.plan import DayPlan, Itinerary
from services.itinerary.domain.poi import Poi
from services.itinerary.domain.trip import TripRequest
from services.itinerary.store import sojourns as store


async def away_from(
    tx: Transaction, own: Itinerary | None, pois: Mapping[str, Poi], trip: TripRequest
) -> Away:
    """Returns what other days of the party have, which a kept day is not to bring as well.

    own: that day; None for one that is not kept yet.
    """
    if own is None:
        return NOTHING_AWAY
    together = await store.read_together(tx, own.itinerary_id)
    return away_of(pois, together.beside(own.itinerary_id), trip.must_ids)


async def is_date_taken(tx: Transaction, own: Itinerary, visit_date: str) -> bool:
    """Tells whether another day of the same sojourn is on a date."""
    together = await store.read_together(tx, own.itinerary_id)
    return any(day.visit_date == visit_date for day in together.beside(own.itinerary_id))


async def still_beside(
    tx: Transaction, before: Itinerary, plan: DayPlan, pois: Mapping[str, Poi]
) -> bool:
    """Tells whether a plan still goes with the other days of its sojourn: it brings nothing that
    one of them has by now, no other way into it, nor is it on the date of one. They stay so until
    the transaction ends.
    """
    together = await store.read_together(tx, before.itinerary_id, for_update=True)
    beside = together.beside(before.itinerary_id)
    had = {visit.poi_id for visit in before.plan.visits}
    new = {visit.poi_id for visit in plan.visits} - had
    taken = away_of(pois, beside, plan.trip.must_ids)
    return not new & taken.keys() and plan.trip.visit_date not in {day.visit_date for day in beside}
