"""One file a day: what happens on it, how often, and what its gate asks for."""

import importlib
from pathlib import Path

from loadtests.day import Day


def names() -> list[str]:
    """Returns the names of the days there are."""
    return sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


def find(name: str) -> Day:
    """Returns a day. Errors: ModuleNotFoundError."""
    day: Day = importlib.import_module(f"loadtests.days.{name}").DAY
    return day
