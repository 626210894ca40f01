"""Rental cycles: where a day by cycle begins and ends, and by when the cycle has to be back.

Of the places that rent cycles the nearest to where the party starts is taken, as long as one can be
fetched and brought back there on that day. Where none is known, or the party rides its own, the day
begins where it wishes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.itinerary.domain.place import Closure, KnownPoint, Place
from services.itinerary.domain.poi import Poi, PoiTexts
from services.itinerary.domain.travel import distance_m
from services.itinerary.domain.trip import TravelMode, TripRequest
from services.itinerary.domain.why import WhyOut
from services.itinerary.domain.windows import DayAccess, OpenSpan, day_access


@dataclass(frozen=True)
class CycleRental:
    """Where the cycles of a day are rented. spans: when it is open, none where nobody has recorded
    its hours. back_minute: by when they have to be back; None where that is not known.
    from_start_m: how far it is from where the party wished to start, in a straight line, 0 where
    that is there or not known."""

    poi_id: str
    place_id: str
    names: Mapping[str, str]
    location: KnownPoint
    spans: tuple[OpenSpan, ...]
    back_minute: int | None
    phone: str
    texts: PoiTexts
    estimated_fields: tuple[str, ...]
    from_start_m: int = 0


@dataclass(frozen=True)
class Closed:
    """Why no cycle can be had, or brought back: of the nearest rental place."""

    poi_id: str
    why: WhyOut
    closure_reason: str = ""


@dataclass(frozen=True)
class CycleDay:
    """What renting makes of a day. rental None: with a cycle of one's own. Minutes: the earliest
    departure and the latest arrival."""

    begin_minute: int
    end_minute: int
    rental: CycleRental | None = None
    closed: Closed | None = None


def rental_places(pois: Mapping[str, Poi], places: Mapping[str, Place]) -> list[tuple[Poi, Place]]:
    """Returns who rents cycles and where, as far as that is recorded."""
    found = ((poi, places.get(poi.place_id)) for poi in pois.values() if poi.cycle_rental)
    return [(poi, place) for poi, place in found if place and place.location]


def cycle_day(
    offers: Sequence[tuple[Poi, Place]],
    closures: Sequence[Closure],
    zone: str,
    trip: TripRequest,
    near: KnownPoint | None,
    *,
    kept: CycleRental | None = None,
) -> CycleDay:
    """Returns where the cycles of a day are rented, of rental_places.

    near: where the party starts; None where nobody knows. kept: where it has fetched its cycles
    already: there they have to be back, whatever is open by now.
    """
    alone = CycleDay(trip.start_minute, trip.end_minute)
    if trip.mode is not TravelMode.CYCLE or trip.own_cycle:
        return alone
    if trip.end_minute <= trip.start_minute:  # nothing of it works, whatever is open
        return replace(alone, rental=kept)
    if kept is not None:
        return _brought_back(offers, closures, zone, trip, kept)
    closed = None
    for poi, place in sorted(offers, key=lambda offer: _far(offer, near)):
        day = _rented(poi, place, closures, zone, trip)
        if day.rental:
            meters = round(_far((poi, place), near)[0])
            return replace(day, rental=replace(day.rental, from_start_m=meters))
        closed = closed or day.closed
    return CycleDay(alone.begin_minute, alone.end_minute, closed=closed)


def _far(offer: tuple[Poi, Place], near: KnownPoint | None) -> tuple[float, str]:
    poi, place = offer
    known = near is not None and place.location is not None
    meters = distance_m(near.point, place.location.point) if known else 0.0  # type: ignore[union-attr] # known
    return meters, poi.poi_id


def _rented(
    poi: Poi, place: Place, closures: Sequence[Closure], zone: str, trip: TripRequest
) -> CycleDay:
    access = day_access(poi, trip.day, 0, closures, zone)
    begin, end = trip.start_minute, trip.end_minute
    if access.why is WhyOut.HOURS_UNKNOWN:
        return CycleDay(begin, end, _rental(poi, place, access, None))
    fetched = [
        max(begin, span.open_minute) for span in access.spans if begin <= span.last_entry_minute
    ]
    back = _back(access, end)
    if access.why or not fetched or back is None or min(fetched) >= back:
        why = access.why or WhyOut.CLOSED_AT_THAT_TIME
        return CycleDay(begin, end, closed=Closed(poi.poi_id, why, access.closure_reason))
    return CycleDay(min(fetched), back, _rental(poi, place, access, back))


def _back(access: DayAccess, end: int) -> int | None:
    """Returns the last minute up to `end` at which a cycle can be brought back; None for none."""
    backs = (min(end, span.close_minute) for span in access.spans if span.open_minute < end)
    return max(backs, default=None)


def _rental(poi: Poi, place: Place, access: DayAccess, back: int | None) -> CycleRental:
    if place.location is None:
        raise RuntimeError("a rental place without a point was left aside before")
    closes = None
    if back is not None:
        closes = next(
            span.close_minute
            for span in access.spans
            if span.open_minute < back <= span.close_minute
        )
    return CycleRental(
        poi.poi_id, place.place_id, place.names, place.location, access.spans, closes, poi.phone,
        poi.texts, poi.estimated_fields,
    )  # fmt: skip


def _brought_back(
    offers: Sequence[tuple[Poi, Place]],
    closures: Sequence[Closure],
    zone: str,
    trip: TripRequest,
    kept: CycleRental,
) -> CycleDay:
    """The rest of a day on rented cycles: they go back to where they are from."""
    begin, end = trip.start_minute, trip.end_minute
    known = next((offer for offer in offers if offer[0].poi_id == kept.poi_id), None)
    if known is None:
        return CycleDay(begin, end, kept, Closed(kept.poi_id, WhyOut.CLOSURE))
    poi, place = known
    access = day_access(poi, trip.day, 0, closures, zone)
    if access.why is WhyOut.HOURS_UNKNOWN:
        return CycleDay(begin, end, _rental(poi, place, access, None))
    back = _back(access, end)
    if access.why or back is None or back <= begin:
        why = access.why or WhyOut.CLOSED_AT_THAT_TIME
        return CycleDay(begin, end, kept, Closed(poi.poi_id, why, access.closure_reason))
    now = replace(_rental(poi, place, access, back), from_start_m=kept.from_start_m)
    return CycleDay(begin, back, now)
