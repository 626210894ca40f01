"""How good a calibration is: every day is judged by what was learned on the days before it.

So it is in life, and so nothing is scored that was trained on. WAPE: sum of errors over sum of
people; MAE: mean error in people; bias: mean of estimate minus people; coverage: share of windows
whose people lie in the interval, to be near 90 %.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.visitor_sense.domain.calibration import (
    CountedWindow,
    People,
    TooFewCounts,
    calibrate,
)

Learn = Callable[[Sequence[CountedWindow]], Callable[[CountedWindow], People]]
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Accuracy:
    """Figures over all windows that were judged. wape, coverage: shares of one."""

    days: int
    windows: int
    wape: float
    mae: float
    bias: float
    coverage: float


def learn_calibration(windows: Sequence[CountedWindow]) -> Callable[[CountedWindow], People]:
    """Learns as the service does. Errors: TooFewCounts."""
    calibration = calibrate(windows)
    return lambda window: calibration.people(window.near)


def learn_straight(windows: Sequence[CountedWindow]) -> Callable[[CountedWindow], People]:
    """The simpler way: one number per place, however many days were counted."""
    calibration = calibrate(windows, curve=False)
    return lambda window: calibration.people(window.near)


def learn_constant(windows: Sequence[CountedWindow]) -> Callable[[CountedWindow], People]:
    """The baseline that listens to nothing: always the mean of what was counted."""
    mean = sum(each.people for each in windows) / len(windows)
    return lambda _: People(mean, mean, mean)


def judge(windows: Sequence[CountedWindow], learn: Learn = learn_calibration) -> Accuracy:
    """Judges day after day in their order. Errors: TooFewCounts when no day could be judged."""
    names = sorted({each.day for each in windows})
    judged: list[tuple[CountedWindow, People]] = []
    for number, name in enumerate(names):
        try:
            estimate = learn([each for each in windows if each.day in names[:number]])
        except (TooFewCounts, ZeroDivisionError):
            continue
        judged += [(each, estimate(each)) for each in windows if each.day == name]
    return summed(judged)


def judge_few(
    windows: Sequence[CountedWindow], days: int, learn: Learn = learn_calibration
) -> Accuracy:
    """Judges all later days by what the first days with people teach. Errors: TooFewCounts."""
    names = sorted({each.day for each in windows if each.people > 0})[:days]
    estimate = learn([each for each in windows if each.day in names])
    later = [each for each in windows if each.day > names[-1]]
    return summed([(each, estimate(each)) for each in later])


def summed(judged: Sequence[tuple[CountedWindow, People]]) -> Accuracy:
    """Returns the figures of windows and their estimates. Errors: TooFewCounts without any."""
    if not judged:
        raise TooFewCounts("No day is left to judge what was learned on the others.")
    errors = [found.estimate - window.people for window, found in judged]
    inside = [
        found.low - _ROUNDING <= window.people <= found.high + _ROUNDING for window, found in judged
    ]
    people = sum(window.people for window, _ in judged)
    return Accuracy(
        len({window.day for window, _ in judged}),
        len(judged),
        sum(map(abs, errors)) / people if people else 0.0,
        sum(map(abs, errors)) / len(judged),
        sum(errors) / len(judged),
        sum(inside) / len(judged),
    )
