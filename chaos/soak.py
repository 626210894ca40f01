"""How memory and open files of a process move over a long time: a line through noisy figures.

Theil and Sen: the slope is the median of the slopes between any two samples, so that a quarter of
them may be peaks and it does not care; the interval is theirs too (SciPy). Samples that follow one
another are alike, which the interval does not know of: it is a little too narrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
LEAST = 8  # samples; through fewer a line says nothing
POINTS_MOST = 400  # pairs grow with the square


@dataclass(frozen=True)
class Slope:
    """Of a figure a minute, with the bounds of its interval; and its first and last level."""

    a_minute: float
    low: float
    high: float
    first: float
    last: float


def slope(minutes: Sequence[float], values: Sequence[float]) -> Slope:
    """Returns the line through samples. Errors: ValueError for fewer than LEAST."""
    if len(minutes) != len(values) or len(values) < LEAST:
        raise ValueError(f"{len(values)} samples are too few for a line")
    from scipy.stats import theilslopes  # noqa: PLC0415 - seconds and 100 MB, for this alone

    step = -(-len(values) // POINTS_MOST)
    times, kept = list(minutes)[::step], list(values)[::step]
    found = theilslopes(kept, times, alpha=CONFIDENCE)
    quarter = max(1, len(kept) // 4)
    return Slope(
        round(float(found.slope), 4), round(float(found.low_slope), 4),
        round(float(found.high_slope), 4), round(_median(kept[:quarter]), 1),
        round(_median(kept[-quarter:]), 1),
    )  # fmt: skip


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
