"""Figures of months from roll-ups: the same that other pages tell, added up, and nothing finer.

People from abroad are those who said so at a gate. Each day is read as its own page tells it, small
numbers withheld; what a day does not tell, and whoever was not asked, makes the span wider. So a
month gives nothing away that its days do not. Takings are likewise those of the days that may be
told to everybody (domain.sales): with the others in the sum, a month less its days would be theirs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from kit.pure.suppression import K, release_line
from services.insights.domain.day_sales import Cell
from services.insights.domain.fact import Kind
from services.insights.domain.figures import HOME, guests_first
from services.insights.domain.groups import GROUP
from services.insights.domain.kpi import Certainty, Figure, Measure, first_day, last_day
from services.insights.domain.rollup import Measures

# Whose first event a measure begins with: what nobody could count yet is not 0.
KIND_OF = {
    Measure.FOREIGN_ENTRIES: Kind.ADMITTED, Measure.ENTRIES: Kind.ADMITTED,
    Measure.SURVEY_REPLIES: Kind.ANSWERED, Measure.GUIDE_VIEWS: Kind.SCAN,
    Measure.TAKINGS: Kind.CAPTURED, Measure.PLANS: Kind.PLANNED,
}  # fmt: skip

NOTHING = Measures()


@dataclass(frozen=True)
class DayEntries:
    """Who went in on a day. all: with and without an origin. by_origin: of those who were asked."""

    all: int = 0
    by_origin: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Sums:
    """What figures are made from: undivided sums by month and kind, who went in by date, the first
    date of each kind, sales by date."""

    months: Mapping[tuple[str, Kind], Measures] = field(default_factory=dict)
    entries: Mapping[date, DayEntries] = field(default_factory=dict)
    begins: Mapping[Kind, date] = field(default_factory=dict)
    sales: Mapping[date, Cell] = field(default_factory=dict)


def month_of(on: date) -> str:
    """Returns the month of a date, such as "2026-05"."""
    return f"{on:%Y-%m}"


def months_between(first: date, last: date) -> Iterator[str]:
    """Yields the months of the dates from first to last, in order."""
    on = first.replace(day=1)
    while on <= last:
        yield month_of(on)
        on = (on + timedelta(days=31)).replace(day=1)


def from_events(sums: Sums, first: date, until: date) -> dict[Measure, dict[str, Figure]]:
    """Returns the figures of each month from first to until, by measure: from the measure's first
    event on. A month that began before it, or is not over, does not count as a whole one."""
    abroad, takings = _abroad(sums.entries), _takings(sums.sales)
    found: dict[Measure, dict[str, Figure]] = {}
    for measure, kind in KIND_OF.items():
        begins = sums.begins.get(kind)
        found[measure] = {}
        if begins is None:
            continue
        for month in months_between(max(first, begins), until):
            untold = 0
            if measure is Measure.TAKINGS:
                value, untold = takings.get(month, (0, 0))
                high = value
            elif measure is Measure.FOREIGN_ENTRIES:
                value, high = abroad.get(month, (0, 0))
            else:
                value, high = _of_month(sums, measure, month)
            whole = begins <= first_day(month) and last_day(month) <= until and not untold
            found[measure][month] = _figure(value, high, untold, whole=whole)
    return found


def _takings(sales: Mapping[date, Cell]) -> dict[str, tuple[int, int]]:
    """Returns by month the takings of the days that may be told, and how many may not."""
    found: dict[str, tuple[int, int]] = {}
    for on, cell in sales.items():
        yen, untold = found.get(month_of(on), (0, 0))
        told = cell.public
        own = sum(cell.net.values()) if told else 0
        found[month_of(on)] = yen + own, untold + (not told)
    return found


def _of_month(sums: Sums, measure: Measure, month: str) -> tuple[int, int]:
    def of(kind: Kind) -> Measures:
        return sums.months.get((month, kind), NOTHING)

    if measure is Measure.SURVEY_REPLIES:
        # In whole groups of ten as their page tells them, so that at most nine more have come.
        told = of(Kind.ANSWERED).count // GROUP * GROUP
        return told, told + GROUP - 1
    exact = {
        Measure.ENTRIES: of(Kind.ADMITTED).persons,
        Measure.GUIDE_VIEWS: of(Kind.SCAN).count,
        Measure.PLANS: of(Kind.PLANNED).count,
    }[measure]  # fmt: skip
    return exact, exact


def _abroad(entries: Mapping[date, DayEntries]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for on, day in entries.items():
        least, most = foreign(day)
        so_far = found.get(month_of(on), (0, 0))
        found[month_of(on)] = so_far[0] + least, so_far[1] + most
    return found


def foreign(day: DayEntries) -> tuple[int, int]:
    """Returns the least and the most people from abroad that a day's page lets one say."""
    line = release_line(day.by_origin, K, guests_first)
    if line.total is None:
        return 0, day.all
    abroad = sum(count or 0 for value, count in line.cells.items() if value != HOME)
    hidden = line.total - sum(count or 0 for count in line.cells.values())
    # Where Japan itself is withheld, what is withheld may be all from there.
    home_hidden = HOME in line.cells and line.cells[HOME] is None
    least = abroad + (0 if home_hidden else hidden)
    return least, max(least, abroad + hidden + day.all - line.total)


def _figure(value: int, high: int, untold_days: int, *, whole: bool) -> Figure:
    sure = Certainty.EXACT if value == high else Certainty.BOUNDED
    return Figure(value, high, sure, int(whole), untold_days=untold_days)
