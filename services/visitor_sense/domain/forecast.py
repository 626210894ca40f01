"""The next hours and days of a zone, from the calendar and from what its hours told before.

Learned: a Poisson regression (scikit-learn) of hour of the day by kind of day (working day,
Saturday, Sunday or holiday), of long runs of days off, of Obon and of the turn of the year, and
from ten months on of the season; older days count less, half as much every eight weeks. The hours
of today that are over move the rest of today up or down.

Judged: before anything is shown, the last four to eight weeks are foretold one after another by
what was known before each of them, beside the plain guess that an hour is as the same hour last
week. From the errors of these weeks come the intervals. What is no better than the guess is not
shown.

It knows nothing of the weather, of occasions and of closures.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kit.pure.public_holidays import is_public_holiday
from services.visitor_sense.domain import day

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
LEAST_DAYS, FIRST_DAYS = 42, 14  # two weeks to begin with, four to be judged by
LEAST_WEEKS, MOST_WEEKS = 4, 8  # that are tested
AHEAD = timedelta(days=7)
HALF_LIFE_DAYS = 56.0
SEASON_DAYS = 300
COVERED = 0.9
LEAST_TESTED = 100  # hours
LEVEL_MOST = 3.0  # how far the morning may move the rest of a day
MORNING_HOUR = 12  # at which the rest of a tested day is foretold
LONG_RUN = 3  # days off in a row
_KINDS = ("working", "saturday", "off")

Known = Mapping[datetime, float]  # first moment of an hour, UTC -> what it told
Values = NDArray[np.float64]


class NotYet(StrEnum):
    """Why nothing is foretold."""

    TOO_FEW_DAYS = "TOO_FEW_DAYS"
    TOO_FEW_HOURS = "TOO_FEW_HOURS"
    NO_BETTER_THAN_LAST_WEEK = "NO_BETTER_THAN_LAST_WEEK"


@dataclass(frozen=True)
class Hour:
    """An hour to come. low, high: nine of ten are to lie between."""

    hour: datetime
    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Judged:
    """How the weeks before would have been foretold. Shares: sum of errors over sum of figures.

    coverage: share of hours in the interval made from the errors of the other tested weeks.
    """

    hours: int
    error_share: float
    plain_error_share: float
    coverage: float


@dataclass(frozen=True)
class Forecast:
    """What is foretold of a zone, or why not. days: with a known hour; judged also where it is
    no better than the guess."""

    days: int
    reason: NotYet | None = None
    hours: Sequence[Hour] = ()
    judged: Judged | None = None


@dataclass
class _Errors:
    """What was foretold and what came, by tested week: (hour, truth, foretold).

    Chance moves a figure by its square root; weather and all that nobody foretells moves a whole
    day by a share of it. So the errors are held against the root of m + spread m², and, as hours of
    a day err together, each day counts as one when the quantile is taken (split conformal
    prediction).
    """

    by_week: list[list[tuple[datetime, float, float]]] = field(default_factory=list)

    def bounds(self, told: float, without: int | None = None) -> tuple[float, float]:
        """Returns between what nine of ten are to lie. without: a week that is not looked at."""
        spread, low, high = self._fitted(without)
        root = _root(told, spread)
        return max(0.0, told + low * root), told + high * root

    def _fitted(self, without: int | None) -> tuple[float, float, float]:
        if without not in self._fits:
            seen = [
                one for number, week in enumerate(self.by_week) if number != without for one in week
            ]
            truths = np.array([truth for _, truth, _ in seen] or [0.0])
            told = np.maximum(np.array([told for _, _, told in seen] or [1.0]), 1.0)
            spread = float(max(0.0, ((truths - told) ** 2 - told).sum() / (told**2).sum()))
            days = len({day.key_date(hour) for hour, _, _ in seen}) or 1
            rank = min(1.0, (1 + COVERED) / 2 * (days + 1) / days)
            scores = (truths - told) / np.sqrt(told + spread * told**2)
            low, high = np.quantile(scores, [1 - rank, rank])
            self._fits[without] = spread, float(low), float(high)
        return self._fits[without]

    _fits: dict[int | None, tuple[float, float, float]] = field(default_factory=dict)


def forecast(known: Known, now: datetime, ahead: timedelta = AHEAD) -> Forecast:
    """Returns what is foretold from the hour of `now` on. known: hours that are over."""
    days = {day.key_date(hour) for hour in known}
    if len(days) < LEAST_DAYS:
        return Forecast(len(days), NotYet.TOO_FEW_DAYS)
    this = day.hour_of(now)
    later, today, judged = _backtest(known, day.midnight_of(day.key_date(this)), len(days))
    if judged is None:
        return Forecast(len(days), NotYet.TOO_FEW_HOURS)
    if not judged.error_share < judged.plain_error_share:
        return Forecast(len(days), NotYet.NO_BETTER_THAN_LAST_WEEK, judged=judged)
    model = _Model(known, this)
    wanted = [this + HOUR * number for number in range(int(ahead / HOUR))]
    wanted = [hour for hour in wanted if local_hour(hour) in model.hours_of_day]
    told = model.foretell(wanted)
    level = _level(model, known, this)
    hours = []
    for hour, figure in zip(wanted, told.tolist(), strict=True):
        is_today = day.key_date(hour) == day.key_date(this)
        estimate = figure * level if is_today else figure
        low, high = (today if is_today else later).bounds(estimate)
        hours.append(Hour(hour, estimate, min(low, estimate), max(high, estimate)))
    return Forecast(len(days), None, hours, judged)


def local_hour(hour: datetime) -> int:
    """Returns the hour of the local day, 0 to 23."""
    return day.day_minute(day.to_ms(hour)) // 60


def _backtest(
    known: Known, midnight: datetime, days: int
) -> tuple[_Errors, _Errors, Judged | None]:
    later, today = _Errors(), _Errors()
    both = list[tuple[int, float, float, float]]()  # week, truth, foretold, as last week
    weeks = min(MOST_WEEKS, max(LEAST_WEEKS, (days - FIRST_DAYS) // 7))
    for week in range(weeks):
        begin = midnight - WEEK * (weeks - week)
        before = {hour: value for hour, value in known.items() if hour < begin}
        tested = sorted(hour for hour in known if begin <= hour < begin + WEEK)
        later.by_week.append([])
        today.by_week.append([])
        if len({day.key_date(hour) for hour in before}) < FIRST_DAYS:
            continue
        model = _Model(before, begin)
        told = dict(zip(tested, model.foretell(tested).tolist(), strict=True))
        for hour in tested:
            later.by_week[-1].append((hour, known[hour], told[hour]))
            if hour - WEEK in known:
                both.append((week, known[hour], told[hour], known[hour - WEEK]))
        for number in range(7):
            noon = begin + DAY * number + HOUR * MORNING_HOUR
            level = _level(model, known, noon)
            rest = [hour for hour in tested if noon <= hour < noon + HOUR * (24 - MORNING_HOUR)]
            today.by_week[-1] += [(hour, known[hour], told[hour] * level) for hour in rest]
    if len(both) < LEAST_TESTED or not any(today.by_week):
        return later, today, None
    return later, today, _judged(both, later)


def _judged(both: Sequence[tuple[int, float, float, float]], later: _Errors) -> Judged:
    total = sum(truth for _, truth, _, _ in both) or 1.0
    inside = 0
    for week, truth, told, _ in both:
        low, high = later.bounds(told, without=week)
        inside += low <= truth <= high
    return Judged(
        len(both),
        sum(abs(truth - told) for _, truth, told, _ in both) / total,
        sum(abs(truth - plain) for _, truth, _, plain in both) / total,
        inside / len(both),
    )


def _root(told: float, spread: float) -> float:
    return math.sqrt(max(told, 1.0) + spread * told**2)


def _level(model: "_Model", known: Known, now: datetime) -> float:
    """Returns by how much today's hours that are over move the rest; 1 where there is none."""
    midnight = day.midnight_of(day.key_date(now))
    over = sorted(hour for hour in known if midnight <= hour < now)
    if not over:
        return 1.0
    foretold = float(model.foretell(over).sum())
    # A quarter of a usual day is put to both sides: a few quiet hours at dawn decide nothing.
    pull = 0.25 * model.usual_day
    found = (sum(known[hour] for hour in over) + pull) / max(foretold + pull, 1e-9)
    return min(max(found, 1 / LEVEL_MOST), LEVEL_MOST)


