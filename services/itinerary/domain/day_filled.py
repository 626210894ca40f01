"""A day filled with visits and a lunch: kept as far as it still works, or searched as a whole.

A lunch at a place that serves food is looked for first. Where none fits beside the must-visits, or
where it costs the day much more than a break would (the one way out of a valley leads past a
restaurant, the other past the sights), a break takes its place.
"""

from collections.abc import Sequence
from dataclasses import replace

from services.itinerary.domain import search
from services.itinerary.domain.demands import Clash, Demands, settle_demands
from services.itinerary.domain.job import Job, Outcome
from services.itinerary.domain.keeping import nearest
from services.itinerary.domain.meals import Meal, had_lunch, musts_at_lunch, plain, with_meals
from services.itinerary.domain.overrun import missing_minutes
from services.itinerary.domain.problem import SCORE_UNIT, Order, Problem, Solution, schedule
from services.itinerary.domain.timing import times_of

# What a lunch at a place may cost the day more than a break: 30 points of score.
MOST_COST = 30 * SCORE_UNIT


def planned(job: Job, whole: Problem, tight: Problem, should_stop: search.ShouldStop) -> Outcome:
    """Fills a day: as it was kept where there is something to keep, else searched.

    whole: the problem of the job. tight: the same with time to spare, taken where the must-visits
    allow it.
    """
    kept = _kept(job, whole) if job.keep else None
    if kept is not None:
        return kept
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


def _is_dear(whole: Problem, found: Outcome) -> bool:
    """Tells whether a day could be worth much more without its lunch: one look, no search."""
    musts = settle_demands(whole)
    greedy = search.solve(whole, first=musts.first, iterations=0, exact=False)
    return greedy.value - found.solution.value > MOST_COST


def _kept(job: Job, whole: Problem) -> Outcome | None:
    """Returns the kept day with what fits besides; None where nothing of it works."""
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
) -> Outcome:
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
    solution = search.solve(
        problem, first=demands.first, seed=job.seed, iterations=job.iterations or search.ITERATIONS,
        should_stop=should_stop,
    )  # fmt: skip
    clashes = tuple(
        replace(clash, candidates=plain(clash.candidates, count, meals))
        for clash in demands.clashes
    )
    if problem is not asked and meals and had_lunch(solution.order, count, meals) is None:
        # The time to spare gives way to a lunch.
        roomy = replace(asked, candidates=problem.candidates)
        again = search.solve(
            roomy, first=demands.first, seed=job.seed,
            iterations=job.iterations or search.ITERATIONS, should_stop=should_stop,
        )  # fmt: skip
        if had_lunch(again.order, count, meals) is not None:
            problem, solution = roomy, again
    return _told(problem, count, meals, solution, clashes, asked)


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
