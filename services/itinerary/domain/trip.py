"""What a party wants of a day, and which wishes can be read at all."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from kit.pure.errors import InvalidFields
from services.itinerary.domain.paths import Ease
from services.itinerary.domain.place import Point
from services.itinerary.domain.poi import Interest
from services.itinerary.domain.walking import (
    LEAST_DAY,
    LEAST_STRETCH,
    MOST_DAY,
    MOST_STRETCH,
    NO_LIMIT,
    WalkingWish,
)

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LAST_START_MINUTE = 1439
MINUTES_OF_A_DAY = 1440
LAST_END_MINUTE = 1800
MAX_MUST_VISITS = 8  # as many as the exact search takes
MAX_NEVER_VISITS = 1000
MAX_VISIT_WISHES = 50
LEAST_STAY_MINUTES, MOST_STAY_MINUTES = 5, 600
MAX_PARTY = 500
MAX_BUDGET_YEN = 100_000_000
MEAL_MINUTES = 30  # the least of a meal, which lies within the window wished for
LUNCH_FROM, LUNCH_UNTIL = 11 * 60, 14 * 60
NOON_FROM, NOON_UNTIL = 11 * 60 + 30, 13 * 60 + 30  # a day with all of this has a lunch
FIRST_YEAR, LAST_YEAR = 2000, 2098  # holidays are computed up to 2099


class TravelMode(StrEnum):
    """How a party moves."""

    CAR = "car"
    FOOT = "foot"
    BUS = "bus"  # and trains, and on foot to and from them
    CYCLE = "cycle"  # rented or the party's own


class Pace(StrEnum):
    """How long a party stays at each POI."""

    QUICK = "quick"
    NORMAL = "normal"
    UNHURRIED = "unhurried"


@dataclass(frozen=True)
class Party:
    """Who travels together."""

    adults: int = 1
    junior_high: int = 0
    children: int = 0
    infants: int = 0

    @property
    def size(self) -> int:
        """People, infants too."""
        return self.adults + self.junior_high + self.children + self.infants


@dataclass(frozen=True)
class Location:
    """Where a day starts or ends: a place of the area, or the party's own point."""

    place_id: str = ""
    point: Point | None = None


@dataclass(frozen=True)
class VisitWish:
    """What a party wants of one visit. stay_minutes 0: as its pace says. start_minute: when the
    visit begins, which makes it a must-visit; None for when it suits."""

    poi_id: str
    stay_minutes: int = 0
    start_minute: int | None = None


@dataclass(frozen=True)
class LunchWish:
    """A lunch of which MEAL_MINUTES at least lie between two minutes."""

    from_minute: int = LUNCH_FROM
    until_minute: int = LUNCH_UNTIL


@dataclass(frozen=True)
class TripRequest:
    """What a party wants of a day. Minutes count from local midnight of visit_date.

    less_poi_ids: worth half of what they are, as the party would rather see others. lunch: None for
    a day without one. walking: what the party walks at most, by bus and on foot. ease: what it
    needs of paths. quieter: rather places and times with few people. own_cycle: by cycle, not on
    rented ones.
    """

    visit_date: str
    start: Location
    end: Location
    start_minute: int
    end_minute: int
    mode: TravelMode
    party: Party = Party()
    interests: tuple[Interest, ...] = ()
    must_poi_ids: tuple[str, ...] = ()
    never_poi_ids: tuple[str, ...] = ()
    budget_yen: int | None = None
    pace: Pace = Pace.NORMAL
    seed: int = 0
    visit_wishes: tuple[VisitWish, ...] = ()
    less_poi_ids: tuple[str, ...] = ()
    lunch: LunchWish | None = None
    walking: WalkingWish = NO_LIMIT
    ease: Ease = Ease.ANY
    quieter: bool = False
    own_cycle: bool = False

    def wish_for(self, poi_id: str) -> VisitWish:
        """Returns what the party wants of a visit."""
        return self._wishes.get(poi_id) or VisitWish(poi_id)

    @cached_property
    def _wishes(self) -> dict[str, VisitWish]:
        return {wish.poi_id: wish for wish in self.visit_wishes}

    @cached_property
    def less_ids(self) -> frozenset[str]:
        """less_poi_ids, to look one up: an area has thousands of POIs."""
        return frozenset(self.less_poi_ids)

    @cached_property
    def must_ids(self) -> tuple[str, ...]:
        """Must-visits, those with a fixed time among them, each once."""
        fixed = (w.poi_id for w in self.visit_wishes if w.start_minute is not None)
        return tuple(dict.fromkeys((*self.must_poi_ids, *fixed)))

    @property
    def wished_poi_ids(self) -> frozenset[str]:
        """POIs that the party says anything of."""
        wishes = (wish.poi_id for wish in self.visit_wishes)
        said = (*self.must_poi_ids, *self.never_poi_ids, *self.less_poi_ids)
        return frozenset((*said, *wishes))

    @property
    def ends_after_midnight(self) -> bool:
        """Tells whether the day goes on after midnight."""
        return self.end_minute > MINUTES_OF_A_DAY

    @property
    def day(self) -> date:
        """The date; check_trip has made sure that it is one."""
        return date.fromisoformat(self.visit_date)


