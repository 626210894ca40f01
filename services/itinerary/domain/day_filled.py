"""A day filled with visits and a lunch: kept as far as it still works, or searched as a whole.

A lunch at a place that serves food is looked for first. Where none fits beside the must-visits, or
where it costs the day much more than a break would (the one way out of a valley leads past a
restaurant, the other past the sights), a break takes its place. The day that is best by itself is
found first; what goes around crowds (leaning.py) is looked for beside it, with the same lunch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.itinerary.domain import search
from services.itinerary.domain.demands import Clash, Demands, settle_demands
from services.itinerary.domain.job import Job, Outcome
from services.itinerary.domain.keeping import nearest
from services.itinerary.domain.leaned_search import held, lean
from services.itinerary.domain.meals import (
    HadLunch,
    Meal,
    Windows,
    had_lunch,
    musts_at_lunch,
    plain,
    with_meals,
)
from services.itinerary.domain.overrun import missing_minutes
from services.itinerary.domain.problem import SCORE_UNIT, Order, Problem, Solution, schedule
from services.itinerary.domain.timing import times_of

# What a lunch at a place may cost the day more than a break: 30 points of score.
MOST_COST = 30 * SCORE_UNIT


@dataclass(frozen=True)
class _Searched:
    """A day that was searched. problem: with the meals as candidates, as it was searched; asked:
    without time to spare. first: an order of all must-visits that are kept."""

    problem: Problem
    asked: Problem
    meals: Sequence[Meal]
    first: Order
    solution: Solution
    clashes: tuple[Clash, ...]
    crowded: frozenset[int] = frozenset()

    @property
    def count(self) -> int:
        """Candidates without meals."""
        return len(self.problem.candidates) - len(self.meals)

    @property
    def lunch(self) -> HadLunch | None:
        """Where it has its lunch."""
        return had_lunch(self.solution.order, self.count, self.meals)

    def outcome(self) -> Outcome:
        """Returns it in the numbers of the candidates without meals."""
        found = _told(
            self.problem, self.count, self.meals, self.solution, self.clashes, self.asked
        )  # fmt: skip
        return replace(found, crowded=self.crowded)


def planned(job: Job, whole: Problem, tight: Problem, should_stop: search.ShouldStop) -> Outcome:
    """Fills a day: as it was kept where there is something to keep, else searched.

    whole: the problem of the job. tight: the same with time to spare, taken where the must-visits
    allow it.
    """
    kept = _kept(job, whole) if job.keep else None
    if kept is not None:
        return kept
    found = _plain(job, whole, tight, should_stop)
    return (_leaned(job, found, should_stop) if job.leaning else found).outcome()


def _plain(job: Job, whole: Problem, tight: Problem, should_stop: search.ShouldStop) -> _Searched:
    """Returns the best day there is, whoever else is where."""
    places = [meal for meal in job.meals if not meal.pause]
    found = _searched(job, whole, tight, places, should_stop)
    breaks = [meal for meal in job.meals if meal.pause]
    if not breaks or (found.lunch is not None and not _is_dear(whole, found)):
        return found
    resting = _searched(job, whole, tight, breaks, should_stop)
    gain = resting.solution.value - found.solution.value
    if resting.lunch is None or (found.lunch is not None and gain <= MOST_COST):
        return found
    return resting


def _leaned(job: Job, found: _Searched, should_stop: search.ShouldStop) -> _Searched:
    """Returns a day that goes around crowds where there is one worth nearly as much."""
    if job.leaning is None:
        return found

    def solve(asked: Problem, first: Order) -> Solution:
        return _solved(job, asked, first, should_stop)

    leaning = job.leaning.with_meals(found.count, found.meals)
    leaned = lean(found.problem, leaning, found.solution, found.first, solve)
    if leaned is None:
        return found
    stopped = found.solution.stopped_early or leaned.solution.stopped_early
    before = {*plain(found.solution.order, found.count, found.meals)}
    after = {*plain(leaned.solution.order, found.count, found.meals)}
    return replace(
        found,
        problem=held(found.problem, leaned.windows),
        asked=held(found.asked, leaned.windows),
        solution=replace(leaned.solution, stopped_early=stopped),
        crowded=frozenset(before - after),
    )


def _solved(job: Job, problem: Problem, first: Order, should_stop: search.ShouldStop) -> Solution:
    return search.solve(
        problem, first=first, seed=job.seed, iterations=job.iterations or search.ITERATIONS,
        should_stop=should_stop,
    )  # fmt: skip


def _is_dear(whole: Problem, found: _Searched) -> bool:
    """Tells whether a day could be worth much more without its lunch: one look, no search."""
    musts = settle_demands(whole)
    greedy = search.solve(whole, first=musts.first, iterations=0, exact=False)
    return greedy.value - found.solution.value > MOST_COST


def _kept(job: Job, whole: Problem) -> Outcome | None:
    """Returns the kept day with what fits besides; None where nothing of it works.

    A visit that was put off for a quieter time stays there, unless that costs another one.
    """
    found = _kept_as_is(job, whole)
    if found is None or not job.not_before:
        return found
    later = dict(job.not_before)
    windows = {node: _later(whole.candidates[node].windows, at) for node, at in later.items()}
    meals = tuple(
        replace(meal, windows=_later(meal.windows, later[meal.node]))
        if meal.node in later else meal for meal in job.meals
    )  # fmt: skip
    waiting = _kept_as_is(replace(job, meals=meals), held(whole, windows))
    if waiting is None or (found.lunch is not None and waiting.lunch is None):
        return found
    stays = {*found.solution.order} & {*job.keep}
    return waiting if {*waiting.solution.order} >= stays else found


def _later(windows: Windows, minute: int) -> Windows:
    return tuple((max(earliest, minute), last) for earliest, last in windows if last >= minute)


def _kept_as_is(job: Job, whole: Problem) -> Outcome | None:
    """As _kept, each visit as early as it may begin."""
    count, meals = len(whole.candidates), job.meals
    problem = with_meals(whole, meals)
    keep = _eaten(job.keep, job.kept_lunch, count, meals)
    lunches = tuple((count + number, meal.node) for number, meal in enumerate(meals))
    order = nearest(problem, keep, lunches)
    if order is None:
        return None
    solution = search.solve(problem, first=order, iterations=0, exact=False)
    return _told(problem, count, meals, solution, ())


def _eaten(keep: Order, lunch: int | None, count: int, meals: Sequence[Meal]) -> Order:
    """Returns the kept order with its lunch as the candidate that it is now."""
    for number, meal in enumerate(meals):
        if meal.node == lunch:
            return tuple(count + number if node == lunch else node for node in keep)
    return keep


def _searched(
    job: Job,
    whole: Problem,
    tight: Problem,
    meals: Sequence[Meal],
    should_stop: search.ShouldStop,
) -> _Searched:
    """Searches a day as a whole, with these ways to have lunch."""
    count = len(whole.candidates)
    asked, demands = _demands(with_meals(whole, meals), count, meals)
    spare = with_meals(tight, meals)
    spare = replace(spare, candidates=asked.candidates)
    problem = spare if schedule(spare, demands.first) is not None else asked
    kept = frozenset(demands.kept)
    problem = replace(
        problem,
        candidates=tuple(
            replace(candidate, must=node in kept) for node, candidate in enumerate(asked.candidates)
        ),
    )
    solution = _solved(job, problem, demands.first, should_stop)
    clashes = tuple(
        replace(clash, candidates=plain(clash.candidates, count, meals))
        for clash in demands.clashes
    )
    if problem is not asked and meals and had_lunch(solution.order, count, meals) is None:
        # The time to spare gives way to a lunch.
        roomy = replace(asked, candidates=problem.candidates)
        again = _solved(job, roomy, demands.first, should_stop)
        if had_lunch(again.order, count, meals) is not None:
            problem, solution = roomy, again
    return _Searched(problem, asked, meals, demands.first, solution, clashes)


def _demands(problem: Problem, count: int, meals: Sequence[Meal]) -> tuple[Problem, Demands]:
    """Returns what can be done about the must-visits, one of them for lunch where that works."""
    demands = settle_demands(problem)
    for number, meal in enumerate(meals):
        if not problem.candidates[meal.node].must:
            continue
        eating = musts_at_lunch(problem, count, meals, number)
        settled = settle_demands(eating)
        if len(settled.kept) == len(demands.kept):
            return eating, settled
    return problem, demands


def _told(
    problem: Problem,
    count: int,
    meals: Sequence[Meal],
    solution: Solution,
    clashes: tuple[Clash, ...],
    whole: Problem | None = None,
) -> Outcome:
    """Returns what was found in the numbers of the candidates without meals.

    whole: the day without time to spare, where the solution was found in a tighter one.
    """
    order = solution.order
    missing = missing_minutes(problem, order)
    visited = {*plain(order, count, meals)}
    lunch = had_lunch(order, count, meals)
    more = [
        missing[count + number] for number, meal in enumerate(meals) if meal.node not in visited
    ]
    known = [minutes for minutes in more if minutes]
    return Outcome(
        replace(solution, order=plain(order, count, meals)),
        clashes,
        {node: missing[node] for node in range(count) if node not in visited},
        times_of(whole or problem, order),
        lunch=lunch,
        lunch_missing=min(known) if meals and lunch is None and known else None,
    )
