"""A day by bus as numbers: on foot at any time, or by the timetable. Only workers import it.

The arrivals are exact, minute by minute (`transit/profile.py`). What a way counts against a visit
is the shortest one of the day: when one travels is decided by the timetable, not by the search.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from services.itinerary.domain.job import BusQuestion
from services.itinerary.domain.problem import UNREACHABLE, Problem
from services.itinerary.domain.remembered import Remembered
from services.itinerary.domain.transit.access import Access
from services.itinerary.domain.transit.day import TransitDay
from services.itinerary.domain.transit.profile import Minutes, profiles

TABLES_KEPT = 4  # of days asked for lately; 15 MB each at 60 places
LONGEST = 3 * 24 * 60  # minutes; no way of a timetable takes longer
# So that all who ask for a date share a table: the minutes most days lie in, and all there are.
DAY, WHOLE = (6 * 60, 23 * 60), (0, 30 * 60)


@dataclass(frozen=True)
class Table:
    """arrivals[from, to, slot]: earliest minute there, leaving at first + slot; walks included.

    shortest[from, to]: minutes of the fastest way of the day. All over the nodes of a problem.
    """

    first: int
    arrivals: Minutes
    shortest: Minutes


@dataclass(frozen=True, eq=False)
class BusProblem(Problem):
    """A day by bus. first, arrivals, shortest: as of Table. travel: walks, at any time."""

    first: int = 0
    arrivals: Minutes = field(default_factory=lambda: np.zeros((0, 0, 0), np.int32))
    shortest: Minutes = field(default_factory=lambda: np.zeros((0, 0), np.int32))

    def arrival(self, here: int, there: int, leave: int) -> int:
        """As of Problem; UNREACHABLE or more after the last way of the day."""
        walked = leave + self.travel[here][there]
        slot = max(0, leave - self.first)
        if slot >= self.arrivals.shape[2]:
            return walked
        return min(walked, int(self.arrivals[here, there, slot]))

    def departure(self, here: int, there: int, limit: int) -> int:
        """As of Problem."""
        walking = limit - self.travel[here][there]
        # Arrivals never fall with the departure, so the last one in time is found by halving.
        slot = int(np.searchsorted(self.arrivals[here, there], limit, side="right")) - 1
        return walking if slot < 0 else max(walking, self.first + slot)

    def cost(self, here: int, there: int) -> int:
        """As of Problem: the fastest way of the day."""
        return int(self.shortest[here, there])

    def only(self, nodes: Sequence[int]) -> "BusProblem":
        """As of Problem."""
        picked = [*nodes, self.start, self.end]
        index = np.ix_(picked, picked)
        return replace(
            self,
            candidates=tuple(self.candidates[node] for node in nodes),
            travel=tuple(tuple(self.travel[one][other] for other in picked) for one in picked),
            arrivals=self.arrivals[index],
            shortest=self.shortest[index],
        )

    def leaving_early(self, minutes: int) -> "BusProblem":
        """Returns the day with this much time to spare before each ride to its end, so that a
        small delay does not lose the way home. What is walked needs none."""
        if minutes <= 0:
            return self
        arrivals = self.arrivals.copy()
        home = arrivals[:, self.end]
        later = np.full_like(home, UNREACHABLE)
        if minutes < home.shape[1]:
            later[:, :-minutes] = home[:, minutes:]
        walks = np.array([row[self.end] for row in self.travel], np.int32)[:, None]
        leaving = self.first + np.arange(home.shape[1], dtype=np.int32)[None, :]
        # Nobody waits for a walk; without it this would be the first departure plus the spare.
        arrivals[:, self.end] = np.minimum(np.minimum(later, leaving + walks), UNREACHABLE)
        return replace(self, arrivals=arrivals)


_TABLES: Remembered[Table] = Remembered(TABLES_KEPT)


def timed(problem: Problem, bus: BusQuestion, day: TransitDay) -> BusProblem:
    """Returns a day with what runs on it. day: as the question has it, unpacked."""
    first, last = DAY
    if not first <= problem.start_minute <= problem.end_minute <= last:
        first, last = WHOLE
    asked = (bus.key, bus.access, first, last)
    table = _TABLES.get(asked, lambda: _table(day, bus.access, first, last))
    begin, end = problem.start_minute - first, problem.end_minute - first + 1
    # Only the minutes of this day are copied: a view of them first, then its nodes.
    arrivals = table.arrivals[:, :, begin:end]
    index = np.ix_(bus.nodes, bus.nodes)
    return BusProblem(
        problem.candidates, problem.travel, problem.start_minute, problem.end_minute,
        problem.budget_yen, problem.start_minute, arrivals[index], table.shortest[index],
    )  # fmt: skip


def _table(day: TransitDay, access: Access, first: int, last: int) -> Table:
    found = profiles(day, access, first, last)
    leaving = found.first + np.arange(found.arrivals.shape[1], dtype=np.int32)[:, None]
    took = np.stack([(arrivals - leaving).min(axis=0) for arrivals in found.arrivals])
    walks = np.asarray(access.walks, np.int32)
    # What is never reached took NEVER less the departure: longer than any day still.
    shortest = np.minimum(np.where(took > LONGEST, UNREACHABLE, took), walks)
    return Table(
        found.first, np.ascontiguousarray(found.arrivals.transpose(0, 2, 1)),
        np.ascontiguousarray(np.minimum(shortest, UNREACHABLE), np.int32),
    )  # fmt: skip
