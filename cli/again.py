"""Tests of real servers that failed beside others are asked once more, alone, and named.

A machine that others use as well stands still for seconds at times; what only that made fail passes
the second time, what is broken does not. Decision 0078.
"""

import json
from collections import Counter
from pathlib import Path

MOST = 40  # more than that is no bad moment, and would take as long as the phase did


def options(cache: Path) -> list[str]:
    """Returns the options with which pytest keeps in `cache` what failed."""
    return ["-o", f"cache_dir={cache}"]


def failed_in(cache: Path) -> list[str]:
    """Returns the ids of the tests that failed, [] where none did or too many to ask again."""
    try:
        found = json.loads((cache / "v" / "cache" / "lastfailed").read_text())
    except FileNotFoundError:
        return []
    return sorted(found) if len(found) <= MOST else []


def settle(before: Counter[str], first: Counter[str], second: Counter[str], names: int) -> None:
    """Adds to `before` what a phase came to in the end: `names` of its tests were asked twice.

    What failed the first time and not the second is counted as passed, and as `again`.
    """
    left = second["failed"] + second["errors"]
    counted = Counter(first)
    counted["failed"], counted["errors"] = second["failed"], second["errors"]
    counted["again"] = max(0, names - left)
    counted["passed"] += max(0, first["failed"] - left)
    before.update({name: number for name, number in counted.items() if number})


def told(names: list[str], *, passed: bool) -> str:
    """Returns what a person reads of the tests that were asked again."""
    end = "passed when asked alone" if passed else "failed beside others; not all passed alone"
    return "\n".join([*(f"again: {name}" for name in names), f"-- {len(names)} {end}"])
