"""Effects whose truth is known: simulated days of an area, with and without an action.

Each series has weekdays, days off, a season, a trend, rain that halves a day, a drift that lasts
for days and counts that scatter more than chance; half of them a comparison series that shares rain
and drift in part, half a year of a past and half less, and of half it is known on which days it
rained. Seeds TUNED were used to make the model; figures are of others.
"""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from statistics import fmean, stdev
from typing import Any

import numpy as np
from scipy.special import stdtrit

from bench import rounds
from services.insights.domain.effect import MOST_AFTER, Verdict
from services.insights.domain.effect_model import effect, is_holiday

SIZES = (0.0, 0.1, 0.2, 0.4)
TUNED, JUDGED = range(1000, 1400), range(50_000, 50_480)  # seeds
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """A simulated series. rain: 1 on wet days; rain_known: the model is told. more: true number a
    day that the action brings, on average over the days after it that are looked at."""

    series: dict[date, float]
    comparison: dict[date, float] | None
    rain: dict[date, float]
    rain_known: bool
    done: date
    until: date
    size: float
    more: float


@dataclass(frozen=True)
class Scored:
    """What was found of a case, and by the peer."""

    size: float
    compared: bool
    long: bool
    rain_known: bool
    covered: bool
    told: bool
    right_way: bool
    width: float
    peer_covered: bool
    peer_told: bool
    verdict: str


