"""What is said of an action's effect: how many more or fewer a day, how sure, or why nothing.

The numbers come from effect_model, which loads libraries that take a second; here are only the
words around them, so that the service itself stays small.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LEAST_AFTER, MOST_AFTER = 21, 56  # days after an action that an estimate needs, and looks at
LEAST_BEFORE = 84  # days before it with a figure
MOST_BEFORE = 420
LEAST_PLACEBOS, MOST_PLACEBOS = 8, 20
COVERED = 0.9
PLACEBO_SHARE = 0.1  # of placebo dates at which as much may have come by itself


class Verdict(StrEnum):
    """What may be said. TOLD: an effect with its interval; the others say why there is none."""

    TOLD = "told"
    TOO_EARLY = "too_early"
    TOO_FEW_BEFORE = "too_few_before"
    TOO_SMALL = "too_small"  # the series itself is so small that nothing can be seen in it
    NO_EFFECT_TOLD = "no_effect_told"
    MIXED = "mixed"  # another action on the same figures lies too near
    NO_SERIES = "no_series"  # no daily figure tells of this action


@dataclass(frozen=True)
class DayFigure:
    """A day of a series as it is drawn. without: what was to be expected had nothing been done,
    with the 90 % band of it; None before the action. value: None where it is withheld."""

    on: str
    value: float | None
    without: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Effect:
    """An effect a day, on average over the days after an action.

    low, high: nine of ten such intervals hold the truth. ready_on: of TOO_EARLY, the first date on
    which it can be told (ISO 8601). placebos: dates at which the same was reckoned though nothing
    was done; placebos_as_large: at how many of them as much came by itself. compared: with how many
    series of the same area.
    """

    verdict: Verdict
    per_day: float = 0.0
    low: float = 0.0
    high: float = 0.0
    before: float = 0.0
    days_before: int = 0
    days_after: int = 0
    placebos: int = 0
    placebos_as_large: int = 0
    compared: bool = False
    ready_on: str = ""
    until: str = ""
    days: tuple[DayFigure, ...] = ()


def ready_on(done: date) -> date:
    """Returns the first date on which the effect of an action can be told: the day of the action
    itself is neither before nor after."""
    return done + timedelta(days=LEAST_AFTER + 1)
