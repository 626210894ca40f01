"""From devices near by to people, learned from windows in which somebody counted.

people = factor × devices near by. The factor is the weighted median of people per device, weighted
by devices: the line through the origin with the least absolute error, which a few windows with
wrong counts do not move (median regression: Koenker & Bassett 1978). One number, so that two
counted days are enough and anybody can check it.

The interval is split conformal (Lei et al. 2018): residuals of each counted day under the factor of
all other days, over the square root of the expectation, for counts scatter with their root. It
holds for days like those counted; a crowd with other phones needs another day of counting.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

COVERAGE = 0.9
LEAST_DAYS = 2
LEAST_WINDOWS = 8  # with people in them
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
class Calibration:
    """What one place has learned.

    factor: people per device. low_spread, high_spread: scattering of residuals, in roots of people.
    """

    factor: float
    low_spread: float
    high_spread: float
    days: int
    windows: int

    def people(self, near: float) -> People:
        """Returns how many people that many devices stand for."""
        middle = self.factor * near
        scale = _scale(middle)
        return People(
            middle,
            max(0.0, middle + self.low_spread * scale),
            max(middle, middle + self.high_spread * scale),
        )


def calibrate(windows: Sequence[CountedWindow]) -> Calibration:
    """Learns a place. Errors: TooFewCounts."""
    days = sorted({each.day for each in windows if each.people > 0})
    counted = [each for each in windows if each.people > 0]
    if len(days) < LEAST_DAYS or len(counted) < LEAST_WINDOWS:
        raise TooFewCounts(
            f"{len(days)} days and {len(counted)} windows with people were counted; "
            f"{LEAST_DAYS} days and {LEAST_WINDOWS} windows are the least"
        )
    residuals = sorted(_residuals(windows))
    return Calibration(
        _factor(windows),
        _quantile(residuals, (1 - COVERAGE) / 2, up=False),
        _quantile(residuals, (1 + COVERAGE) / 2, up=True),
        len({each.day for each in windows}),
        len(windows),
    )


def _residuals(windows: Sequence[CountedWindow]) -> list[float]:
    found = []
    for day in sorted({each.day for each in windows}):
        factor = _factor([each for each in windows if each.day != day])
        for each in windows:
            if each.day == day:
                middle = factor * each.near
                found.append((each.people - middle) / _scale(middle))
    return found


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
