"""Sights dealt out among days: all days searched at once as one problem. Only workers import it.

Each day keeps its own windows, start, end, lunch and, by bus, timetable; a sight is one stop of the
search and is in one tour at most. What only a day by itself can tell, as fares, comes after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from services.itinerary.domain import search
from services.itinerary.domain.bus import unpacked
from services.itinerary.domain.bus_problem import BusProblem, timed
from services.itinerary.domain.job import Deal, Dealt, Job
from services.itinerary.domain.meals import Meal
from services.itinerary.domain.orienteering.compiled import COMPILED
from services.itinerary.domain.orienteering.engine import Limit
from services.itinerary.domain.orienteering.engine import search as search_tours
from services.itinerary.domain.orienteering.problem import (
    Day,
    Matrix,
    Stop,
    Timetable,
    TourProblem,
    Windows,
    instance_of,
)
from services.itinerary.domain.problem import SCORE_UNIT, UNREACHABLE, Candidate, Problem, schedule

# Beside 30,000 iterations 6,000 lose 0.3 % of the value, in 40 % of the time (decision 0076).
ITERATIONS = 6000 if COMPILED else 160
MOST_STOPS = 120  # of the most worth, as of a day
FIRST_MEAL = 1_000_000  # more than there are sights
MOST_BREAKS = 4  # of the most worth: more make the search slower and no better
MOST_ARRIVALS = 12_000_000  # of all days together, 48 MB; beyond, departures are minutes apart


@dataclass(frozen=True)
class _Part:
    """A day that can be searched. number: which one. sights: what its candidates are; those of its
    lunches are FIRST_MEAL and more. eaten: by such a number, the sight where it is had."""

    number: int
    problem: Problem
    sights: tuple[int, ...]
    eaten: dict[int, int]


def deal(asked: Deal, should_stop: search.ShouldStop = search.never) -> Dealt:
    """Deals sights out. Equal questions give equal answers unless should_stop stops them early."""
    parts = _parts(asked)
    days: list[tuple[int, ...]] = [() for _ in asked.days]
    if not parts:
        return Dealt(tuple(days))
    sights = _most_worth(parts)
    problem = tours_of(parts, sights)
    found = search_tours(
        instance_of(problem), Limit(asked.iterations or ITERATIONS), seed=asked.seed,
        should_stop=should_stop,
    )  # fmt: skip
    for part, tour in zip(parts, found.tours, strict=True):
        visited = (sights[node] for node in tour)
        days[part.number] = tuple(part.eaten.get(sight, sight) for sight in visited)
    return Dealt(tuple(days), found.stopped_early)


def _parts(asked: Deal) -> list[_Part]:
    """Returns the days on which one gets from the start to the end at all."""
    found = []
    for number, (job, sights) in enumerate(zip(asked.days, asked.sights, strict=True)):
        problem = _shortened(job) if job else None
        if job and problem is not None:
            found.append(_with_meals(number, problem, sights, job.meals))
    return found


def _with_meals(
    number: int, problem: Problem, sights: tuple[int, ...], meals: Sequence[Meal]
) -> _Part:
    """Returns a day with a candidate more for each way to have lunch. A sight and all lunches at it
    are of one group, on whatever day."""
    places = [meal for meal in meals if not meal.pause]
    breaks = [meal for meal in meals if meal.pause]
    taken = [*places, *breaks[:MOST_BREAKS]]
    count = len(problem.candidates)
    grown = problem.only([*range(count), *(meal.node for meal in taken)])
    candidates = [
        replace(candidate, group=candidate.group or f"\n{sights[node]}")
        for node, candidate in enumerate(problem.candidates)
    ]
    candidates += [
        replace(candidates[meal.node], stay=meal.stay, windows=meal.windows, must=False, lunch=True)
        for meal in taken
    ]
    first = FIRST_MEAL * (1 + number)
    eaten = {first + index: sights[meal.node] for index, meal in enumerate(taken)}
    return _Part(number, replace(grown, candidates=tuple(candidates)), (*sights, *eaten), eaten)


def _shortened(job: Job) -> Problem | None:
    """Returns the day without the time to spare; with it where it is too short otherwise, None
    where it is too short even then."""
    if job.bus is None:
        whole: Problem = job.problem
        less = replace(whole, end_minute=whole.end_minute - job.spare_minutes)
    else:
        timed_day = timed(job.problem, job.bus, unpacked(job.bus.key, job.bus.day))
        whole, less = timed_day, timed_day.leaving_early(job.spare_minutes)
    return next((each for each in (less, whole) if schedule(each, ()) is not None), None)


def _most_worth(parts: Sequence[_Part]) -> list[int]:
    """Returns the sights to search, in order of their numbers: all must-visits, then the others."""
    best: dict[int, Candidate] = {}
    for sight, candidate in _candidates(parts):
        known = best.get(sight)
        if known is None or known.score < candidate.score:
            best[sight] = candidate
    meals = [sight for sight in best if sight >= FIRST_MEAL]
    ranked = sorted(
        best.keys() - meals, key=lambda sight: (not best[sight].must, -best[sight].score, sight)
    )
    return [*sorted(ranked[:MOST_STOPS]), *sorted(meals)]


def _candidates(parts: Sequence[_Part]) -> chain[tuple[int, Candidate]]:
    return chain.from_iterable(
        zip(part.sights, part.problem.candidates, strict=True) for part in parts
    )


def tours_of(parts: Sequence[_Part], sights: Sequence[int]) -> TourProblem:
    """Returns days as one problem. Its stops are the sights, then come start and end of each day.

    What stays of a day without a visit is exact, however coarse its timetable is: each day has a
    tour.
    """
    groups = sorted({candidate.group for _, candidate in _candidates(parts)} - {""})
    number = {"": -1, **{group: index for index, group in enumerate(groups)}}
    stops = tuple(_stop(parts, sight, number) for sight in sights)
    count = len(sights) + 2 * len(parts)
    nodes = [_nodes(part, sights, day) for day, part in enumerate(parts)]
    way = np.full((count, count), UNREACHABLE, np.int32)
    cost = way.copy()
    for part, (own, all_days) in zip(parts, nodes, strict=True):
        own_index, index = np.ix_(own, own), np.ix_(all_days, all_days)
        walks = np.array(part.problem.travel, np.int32)[own_index]
        way[index] = np.minimum(way[index], walks)
        problem = part.problem
        costs = problem.ways(own) if isinstance(problem, BusProblem) else walks
        cost[index] = np.minimum(cost[index], costs)
        way[all_days[-2], all_days[-1]] = _straight(part.problem)
    days = tuple(
        Day(len(sights) + 2 * day, len(sights) + 2 * day + 1, part.problem.start_minute,
            part.problem.end_minute, day)
        for day, part in enumerate(parts)
    )  # fmt: skip
    table = _timetable(parts, nodes, cost)
    if table is None:
        days = tuple(replace(day, kind=0) for day in days)
    budgets = [part.problem.budget_yen for part in parts]
    known = [yen for yen in budgets if yen is not None]
    budget = sum(known) if len(known) == len(budgets) else None
    return TourProblem(stops, days, way, table, cost, budget, travel_price=1)


def _straight(problem: Problem) -> int:
    """Returns what it takes from the start to the end of a day without a visit."""
    begin = problem.start_minute
    return problem.arrival(problem.start, problem.end, begin) - begin


def _stop(parts: Sequence[_Part], sight: int, groups: dict[str, int]) -> Stop:
    found = [
        part.problem.candidates[part.sights.index(sight)] if sight in part.sights else None
        for part in parts
    ]
    known = [candidate for candidate in found if candidate]
    windows: tuple[Windows, ...] = tuple(each.windows if each else () for each in found)
    return Stop(
        worth=SCORE_UNIT * max(candidate.score for candidate in known),
        stay=max(candidate.stay for candidate in known),
        windows=windows,
        fee=max(candidate.fee_yen for candidate in known),
        group=groups[known[0].group],
        must=any(candidate.must for candidate in known),
        need=sight // FIRST_MEAL - 1,
    )


def _nodes(part: _Part, sights: Sequence[int], day: int) -> tuple[list[int], list[int]]:
    """Returns the nodes of a day that are searched: in its own numbers, and in those of all."""
    place = {sight: index for index, sight in enumerate(sights)}
    own = [node for node, sight in enumerate(part.sights) if sight in place]
    first = len(sights) + 2 * day
    ends = [part.problem.start, part.problem.end]
    return [*own, *ends], [*(place[part.sights[node]] for node in own), first, first + 1]


def _timetable(
    parts: Sequence[_Part], nodes: Sequence[tuple[list[int], list[int]]], least: Matrix
) -> Timetable | None:
    """Returns what runs on each of the days, as a table of its own; None for no day by bus."""
    count = len(least)
    by_bus = [part.problem for part in parts if isinstance(part.problem, BusProblem)]
    if not by_bus:
        return None
    begins = min(problem.start_minute for problem in by_bus)
    minutes = max(problem.first + problem.slots for problem in by_bus) - begins
    step = -(-len(parts) * count * count * minutes // MOST_ARRIVALS)
    leaving: Matrix = np.arange(begins, begins + minutes, step, dtype=np.int32)
    arrivals = np.full((len(parts), count, count, len(leaving)), UNREACHABLE, np.int32)
    for day, (part, (own, all_days)) in enumerate(zip(parts, nodes, strict=True)):
        if isinstance(part.problem, BusProblem):
            arrivals[day][np.ix_(all_days, all_days)] = _sampled(part.problem, own, leaving)
    return Timetable(arrivals, begins, step, least)


def _sampled(problem: BusProblem, own: Sequence[int], leaving: Matrix) -> Matrix:
    """Returns when one arrives who leaves at some minutes, by the nodes of a day."""
    slots = np.clip(leaving - problem.first, 0, problem.slots - 1)
    rows = problem.rides(own, own)[:, :, slots]
    # Who leaves after the last minute of the day finds nothing; who leaves before its first waits.
    return np.where(leaving >= problem.first + problem.slots, UNREACHABLE, rows)
