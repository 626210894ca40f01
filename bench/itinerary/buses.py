"""Days by bus on real timetables: made-up places around the stops of two published feeds.

The number of a request is its seed. Worth, stays and opening times are as in `requests.py`; places
lie up to 300 m from a transit stop of the feed, the day starts and ends where most runs call.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from random import Random

from infra.local.home import ROOT
from services.itinerary.domain.bus import BusDay, Node, bus_day
from services.itinerary.domain.bus_problem import BusProblem, timed
from services.itinerary.domain.job import BusQuestion
from services.itinerary.domain.place import KnownPoint, Point, PointQuality
from services.itinerary.domain.problem import (
    SCORE_UNIT,
    Candidate,
    Problem,
    next_start,
)
from services.itinerary.domain.transit.network import Network
from services.itinerary.gateways.gtfs.reader import read

FOLDER = ROOT.parent / "shared" / "data" / "gtfs"
FEEDS = {  # a Wednesday of each
    "muroran": ("donanbus_muroran_20200401_gtfs-jp.zip", date(2020, 10, 7)),
    "nakatsugawa": ("nakatsugawa_20201001_gtfs.zip", date(2020, 10, 7)),
}
BEGINS, ENDS = 540, 1080
SMALL, LARGE = (5, 9), (40, 60)
BESIDE_M = 300


@dataclass(frozen=True)
class Request:
    """A day by bus. nodes: places, then start and end."""

    problem: BusProblem
    bus: BusDay
    nodes: tuple[Node, ...]


def feeds() -> list[str]:
    """Returns the names of the feeds at hand."""
    return [name for name, (file, _) in FEEDS.items() if (FOLDER / file).is_file()]


@lru_cache(maxsize=2)
def _day(name: str) -> BusDay:
    file, day = FEEDS[name]
    timetable = read(Path(FOLDER / file)).timetable
    return bus_day(Network(name, timetable), {}, day)


def make(name: str, number: int, size: tuple[int, int]) -> Request:
    """Returns a request of 5 to 9 or of 40 to 60 places."""
    random, bus = Random(number), _day(name)
    calls = Counter(call.stop for run in bus.day.runs for call in run.calls)
    served = [stop for stop in sorted(calls) if bus.day.stops[stop].point]
    middle = max(served, key=lambda stop: (calls[stop], -stop))
    count = random.randint(*size)
    stops = [random.choice(served) for _ in range(count)]
    nodes = (*(_beside(random, bus, stop) for stop in stops), *[_at(bus, middle)] * 2)
    access = bus.access(nodes)
    candidates = tuple(_candidate(random) for _ in range(count))
    plain = Problem(candidates, access.walks, BEGINS, ENDS, random.choice([None, None, 3_000]))
    question = BusQuestion(bus.key, access, tuple(range(len(nodes))), b"")
    problem = timed(plain, question, bus.day)
    return Request(problem, bus, nodes)


def _at(bus: BusDay, stop: int) -> Node:
    point = bus.day.stops[stop].point
    if point is None:
        raise ValueError("only stops with a point are taken")
    return Node("", KnownPoint(point, PointQuality.SOURCE))


def _beside(random: Random, bus: BusDay, stop: int) -> Node:
    location = _at(bus, stop).location
    if location is None:
        raise ValueError("a stop with a point")
    off = BESIDE_M / 111_200
    point = Point(
        location.point.latitude + random.uniform(-off, off),
        location.point.longitude + random.uniform(-off, off),
    )
    return Node("", KnownPoint(point, PointQuality.SOURCE))


def _candidate(random: Random) -> Candidate:
    opens, closes = random.choice([480, 540, 540, 600]), random.choice([930, 990, 1020])
    windows: tuple[tuple[int, int], ...] = ((opens, closes),)
    if random.random() < 0.2:
        windows = ((opens, 690), (780, closes))
    return Candidate(
        score=max(3, min(95, round(random.gauss(35, 20)))),
        stay=random.choice([15, 20, 30, 30, 45, 60, 90]),
        windows=windows,
        fee_yen=random.choice([0, 0, 0, 300, 500, 1_300]),
        group=random.choice(["a", "b"]) if random.random() < 0.1 else "",
    )


def exhaustive(problem: Problem) -> int | None:
    """Returns the value of the best of all orders of all sets; None where not even none is."""
    worths = [SCORE_UNIT * candidate.score for candidate in problem.candidates]
    best: list[int] = []

    def deeper(here: int, clock: int, value: int, taken: tuple[int, ...], left: int) -> None:
        finish = problem.arrival(here, problem.end, clock)
        whole = value - problem.cost(here, problem.end)
        if finish <= problem.end_minute and (not best or whole > best[0]):
            best[:] = [whole]
        # Who cannot get home from here may from the next place: a bus may leave from there.
        if clock > problem.end_minute or (best and value + left <= best[0]):
            return
        for node in _allowed(problem, taken):
            candidate = problem.candidates[node]
            begin = next_start(candidate.windows, problem.arrival(here, node, clock))
            if begin is not None:
                gain = worths[node] - problem.cost(here, node)
                deeper(node, begin + candidate.stay, value + gain, (*taken, node),
                       left - worths[node])  # fmt: skip

    deeper(problem.start, problem.start_minute, 0, (), sum(worths))
    return best[0] if best else None


def _allowed(problem: Problem, taken: tuple[int, ...]) -> Iterator[int]:
    fees = sum(problem.candidates[node].fee_yen for node in taken)
    groups = {problem.candidates[node].group for node in taken} - {""}
    for node, candidate in enumerate(problem.candidates):
        over = problem.budget_yen is not None and fees + candidate.fee_yen > problem.budget_yen
        if node not in taken and candidate.group not in groups and not over:
            yield node
