"""What became of each row of a feed."""

from collections import Counter
from dataclasses import dataclass, field

LISTED = 1_000  # problems kept in words; all are counted


@dataclass(frozen=True)
class Problem:
    """A row that was left out (refused) or used with a doubt. reason: stable."""

    table: str
    row: int
    reason: str
    text: str
    refused: bool


@dataclass
class Report:
    """Rows by table: read = used + refused, always. counts: problems by table and reason."""

    read: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    @property
    def used(self) -> dict[str, int]:
        """Rows of each table that are in the timetable."""
        return {table: count - self.refused[table] for table, count in self.read.items()}

    def refuse(self, table: str, row: int, reason: str, text: str, *, rows: int = 1) -> None:
        """Notes a row that is left out. rows: of how many rows this is the first."""
        self.refused[table] += rows
        self._note(Problem(table, row, reason, text, refused=True), rows)

    def doubt(self, table: str, row: int, reason: str, text: str) -> None:
        """Notes a row that is used all the same."""
        self._note(Problem(table, row, reason, text, refused=False), 1)

    def _note(self, problem: Problem, rows: int) -> None:
        self.counts[problem.table, problem.reason] += rows
        if len(self.problems) < LISTED:
            self.problems.append(problem)
