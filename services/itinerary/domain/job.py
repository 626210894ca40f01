"""What a worker is asked and what it answers; without a library of numbers."""

from dataclasses import dataclass, field

from services.itinerary.domain.demands import Clash
from services.itinerary.domain.leaning import Leaning
from services.itinerary.domain.meals import HadLunch, Meal
from services.itinerary.domain.problem import Order, Problem, Solution
from services.itinerary.domain.timing import DayTimes
from services.itinerary.domain.transit.access import Access


@dataclass(frozen=True)
class BusQuestion:
    """What runs on the day and how one gets to it.

    key: names the day's timetable, so that the day itself need not be compared. access: over places
    of the area, which are the same for all who ask for this day, so that its arrivals are found
    once. nodes: which of them the nodes of the problem are. day: a TransitDay, packed (bus.py): a
    town's is a megabyte, which is read once. table: the name under which a worker finds access, day
    and arrivals, which the question then goes without; "" for none.
    """

    key: str
    access: Access
    nodes: tuple[int, ...]
    day: bytes = field(compare=False)
    table: str = field(default="", compare=False)


@dataclass(frozen=True)
class Job:
    """A day to search.

    iterations: 0 for what a worker takes as its budget. keep: an order to keep as far as it works
    and only add to (keeping.py), as a repair does. spare_minutes: left free at the end of the day,
    by bus before the last ride, where the must-visits allow it, so that a delay does not spoil the
    day. bus: for a day by bus; the travel of the problem is then walked. meals: ways to have the
    lunch the party wants. kept_lunch: which candidate of `keep` was the lunch, None for none.
    leaning: how it is to go around crowds. not_before: with keep, minutes before which kept visits
    do not begin if it can be helped, by node: they were put off for a quieter time.
    """

    problem: Problem
    seed: int = 0
    iterations: int = 0
    keep: Order = ()
    spare_minutes: int = 0
    bus: BusQuestion | None = None
    leaning: Leaning | None = None
    not_before: tuple[tuple[int, int], ...] = ()
    meals: tuple[Meal, ...] = ()
    kept_lunch: int | None = None


@dataclass(frozen=True)
class Deal:
    """Days of one party among which sights are to be dealt out.

    days: each as it would be searched alone; None where there is nothing to search. sights: by day,
    which sight each of its candidates is: the same number is the same sight. iterations: 0 for what
    a worker takes as its budget.
    """

    days: tuple[Job | None, ...]
    sights: tuple[tuple[int, ...], ...]
    seed: int = 0
    iterations: int = 0


@dataclass(frozen=True)
class Dealt:
    """The sights of each day, in order of visit; no sight on two days."""

    days: tuple[tuple[int, ...], ...]
    stopped_early: bool = False


@dataclass(frozen=True)
class Outcome:
    """What was found. missing: per candidate left out, the minutes it overruns; 0 when it fits,

    None when only another opening time would help. times: of the order found; None where there is
    no way from the start to the end, and nothing was searched. unreachable: candidates that cannot
    be visited even alone; the others were searched. lunch: where it is, None for none; then
    lunch_missing says how many minutes would be needed, None where that would not help. crowded:
    candidates that the best day would have had, and that went because others will be there.
    """

    solution: Solution
    clashes: tuple[Clash, ...]
    missing: dict[int, int | None]
    times: DayTimes | None
    unreachable: frozenset[int] = frozenset()
    crowded: frozenset[int] = frozenset()
    lunch: HadLunch | None = None
    lunch_missing: int | None = None
