"""What is told of a finished hour of a zone: by signatures, by the rate of bursts, or calibrated.

A calibrated zone tells people. Else a crowd of CROWD_FROM devices or more is told by the rate of
its bursts, for then signatures are no longer different enough; else devices by their signatures
(domain.release). An hour that was told keeps its way, and the calibration it was told by: a
correction must not show what learning anew has changed. Where the area has a budget of noise
(domain.noise), an hour is told once, by its calibration or by signatures: a device may send any
number of bursts, so that no noise would cover their rate.
"""

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from kit.pure.suppression import K
from services.visitor_sense.domain.calibration import COVERAGE, Calibration, People
from services.visitor_sense.domain.laplace import Below
from services.visitor_sense.domain.nearby import SLICES_IN_HOUR
from services.visitor_sense.domain.noise import Budget
from services.visitor_sense.domain.rate import crowd
from services.visitor_sense.domain.release import noisy_interval, released_figure
from services.visitor_sense.domain.sketch import Bounded

CROWD_FROM = 300  # Robyns 2017: of 1,000 devices 33 % show a signature of their own
HOUR_MINUTES = 60.0
DRIFT_HOURS = 8  # counted after the calibration, from which drift can be told
DRIFT_CHANCE = 0.05


class Method(IntEnum):
    """How a figure was made."""

    SIGNATURE = 1
    RATE = 2
    CALIBRATED = 3


@dataclass(frozen=True)
class Learned:
    """The calibration of a zone. version: from 1. wape, mae, coverage: as judged when it was
    learned, nan where too few days were counted to judge."""

    zone_id: str
    version: int
    learn_time: datetime
    calibration: Calibration
    wape: float
    mae: float
    coverage: float


@dataclass(frozen=True)
class Told:
    """What an hour tells beside its devices by signature.

    raw: the estimate as it stands, with its noise where it has any. figure: what may leave the
    installation, None when withheld or when signatures tell without noise. calibration_version: 0
    without. noise_tenths: of the day's epsilon, 0 without noise.
    """

    method: Method = Method.SIGNATURE
    raw: int = 0
    figure: Bounded | None = None
    calibration_version: int = 0
    noise_tenths: int = 0

    @property
    def noise(self) -> Budget | None:
        """The budget it was told under."""
        return Budget(self.noise_tenths) if self.noise_tenths else None


@dataclass(frozen=True)
class Drift:
    """Hours counted after a calibration was learned. outside: those beyond their interval."""

    hours: int
    outside: int

    @property
    def drifted(self) -> bool:
        """True when so many outside would be rare, were the calibration still right."""
        return self.hours >= DRIFT_HOURS and _tail(self.hours, self.outside) < DRIFT_CHANCE


def tell(
    devices: int, bursts: int, near: float, learned: Learned | None, before: Told | None
) -> Told:
    """Returns what an hour tells.

    devices: by signature. near: mean number of devices near by. learned: the calibration that
    counts for this hour. before: what it told until now, None when it is told for the first time.
    """
    if before is None:
        before = Told()
    elif before.method is Method.SIGNATURE:
        return before
    elif before.method is Method.RATE:
        learned = None
    if learned is not None:
        found = learned.calibration.people(near)
        return _told(Method.CALIBRATED, found, before, devices, learned.version)
    if devices >= CROWD_FROM and bursts:
        rate = crowd(bursts, HOUR_MINUTES)
        return _told(Method.RATE, People(rate.devices, rate.low, rate.high), before, devices, 0)
    return before


def tell_noisy(
    devices: int,
    near: float,
    learned: Learned | None,
    budget: Budget,
    below: Below = secrets.randbelow,
) -> tuple[Told, int | None]:
    """Returns what an hour tells under noise, and its devices by signature, None when withheld.

    Never twice for one hour. A calibrated zone needs two figures, devices to tell whether there
    were K and devices near by for people, so that each has half of the part of an hour.
    """
    if learned is None:
        noise = budget.hour
        noisy = noise.add(devices, below)
        shown = noise.told(devices, noisy)
        figure = None if shown is None else noisy_interval(shown, noise)
        return Told(Method.SIGNATURE, noisy, figure, 0, budget.tenths), shown
    noise = budget.shared()
    shown = noise.told(devices, noise.add(devices, below))
    # The mean over the slices of the hour, counted in slices: a whole number.
    slices = budget.shared(SLICES_IN_HOUR)
    noisy_slices, off = slices.add(round(near * SLICES_IN_HOUR), below), slices.reach()
    middle, low_end, high_end = (
        learned.calibration.people(max(0, noisy_slices + far) / SLICES_IN_HOUR)
        for far in (0, -off, off)
    )
    raw = round(middle.estimate)
    bounds = Bounded(raw, min(raw, math.floor(low_end.low)), max(raw, math.ceil(high_end.high)))
    figure = bounds if shown is not None and raw >= K else None
    return Told(Method.CALIBRATED, raw, figure, learned.version, budget.tenths), shown


def _told(method: Method, found: People, before: Told, devices: int, version: int) -> Told:
    raw = round(found.estimate)
    shown = before.figure if before.method is method else None
    figure = released_figure(raw, shown.estimate if shown else None)
    if figure is None or devices < K:
        return Told(method, raw, shown, version)
    if shown is not None and figure == shown.estimate:
        return Told(method, raw, shown, version)
    bounds = Bounded(figure, math.floor(found.low), math.ceil(found.high))
    return Told(method, raw, bounds, version)


def drift(later: Sequence[tuple[People, float]]) -> Drift:
    """Returns how later counts lie to the intervals of a calibration. Pairs: estimate, counted."""
    outside = sum(
        not math.floor(found.low) <= people <= math.ceil(found.high) for found, people in later
    )
    return Drift(len(later), outside)


def _tail(hours: int, outside: int) -> float:
    """Chance of at least so many outside, if each is with one minus COVERAGE."""
    miss = 1 - COVERAGE
    return sum(
        math.comb(hours, number) * miss**number * COVERAGE ** (hours - number)
        for number in range(outside, hours + 1)
    )
