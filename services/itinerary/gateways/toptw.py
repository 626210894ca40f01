"""The program that solves benchmark instances: one JSON object a line in, one a line out.

In: text, name, tours, seconds (or 0 and iterations), seed. Out: tours (vertex numbers without the
depot), score, iterations, seconds (of this thread's computing), or error. It is started with
ORIENTEERING_COMPILED=1.
"""

import json
import sys
import time
from collections.abc import Iterable
from typing import Any, TextIO

from services.itinerary.domain.orienteering.engine import Limit, search
from services.itinerary.domain.orienteering.problem import instance_of
from services.itinerary.domain.orienteering.toptw import parse


def solve(asked: dict[str, Any]) -> dict[str, Any]:
    """Answers one line."""
    try:
        instance = instance_of(parse(asked["text"], asked["name"], asked["tours"]))
        began = time.thread_time()
        limit = Limit(asked.get("iterations", 0), asked["seconds"])
        found = search(instance, limit, seed=asked["seed"])
    except ValueError as error:
        return {"error": str(error)}
    return {
        "tours": [[node + 1 for node in tour] for tour in found.tours],
        "score": found.value,
        "iterations": found.iterations,
        "seconds": time.thread_time() - began,
    }


def serve(source: Iterable[str], sink: TextIO) -> None:
    """Answers lines until there are no more."""
    for number, line in enumerate(source):
        asked = json.loads(line)
        if number == 0:  # machine code is loaded outside of anybody's budget
            solve({**asked, "seconds": 0, "iterations": 1})
        sink.write(json.dumps(solve(asked)) + "\n")
        sink.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
