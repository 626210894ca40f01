"""OR-Tools' routing solver at the same instances; run by an interpreter that has it. JSON lines as
gateways/toptw.py.

A vertex may be dropped for its score times 1000; guided local search. Its limit is computing time
too.
"""

import json
import math
import sys
import time
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

FAR = 10  # how many times longer the clock may run than this thread computes


def solve(asked: dict[str, Any]) -> dict[str, Any]:
    """Answers one line."""
    rows = [
        [float(cell) for cell in line.split()] for line in asked["text"].splitlines()[2:] if line
    ]
    scale = 100 if asked["name"].startswith("pr") else 10
    way = [[math.floor(math.dist(a[1:3], b[1:3]) * scale + 1e-9) for b in rows] for a in rows]
    stay = [round(row[3] * scale) for row in rows]
    stay[0] = 0
    count = len(rows)
    manager = pywrapcp.RoutingIndexManager(count, asked["tours"], 0)
    routing = pywrapcp.RoutingModel(manager)
    ways = routing.RegisterTransitMatrix(way)
    times = routing.RegisterTransitMatrix(
        [[stay[a] + way[a][b] for b in range(count)] for a in range(count)]
    )
    routing.SetArcCostEvaluatorOfAllVehicles(ways)
    horizon = round(rows[0][-1] * scale)
    routing.AddDimension(times, horizon, horizon, False, "time")  # noqa: FBT003 - not by name
    clock = routing.GetDimensionOrDie("time")
    for number in range(1, count):
        row, index = rows[number], manager.NodeToIndex(number)
        opens, closes = round(row[-2] * scale), min(horizon, round(row[-1] * scale))
        if opens > closes:
            continue
        clock.CumulVar(index).SetRange(opens, closes)
        routing.AddDisjunction([index], int(row[4]) * 1000)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    search.time_limit.FromMilliseconds(int(FAR * 1000 * asked["seconds"]))
    began = time.thread_time()
    ends = began + asked["seconds"]
    solver = routing.solver()
    routing.AddSearchMonitor(solver.CustomLimit(lambda: time.thread_time() > ends))
    found = routing.SolveWithParameters(search)
    tours = []
    if found is not None:
        for vehicle in range(asked["tours"]):
            index, tour = found.Value(routing.NextVar(routing.Start(vehicle))), []
            while not routing.IsEnd(index):
                tour.append(manager.IndexToNode(index))
                index = found.Value(routing.NextVar(index))
            tours.append(tour)
    return {"tours": tours, "seconds": time.thread_time() - began}


for line in sys.stdin:
    sys.stdout.write(json.dumps(solve(json.loads(line))) + "\n")
    sys.stdout.flush()