def usual_lunch(start_minute: int, end_minute: int) -> LunchWish | None:
    """Returns the lunch of a party that says nothing of it: one where its day covers noon."""
    covers = start_minute <= NOON_FROM and end_minute >= NOON_UNTIL
    return LunchWish() if covers else None


def check_trip(trip: TripRequest) -> None:
    """Errors: InvalidFields for values no plan could be made of. Contradictions are no errors."""
    found = _bad_times(trip) + _bad_places(trip)
    counts = (trip.party.adults, trip.party.junior_high, trip.party.children, trip.party.infants)
    if min(counts) < 0 or not 1 <= trip.party.size <= MAX_PARTY:
        found.append(("party", f"give 1 to {MAX_PARTY} people"))
    if len(trip.must_ids) > MAX_MUST_VISITS:
        found.append(("must_poi_ids", f"at most {MAX_MUST_VISITS}"))
    for name, ids in (("never_poi_ids", trip.never_poi_ids), ("less_poi_ids", trip.less_poi_ids)):
        if len(ids) > MAX_NEVER_VISITS:
            found.append((name, f"at most {MAX_NEVER_VISITS}"))
    if trip.budget_yen is not None and not 0 <= trip.budget_yen <= MAX_BUDGET_YEN:
        found.append(("budget_amount_yen", "0 to 100,000,000 yen"))
    found += _bad_wishes(trip)
    lunch = trip.lunch
    if lunch and not 0 <= lunch.from_minute <= lunch.until_minute - MEAL_MINUTES <= LAST_END_MINUTE:
        found.append(("lunch", f"a window of {MEAL_MINUTES} minutes or more, from 0 on"))
    found += _bad_walking(trip.walking)
    if found:
        raise InvalidFields(found)


def _bad_walking(wish: WalkingWish) -> list[tuple[str, str]]:
    limits = (
        ("walking.stretch_minutes", wish.stretch_minutes, LEAST_STRETCH, MOST_STRETCH),
        ("walking.day_minutes", wish.day_minutes, LEAST_DAY, MOST_DAY),
    )
    return [
        (name, f"{least} to {most}, or nothing")
        for name, minutes, least, most in limits
        if minutes is not None and not least <= minutes <= most
    ]


def _bad_wishes(trip: TripRequest) -> list[tuple[str, str]]:
    wishes, found = trip.visit_wishes, []
    if len(wishes) > MAX_VISIT_WISHES or len({wish.poi_id for wish in wishes}) < len(wishes):
        found.append(("visit_wishes", f"at most {MAX_VISIT_WISHES}, each POI once"))
    for number, wish in enumerate(wishes):
        if wish.stay_minutes and not LEAST_STAY_MINUTES <= wish.stay_minutes <= MOST_STAY_MINUTES:
            told = f"0, or {LEAST_STAY_MINUTES} to {MOST_STAY_MINUTES}"
            found.append((f"visit_wishes[{number}].stay_minutes", told))
        if wish.start_minute is not None and not 0 <= wish.start_minute <= LAST_END_MINUTE:
            found.append((f"visit_wishes[{number}].start_minute", f"0 to {LAST_END_MINUTE}"))
    return found


def _bad_times(trip: TripRequest) -> list[tuple[str, str]]:
    found = []
    try:
        if not DATE.fullmatch(trip.visit_date):
            raise ValueError("other ISO 8601 forms of a date are not ours")
        if not FIRST_YEAR <= date.fromisoformat(trip.visit_date).year <= LAST_YEAR:
            found.append(("visit_date", f"a year from {FIRST_YEAR} to {LAST_YEAR}"))
    except ValueError:
        found.append(("visit_date", "a date such as 2026-11-21"))
    if not 0 <= trip.start_minute <= LAST_START_MINUTE:
        found.append(("start_minute", f"0 to {LAST_START_MINUTE}"))
    if not 0 <= trip.end_minute <= LAST_END_MINUTE:
        found.append(("end_minute", f"0 to {LAST_END_MINUTE}"))
    return found


def _bad_places(trip: TripRequest) -> list[tuple[str, str]]:
    found = []
    for name, location in (("start", trip.start), ("end", trip.end)):
        point = location.point
        if not location.place_id and point is None:
            found.append((name, "give a place or a point"))
        # Comparisons with NaN are false: it is refused here too.
        if point and not (-90 <= point.latitude <= 90 and -180 <= point.longitude <= 180):
            found.append((name, "latitude -90 to 90, longitude -180 to 180"))
    return found
