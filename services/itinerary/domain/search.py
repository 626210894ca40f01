"""Large-neighborhood search for days with many candidates.

Remove a part of the day, fill it greedily with a little noise, keep what is good enough, return to
the best after a while. The budget is a number of iterations, so equal problems and seeds give equal
days on every machine; a clock can only stop the search early, and the answer then says so.
Insertion with push-forward bounds after Vansteenwegen et al. (2009), acceptance after Dueck (1993).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from random import Random

from services.itinerary.domain.exact import MAX_CANDIDATES, best_day
from services.itinerary.domain.problem import (
    SCORE_UNIT,
    Problem,
    Solution,
    latest_starts,
    next_start,
    schedule,
    value_of,
)

ITERATIONS = 160  # about 70 ms for the 35 POIs of Mine; mean gap to 4,500 iterations 0.2 %
RETURN_AFTER = 40  # iterations without a new best, then from the best again
NOISE = 0.35  # a greedy choice may look this much better than it is
THRESHOLD_PERCENT = 3  # a day this much worse is still walked on from
MUST_VALUE = 10_000_000  # above any sum of scores

ShouldStop = Callable[[], bool]


def never() -> bool:
    """Stops no search."""
    return False


def solve(
    problem: Problem,
    *,
    first: tuple[int, ...] = (),
    seed: int = 0,
    iterations: int = ITERATIONS,
    exact: bool = True,
    should_stop: ShouldStop = never,
) -> Solution:
    """Returns a good feasible day that has every must-visit; proven best for few candidates.

    first: a feasible order with all must-visits to start from. exact: prove the best where the
    candidates are few. Errors: ValueError when first is not feasible.
    """
    if schedule(problem, first) is None:
        raise ValueError("the search needs a feasible day to start from")
    if exact and len(problem.candidates) <= MAX_CANDIDATES:
        proven = best_day(problem)
        if proven is not None:
            return proven
    return _Search(problem, Random(seed)).run(first, iterations, should_stop)  # noqa: S311 - a search, not a secret


@dataclass(frozen=True)
class _Insertion:
    node: int
    position: int
    ratio: float


class _Search:
    """State of one search: the problem unpacked into lists, and the random numbers."""

    def __init__(self, problem: Problem, random: Random) -> None:
        self.problem, self.random = problem, random
        self.windows = [candidate.windows for candidate in problem.candidates]
        self.stay = [candidate.stay for candidate in problem.candidates]
        self.worth = [
            SCORE_UNIT * candidate.score + (MUST_VALUE if candidate.must else 0)
            for candidate in problem.candidates
        ]
        self.nodes = sorted(range(len(self.worth)), key=lambda node: (-self.worth[node], node))

    def run(self, first: tuple[int, ...], iterations: int, should_stop: ShouldStop) -> Solution:
        best = now = self.fill(list(first), 0.0)
        best_value = now_value = self._rank(best)
        since_best, stopped = 0, False
        for _ in range(iterations):
            if should_stop():
                stopped = True
                break
            fresh = self.fill(self._ruined(now), NOISE)
            value = self._rank(fresh)
            since_best += 1
            if value > best_value:
                best, best_value, since_best = fresh, value, 0
            slack = abs(best_value[0]) % MUST_VALUE * THRESHOLD_PERCENT // 100
            if value[0] >= now_value[0] or value[0] >= best_value[0] - slack:
                now, now_value = fresh, value
            if since_best % RETURN_AFTER == RETURN_AFTER - 1:
                now, now_value = best, best_value
        solution = self._solution(self.fill(list(best), 0.0))
        return replace(solution, stopped_early=stopped)

    def _ruined(self, order: list[int]) -> list[int]:
        """Returns the order without a stretch of it or without some visits of it."""
        count = len(order)
        if count == 0:
            return []
        gone = 1 + self.random.randrange(max(1, ceil(count * 0.6)))
        if self.random.random() < 0.5:
            begin = self.random.randrange(count)
            dropped = {(begin + n) % count for n in range(gone)}
        else:
            dropped = set(self.random.sample(range(count), gone))
        return [node for index, node in enumerate(order) if index not in dropped]

    def fill(self, order: list[int], noise: float) -> list[int]:
        """Returns the order with visits added while one fits and pays for its way."""
        left = [node for node in self.nodes if node not in order]
        while left:
            found, left = self._best_insertion(order, left, noise)
            if found is None:
                break
            order.insert(found.position, found.node)
            left.remove(found.node)
        return order

    def _best_insertion(
        self, order: list[int], nodes: list[int], noise: float
    ) -> tuple[_Insertion | None, list[int]]:
        """Returns the best insertion, and the nodes that can still be inserted somewhere."""
        problem = self.problem
        departures, arrivals, bounds = self._bounds(order)
        path = [problem.start, *order, problem.end]
        budget = self._budget_left(order)
        best: _Insertion | None = None
        alive = []
        for node in nodes:
            if self._barred(order, node, budget):
                continue
            found = self._insertion(node, path, departures, arrivals, bounds)
            if found is None:
                continue
            alive.append(node)
            if noise:
                found = replace(found, ratio=found.ratio * (1 + noise * self.random.random()))
            if best is None or found.ratio > best.ratio:
                best = found
        return best, alive

    def _bounds(self, order: list[int]) -> tuple[list[int], list[int], list[int]]:
        """Returns, along the path: departure from each node, arrival at and bound for its next."""
        planned = schedule(self.problem, order)
        latest = latest_starts(self.problem, order)
        if planned is None or latest is None:
            raise RuntimeError("a day in the search is always feasible")
        starts, finish = planned
        departures = [
            self.problem.start_minute,
            *(begin + self.stay[node] for begin, node in zip(starts, order, strict=True)),
        ]
        return departures, [*starts, finish], [*latest, self.problem.end_minute]

    def _insertion(
        self,
        node: int,
        path: list[int],
        departures: list[int],
        arrivals: list[int],
        bounds: list[int],
    ) -> _Insertion | None:
        travel, windows, stay = self.problem.travel, self.windows[node], self.stay[node]
        row, worth = travel[node], self.worth[node]
        earliest, latest = windows[0]
        best_ratio, best_position = 0.0, -1
        for position, departure in enumerate(departures):
            before = path[position]
            way = travel[before][node]
            begin = departure + way
            if begin <= latest:
                begin = max(begin, earliest)
            else:
                later = next_start(windows, begin)
                if later is None:
                    continue
                begin = later
            after = path[position + 1]
            arrival = begin + stay + row[after]
            if arrival > bounds[position]:
                continue
            gain = worth - way - row[after] + travel[before][after]
            if gain <= 0:
                continue
            shift = arrival - arrivals[position]
            ratio = gain * gain / (shift if shift > 1 else 1)
            if ratio > best_ratio:
                best_ratio, best_position = ratio, position
        return _Insertion(node, best_position, best_ratio) if best_position >= 0 else None

    def _budget_left(self, order: list[int]) -> int | None:
        if self.problem.budget_yen is None:
            return None
        candidates = self.problem.candidates
        return self.problem.budget_yen - sum(candidates[node].fee_yen for node in order)

    def _barred(self, order: list[int], node: int, budget: int | None) -> bool:
        candidates = self.problem.candidates
        candidate = candidates[node]
        if budget is not None and candidate.fee_yen > budget:
            return True
        return bool(candidate.group) and any(
            candidates[other].group == candidate.group
            and not (candidates[other].must and candidate.must)
            for other in order
        )

    def _rank(self, order: list[int]) -> tuple[int, int]:
        planned = schedule(self.problem, order)
        if planned is None:
            raise RuntimeError("a day in the search is always feasible")
        musts = sum(self.problem.candidates[node].must for node in order)
        return musts * MUST_VALUE + value_of(self.problem, order), -planned[1]

    def _solution(self, order: list[int]) -> Solution:
        planned = schedule(self.problem, order)
        if planned is None:
            raise RuntimeError("a day in the search is always feasible")
        value = value_of(self.problem, order)
        return Solution(tuple(order), value, planned[1], proven_best=False)
