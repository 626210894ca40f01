"""Figures that lie between two ends, and the table of one day."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Span:
    """A figure that lies between two numbers, both included; exact where they are one."""

    low: int = 0
    high: int = 0

    def __add__(self, other: "Span") -> "Span":
        return Span(self.low + other.low, self.high + other.high)


NOTHING = Span()


@dataclass(frozen=True)
class Table:
    """A measure of one day, split. cells: None where withheld. rest: what the withheld ones hold
    together. open: what the day tells of no value at all; each may hold it."""

    cells: Mapping[str, int | None] = field(default_factory=dict)
    rest: int = 0
    open: int = 0

    @property
    def whole(self) -> Span:
        """All values together."""
        figure = sum(count or 0 for count in self.cells.values()) + self.rest + self.open
        return Span(figure, figure)

    def of(self, value: str) -> Span:
        """Returns what the day tells of one value."""
        count = self.cells.get(value, 0)
        if count is not None:
            return Span(count, count + self.open)
        return Span(0, self.rest)

    def tells(self, _value: str) -> bool:
        """A value that is not there was counted, and is none."""
        return True
