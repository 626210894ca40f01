"""The part of planning that takes long: numbers in, numbers out, so that a worker can do it.

Here by car, on foot or by bus; what is the same for all of them is in `day_filled`.
"""

from dataclasses import replace

from services.itinerary.domain import search
from services.itinerary.domain.bus import unpacked
from services.itinerary.domain.bus_problem import timed
from services.itinerary.domain.day_filled import planned
from services.itinerary.domain.demands import Clash
from services.itinerary.domain.job import BusQuestion, Job, Outcome
from services.itinerary.domain.problem import UNREACHABLE, Problem, Solution, schedule
from services.itinerary.domain.timing import DayTimes, LegTimes
from services.itinerary.domain.transit.day import TransitDay
from services.itinerary.domain.transit.journey import Journey, journey

NOTHING = Solution((), 0, 0, proven_best=True)


def run(job: Job, should_stop: search.ShouldStop = search.never) -> Outcome:
    """Searches a day. Equal jobs give equal outcomes unless should_stop stops them early."""
    if job.bus is not None:
        return _by_bus(job, job.bus, should_stop)
    tight = replace(job.problem, end_minute=job.problem.end_minute - job.spare_minutes)
    return planned(job, job.problem, tight, should_stop)


def _by_bus(job: Job, bus: BusQuestion, should_stop: search.ShouldStop) -> Outcome:
    """As run; what no bus leads to is found here, for only a worker knows what arrives when."""
    day = unpacked(bus.key, bus.day)
    problem = timed(job.problem, bus, day)
    nodes = range(len(problem.candidates))
    if schedule(problem, ()) is None:
        return Outcome(NOTHING, (), {}, None, frozenset(nodes))
    picked = [node for node in nodes if schedule(problem, (node,)) is not None]
    number = {node: index for index, node in enumerate(picked)}
    part = replace(
        job,
        problem=problem.only(picked),
        keep=tuple(number[node] for node in job.keep if node in number),
        kept_lunch=number.get(job.kept_lunch) if job.kept_lunch is not None else None,
        meals=tuple(
            replace(meal, node=number[meal.node]) for meal in job.meals if meal.node in number
        ),
        leaning=job.leaning.only(picked) if job.leaning else None,
        not_before=tuple((number[node], at) for node, at in job.not_before if node in number),
    )
    whole = problem.only(picked)
    found = planned(part, whole, whole.leaving_early(job.spare_minutes), should_stop)
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
    path = (problem.start, *found.solution.order, problem.end)
    legs = tuple(
        _ride(leg, day, bus, problem, path[number], path[number + 1])
        for number, leg in enumerate(found.times.legs)
    )
    return replace(found, times=DayTimes(found.times.visits, legs))


def _ride(
    leg: LegTimes, day: TransitDay, bus: BusQuestion, problem: Problem, here: int, there: int
) -> LegTimes:
    def way_from(minute: int) -> Journey | None:
        known = min(problem.arrival(here, there, minute), UNREACHABLE)
        return journey(day, bus.access, bus.nodes[here], bus.nodes[there], minute, known)

    way = way_from(leg.depart_minute)
    if way is None or way.arrive_minute != leg.arrive_minute:
        raise RuntimeError("the way does not arrive when the profile says")
    missed = None
    if way.rides:
        missed = way_from(way.leave_minute + 1)
    return LegTimes(way.leave_minute, way.arrive_minute, way, missed)
