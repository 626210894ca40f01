"""What the past makes likely: a straight line through whole years, with a prediction interval.

Ordinary least squares and the interval for one new observation (Student's t with n - 2 degrees of
freedom), as any textbook of regression has it. It knows nothing of what is planned or of what
happens in the world; a target outside of it is ambitious, not wrong.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import linear_regression

LEAST_YEARS = 3
SHARE = 0.8
# Student's t at 0.9 for 1 to 12 degrees of freedom; beyond, the last one is on the careful side.
_T = (3.078, 1.886, 1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372, 1.363, 1.356)


@dataclass(frozen=True)
class Range:
    """A span of figures that is likely. years: whole years it is reckoned from."""

    low: int
    high: int
    years: int


def likely(whole: Mapping[int, int], year: int) -> Range | None:
    """Returns within what a year's figure is likely to lie (80 %); None with fewer than 3 years.

    whole: figures of whole years by year.
    """
    past = sorted((one, value) for one, value in whole.items() if one < year)
    if len(past) < LEAST_YEARS:
        return None
    years, values = [float(one) for one, _ in past], [float(value) for _, value in past]
    line = linear_regression(years, values)
    count, middle = len(past), sum(years) / len(past)
    spread = sum((one - middle) ** 2 for one in years)
    rest = sum(
        (value - line.intercept - line.slope * one) ** 2
        for one, value in zip(years, values, strict=True)
    )
    error = math.sqrt(rest / (count - 2)) * math.sqrt(1 + 1 / count + (year - middle) ** 2 / spread)
    half = _T[min(count - 2, len(_T)) - 1] * error
    at = line.intercept + line.slope * year
    return Range(max(0, math.floor(at - half)), max(0, math.ceil(at + half)), count)
