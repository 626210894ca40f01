"""Hours that sensors counted, as the pages of days show them.

An hour's figure is of that hour alone: who stays for three is in three of them. So a sum over
hours is of visitors times hours, and says how full it was, not how many came. Hours that are
withheld are in no figure. Intervals are added end to end: a sensor may err one way all day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.insights.domain.query.table import NOTHING, Span


class Sensed(StrEnum):
    """What an hour counts; the two are never added up."""

    VISITORS = "visitors"
    DEVICES = "devices"


@dataclass(frozen=True)
class SensedHour:
    """An hour of a zone that may be shown. hour: 0 to 23, local."""

    zone_id: str
    hour: int
    span: Span
    kind: Sensed


@dataclass(frozen=True)
class SensedTable:
    """Hours of a day, added up by values. An hour that nobody counted is none of nothing."""

    cells: Mapping[str, Span]

    @property
    def whole(self) -> Span:
        """All values together."""
        return sum(self.cells.values(), NOTHING)

    def of(self, value: str) -> Span:
        """Returns what was counted of one value."""
        return self.cells.get(value, NOTHING)

    def tells(self, value: str) -> bool:
        """Tells whether anything was counted of it."""
        return value in self.cells


def of_day(hours: Iterable[SensedHour], kind: Sensed) -> Span | None:
    """Returns all told hours of a day together; None where there is none."""
    spans = [each.span for each in hours if each.kind is kind]
    return sum(spans, NOTHING) if spans else None


def split(hours: Iterable[SensedHour], kind: Sensed, *, by_zone: bool) -> SensedTable:
    """Returns the told hours by zone, else by hour of the day."""
    cells: dict[str, Span] = {}
    for each in hours:
        if each.kind is kind:
            value = each.zone_id if by_zone else str(each.hour)
            cells[value] = cells.get(value, NOTHING) + each.span
    return SensedTable(cells)
