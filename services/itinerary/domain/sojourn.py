"""Several days of one party: what it may ask for, and how sights are dealt out among them.

All days are searched together first (deal_search.py), which says only what each day may have. Then
each day is planned as a day by itself is, with what the others have left aside. What one day had
been dealt and does not visit after all is offered to the others again. Days planned one after
another without a deal stand beside that, and the better of both are the answer.
"""

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from kit.pure.errors import InvalidFields
from services.itinerary.domain.away import (
    Away,
    OtherDay,
    away_of,
    days_beside,
    told_as_they_are,
)
from services.itinerary.domain.job import Deal, Dealt, Job
from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.planner import job_of
from services.itinerary.domain.prepare import Catalog, Prepared, prepare
from services.itinerary.domain.problem import SCORE_UNIT
from services.itinerary.domain.score import EFFORT
from services.itinerary.domain.trip import MINUTES_OF_A_DAY, TripRequest, check_trip
from services.itinerary.domain.why import ConflictKind, WhyOut

LEAST_DAYS, MOST_DAYS = 2, 4
A_DAY = timedelta(days=1)
MOST_SPAN = timedelta(days=13)  # from the first day to the last


@dataclass(frozen=True)
class Offered:
    """A day with what its area offers then. prepared: with all must-visits of the party."""

    catalog: Catalog
    trip: TripRequest
    prepared: Prepared


@dataclass(frozen=True)
class DayAsked:
    """A day to plan: which one, for what, and what others have."""

    number: int
    trip: TripRequest
    away: Away


Days = Generator[DayAsked, DayPlan, list[DayPlan]]


def check_days(trips: Sequence[TripRequest]) -> None:
    """Errors: InvalidFields for values no days could be planned of.

    trips: the first one with the wishes of the party, the others the same on later days.
    """
    if not LEAST_DAYS <= len(trips) <= MOST_DAYS:
        least, most = LEAST_DAYS - 1, MOST_DAYS - 1
        raise InvalidFields([("later_days", f"{least} to {most} days after the first")])
    found = []
    for number, trip in enumerate(trips):
        try:
            check_trip(trip)
        except InvalidFields as error:
            found += [(field_of(number, name), text) for name, text in error.fields]
    if not found:
        found = _bad_dates(trips)
    if found:
        raise InvalidFields(found)


def field_of(number: int, name: str) -> str:
    """Returns the name of a field of a day as a request has it."""
    return f"later_days[{number - 1}].{name}" if number else name


def _bad_dates(trips: Sequence[TripRequest]) -> list[tuple[str, str]]:
    found = []
    for number, (before, trip) in enumerate(pairwise(trips), start=1):
        nights = trip.day - before.day
        if nights < A_DAY or trip.day - trips[0].day > MOST_SPAN:
            told = f"a date after the day before, at most {MOST_SPAN.days} days after the first"
            found.append((field_of(number, "visit_date"), told))
        elif before.end_minute - MINUTES_OF_A_DAY * nights.days > trip.start_minute:
            told = "when the day before has ended or later"
            found.append((field_of(number, "start_minute"), told))
    return found


def offered(days: Sequence[tuple[Catalog, TripRequest]]) -> list[Offered]:
    """Returns days with what can be visited on each of them."""
    return [Offered(catalog, trip, prepare(catalog, trip)) for catalog, trip in days]


def deal_of(days: Sequence[Offered]) -> tuple[Deal, tuple[str, ...]]:
    """Returns the question how to deal sights out, and the POIs its sights are."""
    names = {option.poi.poi_id for day in days for option in day.prepared.options}
    number = {poi_id: index for index, poi_id in enumerate(sorted(names))}
    jobs = (job_of(day.prepared) for day in days)
    return Deal(
        tuple(job and _to_deal(job) for job in jobs),
        tuple(tuple(number[o.poi.poi_id] for o in day.prepared.options) for day in days),
        days[0].trip.seed,
    ), tuple(number)


def _to_deal(job: Job) -> Job:
    """Returns a day without what is looked at when it is planned by itself: crowds, and by bus its
    lunch, which fits into the times one waits, while a place to eat is mostly out of the way."""
    return replace(job, leaning=None, meals=() if job.bus else job.meals)


def in_turn(
    days: Sequence[Offered], names: Sequence[str], may_go_on: Callable[[], bool] = lambda: True
) -> Days:
    """Gives days to plan one after another, without a deal; as dealt_out."""
    return dealt_out(days, names, Dealt(tuple(() for _ in days)), may_go_on)


