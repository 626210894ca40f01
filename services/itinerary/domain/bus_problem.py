"""A day by bus as numbers: on foot at any time, or by the timetable. Only workers import it.

The arrivals are exact, minute by minute (`transit/profile.py`). What a way counts against a visit
is the shortest one of the day: when one travels is decided by the timetable, not by the search.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from services.itinerary.domain.bus import span_of
from services.itinerary.domain.job import BusQuestion
from services.itinerary.domain.problem import UNREACHABLE, Problem
from services.itinerary.domain.remembered import Remembered
from services.itinerary.domain.transit.access import Access
from services.itinerary.domain.transit.day import TransitDay
from services.itinerary.domain.transit.profile import Minutes, profiles

TABLES_KEPT = 4  # of days asked for lately; 15 MB each at 60 places
LONGEST = 3 * 24 * 60  # minutes; no way of a timetable takes longer


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
    """A day by bus. first, arrivals, shortest: as of Table, which is never copied: a town's is
    larger than a cache. places: which row of it each node has. slots: of its minutes, those that
    count. spare: minutes to spare before each ride to the end. travel: walks, at any time."""

    first: int = 0
    arrivals: Minutes = field(default_factory=lambda: np.zeros((0, 0, 0), np.int32))
    shortest: Minutes = field(default_factory=lambda: np.zeros((0, 0), np.int32))
    places: tuple[int, ...] = ()
    slots: int = 0
    spare: int = 0

    def arrival(self, here: int, there: int, leave: int) -> int:
        """As of Problem; UNREACHABLE or more after the last way of the day."""
        walked = leave + self.travel[here][there]
        slot = max(0, leave - self.first) + self._spare(there)
        if slot >= self.slots:
            return walked
        return min(walked, int(self.arrivals[self.places[here], self.places[there], slot]))

    def departure(self, here: int, there: int, limit: int) -> int:
        """As of Problem."""
        walking = limit - self.travel[here][there]
        row = self.arrivals[self.places[here], self.places[there], : self.slots]
        # Arrivals never fall with the departure, so the last one in time is found by halving.
        slot = int(np.searchsorted(row, limit, side="right")) - 1 - self._spare(there)
        return walking if slot < 0 else max(walking, self.first + slot)

    def cost(self, here: int, there: int) -> int:
        """As of Problem: the fastest way of the day."""
        return int(self.shortest[self.places[here], self.places[there]])

    def only(self, nodes: Sequence[int]) -> "BusProblem":
        """As of Problem."""
        picked = (*nodes, self.start, self.end)
        kept = super().only(nodes)
        return replace(
            self, candidates=kept.candidates, travel=kept.travel,
            places=tuple(self.places[node] for node in picked),
        )  # fmt: skip

    def leaving_early(self, minutes: int) -> "BusProblem":
        """Returns the day with this much time to spare before each ride to its end, so that a
        small delay does not lose the way home. What is walked needs none."""
        return replace(self, spare=max(0, minutes))

    def rides(self, here: Sequence[int], there: Sequence[int]) -> Minutes:
        """Returns arrivals[here, there, slot] of some nodes, the spare time taken off: a copy."""
        rows, columns = ([self.places[node] for node in nodes] for nodes in (here, there))
        found: Minutes = self.arrivals[:, :, : self.slots][np.ix_(rows, columns)]
        if self.spare and self.end in there:
            home = found[:, list(there).index(self.end)]
            home[:, : -self.spare] = home[:, self.spare :].copy()
            home[:, -self.spare :] = UNREACHABLE
        return found

    def ways(self, nodes: Sequence[int]) -> Minutes:
        """Returns the minutes of the fastest way of the day between some nodes."""
        rows = [self.places[node] for node in nodes]
        found: Minutes = self.shortest[np.ix_(rows, rows)]
        return found

    def _spare(self, there: int) -> int:
        return self.spare if there == self.end else 0


_TABLES: Remembered[Table] = Remembered(TABLES_KEPT)


def timed(problem: Problem, bus: BusQuestion, day: TransitDay) -> BusProblem:
    """Returns a day with what runs on it. day: as the question has it, unpacked."""
    first, last = span_of(problem)
    asked = bus.table or (bus.key, bus.access, first, last)
    table = _TABLES.get(asked, lambda: table_of(day, bus.access, first, last))
    return BusProblem(
        problem.candidates, problem.travel, problem.start_minute, problem.end_minute,
        problem.budget_yen, table.first, table.arrivals, table.shortest, bus.nodes,
        problem.end_minute - table.first + 1,
    )  # fmt: skip


def remember(name: str, read: Callable[[], Table]) -> None:
    """Takes a table that another worker has made. name: as questions have it."""
    _TABLES.get(name, read)


def table_of(day: TransitDay, access: Access, first: int, last: int) -> Table:
    """Returns the arrivals between all places of a day, leaving from minute first to last."""
    found = profiles(day, access, first, last)
    leaving = found.first + np.arange(found.arrivals.shape[1], dtype=np.int32)[:, None]
    took = np.stack([(arrivals - leaving).min(axis=0) for arrivals in found.arrivals])
    walks = np.asarray(access.walks, np.int32)
    # What is never reached took NEVER less the departure: longer than any day still.
    shortest = np.minimum(np.where(took > LONGEST, UNREACHABLE, took), walks)
    arrivals = np.ascontiguousarray(found.arrivals.transpose(0, 2, 1))
    if (arrivals[..., 1:] < arrivals[..., :-1]).any() or (arrivals < leaving.ravel()).any():
        raise RuntimeError("nobody arrives before leaving, nor earlier by leaving later")
    return Table(
        found.first, arrivals,
        np.ascontiguousarray(np.minimum(shortest, UNREACHABLE), np.int32),
    )  # fmt: skip
