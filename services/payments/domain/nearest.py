"""Pairing two kinds of things by their times, the closest first, each used once.

The two closest of what is left always stand side by side in time. So only neighbors are looked at,
and a pair that is taken makes two others neighbors: n log n steps, where all pairs of a long file
of one price would be millions.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Left = TypeVar("Left")
Right = TypeVar("Right")


def closest_pairs(
    lefts: Sequence[tuple[datetime, Left]],
    rights: Sequence[tuple[datetime, Right]],
    fits: Callable[[Left, Right], bool],
) -> Iterator[tuple[Left, Right]]:
    """Yields pairs that fit. Of equals those that were given first come first.

    fits: has to hold for whatever lies between a pair that fits, such as a greatest distance.
    """
    return iter(_Row(lefts, rights, fits))


class _Row(Generic[Left, Right]):
    """All of both kinds in a row by time; what is taken leaves the row."""

    def __init__(
        self,
        lefts: Sequence[tuple[datetime, Left]],
        rights: Sequence[tuple[datetime, Right]],
        fits: Callable[[Left, Right], bool],
    ) -> None:
        self._lefts, self._rights, self._fits = lefts, rights, fits
        # At one time the lefts stand last to first, then the rights: the firsts are neighbors.
        row = [(moment, 0, -place) for place, (moment, _) in enumerate(lefts)]
        row += [(moment, 1, place) for place, (moment, _) in enumerate(rights)]
        row.sort()
        self._places = [(kind, abs(place)) for _, kind, place in row]
        self._before = list(range(-1, len(row) - 1))
        self._after = list(range(1, len(row) + 1))
        self._gone = [False] * len(row)
        self._near: list[tuple[timedelta, int, int, int, int]] = []
        for spot in range(len(row) - 1):
            self._look(spot, spot + 1)

    def __iter__(self) -> Iterator[tuple[Left, Right]]:
        while self._near:
            _, left, right, first, second = heapq.heappop(self._near)
            if self._gone[first] or self._gone[second]:
                continue
            self._gone[first] = self._gone[second] = True
            before, after = self._before[first], self._after[second]
            if before >= 0:
                self._after[before] = after
            if after < len(self._gone):
                self._before[after] = before
                if before >= 0:
                    self._look(before, after)
            yield self._lefts[left][1], self._rights[right][1]

    def _look(self, first: int, second: int) -> None:
        """Notes two neighbors, if they are one of each kind and fit."""
        (kind, place), (other_kind, other_place) = self._places[first], self._places[second]
        if kind == other_kind:
            return
        left, right = (place, other_place) if kind == 0 else (other_place, place)
        (moment, thing), (other_moment, other) = self._lefts[left], self._rights[right]
        if self._fits(thing, other):
            entry = (abs(moment - other_moment), left, right, first, second)
            heapq.heappush(self._near, entry)