def simulated(seed: int) -> Case:
    """Returns a case. Same seed, same case."""
    chance = np.random.default_rng(seed)
    size = SIZES[seed % len(SIZES)]
    before = int(chance.integers(340, 420)) if seed // 4 % 2 else int(chance.integers(140, 240))
    after = int(chance.integers(21, MOST_AFTER + 1))
    done = date(2025, 1, 1) + DAY * int(chance.integers(0, 365))
    dates = [done + DAY * number for number in range(-before, after + 1)]
    level = math.exp(chance.uniform(math.log(2), math.log(300)))
    weekend, free = chance.uniform(1.0, 2.2), chance.uniform(1.2, 2.5)
    season, peak = chance.uniform(0, 0.35), chance.uniform(0, 365)
    growth = chance.normal(0, 0.25)  # a year
    lasts, drifts = chance.uniform(0.2, 0.9), chance.uniform(0.05, 0.25)
    spread = chance.uniform(0.0, 0.15)  # of whole days, beyond rain
    wet = {on: float(chance.random() < 0.25) for on in dates}
    loss = chance.uniform(0.2, 0.5)
    shared = _drift(chance, len(dates), lasts, drifts * 0.8)
    base = np.array([
        math.log(level) + math.log(weekend) * (on.weekday() >= 5) + math.log(free) * _is_free(on)
        + season * math.cos(2 * math.pi * (on.timetuple().tm_yday - peak) / 365.25)
        + growth * number / 365 + math.log(1 - loss) * wet[on]
        for number, on in enumerate(dates)
    ])  # fmt: skip
    common = base + shared
    own = common + _drift(chance, len(dates), lasts, drifts * 0.6)
    own = own + chance.normal(0, spread, len(dates))
    other = common + _drift(chance, len(dates), lasts, drifts * 0.6) + math.log(3)
    without = np.exp(own)
    factor = np.array([1 + size if on > done else 1.0 for on in dates])
    counts = chance.poisson(without * factor).astype(float)
    compared = chance.poisson(np.exp(other)).astype(float)
    late = [number for number, on in enumerate(dates) if on > done]
    return Case(
        dict(zip(dates, counts.tolist(), strict=True)),
        dict(zip(dates, compared.tolist(), strict=True)) if seed // 8 % 2 else None,
        wet, bool(seed // 16 % 2), done, dates[-1], size,
        float((without * (factor - 1))[late].mean()),
    )  # fmt: skip


def _drift(chance: np.random.Generator, days: int, lasts: float, size: float) -> Any:
    found, now = np.zeros(days), chance.normal(0, size)
    for number in range(days):
        now = lasts * now + chance.normal(0, size * math.sqrt(1 - lasts**2))
        found[number] = now
    return found


def _is_free(on: date) -> bool:
    return is_holiday(on) and on.weekday() < 5


def score(seed: int) -> Scored:
    """Returns what the model and the peer find of a case."""
    case = simulated(seed)
    known = {"rain": case.rain} if case.rain_known else None
    found = effect(case.series, case.done, case.until, case.comparison, known)
    low, high = peer(case)
    return Scored(
        case.size, case.comparison is not None, found.days_before >= 330, case.rain_known,
        found.low <= case.more <= found.high, found.verdict is Verdict.TOLD,
        found.per_day > 0, (found.high - found.low) / max(found.before, 1e-9),
        low <= case.more <= high, low > 0 or high < 0, str(found.verdict),
    )  # fmt: skip


def peer(case: Case) -> tuple[float, float]:
    """Returns the 90 % interval of a plain before and after: means of the days after, and of as
    many before, by Welch's t."""
    after = [value for on, value in case.series.items() if on > case.done]
    before = [value for on, value in sorted(case.series.items()) if on < case.done][-len(after) :]
    parts = [stdev(each) ** 2 / len(each) for each in (before, after)]
    error = math.sqrt(sum(parts)) or 1e-9
    freedom = sum(parts) ** 2 / max(
        sum(part**2 / (len(before) - 1) for part in parts), 1e-12
    )  # fmt: skip
    wide = float(stdtrit(max(freedom, 1.0), 0.95)) * error
    middle = fmean(after) - fmean(before)
    return middle - wide, middle + wide


def scores(seeds: Sequence[int]) -> list[Scored]:
    """Returns the scores of all seeds, on as many processes as the machine has cores."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    # Begun anew, so that they read what was just set: threads of BLAS would wait for one another.
    anew = get_context("spawn")
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), mp_context=anew) as pool:
        return list(pool.map(score, seeds, chunksize=4))


def _share(of: Sequence[bool]) -> float:
    return round(sum(of) / len(of), 3) if of else math.nan


LIMITS = {
    "coverage": (">=", 0.87),
    "coverage_most": ("<=", 0.93),
    "false_alarms": ("<=", 0.10),
}
SIDES = {
    "effects": "simulated series of an area with an action of known effect; seeds that the model"
    " was not made with",
    "before and after": "the same series, the mean of the days after less that of as many before,"
    " Welch's t",
}


def run(
    _count: int, _seconds: int, tell: Callable[[str], None], *, full: bool = False
) -> dict[str, Any]:
    """Returns ratios and figures of `./meguri bench insights --only effects`. Same figures each
    time: no other argument is looked at."""
    del full
    tell("effects of actions whose truth is known")
    found = scores(JUDGED)
    still = [each for each in found if not each.size]
    moved = [each for each in found if each.size]
    ratios = {
        "coverage": _share([each.covered for each in found]),
        "coverage_most": _share([each.covered for each in found]),
        "false_alarms": _share([each.told for each in still]),
    }
    return {
        "ratios": ratios,
        "limits": rounds.held(ratios, LIMITS),
        "figures": {
            "series": len(found),
            "before and after: coverage": _share([each.peer_covered for each in found]),
            "before and after: false alarms": _share([each.peer_told for each in still]),
            "told effects that go the right way": _share(
                [each.right_way for each in moved if each.told]
            ),
            **dict(_by_size(found)),
            **dict(_by_past(found)),
            **dict(_by_rain(found)),
        },
        "sides": SIDES,
        "skipped": [],
        "runs": 1,
        "machine": rounds.machine(),
    }


def _by_size(found: Sequence[Scored]) -> Iterator[tuple[str, float]]:
    for size in SIZES:
        some = [each for each in found if each.size == size]
        yield f"+{size:.0%}: coverage", _share([each.covered for each in some])
        yield f"+{size:.0%}: told", _share([each.told for each in some])
        yield f"+{size:.0%}: before and after tells", _share([each.peer_told for each in some])


def _by_rain(found: Sequence[Scored]) -> Iterator[tuple[str, float]]:
    for known in (False, True):
        some = [each for each in found if each.rain_known == known]
        name = f"rain {'known' if known else 'not known'}"
        yield f"{name}: coverage", _share([each.covered for each in some])
        yield f"{name}: told", _share([each.told for each in some if each.size])
        widths = sorted(each.width for each in some)
        yield f"{name}: width of a day", round(widths[len(widths) // 2], 3)


def _by_past(found: Sequence[Scored]) -> Iterator[tuple[str, float]]:
    for long in (False, True):
        for compared in (False, True):
            some = [each for each in found if (each.long, each.compared) == (long, compared)]
            name = f"{'a year' if long else 'half a year'}, {'compared' if compared else 'alone'}"
            yield f"{name}: coverage", _share([each.covered for each in some])
            widths = sorted(each.width for each in some)
            yield f"{name}: width of a day", round(widths[len(widths) // 2], 3)
