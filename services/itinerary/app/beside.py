"""The other days of a sojourn, for whoever changes one of its days."""

from collections.abc import Mapping, Sequence

from kit.db import Transaction
from kit.pure.errors import InvalidFields, Refusal
from services.itinerary.domain.away import NOTHING_AWAY, Away, OtherDay, away_of, overlapping
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


class DaysOverlap(Refusal):
    """A party is on one day at a time: another of its days has not ended then, or has begun."""


async def check_apart(tx: Transaction, own: Itinerary, trip: TripRequest) -> None:
    """Errors: InvalidFields where another day of the same sojourn is on the date of a trip,
    DaysOverlap where it lasts until then, or begins before that has ended. A kept day may keep its
    date and times, whatever the others are."""
    beside = (await store.read_together(tx, own.itinerary_id)).beside(own.itinerary_id)
    if any(day.visit_date == trip.visit_date for day in beside):
        raise InvalidFields([("visit_date", "another of the party's days is on that date")])
    if other := _overlapping(own.plan.trip, trip, beside):
        raise DaysOverlap(f"The party's day of {other} and this one would overlap.")


def _overlapping(before: TripRequest, trip: TripRequest, beside: Sequence[OtherDay]) -> str:
    if _times(before) == _times(trip):
        return ""
    return overlapping(trip, beside)


def _times(trip: TripRequest) -> tuple[str, int, int]:
    return trip.visit_date, trip.start_minute, trip.end_minute


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
    apart = not _overlapping(before.plan.trip, plan.trip, beside)
    dates = {day.visit_date for day in beside}
    return apart and not new & taken.keys() and plan.trip.visit_date not in dates
