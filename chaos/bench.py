"""Where a scenario plays that needs no whole platform: a folder, what was acknowledged, and what
became of it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Bench:
    """acknowledged: how much clients were told is stored. lost, doubled: what the effects say of
    it. faults: how many there were. figures: what else was measured."""

    folder: Path
    tell: Callable[[str], None] = lambda _: None
    acknowledged: int = 0
    faults: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def judge(self, acknowledged: Iterable[str], effects: Iterable[str], told: str) -> None:
        """Compares names that were acknowledged with names of effects: each must be there once, and
        nothing of which nobody knows. told: what a name is the name of.

        An effect whose acknowledgement was lost on its way is none of the platform's mistakes, so
        names of effects may be more; but never twice.
        """
        names, counted = set(acknowledged), Counter(effects)
        self.acknowledged += len(names)
        self.lost += [f"{told} {name} was acknowledged and has no effect"
                      for name in sorted(names - counted.keys())]  # fmt: skip
        self.doubled += [f"{told} {name} has {count} effects"
                         for name, count in sorted(counted.items()) if count > 1]  # fmt: skip