def better(dealt: list[DayPlan], turn: list[DayPlan]) -> list[DayPlan]:
    """Returns those of which a party has more, else the former: days as they were dealt out, and in
    turn.

    A deal knows no fare and no crowd, keeps the time to spare that a must-visit may use, and ends
    after so many tries: without the second look one party in twenty-five would lose by it.
    """
    return max(dealt, turn, key=gain)


def gain(plans: Sequence[DayPlan]) -> tuple[int, int, int]:
    """Returns what a party has of days: must-visits, then few conflicts, then what is searched
    for."""
    musts = sum(visit.poi_id in plan.trip.must_ids for plan in plans for visit in plan.visits)
    conflicts = sum(len(plan.conflicts) for plan in plans)
    return musts, -conflicts, sum(map(_value, plans))


def _value(plan: DayPlan) -> int:
    effort = EFFORT[plan.trip.pace]
    score = sum(max(1, visit.score - effort) for visit in plan.visits)
    return SCORE_UNIT * score - plan.total_travel_minutes


def dealt_out(
    days: Sequence[Offered],
    names: Sequence[str],
    dealt: Dealt,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Days:
    """Gives days to plan, takes the plan of each, and returns them all, none with a sight twice.

    names: as of deal_of. may_go_on: whether there is time to offer again what a day left.
    """
    shares = [[names[sight] for sight in sights] for sights in dealt.days]
    musts = _musts(days, shares)
    trips = [for_day(day.trip, musts[number]) for number, day in enumerate(days)]
    plans: list[DayPlan] = []
    for number, day in enumerate(days):
        later = [
            OtherDay(days[n].trip.visit_date, (*musts[n], *shares[n]))
            for n in range(number + 1, len(days))
        ]
        away = away_of(day.catalog.pois, [*days_beside(plans, -1), *later], musts[number])
        plans.append((yield DayAsked(number, trips[number], away)))
    for number, day in enumerate(days):
        away = away_of(day.catalog.pois, days_beside(plans, number), musts[number])
        if _is_worth_asking(plans[number], away) and may_go_on():
            plans[number] = yield DayAsked(number, trips[number], away)
    dealt_ids = {poi_id for share in shares for poi_id in share}
    return [
        told_as_they_are(
            _on_no_day(plan, dealt_ids),
            away_of(days[number].catalog.pois, days_beside(plans, number)),
        )
        for number, plan in enumerate(plans)
    ]


def _on_no_day(plan: DayPlan, dealt_ids: Collection[str]) -> DayPlan:
    """Returns a plan that says of an impossible must-visit that no other day could have it either:
    else it would have been dealt to one."""
    conflicts = tuple(
        replace(each, kind=ConflictKind.ON_NO_DAY)
        if each.kind is ConflictKind.MUST_VISIT_IMPOSSIBLE and not {*each.poi_ids} & {*dealt_ids}
        else each
        for each in plan.conflicts
    )
    return replace(plan, conflicts=conflicts)


def _is_worth_asking(plan: DayPlan, away: Away) -> bool:
    """Tells whether a day left something to another one that does not have it after all."""
    return any(left.why is WhyOut.ANOTHER_DAY and left.poi_id not in away for left in plan.left_out)


def _musts(days: Sequence[Offered], shares: Sequence[Sequence[str]]) -> list[list[str]]:
    """Returns for each day the must-visits it is to have: each must-visit of the party once."""
    found: list[list[str]] = [[] for _ in days]
    for poi_id in days[0].trip.must_ids:
        dealt = [number for number, share in enumerate(shares) if poi_id in share]
        able = dealt or [*_able(days, poi_id)] or [*range(len(days))]
        found[min(able, key=lambda number: len(found[number]))].append(poi_id)
    return found


def _able(days: Sequence[Offered], poi_id: str) -> Iterator[int]:
    """Gives the days on which a POI could be visited if it were the only one."""
    for number, day in enumerate(days):
        options = day.prepared.options if day.prepared.problem else ()
        if any(option.poi.poi_id == poi_id for option in options):
            yield number


def for_day(trip: TripRequest, musts: Sequence[str]) -> TripRequest:
    """Returns the wishes of the party for a day with some of its must-visits."""
    return replace(
        trip,
        must_poi_ids=tuple(poi_id for poi_id in trip.must_poi_ids if poi_id in musts),
        visit_wishes=tuple(
            wish for wish in trip.visit_wishes
            if wish.start_minute is None or wish.poi_id in musts
        ),
    )  # fmt: skip
