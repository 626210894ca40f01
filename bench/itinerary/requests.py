"""Made-up requests of phone size: 30 to 70 places around a small town, one or two days by car.

The number of a request is its seed: the same on every machine, so that the best values found by
long runs can be kept beside them (`references.json`).
"""

from math import ceil, hypot
from random import Random

import numpy as np

from services.itinerary.domain.orienteering.problem import Day, Stop, TourProblem, Windows

COUNT = 200
FEWEST, MOST = 30, 70
HILLS_KM, TOWN_KM = 16, 4  # how far places lie from the middle
KM_H, DETOUR, PARKING = 40, 1.4, 4
SCORE_UNIT = 4  # minutes of travel that a point of score pays


def make(number: int) -> TourProblem:
    """Returns one request."""
    random = Random(number)
    count, days = random.randint(FEWEST, MOST), random.randint(1, 2)
    hotel = _point(random, TOWN_KM)
    points = [_point(random, TOWN_KM if random.random() < 0.4 else HILLS_KM) for _ in range(count)]
    station = hotel if random.random() < 0.7 else _point(random, TOWN_KM)
    places = [*points, hotel, station]
    way = [[_minutes(one, other) for other in places] for one in places]
    must = set(random.sample(range(count), random.choice([0, 0, 0, 1, 2])))
    return TourProblem(
        tuple(_stop(random, days, number in must) for number in range(count)),
        tuple(_day(random, count) for _ in range(days)),
        np.array(way, np.int32),
        budget=random.choice([None, None, 3_000, 6_000]),
        travel_price=1,
    )


def _point(random: Random, spread_km: float) -> tuple[float, float]:
    return random.gauss(0, spread_km), random.gauss(0, spread_km)


def _minutes(one: tuple[float, float], other: tuple[float, float]) -> int:
    if one == other:
        return 0
    way_km = hypot(one[0] - other[0], one[1] - other[1]) * DETOUR
    return ceil(way_km / KM_H * 60) + PARKING


def _day(random: Random, count: int) -> Day:
    begins = random.choice([540, 540, 570, 600])
    return Day(count, count + 1, begins, begins + random.choice([360, 420, 480, 540]))


def _stop(random: Random, days: int, must: bool) -> Stop:  # noqa: FBT001 - one caller, beside it
    return Stop(
        worth=SCORE_UNIT * max(3, min(95, round(random.gauss(35, 20)))),
        stay=random.choice([15, 20, 30, 30, 45, 60, 90, 120]),
        windows=tuple(_windows(random, must=must) for _ in range(days)),
        fee=random.choice([0, 0, 0, 300, 500, 1_300]),
        group=random.choice([0, 1]) if random.random() < 0.1 and not must else -1,
        must=must,
    )


def _windows(random: Random, *, must: bool) -> Windows:
    """Earliest and latest begin: by day, with a break at noon, evenings only, or closed."""
    kind = 0.0 if must else random.random()
    opens, closes = random.choice([480, 540, 540, 600]), random.choice([930, 990, 1020])
    if kind < 0.7:
        return ((opens, closes),)
    if kind < 0.85:
        return ((opens, 690), (780, closes))
    return ((840, 1200),) if kind < 0.92 else ()
