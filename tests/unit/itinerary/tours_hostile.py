"""Tours to plan as somebody would ask for them who wants the search to break.

Windows that touch or are a moment, stays of nothing or of years, pins at the edge of a window,
ranks over days, groups of musts, a budget of nothing, travel that nobody can make, timetables
without a bus, of one slot, from before the day or after it, and no stop at all.
"""

from random import Random

import numpy as np

from services.itinerary.domain.orienteering.instance import NEVER
from services.itinerary.domain.orienteering.problem import (
    MAX_TIME,
    Day,
    Stop,
    Timetable,
    TourProblem,
    Windows,
)

COUNTS = (0, 1, 2, 3, 5, 8, 12)


def hostile_problem(random: Random, count: int | None = None) -> TourProblem:
    """Returns a problem that instance_of takes. count: of stops, None for a few."""
    count = random.choice(COUNTS) if count is None else count
    days, ends_of_days = random.choice([1, 1, 2, 3]), random.choice([1, 2, 3])
    nodes = count + ends_of_days
    begins = random.choice([0, 100, 500])
    ends = begins + random.choice([0, 1, 100, 300, 300, 300, 10**6, MAX_TIME - 600])
    table = _timetable(random, nodes, begins, ends) if random.random() < 0.5 else None
    kinds = 1 if table is None else len(table.arrivals)
    cost = None
    if random.random() < 0.2:
        cost = np.array([[random.randrange(100) for _ in range(nodes)] for _ in range(nodes)],
                        np.int32)  # fmt: skip
    return TourProblem(
        tuple(_stop(random, days, begins, ends) for _ in range(count)),
        tuple(
            Day(
                count + random.randrange(ends_of_days), count + random.randrange(ends_of_days),
                begins + random.randrange(3), ends, random.randrange(kinds),
            )
            for _ in range(days)
        ),
        _way(random, nodes),
        table,
        cost=cost,
        budget=random.choice([None, 0, 5, 10**9]),
        travel_price=random.choice([0, 0, 1, 1, 3]),
    )  # fmt: skip


def _way(random: Random, nodes: int) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    kind = random.random()
    if kind < 0.2:
        return np.full((nodes, nodes), 0 if kind < 0.1 else NEVER, np.int32)
    longest = random.choice([1, 60, 60, 60, 10**6, 10**8])
    numbers = [0, 1, NEVER, *(random.randrange(longest + 1) for _ in range(9))]
    rows = [[random.choice(numbers) for _ in range(nodes)] for _ in range(nodes)]
    return np.array(rows, np.int32)


def _stop(random: Random, days: int, begins: int, ends: int) -> Stop:
    windows = tuple(_windows(random, begins, ends) for _ in range(days))
    edges = [edge for row in windows for window in row for edge in window]
    pinned = None
    if edges and random.random() < 0.25:
        minute = random.choice(edges) + random.choice([0, 0, 0, 1, -1])
        pinned = (random.choice([-1, 0, days - 1, days]), minute)
    return Stop(
        worth=random.choice([0, 0, 1, 50, 100, random.randrange(1000)]),
        stay=random.choice([0, 0, 0, 1, 5, 30, MAX_TIME]),
        windows=windows,
        fee=random.choice([0, 0, 3, 10**9]),
        group=random.choice([-1, -1, 0, 0, 1, 10**12]),
        must=random.random() < 0.3,
        never=random.random() < 0.1,
        rank=random.choice([-1, -1, 0, 1, 2, 10**9]),
        need=random.choice([-1, -1, -1, 0, 10**9]),
        pinned=pinned,
    )


def _windows(random: Random, begins: int, ends: int) -> Windows:
    span = min(ends - begins + 20, 10**7)
    edges = sorted(begins - 10 + random.randrange(span + 1) for _ in range(2 * random.randrange(4)))
    kind = random.random()
    if kind < 0.5:  # one ends when the next one begins
        edges[2::2] = edges[1:-1:2]
    elif kind < 0.6 and edges:  # all are one moment
        edges = [edges[0]] * len(edges)
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _timetable(random: Random, nodes: int, begins: int, ends: int) -> Timetable:
    kinds, slots = random.choice([1, 2]), random.choice([0, 1, 1, 2, 30])
    step = random.choice([1, 7, 10, 1000])
    first = max(-100, min(random.choice([-100, 0, begins, begins + 50, ends + 5]), MAX_TIME))
    arrivals = np.full((kinds, nodes, nodes, slots), NEVER, np.int32)
    for _ in range(random.choice([0, nodes * 3, nodes * nodes * slots // 2]) if slots else 0):
        slot = random.randrange(slots)
        row = random.randrange(kinds), random.randrange(nodes), random.randrange(nodes), slot
        arrivals[row] = max(0, first + slot * step) + random.randrange(40)
    return Timetable(arrivals, first, step)
