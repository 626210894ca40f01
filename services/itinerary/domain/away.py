"""What other days of a party visit, so that no day brings it a second time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.itinerary.domain.plan import DayPlan, LeftOut
from services.itinerary.domain.poi import Poi
from services.itinerary.domain.trip import MINUTES_OF_A_DAY, TripRequest
from services.itinerary.domain.why import WhyOut

Away = Mapping[str, str]  # by POI, the date of the day that has it
NOTHING_AWAY: Away = {}


@dataclass(frozen=True)
class OtherDay:
    """What one has to know of a day of the same sojourn. start_minute, end_minute: 0 and 0 where
    nobody asks when it begins and ends."""

    visit_date: str
    poi_ids: tuple[str, ...]
    itinerary_id: str = ""
    start_minute: int = 0
    end_minute: int = 0


@dataclass(frozen=True)
class Together:
    """The kept days of a sojourn, in order of their dates; none for a day by itself."""

    sojourn_id: str = ""
    days: tuple[OtherDay, ...] = ()

    def beside(self, itinerary_id: str) -> list[OtherDay]:
        """Returns all days but one."""
        return [day for day in self.days if day.itinerary_id != itinerary_id]


ALONE = Together()


def overlapping(trip: TripRequest, beside: Iterable[OtherDay]) -> str:
    """Returns the date of a day that a trip would overlap, as one that lasts until after midnight
    does with the next morning; "" where none. A party is on one day at a time."""
    for day in beside:
        apart = (date.fromisoformat(day.visit_date) - trip.day).days * MINUTES_OF_A_DAY
        begins, ends = apart + day.start_minute, apart + day.end_minute
        if begins < trip.end_minute and trip.start_minute < ends:
            return day.visit_date
    return ""


def away_of(pois: Mapping[str, Poi], days: Iterable[OtherDay], musts: Collection[str] = ()) -> Away:
    """Returns what a day leaves to others: their sights, and other ways into the same ones.

    musts: must-visits of the day itself, which other ways in do not bar.
    """
    found: dict[str, str] = {}
    groups: dict[str, str] = {}
    for day in days:
        for poi_id in day.poi_ids:
            found.setdefault(poi_id, day.visit_date)
            if (poi := pois.get(poi_id)) and poi.group:
                groups.setdefault(poi.group, day.visit_date)
    for poi in pois.values() if groups else ():
        if poi.group in groups and poi.poi_id not in musts:
            found.setdefault(poi.poi_id, groups[poi.group])
    return found


def why_aside(poi_id: str, never: Collection[str], away: Away) -> WhyOut | None:
    """Returns why a POI is left aside whatever a day could do; None where it is not."""
    if poi_id in never:
        return WhyOut.NEVER_ASKED_FOR
    return WhyOut.ANOTHER_DAY if poi_id in away else None


def told_as_they_are(plan: DayPlan, away: Away) -> DayPlan:
    """Returns a plan that names, of what it does not bring, the other day that has it now.

    Where none has any more what it left to another one, it says no date: this day may bring it if
    it is asked to.
    """
    return replace(plan, left_out=tuple(_told(left, away) for left in plan.left_out))


def _told(left: LeftOut, away: Away) -> LeftOut:
    other = away.get(left.poi_id, "")
    if left.why is WhyOut.ANOTHER_DAY:
        return replace(left, other_date=other)
    if not other or left.must_visit or left.why is WhyOut.NEVER_ASKED_FOR:
        return left
    return LeftOut(left.poi_id, left.names, WhyOut.ANOTHER_DAY, left.score, other_date=other)


def days_beside(plans: Sequence[DayPlan], number: int) -> list[OtherDay]:
    """Returns what all plans but one visit."""
    return [
        OtherDay(plan.trip.visit_date, tuple(visit.poi_id for visit in plan.visits))
        for other, plan in enumerate(plans)
        if other != number
    ]
