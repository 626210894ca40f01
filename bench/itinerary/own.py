"""The program that searches made-up requests, compiled: one JSON object a line in, one a line out.

In: number, seconds (or iterations), seeds. Out: missing (musts), value, faults (rules broken, by
the judge): the best of the seeds; spent_s: of computing, of all of them.
"""

import time
from typing import Any

from bench.itinerary import judge, lines, requests
from services.itinerary.domain.orienteering.engine import Limit, search
from services.itinerary.domain.orienteering.problem import instance_of


def solve(asked: dict[str, Any]) -> dict[str, Any]:
    """Answers one line."""
    problem = requests.make(asked["number"])
    instance = instance_of(problem)
    limit, began = Limit(asked.get("iterations", 0), asked["seconds"]), time.thread_time()
    found = [search(instance, limit, seed=seed) for seed in asked["seeds"]]
    spent_s = time.thread_time() - began
    faults = [fault for one in found for fault in judge.faults(problem, one.tours)]
    best = max(found, key=lambda one: (-len(one.missing), one.value))
    if judge.value_of(problem, best.tours) != best.value:
        faults.append("another value")
    return {
        "missing": len(best.missing), "value": best.value, "faults": faults, "spent_s": spent_s,
    }  # fmt: skip


if __name__ == "__main__":
    lines.serve(solve)
