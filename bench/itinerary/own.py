"""The program that searches made-up requests, compiled: one JSON object a line in, one a line out.

In: number, seconds, seeds. Out: missing (musts), value, faults (rules broken, by the judge): the
best of the seeds.
"""

from typing import Any

from bench.itinerary import judge, lines, requests
from services.itinerary.domain.orienteering.engine import Limit, search
from services.itinerary.domain.orienteering.problem import instance_of


def solve(asked: dict[str, Any]) -> dict[str, Any]:
    """Answers one line."""
    problem = requests.make(asked["number"])
    instance = instance_of(problem)
    found = [
        search(instance, Limit(seconds=asked["seconds"]), seed=seed) for seed in asked["seeds"]
    ]
    faults = [fault for one in found for fault in judge.faults(problem, one.tours)]
    best = max(found, key=lambda one: (-len(one.missing), one.value))
    if judge.value_of(problem, best.tours) != best.value:
        faults.append("another value")
    return {"missing": len(best.missing), "value": best.value, "faults": faults}


if __name__ == "__main__":
    lines.serve(solve)
