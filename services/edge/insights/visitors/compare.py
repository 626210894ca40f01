"""Two periods side by side: hour with the same hour, and nothing said that intervals do not carry.

Only hours that both periods tell, and tell in the same way, are compared: otherwise a sensor that
was silent, or a zone that was calibrated in between, would look like a change of the crowd.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.edge.insights.bands import Triple
from services.edge.insights.visitors.figures import COMING, TOLD, Slot, total_of

SAME_PERCENT = 10  # a difference that is smaller whatever the truth: about the same

NOTHING, SAME, UNCLEAR, MORE, FEWER = "nothing", "same", "unclear", "more", "fewer"


@dataclass(frozen=True)
class Compared:
    """What became of a period against an earlier one.

    low, high: change in percent, -20 for a fifth less; high None: no upper end. pairs: hours
    compared. left_out: hours that only one tells, or the two in different ways.
    """

    outcome: str
    earlier: Triple
    later: Triple
    low: int = 0
    high: int | None = None
    pairs: int = 0
    left_out: int = 0
    method: str = ""

    @property
    def people(self) -> bool:
        """It is about visitors, not devices."""
        return self.method == "calibrated"


def compare(earlier: Sequence[Slot], later: Sequence[Slot]) -> Compared:
    """Returns how two periods of as many hours differ; each hour stands for that of its place."""
    pairs = [
        (one, other)
        for one, other in zip(earlier, later, strict=False)
        if one.state == other.state == TOLD and one.method == other.method
    ]
    ways = Counter(one.method for one, _other in pairs)
    either = sum(
        TOLD in (one.state, other.state) and COMING not in (one.state, other.state)
        for one, other in zip(earlier, later, strict=False)
    )
    # Of ways as frequent, visitors before devices.
    method = max(ways, key=lambda way: (ways[way], way == "calibrated"), default="")
    pairs = [pair for pair in pairs if pair[0].method == method]
    before, after = (total_of([pair[side] for pair in pairs]) for side in (0, 1))
    left_out = either - len(pairs)
    if not pairs or not before[0]:
        return Compared(NOTHING, before, after, pairs=len(pairs), left_out=left_out)
    low = math.floor(100 * after[1] / max(before[2], 1)) - 100
    high = math.ceil(100 * after[2] / before[1]) - 100 if before[1] else None
    return Compared(
        outcome(before, after, low, high), before, after, low, high, len(pairs), left_out, method
    )


def outcome(before: Triple, after: Triple, low: int, high: int | None) -> str:
    """Returns what may be said. While intervals touch nothing is called more or fewer."""
    if after[1] > before[2]:
        return MORE
    if after[2] < before[1]:
        return FEWER
    narrow = low >= -SAME_PERCENT and high is not None and high <= SAME_PERCENT
    return SAME if narrow else UNCLEAR
