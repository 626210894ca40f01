"""One day as numbers: an orienteering problem with several time windows per visit.

Maximize the value of the visits: SCORE_UNIT × score − travel minutes, so that a visit must be worth
its way (one point of score pays four minutes of travel). Ties: the earlier end. All times are
minutes after local midnight. Nodes 0 … n-1 are candidates, n is the start, n+1 the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import itemgetter

SCORE_UNIT = 4
UNREACHABLE = 1_000_000  # minutes; longer than any day

Order = tuple[int, ...]


@dataclass(frozen=True)
class Candidate:
    """Something that may be visited. windows: earliest and latest start, in order, disjoint.

    fee_yen: for the whole party. group: at most one of a group is visited, "" for no bound. lunch:
    a lunch, of which there is at most one, and one if it can be.
    """

    score: int
    stay: int
    windows: tuple[tuple[int, int], ...]
    fee_yen: int = 0
    group: str = ""
    must: bool = False
    lunch: bool = False


@dataclass(frozen=True)
class Problem:
    """A day to fill. travel: minutes, square, over n + 2 nodes. budget_yen None: no limit.

    travel is what one can do on one's own at any time; a day by bus (bus_problem.py) has other ways
    besides, so that nobody reads it to say when one is where: arrival, departure and cost do.
    """

    candidates: tuple[Candidate, ...]
    travel: tuple[tuple[int, ...], ...]
    start_minute: int
    end_minute: int
    budget_yen: int | None = None

    @property
    def start(self) -> int:
        """Node of the start."""
        return len(self.candidates)

    @property
    def end(self) -> int:
        """Node of the end."""
        return len(self.candidates) + 1

    def arrival(self, here: int, there: int, leave: int) -> int:
        """Returns the minute one is there who leaves here at a minute or later."""
        return leave + self.travel[here][there]

    def departure(self, here: int, there: int, limit: int) -> int:
        """Returns the last minute to leave here and be there by a limit; may be before the day."""
        return limit - self.travel[here][there]

    def cost(self, here: int, there: int) -> int:
        """Returns the minutes on the way as they count against a visit, at any time the same."""
        return self.travel[here][there]

    def only(self, nodes: Sequence[int]) -> "Problem":
        """Returns the day with these candidates and no others, in this order."""
        picked = [*nodes, self.start, self.end]
        row = itemgetter(*picked)  # of two or more; in one go, for a day has thousands of ways
        return replace(
            self,
            candidates=tuple(self.candidates[node] for node in nodes),
            travel=tuple(map(row, row(self.travel))),
        )


@dataclass(frozen=True)
class Solution:
    """The visits chosen, in order. value: as maximized. finish: minute of arrival at the end."""

    order: Order
    value: int
    finish: int
    proven_best: bool
    stopped_early: bool = False


def next_start(windows: Sequence[tuple[int, int]], arrival: int) -> int | None:
    """Returns the earliest minute at or after arrival at which a visit may begin."""
    for earliest, latest in windows:
        if arrival <= latest:
            return max(arrival, earliest)
    return None


def last_start(windows: Sequence[tuple[int, int]], limit: int) -> int | None:
    """Returns the latest minute at or before limit at which a visit may begin."""
    for earliest, latest in reversed(windows):
        if earliest <= limit:
            return min(latest, limit)
    return None


def schedule(problem: Problem, order: Sequence[int]) -> tuple[list[int], int] | None:
    """Returns the start minute of each visit and the arrival at the end; None when impossible."""
    clock, here, starts = problem.start_minute, problem.start, []
    for node in order:
        candidate = problem.candidates[node]
        begin = next_start(candidate.windows, problem.arrival(here, node, clock))
        if begin is None:
            return None
        starts.append(begin)
        clock, here = begin + candidate.stay, node
    finish = problem.arrival(here, problem.end, clock)
    return None if finish > problem.end_minute else (starts, finish)


def latest_starts(problem: Problem, order: Sequence[int]) -> list[int] | None:
    """Returns, for each visit, the latest start that leaves everything after it possible."""
    limit, after, found = problem.end_minute, problem.end, []
    for node in reversed(order):
        candidate = problem.candidates[node]
        latest = problem.departure(node, after, limit) - candidate.stay
        begin = last_start(candidate.windows, latest)
        if begin is None:
            return None
        found.append(begin)
        limit, after = begin, node
    return found[::-1]


def travel_total(problem: Problem, order: Sequence[int]) -> int:
    """Returns the minutes on the way from start to end, as they count."""
    nodes = [problem.start, *order, problem.end]
    return sum(problem.cost(a, b) for a, b in pairwise(nodes))


def value_of(problem: Problem, order: Sequence[int]) -> int:
    """Returns what the search maximizes for a feasible order."""
    score = sum(problem.candidates[node].score for node in order)
    return SCORE_UNIT * score - travel_total(problem, order)
