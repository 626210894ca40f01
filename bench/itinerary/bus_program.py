"""The program that searches days by bus, compiled: one JSON object a line in, one a line out.

In: feed, number, size ("small", "large"), seconds, seeds. Out: value, faults; exhaustive (small
ones: the value of the best of all orders); average: what becomes of a plan made with the average
travel times of the day when it is followed by the real timetable (value, None where it loses the
way home; and how many visits it loses).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bench.itinerary import buses, lines
from bench.itinerary.buses import Request
from services.itinerary.domain.bus_problem import BusProblem
from services.itinerary.domain.orienteering.engine import Limit, search
from services.itinerary.domain.orienteering.problem import TourProblem, instance_of
from services.itinerary.domain.problem import (
    SCORE_UNIT,
    UNREACHABLE,
    next_start,
    schedule,
    value_of,
)
from services.itinerary.domain.search import as_tour
from services.itinerary.domain.search import solve as search_day
from services.itinerary.domain.timing import times_of
from services.itinerary.domain.transit.journey import Journey, journey


def solve(asked: dict[str, Any]) -> dict[str, Any]:
    """Answers one line."""
    size = buses.SMALL if asked["size"] == "small" else buses.LARGE
    request = buses.make(asked["feed"], asked["number"], size)
    problem = request.problem
    # Few places are searched as the planner does: proven up to eight, else its usual iterations.
    small = asked["size"] == "small"
    order = search_day(problem, seed=1).order if small else _best(as_tour(problem), asked)
    value = value_of(problem, order)
    answer: dict[str, Any] = {"value": value, "faults": _faults(request, order)}
    if small:
        answer["exhaustive"] = buses.exhaustive(problem)
    if asked.get("average"):
        answer["average"], answer["lost_visits"] = _by_average(problem, asked)
    return answer


def _best(tour: TourProblem, asked: dict[str, Any]) -> Sequence[int]:
    instance = instance_of(tour)
    found = [search(instance, Limit(seconds=asked["seconds"]), seed=s) for s in asked["seeds"]]
    return max(found, key=lambda one: one.value).tours[0]


def _faults(request: Request, order: Sequence[int]) -> list[str]:
    """Returns rides that are not in the timetable, and times that do not fit."""
    problem, bus = request.problem, request.bus
    if schedule(problem, order) is None:
        return ["not feasible"]
    access, faults = bus.access(request.nodes), []
    path = [problem.start, *order, problem.end]
    for number, leg in enumerate(times_of(problem, order).legs):
        way = journey(bus.day, access, path[number], path[number + 1], leg.depart_minute)
        if way is None or way.arrive_minute != leg.arrive_minute:
            faults.append(f"leg {number} does not arrive when it is told")
        else:
            faults += _unknown_rides(request, way)
    return faults


def _unknown_rides(request: Request, way: Journey) -> list[str]:
    day, table = request.bus.day, request.bus.network.timetable
    running = {run.run_id: run for run in table.runs_on(day.day)}
    faults = []
    for ride in way.rides:
        run = running.get(day.runs[ride.run].run_id)
        on, off = ride.calls
        if run is None or not (
            run.calls[on].stop == ride.from_stop
            and run.calls[on].depart_minute == ride.depart_minute
            and run.calls[off].stop == ride.to_stop
            and run.calls[off].arrive_minute == ride.arrive_minute
        ):
            faults.append(f"no ride at {ride.depart_minute} on that date")
    return faults


def _by_average(problem: BusProblem, asked: dict[str, Any]) -> tuple[int | None, int]:
    """Plans with one travel time for each pair of places, then follows the plan by the clock."""
    nodes, earliest = range(len(problem.travel)), problem.start_minute - problem.first
    arrivals = problem.rides(nodes, nodes)[:, :, earliest:]
    leaving = problem.start_minute + np.arange(arrivals.shape[2])[None, None, :]
    took = np.where(arrivals >= UNREACHABLE, 0, arrivals - leaving)
    known = (arrivals < UNREACHABLE).sum(axis=2)
    mean = np.ceil(took.sum(axis=2) / np.maximum(1, known)).astype(np.int32)
    mean = np.where(known > 0, mean, UNREACHABLE).astype(np.int32)
    np.fill_diagonal(mean, 0)
    plain = replace(as_tour(problem), timetable=None, way=mean, cost=mean)
    order = _best(plain, asked)
    clock, here, value, lost = problem.start_minute, problem.start, 0, 0
    for node in order:
        candidate = problem.candidates[node]
        begin = next_start(candidate.windows, problem.arrival(here, node, clock))
        if begin is None or begin + candidate.stay > problem.end_minute:
            lost += 1
            continue
        value += SCORE_UNIT * candidate.score - problem.cost(here, node)
        clock, here = begin + candidate.stay, node
    if problem.arrival(here, problem.end, clock) > problem.end_minute:
        return None, lost
    return value - problem.cost(here, problem.end), lost


if __name__ == "__main__":
    lines.serve(solve)
