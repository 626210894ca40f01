"""Whether two measures go together from day to day, and how sure that is.

Spearman's rank correlation: few very full days do not decide it alone, and a curved relation
counts as well. Its interval is that of Bonett and Wright (Psychometrika 65, 2000) on Fisher's
scale. Days in a row resemble each other, so the number of days is cut as Bartlett did (J. R. Stat.
Soc. 98, 1935), by how much each measure resembles itself a day later. Weekends fill everything at
once; therefore the same is worked out for deviations from the usual of each kind of day.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import NormalDist, fmean, median

from services.insights.domain.query.days import day_kind

LEAST_DAYS = 20
LEVEL = 0.90
_WIDE = NormalDist().inv_cdf((1 + LEVEL) / 2)


class Together(StrEnum):
    """What may be said. UNCLEAR: either way is possible."""

    TOO_FEW = "too_few"
    UNCLEAR = "unclear"
    RISE = "rise"
    FALL = "fall"


@dataclass(frozen=True)
class Correlation:
    """Rank correlation with its 90 % interval, and of how many independent days it is worth."""

    value: float
    low: float
    high: float
    effective_days: float

    @property
    def together(self) -> Together:
        """What it lets one say."""
        if self.low > 0:
            return Together.RISE
        return Together.FALL if self.high < 0 else Together.UNCLEAR


@dataclass(frozen=True)
class Related:
    """Days with both figures, and how they go together: over all days, and with the usual of each
    kind of day taken off. None with fewer than LEAST_DAYS, or where a measure never changes."""

    points: tuple[tuple[date, float, float], ...]
    all_days: Correlation | None
    within_kinds: Correlation | None


def related(first: Mapping[date, float], second: Mapping[date, float]) -> Related:
    """Compares two measures by day; days that only one of them has are left out."""
    dates = sorted(first.keys() & second.keys())
    points = tuple((on, first[on], second[on]) for on in dates)
    without = [_usual_off(dates, each) for each in (first, second)]
    return Related(
        points,
        _correlation(dates, [first[on] for on in dates], [second[on] for on in dates]),
        _correlation(dates, *without),
    )


def _usual_off(dates: Sequence[date], values: Mapping[date, float]) -> list[float]:
    """Returns how far each day is from the median of its kind: Saturdays, holidays, workdays."""
    by_kind: defaultdict[str, list[float]] = defaultdict(list)
    for on in dates:
        by_kind[day_kind(on)].append(values[on])
    usual = {kind: median(each) for kind, each in by_kind.items()}
    return [values[on] - usual[day_kind(on)] for on in dates]


def _correlation(
    dates: Sequence[date], first: Sequence[float], second: Sequence[float]
) -> Correlation | None:
    if len(dates) < LEAST_DAYS:
        return None
    ranks = ranked(first), ranked(second)
    rho = _pearson(*ranks)
    if rho is None:
        return None
    days = _effective(dates, ranks)
    # At the ends Fisher's scale has no number; so near them nothing more can be told apart.
    scaled = math.atanh(max(-0.9999, min(0.9999, rho)))
    half = _WIDE * math.sqrt((1 + rho * rho / 2) / max(days - 3, 1))
    return Correlation(rho, math.tanh(scaled - half), math.tanh(scaled + half), days)


def ranked(values: Sequence[float]) -> list[float]:
    """Returns the rank of each value, from 1; equal ones share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + end + 1) / 2
        start = end
    return ranks


def _pearson(first: Sequence[float], second: Sequence[float]) -> float | None:
    mean, other = fmean(first), fmean(second)
    over = sum((a - mean) * (b - other) for a, b in zip(first, second, strict=True))
    spread = math.sqrt(sum((a - mean) ** 2 for a in first) * sum((b - other) ** 2 for b in second))
    return over / spread if spread > 1e-9 else None


def _effective(dates: Sequence[date], ranks: tuple[Sequence[float], Sequence[float]]) -> float:
    """Returns how many independent days the days are worth, at least 4."""
    alike = 1.0
    for each in ranks:
        alike *= _a_day_later(dates, each)
    alike = max(0.0, alike)  # days that alternate are not counted for more than they are
    return max(4.0, len(dates) * (1 - alike) / (1 + alike))


def _a_day_later(dates: Sequence[date], ranks: Sequence[float]) -> float:
    known = dict(zip(dates, ranks, strict=True))
    pairs = [
        (value, known[on + timedelta(days=1)]) for on, value in known.items()
        if on + timedelta(days=1) in known
    ]  # fmt: skip
    if len(pairs) < LEAST_DAYS // 2:
        return 0.0
    return _pearson([a for a, _ in pairs], [b for _, b in pairs]) or 0.0
