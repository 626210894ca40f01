"""The search from outside: a budget, a seed, a first solution; good tours at any time.

With a budget of iterations, equal problems and seeds give equal tours, on every machine, compiled
or not; `should_stop` can only end it early. With a budget of seconds of computing it does what it
can in them, which benchmarks ask for.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from services.itinerary.domain.orienteering import habits
from services.itinerary.domain.orienteering.anneal import anneal, desk_for
from services.itinerary.domain.orienteering.chance import seeded
from services.itinerary.domain.orienteering.instance import (
    ALL_COST,
    LEAVE,
    MUST,
    NEED,
    NODE,
    STAY,
    TRAVEL_PRICE,
    WORTH,
    Instance,
)
from services.itinerary.domain.orienteering.problem import MUST_WORTH, NEED_WORTH
from services.itinerary.domain.orienteering.start import NOT_POSSIBLE, TOO_SHORT, start

STEPS = 100  # of the temperature, each with a look at the clock
LEAST_CHUNK = 50  # iterations; to begin some takes as long as two of them
FIRST_CHUNK = 20  # iterations, while nothing is known of their pace

ShouldStop = Callable[[], bool]
Order = tuple[int, ...]


@dataclass(frozen=True)
class Limit:
    """When to end: after iterations, or seconds of this thread's computing where given."""

    iterations: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Found:
    """Tours: per day the stops in order and when each begins. value: without the bonus of musts.

    missing: musts that no tour found has. iterations: done.
    """

    tours: tuple[Order, ...]
    begins: tuple[tuple[int, ...], ...]
    value: int
    missing: Order
    iterations: int
    stopped_early: bool


def never() -> bool:
    """Stops no search."""
    return False


def search(
    of: Instance,
    limit: Limit,
    *,
    seed: int = 0,
    first: Sequence[Order] = (),
    should_stop: ShouldStop = never,
) -> Found:
    """Returns the best tours found, never worse than `first` filled up.

    first: per day stops in order. Errors: ValueError when they break a rule, or when a day is too
    short even without a stop.
    """
    began = time.thread_time()
    run = _Search(of, seed, brisk=len(of.days) == 1 and 0 < limit.iterations <= habits.BRISK_MOST)
    run.start(first)
    if len(of.stops) == 0:
        return run.found(stopped=False)
    stopped = run.by_time(limit.seconds, began, should_stop) if limit.seconds else run.by_count(
        limit.iterations, should_stop
    )  # fmt: skip
    return run.found(stopped=stopped)


def _plain_worth(of: Instance, node: int) -> int:
    """Returns the worth of a stop without the bonus of a must or a need."""
    worth = int(of.stops[node, WORTH]) % MUST_WORTH
    return worth - NEED_WORTH if of.stops[node, NEED] >= 0 else worth


class _Search:
    """One search: arrays and temperatures."""

    def __init__(self, of: Instance, seed: int, *, brisk: bool) -> None:
        own = np.array(habits.BRISK if brisk else habits.HABITS, np.float64)
        self._of, self._desk = of, desk_for(of, seeded(seed), own)
        self._warmest = habits.BRISK_WARMEST if brisk else habits.WARMEST
        count = len(of.stops)
        worth = sum(_plain_worth(of, node) for node in range(count)) / max(1, count)
        self._unit = float(max(1.0, worth))
        travel = float(of.cost.clip(max=MUST_WORTH // 100).mean())
        price = int(of.rules[TRAVEL_PRICE])
        self._guide = float(price) if price else habits.GUIDE * self._unit / max(1.0, travel)
        self._done = 0

    def start(self, first: Sequence[Order]) -> None:
        """Lays out the first tours and fills them up."""
        nodes = np.array([node for order in first for node in order], np.int64)
        days = np.array([day for day, order in enumerate(first) for _ in order], np.int64)
        state = start(self._of, self._desk, self._guide, nodes, days)
        if state == TOO_SHORT:
            raise ValueError("a day is too short even without a stop")
        if state == NOT_POSSIBLE:
            raise ValueError("the first tours are not feasible")

    def by_count(self, iterations: int, should_stop: ShouldStop) -> bool:
        """Runs so many iterations. Says whether it was stopped."""
        steps = max(1, min(STEPS, iterations // LEAST_CHUNK))
        for step in range(steps):
            if should_stop():
                return True
            until = iterations * (step + 1) // steps
            self._run(until - self._done, step / steps)
        return False

    def by_time(self, seconds: float, began: float, should_stop: ShouldStop) -> bool:
        """Runs until so many seconds of computing are over. Says whether it was stopped."""
        chunk = FIRST_CHUNK
        while (spent := time.thread_time() - began) < seconds:
            if should_stop():
                return True
            self._run(chunk, spent / seconds)
            pace = self._done / (time.thread_time() - began)
            chunk = 1 + int(pace * min(seconds / STEPS, max(0.0, seconds - spent)))
        return False

    def _run(self, iterations: int, progress: float) -> None:
        warmth = self._unit * self._warmest * (habits.COLDEST / self._warmest) ** progress
        anneal(self._of, self._desk, self._guide, warmth, iterations)
        self._done += iterations

    def found(self, *, stopped: bool) -> Found:
        """Returns the best so far."""
        of, best = self._of, self._desk.best
        rows = [range(1, int(best.size[day]) - 1) for day in range(len(of.days))]
        tours = tuple(
            tuple(int(best.plan[day, NODE, at]) for at in row) for day, row in enumerate(rows)
        )
        begins = tuple(
            tuple(
                int(best.plan[day, LEAVE, at] - of.stops[best.plan[day, NODE, at], STAY])
                for at in row
            )
            for day, row in enumerate(rows)
        )
        worth = sum(_plain_worth(of, node) for tour in tours for node in tour)
        price = int(of.rules[TRAVEL_PRICE])
        missing = tuple(
            node for node in range(len(of.stops)) if of.stops[node, MUST] and best.where[node] < 0
        )
        return Found(
            tours, begins, worth - price * int(best.sums[ALL_COST]), missing, self._done, stopped
        )
