"""Measuring several things in turn, so that what disturbs one round disturbs all of them."""

import os
import platform
import statistics
from collections.abc import Callable, Mapping
from typing import Any

ROUNDS_LEAST, ROUNDS_MOST = 1, 50
Measure = Callable[[], Mapping[str, float]]


def interleave(
    measures: Mapping[str, Measure], rounds: int, tell: Callable[[str], None]
) -> dict[str, list[float]]:
    """Runs every measure once a round, in turn, and returns figure -> its value in each round.

    measures: name -> a call that returns figures. Every other round runs backwards: none has
    always the same neighbor.
    """
    if not ROUNDS_LEAST <= rounds <= ROUNDS_MOST:
        raise ValueError(f"{ROUNDS_LEAST} to {ROUNDS_MOST} rounds")
    found: dict[str, list[float]] = {}
    for number in range(rounds):
        names = list(measures) if number % 2 == 0 else list(measures)[::-1]
        for name in names:
            tell(f"round {number + 1} of {rounds}: {name}")
            for figure, value in measures[name]().items():
                found.setdefault(figure, []).append(value)
    return found


def medians(found: Mapping[str, list[float]]) -> dict[str, float]:
    """Returns the median of each figure."""
    return {name: statistics.median(values) for name, values in found.items()}


def ratio(found: Mapping[str, list[float]], above: str, below: str) -> float:
    """Returns the median of one figure divided by another, round by round."""
    pairs = zip(found[above], found[below], strict=True)
    return round(statistics.median(over / under for over, under in pairs), 3)


def machine() -> dict[str, Any]:
    """Returns what a reader needs to know of the machine."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "load_average": [round(each, 2) for each in os.getloadavg()],
    }


def held(ratios: Mapping[str, float], limits: Mapping[str, tuple[str, float]]) -> dict[str, str]:
    """Returns what becomes of each limit whose figure was measured: "<= 0.5: holds".

    limits: name -> "<=" or ">=", and the number.
    """
    return {
        name: f"{way} {limit}: {'holds' if holds(ratios[name], way, limit) else 'does not hold'}"
        for name, (way, limit) in limits.items()
        if name in ratios
    }


def holds(value: float, way: str, limit: float) -> bool:
    """Tells whether a figure keeps its limit. way: "<=" or ">="."""
    return value >= limit if way == ">=" else value <= limit
