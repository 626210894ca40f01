"""What a worker is asked and what it answers; without a library of numbers."""

from dataclasses import dataclass

from services.itinerary.domain.demands import Clash
from services.itinerary.domain.problem import Order, Problem, Solution


@dataclass(frozen=True)
class Job:
    """A day to search.

    iterations: 0 for what a worker takes as its budget. keep: an order to keep as it is and only
    add to, as a repair does. spare_minutes: left free at the end of the day where the must-visits
    allow it, so that a delay does not spoil the day.
    """

    problem: Problem
    seed: int = 0
    iterations: int = 0
    keep: Order = ()
    spare_minutes: int = 0


@dataclass(frozen=True)
class Outcome:
    """What was found. missing: per candidate left out, the minutes it overruns; 0 when it fits,

    None when only another opening time would help.
    """

    solution: Solution
    clashes: tuple[Clash, ...]
    missing: dict[int, int | None]
