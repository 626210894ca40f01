"""Random tours to plan: days, windows, timetables, groups, ranks, pins, any travel."""

from random import Random

import numpy as np
from hypothesis import strategies as st

from services.itinerary.domain.orienteering.instance import NEVER
from services.itinerary.domain.orienteering.problem import Day, Stop, Timetable, TourProblem

BEGINS, ENDS = 100, 400


@st.composite
def tour_problems(draw: st.DrawFn, most: int = 4) -> TourProblem:
    """A few stops in one or two days. Travel need not be metric: a detour can be shorter."""
    count, days = draw(st.integers(0, most)), draw(st.integers(1, 2))
    random = Random(draw(st.integers(0, 2**32)))
    return tour_problem(random, count, days, metric=draw(st.booleans()))


def tour_problem(random: Random, count: int, days: int, *, metric: bool) -> TourProblem:
    """Returns a problem of every kind of rule."""
    nodes = count + 2
    if metric:
        points = [(random.randrange(40), random.randrange(40)) for _ in range(nodes)]
        way = [[abs(a[0] - b[0]) + abs(a[1] - b[1]) for b in points] for a in points]
    else:
        way = [[random.randrange(60) for _ in range(nodes)] for _ in range(nodes)]
    way[count][count + 1] = random.randrange(60)
    table = _timetable(random, nodes) if random.random() < 0.5 else None
    return TourProblem(
        tuple(_stop(random, days) for _ in range(count)),
        tuple(
            Day(count, count + 1, BEGINS + random.randrange(30), ENDS - random.randrange(150), kind)
            for kind in range(days)
        ),
        np.array(way, np.int32),
        table,
        budget=random.choice([None, 0, 5, 9]),
        travel_price=random.choice([0, 1]),
    )


def _stop(random: Random, days: int) -> Stop:
    pinned = (random.randrange(days), random.randrange(150, 250)) if random.random() < 0.1 else None
    return Stop(
        worth=random.randrange(100),
        stay=random.randrange(60),
        windows=tuple(_windows(random) for _ in range(days)),
        fee=random.choice([0, 0, 3]),
        group=random.choice([-1, -1, 0]),
        must=random.random() < 0.2,
        never=random.random() < 0.1,
        rank=random.choice([-1, -1, 1, 2]),
        pinned=pinned,
        need=random.choice([-1, -1, -1, 0, 7]),
    )


def _windows(random: Random) -> tuple[tuple[int, int], ...]:
    edges = sorted(random.sample(range(80, 420), 2 * random.randrange(3)))
    return tuple((edges[n], edges[n + 1]) for n in range(0, len(edges), 2))


def _timetable(random: Random, nodes: int) -> Timetable:
    """A few buses between some nodes, of two kinds of day."""
    step = random.choice([1, 7, 10])
    slots = random.randrange(1, 320 // step)
    arrivals = np.full((2, nodes, nodes, slots), NEVER, np.int32)
    for _ in range(nodes * 3):
        kind, one, other = random.randrange(2), random.randrange(nodes), random.randrange(nodes)
        slot = random.randrange(slots)
        reached = BEGINS + slot * step + random.randrange(1, 25)
        arrivals[kind, one, other, slot] = min(arrivals[kind, one, other, slot], reached)
    return Timetable(arrivals, BEGINS, step)
