"""Small figures about people are never shown, nor left to be worked out (k-anonymity).

A released line is a set of cells and their sum. A cell below K is withheld. The withheld cells of a
line protect one another: at least two, and at least K people in them, else the smallest shown
cell is withheld too; where that does not help, the sum is withheld instead. A cell must be part
of one released sum only: crossing sums (a table with sums of rows and of columns) need more.

What is withheld is decided on the whole line and never on the selection that a caller asked for;
so two answers never differ in what they withhold. Which cell was withheld for its size and which
to protect another must not be told: it would narrow both.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = 10

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Line(Generic[Key]):
    """Released cells and their sum; None stands for withheld."""

    cells: Mapping[Key, int | None]
    total: int | None


def release_line(counts: Mapping[Key, int], k: int = K) -> Line[Key]:
    """Returns what may be shown of cells and of their sum.

    counts: people per cell, not negative. Errors: ValueError for a negative count or k below 2.
    """
    if k < 2 or any(count < 0 for count in counts.values()):
        raise ValueError("counts must not be negative, and k must be at least 2")
    withheld = {key for key, count in counts.items() if count < k}
    if withheld:
        _protect(counts, withheld, k)
    total = sum(counts.values())
    hidden = sum(counts[key] for key in withheld)
    open_total = total >= k and (not withheld or (len(withheld) > 1 and hidden >= k))
    cells = {key: None if key in withheld else count for key, count in counts.items()}
    return Line(cells, total if open_total else None)


def _protect(counts: Mapping[Key, int], withheld: set[Key], k: int) -> None:
    """Withholds further cells, smallest first, until the withheld ones protect one another.

    When all that is left would be a bare sum, nothing more is withheld: the sum goes instead.
    """
    extra: list[Key] = []
    hidden = sum(counts[key] for key in withheld)
    # The order is the same for every caller: by count, then by name.
    for key in sorted(counts.keys() - withheld, key=lambda key: (counts[key], str(key))):
        if len(withheld) + len(extra) > 1 and hidden >= k:
            break
        extra.append(key)
        hidden += counts[key]
    if len(withheld) + len(extra) > 1 and hidden >= k:
        withheld.update(extra)