class _Model:
    """What hours before a moment say of hours after it."""

    def __init__(self, known: Known, until: datetime) -> None:
        # A tenth of a second, and 100 MB that only a process that foretells should hold.
        from sklearn.linear_model import PoissonRegressor  # noqa: PLC0415 - see above

        hours = sorted(known)
        self._season = until - hours[0] >= timedelta(days=SEASON_DAYS)
        values = np.array([known[hour] for hour in hours])
        ages = np.array([(until - hour) / DAY for hour in hours])
        weights = 0.5 ** (ages / HALF_LIFE_DAYS)
        if self._season:  # the same weeks of last year speak again
            weights = np.maximum(weights, 0.25)
        # Hours of the day at which nothing was ever known are not foretold: there is no sensor on.
        self.hours_of_day = {local_hour(hour) for hour in hours}
        self.usual_day = float(np.average(values, weights=weights)) * len(self.hours_of_day)
        self._scale = float(values.mean())
        if not self._scale:  # nobody ever came: nothing to learn from
            return
        self._regressor: Any = PoissonRegressor(alpha=1e-3, solver="newton-cholesky", max_iter=100)
        self._regressor.fit(self._features(hours), values / self._scale, sample_weight=weights)

    def foretell(self, hours: Sequence[datetime]) -> Values:
        """Returns the expected figure of each hour."""
        if not hours or not self._scale:
            return np.zeros(len(hours))
        return np.asarray(self._regressor.predict(self._features(hours)) * self._scale, np.float64)

    def _features(self, hours: Sequence[datetime]) -> Values:
        rows = np.zeros((len(hours), 24 * len(_KINDS) + 7 + 4 + (4 if self._season else 0)))
        at = np.arange(len(hours))
        days = [day.key_date(hour) for hour in hours]
        kinds = np.array([_KINDS.index(_kind(one)) for one in days])
        clocks = np.array([local_hour(hour) for hour in hours])
        rows[at, 24 * kinds + clocks] = 1.0
        base = 24 * len(_KINDS)
        rows[at, base + np.array([one.weekday() for one in days])] = 1.0
        rows[:, base + 7 : base + 11] = [
            (_run(one) >= LONG_RUN, _run(one) >= LONG_RUN + 2, _is_obon(one), _is_new_year(one))
            for one in days
        ]
        if self._season:
            angles = np.array([2 * math.pi * one.timetuple().tm_yday / 365.25 for one in days])
            waves = (np.sin(angles), np.cos(angles), np.sin(2 * angles), np.cos(2 * angles))
            rows[:, base + 11 :] = np.stack(waves, axis=1)
        return rows


def _kind(on: date) -> str:
    if on.weekday() == 6 or is_public_holiday(on):
        return "off"
    return "saturday" if on.weekday() == 5 else "working"


@cache
def _run(on: date) -> int:
    """Returns how many days off in a row a day is one of, 0 for a working day."""
    if _kind(on) == "working":
        return 0
    first, last = on, on
    while _kind(first - DAY) != "working":
        first -= DAY
    while _kind(last + DAY) != "working":
        last += DAY
    return (last - first).days + 1


def _is_obon(on: date) -> bool:
    return on.month == 8 and 12 <= on.day <= 16


def _is_new_year(on: date) -> bool:
    return (on.month, on.day) >= (12, 29) or (on.month, on.day) <= (1, 3)
