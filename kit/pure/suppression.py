"""Small figures about people are never shown, nor left to be worked out (k-anonymity).

A released table is a set of cells and of sums over them. A cell below K is withheld. Where a sum is
released as well, the withheld cells of that sum are protected together: at least two, and at
least K people in them, else the smallest released cell is withheld too, and at last the sum itself.

What is withheld is decided on the whole table and never on the selection that a caller asked for;
so two answers never differ in what they withhold. Which cell was withheld for its size and which
to protect another must not be told: it would narrow both.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = 10

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)


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


@dataclass(frozen=True)
class Table(Generic[Row, Column]):
    """A released table with the sums of its rows, of its columns and of all; None: withheld."""

    cells: Mapping[tuple[Row, Column], int | None]
    row_totals: Mapping[Row, int | None]
    column_totals: Mapping[Column, int | None]
    total: int | None


def release_table(counts: Mapping[tuple[Row, Column], int], k: int = K) -> Table[Row, Column]:
    """Returns what may be shown of a table of rows and columns with all its sums.

    Each line of the table (a row, a column, the row sums, the column sums) is protected as one
    release_line; withholding in one line may need more in the other, so it goes round until
    nothing changes. Where a line cannot protect its cells, its sum is withheld, which the sums'
    own line then protects. Errors: as release_line.
    """
    if k < 2 or any(count < 0 for count in counts.values()):
        raise ValueError("counts must not be negative, and k must be at least 2")
    grid = _Grid(counts, k)
    while grid.protect_once():
        pass
    return grid.table()


class _Grid(Generic[Row, Column]):
    """The table with its sums as further cells: row None holds column sums, and the reverse."""

    def __init__(self, counts: Mapping[tuple[Row, Column], int], k: int) -> None:
        self.k = k
        self.rows = list(dict.fromkeys(row for row, _ in counts))
        self.columns = list(dict.fromkeys(column for _, column in counts))
        self.values: dict[tuple[Row | None, Column | None], int] = {}
        for (row, column), count in counts.items():
            self.values[row, column] = count
            for key in ((row, None), (None, column), (None, None)):
                self.values[key] = self.values.get(key, 0) + count
        self.withheld = {key for key, value in self.values.items() if value < k}
        self.lines = [
            [key for key in self.values if key[0] == row] for row in [*self.rows, None]
        ] + [[key for key in self.values if key[1] == column] for column in [*self.columns, None]]

    def protect_once(self) -> bool:
        """Goes over all lines once; returns whether anything more was withheld.

        In a line the sum is one more term of the equation "cells - sum = 0", so it may serve as
        the second withheld term like any other; it is the last to be taken.
        """
        before = len(self.withheld)
        for line in self.lines:
            hidden = [key for key in line if key in self.withheld]
            if hidden and not self._safe(line, hidden):
                self._withhold_more(line, hidden)
        return len(self.withheld) > before

    def _safe(self, line: list[tuple[Row | None, Column | None]],
              hidden: list[tuple[Row | None, Column | None]]) -> bool:  # fmt: skip
        if self._sum_key(line) in hidden:
            return len(hidden) > 1
        return len(hidden) > 1 and sum(self.values[key] for key in hidden) >= self.k

    def _sum_key(
        self, line: list[tuple[Row | None, Column | None]]
    ) -> tuple[Row | None, Column | None]:
        return max(line, key=lambda key: ((key[0] is None) + (key[1] is None), self.values[key]))

    def _withhold_more(self, line: list[tuple[Row | None, Column | None]],
                       hidden: list[tuple[Row | None, Column | None]]) -> None:  # fmt: skip
        total = self._sum_key(line)
        open_keys = [key for key in line if key not in self.withheld]
        open_keys.sort(key=lambda key: (key == total, self.values[key], str(key)))
        for key in open_keys:
            hidden.append(key)
            self.withheld.add(key)
            if self._safe(line, hidden):
                return

    def table(self) -> Table[Row, Column]:
        """Returns the released table."""
        shown = {key: None if key in self.withheld else value for key, value in self.values.items()}
        return Table(
            {(r, c): v for (r, c), v in shown.items() if r is not None and c is not None},
            {r: v for (r, c), v in shown.items() if r is not None and c is None},
            {c: v for (r, c), v in shown.items() if r is None and c is not None},
            shown.get((None, None)),
        )
