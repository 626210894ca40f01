"""What comes out of a sheet: figures, what became of each row and column, sums that were
compared."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from services.insights.domain.imported.cells import State, YearSaid
from services.insights.domain.imported.notes import Note
from services.insights.domain.kpi import Unit

Series = tuple[str, str, date]  # measure, place, first of the month


class Fate(StrEnum):
    """What became of a row or column. TAKEN: at least one figure of it. REJECTED: it should have
    been taken and could not be. All others are left aside for what they are."""

    TAKEN = "taken"
    REJECTED = "rejected"
    BLANK = "blank"
    TITLE = "title"
    HEADING = "heading"
    TOTAL = "total"
    WORKED_OUT = "worked_out"  # a share, a change, a mean
    NOTE = "note"  # names no month, or nothing that is counted
    EMPTY = "empty"  # names something, and all its cells are empty


@dataclass(frozen=True)
class Figure:
    """A figure of a month. value: in `unit`; None where the sheet withholds it or nobody knows, as
    state says. step: how finely it is told, 1000 where the sheet counts in thousands."""

    measure: str
    place: str
    month: date
    value: int | None
    state: State
    unit: Unit
    step: int
    row: int

    @property
    def series(self) -> Series:
        """What it is about."""
        return self.measure, self.place, self.month


@dataclass
class Account:
    """What became of one row or column, from 1. count: figures taken of it, of a column that is
    left aside the cells with something in them. label: what it is called."""

    at: int
    fate: Fate
    label: str = ""
    count: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Total:
    """A sum that the sheet tells. at, across: its row and column from 1. summed: of what was taken,
    None where it cannot be added up because something in it is not told."""

    at: int
    across: int
    label: str
    told: Decimal
    summed: Decimal | None
    agrees: bool


@dataclass
class Taken:
    """All that a mapping makes of a sheet. Every row of the sheet is in `rows`, in order."""

    figures: list[Figure] = field(default_factory=list)
    rows: list[Account] = field(default_factory=list)
    columns: list[Account] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    rejected: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Rows that hold figures, taken or not."""
        return sum(each.fate in {Fate.TAKEN, Fate.REJECTED} for each in self.rows)

    @property
    def loaded(self) -> int:
        """Rows of which figures were taken."""
        return sum(each.fate is Fate.TAKEN for each in self.rows)


@dataclass(frozen=True)
class Names:
    """What a row or a column says of its cells. None: it says nothing of that."""

    month: tuple[int | None, int] | None = None
    year: YearSaid | None = None
    place: str | None = None
    measure: str | None = None
