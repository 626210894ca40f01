"""A range of days folded by week, a longer one by month: sums of exact counts, and their days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from babel.dates import format_interval, format_skeleton
from flask_babel import format_date, get_locale

from meguri.insights.v1 import insights_service_pb2 as pb
from services.edge.insights import charts, plain

WEEKS_UP_TO = 62  # days; longer ranges are folded by month


@dataclass(frozen=True)
class Fold:
    """Some days in a row, the newest first. by_month: they are of one month, else of one week.

    length: of the bar of its scans, 0 to 100.
    """

    days: Sequence[pb.DayTotals]
    by_month: bool
    length: float = 0.0

    @property
    def first(self) -> date:
        """The oldest day."""
        return date.fromisoformat(self.days[-1].date)

    @property
    def last(self) -> date:
        """The newest day."""
        return date.fromisoformat(self.days[0].date)

    @property
    def scan_count(self) -> int:
        """Scans of all days."""
        return sum(day.scan_count for day in self.days)

    @property
    def net_yen(self) -> int:
        """Takings of the days that tell them."""
        return sum(day.net_yen for day in self.days)

    @property
    def told_days(self) -> int:
        """Days with sales that tell their takings."""
        return sum(bool(day.net_yen or day.kept_count or day.captured_count) for day in self.days)

    @property
    def untold_days(self) -> int:
        """Days whose sales are withheld."""
        return untold(self.days)

    @property
    def name(self) -> str:
        """What the fold is called in the reader's language."""
        tag = get_locale()
        if self.by_month:
            return str(format_skeleton("yMMMM", self.first, locale=tag))
        return str(format_interval(self.first, self.last, "MMMd", locale=tag))


def untold(days: Sequence[pb.DayTotals]) -> int:
    """Returns how many days withhold their sales."""
    return sum(day.sales == pb.SALES_REACH_NONE for day in days)


def row_of(day: pb.DayTotals) -> tuple[int | None, ...]:
    """Returns the figures of a day as its row shows them; None for one that is withheld."""
    told = plain.told_of(day, day.sales)
    names = ("scan_count", "kept_count", "net_yen", "captured_yen", "voided_yen", "refunded_yen",
             "plan_count", "plan_person_count")  # fmt: skip
    return tuple(getattr(day, name) if name in told else None for name in names)


def folded(days: Sequence[pb.DayTotals]) -> list[Fold]:
    """Returns the days in folds, newest first."""
    by_month = len(days) > WEEKS_UP_TO
    newest_first = sorted(days, key=lambda day: day.date, reverse=True)
    found = [
        Fold(tuple(each), by_month)
        for _start, each in groupby(newest_first, key=lambda day: start_of(day.date, by_month))
    ]
    largest = max((fold.scan_count for fold in found), default=0)
    return [
        Fold(fold.days, by_month, charts.share(fold.scan_count, largest)) for fold in found
    ]  # fmt: skip


def start_of(text: str, by_month: bool) -> date:  # noqa: FBT001 - one of two kinds
    """Returns the first day of the week (Monday) or month that a day is in."""
    on = date.fromisoformat(text)
    return on.replace(day=1) if by_month else on - timedelta(days=on.weekday())


def drawn(days: Sequence[pb.DayTotals], measure: str, unit: str) -> charts.Chart:
    """Returns a column for each day, of a long range for each month."""
    by_month = len(days) > WEEKS_UP_TO
    if by_month:
        folds = folded(days)[::-1]
        values = [sum(getattr(day, measure) for day in fold.days) for fold in folds]
        labels = [f"{fold.first.month}" for fold in folds]
        named = [fold.name for fold in folds]
    else:
        dates = [date.fromisoformat(day.date) for day in days]
        values = [getattr(day, measure) for day in days]
        labels = [f"{on.month}/{on.day}" for on in dates]
        named = [format_date(on, "short") for on in dates]
    values = [max(0, value) for value in values]
    hints = [f"{name} – {value:,} {unit}" for name, value in zip(named, values, strict=True)]
    return charts.columns(values, labels, hints)


def day_word(text: str) -> str:
    """Returns a date as a row of a fold names it: 11月28日(土)."""
    return str(format_skeleton("MMMEd", date.fromisoformat(text), locale=get_locale()))
