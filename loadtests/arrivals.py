"""When visitors come: an open model, in which nobody waits for the answer of whoever came before.

A shape says how many come at which share of a run, as a factor of a rate; between its points the
factor goes straight. Pure: no clock, and the same seed gives the same times.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

STEADY = ((0.0, 1.0), (1.0, 1.0))
REACHED_WITHIN_S = 0.25  # who sets out later than this after the due time did not arrive in time


@dataclass(frozen=True)
class Shape:
    """Points (share of the run, factor) in order of their shares, the first at 0, the last at 1."""

    points: tuple[tuple[float, float], ...] = STEADY

    def __post_init__(self) -> None:
        shares = [share for share, _ in self.points]
        if len(shares) < 2 or shares[0] != 0 or shares[-1] != 1 or shares != sorted(set(shares)):
            raise ValueError("a shape begins at 0, ends at 1 and goes forward")
        if any(factor < 0 or not math.isfinite(factor) for _, factor in self.points):
            raise ValueError("a factor is never below zero")

    def factor(self, share: float) -> float:
        """Returns the factor at a share of the run."""
        for (x0, y0), (x1, y1) in self._stretches():
            if share <= x1:
                return y0 + (y1 - y0) * (share - x0) / (x1 - x0)
        return self.points[-1][1]

    def area(self, until: float = 1.0) -> float:
        """Returns what the factors come to, summed up to a share: 1.0 for a steady whole run."""
        found = 0.0
        for (x0, _), (x1, _) in self._stretches():
            end = min(x1, until)
            if end <= x0:
                break
            found += (end - x0) * (self.factor(x0) + self.factor(end)) / 2
        return found

    def share_of(self, area: float) -> float:
        """Returns the share of the run at which the factors come to an area: the inverse of
        `area`. 1.0 for what is never reached."""
        left = area
        for (x0, y0), (x1, y1) in self._stretches():
            here = (x1 - x0) * (y0 + y1) / 2
            if left <= here and here > 0:
                return x0 + _into(left, y0, (y1 - y0) / (x1 - x0))
            left -= here
        return 1.0

    def _stretches(self) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
        return zip(self.points, self.points[1:], strict=False)


def _into(area: float, begins: float, slope: float) -> float:
    """Solves begins × t + slope × t² ÷ 2 = area for t, without losing digits where slope is ~0."""
    root = math.sqrt(max(0.0, begins * begins + 2 * slope * area))
    return 2 * area / (begins + root) if begins + root > 0 else 0.0


def expected(per_s: float, shape: Shape, seconds: float) -> float:
    """Returns how many come in a run."""
    return per_s * seconds * shape.area()


def due_times(per_s: float, shape: Shape, seconds: float, seed: str) -> list[float]:
    """Returns when they come, in seconds from the beginning, in order.

    Every one comes at a random moment of a turn of its own: as many as were asked for within one,
    and no two runs in step. per_s: at factor 1.
    """
    chance = random.Random(seed)
    whole, found = expected(per_s, shape, seconds), list[float]()
    turn = 0
    while (at := turn + chance.random()) < whole:
        found.append(seconds * shape.share_of(at / (per_s * seconds)))
        turn += 1
    return found


def per_second(times: list[float], seconds: int) -> list[int]:
    """Returns how many come in each second of a run; what comes after it counts for the last."""
    found = [0] * seconds
    for at in times:
        found[min(int(at), seconds - 1)] += 1
    return found
