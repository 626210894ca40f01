"""Searches random tours, one JSON object a line; tests start it compiled and call it plain."""

import json
import sys
from random import Random
from typing import Any

from services.itinerary.domain.orienteering.engine import Limit, search
from services.itinerary.domain.orienteering.problem import TourProblem, instance_of
from tests.unit.itinerary.tours_hostile import hostile_problem
from tests.unit.itinerary.tours_samples import tour_problem


def problem_of(seed: int, count: int) -> TourProblem:
    """Returns a problem of one day if it is small, which can be tried in full, else of two."""
    days = 1 if count <= 8 else 2
    return tour_problem(Random(seed), count, days, metric=seed % 2 == 0)


def hostile_of(seed: int, count: int) -> TourProblem:
    """Returns a hostile problem; count 0 for a few stops."""
    return hostile_problem(Random(seed), count or None)


def solve(asked: dict[str, Any]) -> dict[str, Any]:
    """Answers one line; tours None where a day is too short even without a stop.

    hostile: whether the problem is one of those made to break the search.
    """
    make = hostile_of if asked.get("hostile") else problem_of
    instance = instance_of(make(asked["seed"], asked["count"]))
    try:
        found = search(instance, Limit(asked["iterations"]), seed=asked["seed"])
    except ValueError:
        return {"tours": None, "value": 0}
    return {"tours": [list(tour) for tour in found.tours], "value": found.value}


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(solve(json.loads(line))) + "\n")
        sys.stdout.flush()
