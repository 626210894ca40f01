"""Devices of a crowd from the rate of their bursts, with no linking at all.

Who sends how often is learned once from labelled phones: mean and scatter of bursts per device and
minute. Devices present on average = bursts / (minutes × rate), unbiased whatever addresses and
classes they show, while a count of classes saturates. Family of RateCount (He, Chang and Chan,
arXiv 2507.03873). A burst is one address without a pause of two seconds.

The interval adds three variances: bursts of one device scatter around its own rate (Poisson),
devices differ (scatter² / devices), and the rate was learned from few phones (scatter² / phones).
The last does not shrink with the crowd: only counting people at the place does away with it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from services.visitor_sense.domain.bursts import PAUSE_MS

_NORMAL_90 = 1.645


@dataclass(frozen=True)
class BurstRate:
    """Bursts per device and minute. scatter: standard deviation over the mean. phones: learned from
    so many."""

    per_minute: float
    scatter: float
    phones: int


# All eighteen labelled phones together (bench/sense/accuracy.py learns anew without those scored).
BURST_RATE = BurstRate(3.86, 1.27, 18)


@dataclass(frozen=True)
class Crowd:
    """Devices present on average, with the 90 % interval."""

    devices: float
    low: float
    high: float


def learn_rate(bursts_per_minute: Sequence[float]) -> BurstRate:
    """Learns from the rate of each labelled phone. Errors: ValueError below two phones."""
    if len(bursts_per_minute) < 2 or not fmean(bursts_per_minute) > 0:
        raise ValueError("at least two phones that were heard")
    mean = fmean(bursts_per_minute)
    return BurstRate(mean, pstdev(bursts_per_minute) / mean, len(bursts_per_minute))


def count_bursts(heard: Iterable[tuple[int, int]]) -> int:
    """Returns the bursts of frames in order of time. heard: milliseconds and pseudonym."""
    last: dict[int, int] = {}
    bursts = 0
    for time_ms, pseudonym in heard:
        before = last.get(pseudonym)
        bursts += before is None or time_ms - before > PAUSE_MS
        last[pseudonym] = time_ms
    return bursts


def crowd(bursts: int, minutes: float, rate: BurstRate = BURST_RATE) -> Crowd:
    """Returns the devices that so many bursts stand for. Errors: ValueError without any time."""
    if minutes <= 0:
        raise ValueError("a rate needs some time")
    devices = bursts / (minutes * rate.per_minute)
    poisson = devices / (minutes * rate.per_minute)
    variance = poisson + rate.scatter**2 * (devices + devices**2 / rate.phones)
    reach = _NORMAL_90 * math.sqrt(variance)
    return Crowd(devices, max(0.0, devices - reach), devices + reach)
