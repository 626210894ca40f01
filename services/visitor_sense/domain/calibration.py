"""From devices near by to people, learned from windows in which somebody counted.

Few days: people = factor × devices near by. The factor is the weighted median of people per device,
weighted by devices: the line through the origin with the least absolute error, which a few windows
with wrong counts do not move (median regression: Koenker & Bassett 1978).

From CURVE_DAYS on: the rising curve with the least squared error (isotonic regression, of SciPy),
straight between its corners; beyond the largest crowd that was counted it goes on with the factor.
Nothing is assumed but that more devices are not fewer people, and anybody can read the curve.

The interval is split conformal (Lei et al. 2018): residuals of each counted day under what the
other days teach, over the square root of the expectation, for counts scatter with their root. It
holds for days like those counted; a crowd with other phones needs another day of counting.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

COVERAGE = 0.9
LEAST_DAYS = 2
LEAST_WINDOWS = 8  # with people in them
CURVE_DAYS = 5  # with people in them; fewer bend a curve to what is chance
_STEADY = 0.5  # keeps the scatter of an empty place above zero


class TooFewCounts(ValueError):
    """Fewer than LEAST_DAYS days or LEAST_WINDOWS windows with people. Count on another day."""


@dataclass(frozen=True)
class CountedWindow:
    """A window of one day: devices near by and people counted, both means over it."""

    day: str
    near: float
    people: float


@dataclass(frozen=True)
class People:
    """An estimate with its 90 % interval, in people."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """People by devices near by. corners: of the curve, rising in both; none for a straight line.

    factor: people per device, of the straight line and beyond the last corner.
    """

    factor: float
    corners: tuple[tuple[float, float], ...] = ()

    def at(self, near: float) -> float:
        """Returns the people that many devices stand for."""
        if not self.corners:
            return self.factor * near
        devices, people = zip(*self.corners, strict=True)
        beyond = max(0.0, near - devices[-1]) * self.factor
        return float(np.interp(near, devices, people)) + float(beyond)


@dataclass(frozen=True)
class Calibration:
    """What one place has learned.

    low_spread, high_spread: scattering of residuals, in roots of people. days, windows: counted.
    """

    line: Line
    low_spread: float
    high_spread: float
    days: int
    windows: int

    def people(self, near: float) -> People:
        """Returns how many people that many devices stand for."""
        middle = self.line.at(near)
        scale = _scale(middle)
        return People(
            middle,
            min(middle, max(0.0, middle + self.low_spread * scale)),
            max(middle, middle + self.high_spread * scale),
        )

    def to_json(self) -> dict[str, Any]:
        """Returns it for a store."""
        return {
            "factor": self.line.factor, "corners": [list(one) for one in self.line.corners],
            "low_spread": self.low_spread, "high_spread": self.high_spread,
            "days": self.days, "windows": self.windows,
        }  # fmt: skip


def from_json(found: dict[str, Any]) -> Calibration:
    """Reads what to_json wrote."""
    return Calibration(
        Line(found["factor"], tuple((one[0], one[1]) for one in found["corners"])),
        found["low_spread"], found["high_spread"], found["days"], found["windows"],
    )  # fmt: skip


def calibrate(windows: Sequence[CountedWindow], *, curve: bool = True) -> Calibration:
    """Learns a place. curve: False for a straight line however many days. Errors: TooFewCounts."""
    days = sorted({each.day for each in windows if each.people > 0})
    counted = [each for each in windows if each.people > 0]
    if len(days) < LEAST_DAYS or len(counted) < LEAST_WINDOWS:
        raise TooFewCounts(
            f"{len(days)} days and {len(counted)} windows with people were counted; "
            f"{LEAST_DAYS} days and {LEAST_WINDOWS} windows are the least"
        )
    residuals = sorted(_residuals(windows, curve=curve))
    return Calibration(
        _line(windows, curve=curve),
        _quantile(residuals, (1 - COVERAGE) / 2, up=False),
        _quantile(residuals, (1 + COVERAGE) / 2, up=True),
        len({each.day for each in windows}),
        len(windows),
    )


def _residuals(windows: Sequence[CountedWindow], *, curve: bool) -> list[float]:
    found = []
    for day in sorted({each.day for each in windows}):
        line = _line([each for each in windows if each.day != day], curve=curve)
        for each in windows:
            if each.day == day:
                middle = line.at(each.near)
                found.append((each.people - middle) / _scale(middle))
    return found


def _line(windows: Sequence[CountedWindow], *, curve: bool) -> Line:
    factor = _factor(windows)
    days = {each.day for each in windows if each.people > 0}
    if not curve or len(days) < CURVE_DAYS:
        return Line(factor)
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 - 0.5 s and 30 MB, to learn only

    near, of = np.unique([each.near for each in windows], return_inverse=True)
    weight = np.bincount(of)
    mean = np.bincount(of, [each.people for each in windows]) / weight
    risen = isotonic_regression(mean, weights=weight).x
    # Between the two ends of a level part nothing bends: only ends are corners.
    inner = np.zeros(len(risen), bool)
    inner[1:-1] = (risen[1:-1] == risen[:-2]) & (risen[1:-1] == risen[2:])
    corners = list(zip(near[~inner].tolist(), risen[~inner].tolist(), strict=True))
    # Below the emptiest window that was counted it goes straight down to nobody.
    origin = [] if near[0] == 0.0 else [(0.0, 0.0)]
    return Line(factor, tuple(origin + corners))


def _factor(windows: Sequence[CountedWindow]) -> float:
    """Returns the weighted median of people per device; 0.0 where no device was heard."""
    heard = sorted((each.people / each.near, each.near) for each in windows if each.near)
    if not heard:
        return 0.0
    half = sum(weight for _, weight in heard) / 2
    sums = accumulate(weight for _, weight in heard)
    return next(share for (share, _), sum_ in zip(heard, sums, strict=True) if sum_ >= half)


def _scale(people: float) -> float:
    return math.sqrt(people + _STEADY)


def _quantile(ordered: Sequence[float], share: float, *, up: bool) -> float:
    """Returns the quantile that n + 1 exchangeable values reach, the outermost where n is small."""
    place = share * (len(ordered) + 1)
    rank = math.ceil(place) if up else math.floor(place)
    return ordered[min(max(rank, 1), len(ordered)) - 1]
