"""How much of a table is read: more than any table of a town has."""

from collections.abc import Sequence

from services.insights.domain.imported.notes import Unusable

MOST_ROWS, MOST_COLUMNS = 12_000, 600
MOST_CELLS = 400_000  # with something in them; a year of hours at three stations has 300,000
MOST_TEXT = 2_500_000  # characters of all cells
CELL = 400  # characters of a cell that are looked at; a table has no longer ones that count


class Count:
    """Counts what was read of a file, and says where it is too much."""

    def __init__(self) -> None:
        self.rows = self.cells = self.characters = 0

    def row(self, cells: Sequence[str]) -> tuple[str, ...]:
        """Returns a row without the blank cells at its end. Errors: Unusable."""
        self.rows += 1
        if self.rows > MOST_ROWS:
            raise Unusable("TOO_MANY_ROWS", f"more than {MOST_ROWS:,} rows")
        kept = [cell[:CELL] for cell in cells]
        while kept and not kept[-1].strip():
            kept.pop()
        if len(kept) > MOST_COLUMNS:
            raise Unusable("TOO_MANY_COLUMNS", f"more than {MOST_COLUMNS} columns")
        self.cells += sum(1 for cell in kept if cell)
        self.characters += sum(map(len, kept))
        if self.cells > MOST_CELLS or self.characters > MOST_TEXT:
            raise Unusable("TOO_LARGE", "more than any table of a town")
        return tuple(kept)
