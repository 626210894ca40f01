"""How soon one is at each place, whenever one leaves any other: exact, by one scan of a day.

The profile connection scan (Dibbelt, Pajor, Strasser, Wagner: Connection Scan Algorithm, 2018)
from the last hop of the day to the first, for all places at once: what is kept for a transit stop
is, for each departure, the earliest arrival at every place. No averages: a bus that goes twice a
day is in here twice.
"""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.itinerary.domain.transit.access import NEVER, Access
from services.itinerary.domain.transit.day import CHANGE_MINUTES, TransitDay

Minutes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Profiles:
    """arrivals[i, t, j]: earliest minute at place j, leaving place i at minute first + t."""

    first: int
    arrivals: Minutes

    def arrival(self, one: int, other: int, minute: int) -> int:
        """Returns the earliest arrival; NEVER after the last way, also beyond the day scanned."""
        index = minute - self.first
        if index >= self.arrivals.shape[1]:
            return NEVER
        return int(self.arrivals[one, max(0, index), other])

    def last_departure(self, one: int, other: int, until: int) -> int | None:
        """Returns the last minute to leave and be there by a minute; None where there is none."""
        in_time = np.flatnonzero(self.arrivals[one, :, other] <= until)
        return None if in_time.size == 0 else self.first + int(in_time[-1])


def profiles(day: TransitDay, access: Access, first: int, last: int) -> Profiles:
    """Returns the earliest arrivals for every departure from minute first to last."""
    return Profiles(first, _from_places(_Scan(day, access), access, first, last))


class _Scan:
    """For each transit stop: departures from the last to the first, and where each gets one."""

    def __init__(self, day: TransitDay, access: Access) -> None:
        places, stops = len(access.stops), len(day.stops)
        self._day = day
        # By negative departure, so that bisect finds the soonest one not before a minute.
        self._departures: list[list[int]] = [[] for _ in range(stops)]
        self._arrivals: list[list[Minutes]] = [[] for _ in range(stops)]
        self._out = np.full((stops, places), NEVER, dtype=np.int32)  # walk from a stop to places
        for place, near in enumerate(access.stops):
            for stop, minutes in near:
                self._out[stop, place] = minutes
        self._ends = self._out.min(axis=1) < NEVER
        aboard: list[Minutes | None] = [None] * len(day.runs)
        for hop in reversed(day.hops):
            best = aboard[hop.run]
            if hop.alights:
                best = self._from_alighting(hop.to_stop, hop.arrive_minute, best)
            if best is None:
                continue
            aboard[hop.run] = best
            if hop.boards:
                self._note(hop.from_stop, hop.depart_minute, best)

    def _from_alighting(self, stop: int, minute: int, best: Minutes | None) -> Minutes | None:
        """Returns the better of staying aboard and getting off: to walk out, or to change."""
        if self._ends[stop]:
            here = self._out[stop] + minute
            best = here if best is None else np.minimum(best, here)
        for other, walk in self._day.changes[stop]:
            onward = self.soonest(other, minute + walk + CHANGE_MINUTES)
            if onward is not None:
                best = onward if best is None else np.minimum(best, onward)
        return best

    def soonest(self, stop: int, minute: int) -> Minutes | None:
        """Returns the earliest arrivals of who stands at a transit stop at a minute."""
        index = bisect_right(self._departures[stop], -minute)
        return self._arrivals[stop][index - 1] if index else None

    def _note(self, stop: int, minute: int, best: Minutes) -> None:
        departures, arrivals = self._departures[stop], self._arrivals[stop]
        if arrivals:
            best = np.minimum(best, arrivals[-1])
            if departures[-1] == -minute:
                arrivals[-1] = best
                return
        departures.append(-minute)
        arrivals.append(best)

    def departures(self, stop: int) -> list[tuple[int, Minutes]]:
        """Returns each departure of a transit stop with the earliest arrivals."""
        pairs = zip(self._departures[stop], self._arrivals[stop], strict=True)
        return [(-minute, best) for minute, best in pairs]


def _from_places(scan: _Scan, access: Access, first: int, last: int) -> Minutes:
    places, span = len(access.stops), last - first + 1
    leaving = np.arange(first, last + 1, dtype=np.int32)[:, None]
    found = np.full((places, span, places), NEVER, dtype=np.int32)
    for place, near in enumerate(access.stops):
        mine = found[place]
        for stop, walk in near:
            for departure, arrivals in scan.departures(stop):
                latest = min(departure - walk - first, span - 1)
                if latest >= 0:
                    np.minimum(mine[latest], arrivals, out=mine[latest])
        # Whoever leaves earlier can wait.
        np.minimum.accumulate(mine[::-1], axis=0, out=mine[::-1])
        walks = np.asarray(access.walks[place], dtype=np.int32)
        np.minimum(mine, leaving + walks, out=mine)
        np.minimum(mine, NEVER, out=mine)
    return found
