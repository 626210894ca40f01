"""Lunch on a day: where one can eat, when, and how the search is told of it.

A place to eat may be visited at any time as every other place, or for lunch: then at lunch time. A
break is a visit after which the party sits down for a while, with what it brought. Both are
candidates of their own beside the visit (`Meal`), of which a day has at most one; the search takes
one wherever the must-visits allow it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.itinerary.domain.poi import Category, Interest, Poi
from services.itinerary.domain.problem import Candidate, Order, Problem
from services.itinerary.domain.trip import MEAL_MINUTES, LunchWish, Pace

SERVES = frozenset({Category.FOOD, Category.ROADSIDE_STATION})
LEAST_STAY_MINUTES = 20  # below, nobody sits down
BREAK_MINUTES = {Pace.QUICK: 30, Pace.NORMAL: 40, Pace.UNHURRIED: 45}
MOST_PLACES, MOST_BREAKS = 16, 40  # of each the most worth

Windows = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Meal:
    """A way to have lunch: candidate `node`, begun in these windows, for so many minutes.

    pause: how many of them are a break after the visit; 0 where one eats at the place itself.
    """

    node: int
    windows: Windows
    stay: int
    pause: int = 0


@dataclass(frozen=True)
class HadLunch:
    """Where a searched day has its lunch. position: of the visit. pause: as of Meal."""

    position: int
    pause: int


def serves_food(poi: Poi) -> bool:
    """Tells whether one can eat at a POI, as far as is recorded."""
    offers = poi.category in SERVES or Interest.FOOD in poi.interests
    return offers and poi.stay_max_minutes >= LEAST_STAY_MINUTES


def meals_of(
    offered: Sequence[tuple[Poi, Candidate]], wish: LunchWish | None, pace: Pace
) -> tuple[Meal, ...]:
    """Returns all ways to have the lunch wished for; none where none is wished.

    offered: POIs with the candidates of the search, in its order.
    """
    if wish is None:
        return ()
    ranked = sorted(range(len(offered)), key=lambda n: (-offered[n][1].score, n))
    places = [meal for n in ranked if (meal := _place(n, *offered[n], wish))][:MOST_PLACES]
    rest = BREAK_MINUTES[pace]
    breaks = [meal for n in ranked if (meal := _break(n, offered[n][1], wish, rest))][:MOST_BREAKS]
    return (*places, *breaks)


def _place(node: int, poi: Poi, candidate: Candidate, wish: LunchWish) -> Meal | None:
    if not serves_food(poi):
        return None
    stay = max(candidate.stay, min(MEAL_MINUTES, poi.stay_max_minutes))
    longer = stay - candidate.stay  # which the windows know nothing of yet
    until = wish.until_minute - min(stay, MEAL_MINUTES)
    windows = _within(candidate.windows, wish.from_minute, until, longer)
    return Meal(node, windows, stay) if windows else None


def _break(node: int, candidate: Candidate, wish: LunchWish, rest: int) -> Meal | None:
    begin, until = wish.from_minute - candidate.stay, wish.until_minute - MEAL_MINUTES
    windows = _within(candidate.windows, begin, until - candidate.stay, 0)
    return Meal(node, windows, candidate.stay + rest, rest) if windows else None


def _within(windows: Windows, begin: int, until: int, longer: int) -> Windows:
    cut = ((max(earliest, begin), min(latest - longer, until)) for earliest, latest in windows)
    return tuple((earliest, latest) for earliest, latest in cut if earliest <= latest)


def with_meals(problem: Problem, meals: Sequence[Meal]) -> Problem:
    """Returns the day with a candidate more for each meal, behind the others, in order."""
    count = len(problem.candidates)
    grown = problem.only([*range(count), *(meal.node for meal in meals)])
    candidates = list(grown.candidates)
    for index, meal in enumerate(meals, start=count):
        visit = problem.candidates[meal.node]
        # The visit and its lunch bar each other as two ways into one cave do.
        group = visit.group or f"\n{meal.node}"
        candidates[meal.node] = replace(candidates[meal.node], group=group)
        candidates[index] = replace(
            visit, stay=meal.stay, windows=meal.windows, group=group, must=False, lunch=True
        )
    return replace(grown, candidates=tuple(candidates))


def musts_at_lunch(problem: Problem, count: int, meals: Sequence[Meal], chosen: int) -> Problem:
    """Returns the day of with_meals where one has lunch at a must-visit: at meal number `chosen`.

    count: of candidates without meals.
    """
    candidates = list(problem.candidates)
    node = meals[chosen].node
    candidates[node] = replace(candidates[node], must=False)
    candidates[count + chosen] = replace(candidates[count + chosen], must=True)
    return replace(problem, candidates=tuple(candidates))


def had_lunch(order: Order, count: int, meals: Sequence[Meal]) -> HadLunch | None:
    """Returns where an order of with_meals has its lunch; None for nowhere."""
    for position, node in enumerate(order):
        if node >= count:
            return HadLunch(position, meals[node - count].pause)
    return None


def plain(order: Order, count: int, meals: Sequence[Meal]) -> Order:
    """Returns an order of with_meals in the numbers without meals."""
    return tuple(node if node < count else meals[node - count].node for node in order)
