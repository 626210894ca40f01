"""How well hours to come are foretold: simulated places with a year of known hours, judged on weeks
that nothing was learned from, beside the plain guess that an hour is as the same hour last week."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from bench import rounds
from kit.pure.public_holidays import is_public_holiday
from services.visitor_sense.domain import day
from services.visitor_sense.domain.forecast import forecast

YEAR_ENDS = date(2026, 6, 1)
JUDGED_WEEKS = 8  # each foretold from its first midnight
OPEN, SHUT = 8, 18


@dataclass(frozen=True)
class Place:
    """A made-up place. busy: visitors of an ordinary working day. weather: how much a day's weather
    moves it (log-normal), rain lasting from day to day. growth: over a year."""

    name: str
    busy: float
    off_factor: float
    season: float
    weather: float
    growth: float = 0.0


PLACES = (
    Place("cave, cars and buses", 900, 2.6, 0.5, 0.25),
    Place("plateau in the open", 500, 3.2, 0.7, 0.5),
    Place("street of shops", 300, 1.8, 0.2, 0.3, growth=0.4),
    Place("small museum", 90, 1.6, 0.3, 0.35),
)


@dataclass(frozen=True)
class Score:
    """What is found of a place. Shares: sum of errors over sum of visitors."""

    place: str
    days_known: int
    error_share: float
    plain_error_share: float
    coverage: float
    told_share: float


def measure(days: int = 365, seed: int = 7) -> list[Score]:
    """Returns the scores of all places, foretold from so many days of their past."""
    return [_score(place, days, seed + number) for number, place in enumerate(PLACES)]


def simulated(place: Place, first: date, days: int, seed: int) -> dict[datetime, float]:
    """Returns visitors per open hour. Same seed, same figures."""
    chance = np.random.default_rng(seed)
    drift, found = 0.0, {}
    for number in range(days):
        on = first + timedelta(days=number)
        drift = 0.6 * drift + chance.normal(0, place.weather * 0.8)
        angle = 2 * math.pi * (on.timetuple().tm_yday - 125) / 365.25
        free = on.weekday() == 6 or is_public_holiday(on)
        factor = place.off_factor if free else (0.8 * place.off_factor if on.weekday() == 5 else 1)
        if (on.month, on.day) in _FEASTS:
            factor *= 1.5
        total = place.busy * factor * math.exp(place.season * math.cos(angle) / 2 + drift)
        total *= 1 + place.growth * number / 365
        peak = 11.5 if free else 13.0
        for clock in range(OPEN, SHUT):
            share = math.exp(-(((clock + 0.5 - peak) / 2.6) ** 2)) / 4.6
            hour = day.midnight_of(on) + timedelta(hours=clock)
            found[hour] = float(chance.poisson(total * share * chance.gamma(40, 1 / 40)))
    return found


_FEASTS = {(5, d) for d in range(2, 6)} | {(8, d) for d in range(12, 17)} | {(1, 1), (1, 2), (1, 3)}


def _score(place: Place, days: int, seed: int) -> Score:
    truth = simulated(place, YEAR_ENDS - timedelta(days=days), days + 7 * JUDGED_WEEKS, seed)
    errors, plain, visitors, inside, hours, told = 0.0, 0.0, 0.0, 0, 0, 0
    for week in range(JUDGED_WEEKS):
        begin = day.midnight_of(YEAR_ENDS + timedelta(days=7 * week))
        known = {hour: value for hour, value in truth.items() if hour < begin}
        found = forecast(known, begin)
        told += found.reason is None
        for one in found.hours:
            value = truth[one.hour]
            errors += abs(value - one.estimate)
            plain += abs(value - truth[one.hour - timedelta(days=7)])
            visitors += value
            inside += one.low <= value <= one.high
            hours += 1
    return Score(
        place.name, days, errors / max(visitors, 1), plain / max(visitors, 1),
        inside / max(hours, 1), told / JUDGED_WEEKS,
    )  # fmt: skip


LIMITS = {"forecast_vs_last_week": 1.0, "coverage_least": 0.85, "coverage_most": 0.97}


def run(count: int, seconds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Returns ratios and figures of `./meguri bench sense --only forecast`. Same figures each time:
    neither argument is looked at."""
    del count, seconds
    tell("how well hours to come are foretold")
    scores = [score for days in (60, 365) for score in measure(days)]
    mean = sum(score.coverage for score in scores) / len(scores)
    worst = max(score.error_share / score.plain_error_share for score in scores)
    holds = {
        "forecast_vs_last_week": ("<= 1.0", worst <= LIMITS["forecast_vs_last_week"]),
        "coverage": (
            ">= 0.85", LIMITS["coverage_least"] <= mean <= LIMITS["coverage_most"],
        ),
    }  # fmt: skip
    return {
        "ratios": {"forecast_vs_last_week": round(worst, 3), "coverage": round(mean, 3)},
        "limits": {
            name: f"{limit}: {'holds' if held else 'does not hold'}"
            for name, (limit, held) in holds.items()
        },
        "figures": {
            f"{score.place}, {score.days_known} days: {name}": round(value, 3)
            for score in scores
            for name, value in (
                ("error", score.error_share), ("as last week", score.plain_error_share),
                ("in the interval", score.coverage), ("weeks foretold", score.told_share),
            )
        },
        "accuracy": [asdict(score) for score in scores],
        "sides": {
            "forecast": "hours of a simulated year that are still to come, foretold a week at a"
            " time by what was told before",
            "last week": "the same hours, each as the same hour last week",
        },
        "skipped": [],
        "runs": 1,
        "machine": rounds.machine(),
    }  # fmt: skip
