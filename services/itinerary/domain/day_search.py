"""The part of planning that takes long: numbers in, numbers out, so that a worker can do it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.itinerary.domain import search
from services.itinerary.domain.bus import unpacked
from services.itinerary.domain.bus_problem import timed
from services.itinerary.domain.demands import Clash, settle_demands
from services.itinerary.domain.job import BusQuestion, Job, Outcome
from services.itinerary.domain.keeping import nearest
from services.itinerary.domain.leaned_search import held, lean
from services.itinerary.domain.leaning import Windows
from services.itinerary.domain.overrun import missing_minutes
from services.itinerary.domain.problem import Order, Problem, Solution, schedule
from services.itinerary.domain.timing import DayTimes, LegTimes, times_of
from services.itinerary.domain.transit.access import Access
from services.itinerary.domain.transit.day import TransitDay
from services.itinerary.domain.transit.journey import journey

NOTHING = Solution((), 0, 0, proven_best=True)


def run(job: Job, should_stop: search.ShouldStop = search.never) -> Outcome:
    """Searches a day. Equal jobs give equal outcomes unless should_stop stops them early."""
    if job.bus is not None:
        return _by_bus(job, job.bus, should_stop)
    kept = _kept_of(job.problem, job)
    if kept is not None:
        return kept
    tight = replace(job.problem, end_minute=job.problem.end_minute - job.spare_minutes)
    return _searched(job, job.problem, tight, should_stop)


def _kept_of(problem: Problem, job: Job) -> Outcome | None:
    """Returns the day that keeps what of a kept one still works; None for nothing to keep."""
    found = nearest(problem, job.keep) if job.keep else None
    if found is None:
        return None
    later = held(problem, dict(_later_windows(problem, job.not_before)))
    waiting = nearest(later, job.keep) if job.not_before else None
    # A visit that was put off for a quieter time stays there, unless that costs another one.
    if waiting is not None and {*waiting} >= {*found}:
        return _kept(later, waiting)
    return _kept(problem, found)


def _later_windows(
    problem: Problem, not_before: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, Windows]]:
    for node, minute in not_before:
        windows = problem.candidates[node].windows
        yield node, tuple((max(one, minute), last) for one, last in windows if last >= minute)


def _kept(problem: Problem, keep: Order) -> Outcome:
    solution = search.solve(problem, first=keep, iterations=0, exact=False)
    missing = missing_minutes(problem, solution.order)
    return Outcome(solution, (), missing, times_of(problem, solution.order))


def _searched(job: Job, whole: Problem, tight: Problem, should_stop: search.ShouldStop) -> Outcome:
    """Searches a day. tight: the same with time to spare, taken where the must-visits allow it."""
    demands = settle_demands(whole)
    problem = tight if schedule(tight, demands.first) is not None else whole
    kept = frozenset(demands.kept)
    candidates = tuple(
        replace(candidate, must=node in kept) for node, candidate in enumerate(problem.candidates)
    )
    problem = replace(problem, candidates=candidates)

    def solve(asked: Problem, first: Order) -> Solution:
        return search.solve(
            asked, first=first, seed=job.seed, iterations=job.iterations or search.ITERATIONS,
            should_stop=should_stop,
        )  # fmt: skip

    solution = solve(problem, demands.first)
    leaned = lean(problem, job.leaning, solution, demands.first, solve) if job.leaning else None
    if leaned is not None:
        stopped = solution.stopped_early or leaned.solution.stopped_early
        solution = replace(leaned.solution, stopped_early=stopped)
        problem, whole = held(problem, leaned.windows), held(whole, leaned.windows)
    return Outcome(
        solution, demands.clashes, missing_minutes(problem, solution.order),
        times_of(whole, solution.order), crowded=leaned.dropped if leaned else frozenset(),
    )  # fmt: skip


def _by_bus(job: Job, bus: BusQuestion, should_stop: search.ShouldStop) -> Outcome:
    """As run; what no bus leads to is found here, for only a worker knows what arrives when."""
    day = unpacked(bus.key, bus.day)
    problem = timed(job.problem, bus, day)
    nodes = range(len(problem.candidates))
    if schedule(problem, ()) is None:
        return Outcome(NOTHING, (), {}, None, frozenset(nodes))
    picked = [node for node in nodes if schedule(problem, (node,)) is not None]
    part = problem.only(picked)
    index = {node: place for place, node in enumerate(picked)}
    there = replace(
        job,
        keep=tuple(index[node] for node in job.keep if node in index),
        not_before=tuple((index[node], at) for node, at in job.not_before if node in index),
        leaning=job.leaning.only(picked) if job.leaning else None,
    )
    found = _kept_of(part, there)
    if found is None:
        found = _searched(there, part, part.leaving_early(job.spare_minutes), should_stop)
    return _ridden(_renumbered(found, picked, frozenset(nodes) - {*picked}), problem, bus, day)


def _renumbered(found: Outcome, picked: list[int], unreachable: frozenset[int]) -> Outcome:
    """Returns what was found of some candidates in the numbers of all."""
    return replace(
        found,
        solution=replace(found.solution, order=tuple(picked[n] for n in found.solution.order)),
        clashes=tuple(
            Clash(c.kind, tuple(picked[n] for n in c.candidates), c.missing_minutes, c.missing_yen)
            for c in found.clashes
        ),
        missing={picked[node]: minutes for node, minutes in found.missing.items()},
        crowded=frozenset(picked[node] for node in found.crowded),
        unreachable=unreachable,
    )


def _ridden(found: Outcome, problem: Problem, bus: BusQuestion, day: TransitDay) -> Outcome:
    """Returns the outcome with the ride of each leg."""
    if found.times is None:
        return found
    path = [bus.nodes[node] for node in (problem.start, *found.solution.order, problem.end)]
    legs = tuple(
        _ride(leg, day, bus.access, path[number], path[number + 1])
        for number, leg in enumerate(found.times.legs)
    )
    return replace(found, times=DayTimes(found.times.visits, legs))


def _ride(leg: LegTimes, day: TransitDay, access: Access, here: int, there: int) -> LegTimes:
    way = journey(day, access, here, there, leg.depart_minute)
    if way is None or way.arrive_minute != leg.arrive_minute:
        raise RuntimeError("the way does not arrive when the profile says")
    missed = None
    if way.rides:
        missed = journey(day, access, here, there, way.leave_minute + 1)
    return LegTimes(way.leave_minute, way.arrive_minute, way, missed)
