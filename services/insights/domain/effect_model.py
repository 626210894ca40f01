"""The effect of an action on a daily count: an interrupted time series that respects its days.

Expected is exp(level + weekday + days off + season + trend + comparison + covariates) a day, and
from the action on a step. Counts scatter more than chance, and neighboring days alike; by how much
is not known and not guessed either: the step is estimated by generalized least squares under many
shapes of that scatter (chance, whole days, and a drift that fades within two days to a month), each
weighed by how well it tells the days there are (restricted likelihood), and the interval is that
of their mixture. One best shape alone would promise too much: of a hundred days much fits.

A comparison series (of the same area, not touched by the action) takes rain and season out where
it shares them: difference in differences whose weight the days before decide.

Loads numpy and scipy: run it in a process of its own (gateways/estimator.py).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular
from scipy.optimize import brentq
from scipy.special import stdtr

from kit.pure.public_holidays import is_public_holiday
from services.insights.domain import calendar_kind
from services.insights.domain.effect import (
    COVERED,
    LEAST_AFTER,
    LEAST_BEFORE,
    LEAST_PLACEBOS,
    MOST_AFTER,
    MOST_BEFORE,
    MOST_PLACEBOS,
    PLACEBO_SHARE,
    DayFigure,
    Effect,
    Verdict,
    ready_on,
)

Values = NDArray[np.float64]
Series = Mapping[date, float]
DAY = timedelta(days=1)
LEAST_MEAN = 0.3  # a day, before the action: below it nothing can be seen
SEASON_DAYS = 330  # from which on the season is told by the days themselves
PLACEBO_BEFORE = 56  # days that a placebo date needs before it
PLACEBO_STEP = 7  # days between placebo dates
PLACEBO_AFTER = 28  # days looked at after a placebo date
APART = 28  # days between two actions on one series, below which neither can be told
DRAWN_BEFORE = 56  # days before an action that are told beside those after it
LONG_RUN = 3  # days off in a row
MOST_STEP = math.log(50)  # nobody would believe more
# Of the scatter: the share of whole days in what comes anew each day, the share that drifts, and
# how much of a drift is left on the next day.
WHOLE, DRIFTS, LASTS = (0.0, 0.3, 0.8), (0.15, 0.4, 0.7, 0.9), (0.4, 0.7, 0.85, 0.95)
# How far a season that less than a year cannot tell may move days, as a share: of a series alone,
# and beyond what it shares with a comparison.
SEASON, SEASON_BESIDE = 0.2, 0.1
_FINE = ((0.0, 0.5), *product(DRIFTS, LASTS))
_ROUGH = ((0.0, 0.5), (0.15, 0.7), (0.7, 0.7))
ENOUGH_WEIGHT = 1e-3  # shapes that tell the days a thousand times worse are left out


@dataclass(frozen=True)
class _Days:
    """A series with what its days are like. design: without the step."""

    dates: tuple[date, ...]
    counts: Values
    design: Values
    at: Values  # days since the first
    season: float  # that is not told by the days, as a share


@dataclass(frozen=True)
class _Step:
    """A step on the log scale under one shape of scatter."""

    weight: float  # log
    value: float
    error: float
    freedom: int
    square: float  # of the scatter, as a share of a day


def effect(
    series: Series, done: date, until: date, comparison: Series | None = None,
    covariates: Mapping[str, Series] | None = None, touched: Sequence[date] = (),
) -> Effect:  # fmt: skip
    """Returns what is to be said of an action.

    series: count by day; a day without a figure is left out. done: the day of the action, which is
    neither before nor after. until: the last day that is over. comparison: count of a series that
    the action does not touch. covariates: further figures of each day, such as rain. touched: days
    of other actions on the same series: each is a step of its own, and no placebo lies around it.
    """
    first, last = done - DAY * MOST_BEFORE, min(until, done + DAY * MOST_AFTER)
    known = {on: max(0.0, value) for on, value in series.items() if first <= on <= last}
    before = sorted(on for on in known if on < done)
    after = sorted(on for on in known if on > done)
    found = Effect(
        Verdict.TOO_EARLY, days_before=len(before), days_after=len(after), until=last.isoformat(),
        ready_on=ready_on(done).isoformat(), compared=comparison is not None,
    )  # fmt: skip
    if last < ready_on(done) - DAY or len(after) < LEAST_AFTER * 2 // 3:
        waits = last < done + DAY * MOST_AFTER
        return found if waits else replace(found, verdict=Verdict.TOO_SMALL)
    if any(-APART < (on - done).days <= len(after) for on in touched):
        return replace(found, verdict=Verdict.MIXED)
    if len(before) < LEAST_BEFORE:
        return replace(found, verdict=Verdict.TOO_FEW_BEFORE)
    mean = sum(known[on] for on in before[-MOST_AFTER:]) / len(before[-MOST_AFTER:])
    found = replace(found, before=mean)
    if mean < LEAST_MEAN:
        return replace(found, verdict=Verdict.TOO_SMALL)
    steps = [on for on in touched if before[0] + DAY * APART <= on < done]
    days = _days([*before, *after], known, comparison, covariates or {}, steps)
    return _judged(found, days, known, done, touched)


def _judged(
    found: Effect, days: _Days, known: Series, done: date, touched: Sequence[date]
) -> Effect:
    step = np.array([float(on > done) for on in days.dates])
    steps = _steps(days, step)
    if not steps:
        return replace(found, verdict=Verdict.NO_EFFECT_TOLD)
    low, middle, high = (_quantile(steps, at) for at in (0.5 - COVERED / 2, 0.5, 0.5 + COVERED / 2))
    after = [known[on] for on in days.dates if on > done]
    mean = sum(after) / len(after)
    best = max(steps, key=lambda each: each.weight)
    placebos = _placebos(days, done, touched)
    as_large = sum(abs(value) >= abs(best.value / best.error) for value in placebos)
    enough = len(placebos) >= LEAST_PLACEBOS and as_large <= PLACEBO_SHARE * len(placebos)
    told = enough and (low > 0 or high < 0)
    return replace(
        found, verdict=Verdict.TOLD if told else Verdict.NO_EFFECT_TOLD,
        per_day=_gain(mean, middle), low=_gain(mean, low), high=_gain(mean, high),
        placebos=len(placebos), placebos_as_large=as_large,
        days=_drawn(days, done, low, middle, high),
    )  # fmt: skip


def _gain(mean: float, step: float) -> float:
    """Returns how many of a day's count are the step's."""
    return mean * -math.expm1(-step)


def _drawn(
    days: _Days, done: date, low: float, middle: float, high: float
) -> tuple[DayFigure, ...]:
    step = np.array([float(on > done) for on in days.dates])
    fitted = _expected(days, np.column_stack([days.design, step]))
    # What the model expects on a day with the step, with it taken away in three ways.
    return tuple(
        DayFigure(on.isoformat(), count) if on < done else DayFigure(
            on.isoformat(), count, *(float(mu * math.exp(-by)) for by in (middle, high, low))
        )
        for on, count, mu in zip(days.dates, days.counts.tolist(), fitted.tolist(), strict=True)
        if on >= done - DAY * DRAWN_BEFORE
    )  # fmt: skip


def _placebos(days: _Days, done: date, touched: Sequence[date]) -> list[float]:
    """Returns the steps over their errors at dates where nothing was done, nearest first."""
    found: list[float] = []
    on = done - DAY * (PLACEBO_AFTER + 1)
    first = days.dates[0] + DAY * PLACEBO_BEFORE
    while on >= first and len(found) < MOST_PLACEBOS:
        end = on + DAY * PLACEBO_AFTER
        if not any(on - DAY * PLACEBO_AFTER <= other <= end for other in touched):
            kept = np.array([each <= end and each != on for each in days.dates])
            part = _part(days, kept)
            step = np.array([float(each > on) for each in part.dates])
            steps = _steps(part, step)
            if steps:
                best = max(steps, key=lambda each: each.weight)
                found.append(best.value / best.error)
        on -= DAY * PLACEBO_STEP
    return found


def _part(days: _Days, kept: NDArray[np.bool_]) -> _Days:
    dates = tuple(on for on, keep in zip(days.dates, kept.tolist(), strict=True) if keep)
    return _Days(dates, days.counts[kept], _seen(days.design[kept]), days.at[kept], days.season)


def _steps(days: _Days, step: Values) -> list[_Step]:
    """Returns the step under each shape of scatter; none where the days do not tell it."""
    design = np.column_stack([days.design, step])
    size, width = design.shape
    if np.linalg.matrix_rank(design) < width or size <= width + 5:
        return []
    expected = _expected(days, design)
    # The working response of a Poisson regression, seen from its fit.
    worked = np.log(expected) + (days.counts - expected) / expected
    gaps = np.abs(days.at[:, None] - days.at[None, :])
    chance = expected.mean() / expected

    def under(season: Values | float, drifts: Sequence[tuple[float, float]]) -> list[_Step]:
        return [
            _under(
                design, worked, whole * np.ones(size) + (1 - whole) * chance,
                season + (drift * last**gaps if drift else np.zeros((size, size))), drift,
            )
            for whole, (drift, last) in product(WHOLE, drifts)
        ]  # fmt: skip

    season: Values | float = 0.0
    if days.season:
        # How large it is beside the scatter is seen from a few shapes without it.
        scatter = max(under(0.0, _ROUGH), key=lambda each: each.weight).square
        season = days.season**2 / scatter * np.cos(2 * math.pi * gaps / 365.25)
    found = under(season, _FINE)
    most = max(each.weight for each in found)
    return [each for each in found if each.weight >= most + math.log(ENOUGH_WEIGHT)]


def _under(design: Values, worked: Values, anew: Values, scatter: Values, drift: float) -> _Step:
    """Generalized least squares under one shape of scatter, with its restricted likelihood."""
    size, width = design.shape
    scatter[np.diag_indices(size)] += (1 - drift) * anew
    root = cholesky(scatter, lower=True, check_finite=False, overwrite_a=True)
    both = solve_triangular(root, np.column_stack([design, worked]), lower=True, check_finite=False)
    white, answer = both[:, :-1], both[:, -1]
    normal = cho_factor(white.T @ white, lower=True, check_finite=False)
    found = cho_solve(normal, white.T @ answer, check_finite=False)
    rest = answer - white @ found
    square, freedom = float(rest @ rest), size - width
    unit = np.zeros(width)
    unit[-1] = 1.0
    spread = float(cho_solve(normal, unit, check_finite=False)[-1])
    weight = (
        -np.log(np.diag(root)).sum() - np.log(np.diag(normal[0])).sum()
        - freedom / 2 * math.log(square)
    )  # fmt: skip
    scale = square / freedom
    return _Step(float(weight), float(found[-1]), math.sqrt(spread * scale), freedom, scale)


def _quantile(steps: Sequence[_Step], at: float) -> float:
    """Returns a quantile of the mixture of t distributions."""
    most = max(each.weight for each in steps)
    weights = [math.exp(each.weight - most) for each in steps]

    def over(value: float) -> float:
        below = sum(
            weight * float(stdtr(each.freedom, (value - each.value) / each.error))
            for weight, each in zip(weights, steps, strict=True)
        )
        return below / sum(weights) - at

    if over(-MOST_STEP) > 0 or over(MOST_STEP) < 0:
        return -MOST_STEP if at < 0.5 else MOST_STEP
    return float(brentq(over, -MOST_STEP, MOST_STEP, xtol=1e-5))


def _expected(days: _Days, design: Values) -> Values:
    """Returns the means of a Poisson regression by iterated weighted least squares."""
    counts = days.counts
    eta = np.log(counts + max(0.5, 0.1 * float(counts.mean())))
    floor = math.log(max(0.02, 0.01 * float(counts.mean())))
    ceiling = math.log(10 * float(counts.max()) + 10)
    for _ in range(30):
        mu = np.exp(eta)
        weight = np.sqrt(mu)
        worked = eta + (counts - mu) / mu
        # A little is held back: of days that are always empty the logarithm has no end.
        padded = np.vstack([design * weight[:, None], 1e-3 * np.eye(design.shape[1])])
        target = np.concatenate([worked * weight, np.zeros(design.shape[1])])
        beta = np.linalg.lstsq(padded, target, rcond=None)[0]
        fresh = np.clip(design @ beta, floor, ceiling)
        if float(np.abs(fresh - eta).max()) < 1e-6:
            break
        eta = fresh
    return np.exp(eta)


def _days(
    dates: Sequence[date], known: Series, comparison: Series | None,
    covariates: Mapping[str, Series], steps: Sequence[date] = (),
) -> _Days:  # fmt: skip
    at = np.array([float((on - dates[0]).days) for on in dates])
    span = at[-1] or 1.0
    columns = [np.ones(len(dates)), at / span - 0.5]
    columns += [np.array([float(on.weekday() == day) for on in dates]) for day in range(1, 7)]
    columns += [
        np.array([float(is_so(on)) for on in dates])
        for is_so in (is_holiday, _is_long, _is_longer, _is_obon, _is_new_year)
    ]
    if span >= SEASON_DAYS:
        angles = [2 * math.pi * on.timetuple().tm_yday / 365.25 for on in dates]
        columns += [np.array([wave(times * each) for each in angles])
                    for times, wave in product((1, 2), (math.sin, math.cos))]  # fmt: skip
    if comparison is not None:
        columns.append(_centered([math.log(comparison.get(on, 0.0) + 0.5) for on in dates]))
    for _name, values in sorted(covariates.items()):
        columns.append(_centered([values.get(on, math.nan) for on in dates]))
    columns += [np.array([float(on > step) for on in dates]) for step in steps]
    counts = np.array([known[on] for on in dates])
    season = SEASON if comparison is None else SEASON_BESIDE
    if span >= SEASON_DAYS:
        season = 0.0
    return _Days(tuple(dates), counts, _seen(np.column_stack(columns)), at, season)


def _centered(values: Sequence[float]) -> Values:
    """Returns a column about 0; a day without a figure is as the others on average."""
    column = np.array(values)
    column = np.where(np.isnan(column), np.nanmean(column), column)
    scatter = float(column.std())
    return (column - column.mean()) / scatter if scatter else np.zeros(len(values))


def _seen(design: Values) -> Values:
    """Returns the columns that tell something beyond those before them."""
    kept: list[int] = []
    rank = 0
    for number in range(design.shape[1]):
        more = int(np.linalg.matrix_rank(design[:, [*kept, number]]))
        if more > rank:
            kept.append(number)
            rank = more
    return design[:, kept]


@cache
def _run(on: date) -> int:
    """Returns how many days off in a row a day is one of, 0 for a working day."""
    return calendar_kind.run_of(on) if calendar_kind.is_off(on) else 0


def _is_long(on: date) -> bool:
    return _run(on) >= LONG_RUN


def _is_longer(on: date) -> bool:
    return _run(on) >= LONG_RUN + 2


def _is_obon(on: date) -> bool:
    return on.month == 8 and 12 <= on.day <= 16


def _is_new_year(on: date) -> bool:
    return (on.month, on.day) >= (12, 29) or (on.month, on.day) <= (1, 3)


def is_holiday(on: date) -> bool:
    """Tells whether a day is a national holiday of Japan that is no Sunday, which is off anyway."""
    return is_public_holiday(on) and on.weekday() < 6
