"""Figures over several days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from services.insights.domain.day_sales import Reach
from services.insights.domain.fact import Kind
from services.insights.domain.figures import DaySums, SourceState, ended_count, joined_count, total
from services.insights.domain.rollup import Measures


@dataclass(frozen=True)
class DaySpan:
    """Dates from first to last, both included."""

    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Yields each date, oldest first."""
        for offset in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=offset)


@dataclass(frozen=True)
class DayTotals:
    """Totals of one day; money is live money only. sales: how far it is told; where only the total
    is, `captured` holds sales kept and takings."""

    on: date
    scan_count: int
    captured: Measures
    voided: Measures
    refunded: Measures
    plans: Measures
    admitted_count: int
    joined_count: int = 0
    ended_count: int = 0
    sales: Reach = Reach.ALL

    @property
    def kept_count(self) -> int:
        """Sales kept: taken, not canceled and not refunded in full, a split one once."""
        return self.captured.count - self.voided.count - self.ended_count - self.joined_count

    @property
    def net_yen(self) -> int:
        """What stays of the day's takings."""
        return self.captured.amount_yen - self.voided.amount_yen - self.refunded.amount_yen


@dataclass(frozen=True)
class RangeFigures:
    """Days oldest first, days without events too. first_date: the first date with any fact."""

    days: tuple[DayTotals, ...]
    demo: bool
    first_date: date | None
    sources: tuple[SourceState, ...]


def day_totals(sums: DaySums, on: date) -> DayTotals:
    """Returns the totals of one day."""
    return DayTotals(
        on,
        total(sums, Kind.SCAN, on).count,
        total(sums, Kind.CAPTURED, on),
        total(sums, Kind.VOIDED, on),
        total(sums, Kind.REFUNDED, on),
        total(sums, Kind.PLANNED, on),
        total(sums, Kind.ADMITTED, on).persons,
        joined_count(sums, on),
        ended_count(sums, on),
    )
