"""PyVRP at the same instances; run by an interpreter that has it. JSON lines as gateways/toptw.py.

Prizes times 1000, so that a score is worth more than any way. tuned: history 50, restart after 5000
iterations, which did best of what was tried on these instances. Its limit is computing time too.
"""

import json
import math
import sys
import time
from typing import Any

import pyvrp
from pyvrp import IteratedLocalSearchParams, SolveParams


def solve(asked: dict[str, Any]) -> dict[str, Any]:
    """Answers one line."""
    rows = [
        [float(cell) for cell in line.split()] for line in asked["text"].splitlines()[2:] if line
    ]
    scale = 100 if asked["name"].startswith("pr") else 10
    model = pyvrp.Model()
    places = [model.add_location(row[1], row[2]) for row in rows]
    depot = model.add_depot(places[0])
    times = [(round(row[-2] * scale), round(row[-1] * scale)) for row in rows]
    model.add_vehicle_type(
        asked["tours"],
        start_depot=depot,
        end_depot=depot,
        tw_early=times[0][0],
        tw_late=times[0][1],
    )
    for number in range(1, len(rows)):
        model.add_client(
            places[number], service_duration=round(rows[number][3] * scale),
            tw_early=times[number][0], tw_late=times[number][1],
            prize=int(rows[number][4]) * 1000, required=False,
        )  # fmt: skip
    for a, one in enumerate(rows):
        for b, other in enumerate(rows):
            way = math.floor(math.dist(one[1:3], other[1:3]) * scale + 1e-9)
            model.add_edge(places[a], places[b], way, way)
    began = time.thread_time()
    ends = began + asked["seconds"]
    params = SolveParams()
    if asked.get("tuned"):
        params = SolveParams(ils=IteratedLocalSearchParams(5_000, 50))
    result = model.solve(
        lambda _: time.thread_time() > ends, asked["seed"], collect_stats=False, display=False,
        params=params,
    )  # fmt: skip
    tours = []
    if result.is_feasible():
        tours = [
            [int(visit.idx) + 1 for visit in route if visit.is_client()]
            for route in result.best.routes()
        ]
    return {"tours": tours, "seconds": time.thread_time() - began}


for line in sys.stdin:
    sys.stdout.write(json.dumps(solve(json.loads(line))) + "\n")
    sys.stdout.flush()
