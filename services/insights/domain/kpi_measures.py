"""Figures of months from roll-ups: the same that other pages tell, added up, and nothing finer.

People from abroad are those who said so at a gate. Each day is read as its own page tells it, small
numbers withheld; what a day does not tell, and whoever was not asked, makes the span wider. So a
month gives nothing away that its days do not.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.figures import DaySums, breakdown, total
from services.insights.domain.groups import GROUP
from services.insights.domain.kpi import Certainty, Figure, Measure
from services.insights.domain.replies import Reply, tell
from services.insights.domain.rollup import DayKey, Measures
from services.insights.domain.span import day_totals

HOME = "JP"


def month_of(on: date) -> str:
    """Returns the month of a date, such as "2026-05"."""
    return f"{on:%Y-%m}"


def from_events(sums: DaySums, dates: Sequence[date]) -> dict[Measure, dict[str, Figure]]:
    """Returns the figures of each month that has one of the dates, for all that roll-ups tell."""
    by_date: defaultdict[date, dict[DayKey, Measures]] = defaultdict(dict)
    for key, measures in sums.items():
        by_date[key.occur_date][key] = measures
    found: dict[Measure, dict[str, Figure]] = {
        measure: {} for measure in Measure
        if measure not in {Measure.HAND, Measure.SURVEY_REPLIES}
    }  # fmt: skip
    for on in dates:
        for measure, (value, high) in _of_day(by_date.get(on, {}), on).items():
            month = month_of(on)
            so_far = found[measure].get(month, Figure(0, 0, Certainty.EXACT))
            found[measure][month] = _figure(so_far.value + value, so_far.high + high)
    return found


def _of_day(sums: DaySums, on: date) -> dict[Measure, tuple[int, int]]:
    totals = day_totals(sums, on)
    exact = {
        Measure.ENTRIES: totals.admitted_count,
        Measure.GUIDE_VIEWS: totals.scan_count,
        Measure.TAKINGS: totals.net_yen,
        Measure.PLANS: totals.plans.count,
    }
    return {measure: (value, value) for measure, value in exact.items()} | {
        Measure.FOREIGN_ENTRIES: foreign(sums, on)
    }


def foreign(sums: DaySums, on: date) -> tuple[int, int]:
    """Returns the least and the most people from abroad that a day's page lets one say."""
    admitted = total(sums, Kind.ADMITTED, on).persons
    told = breakdown(sums, Kind.ADMITTED, Dimension.ORIGIN, {}, persons=True)
    if told.withheld:
        return 0, admitted
    cells = {cell.value: cell for cell in told.cells}
    abroad = sum(cell.count for value, cell in cells.items() if value != HOME)
    hidden = told.n - sum(cell.count for cell in told.cells)
    # Where Japan itself is withheld, what is withheld may be all from there.
    home_hidden = HOME in cells and cells[HOME].withheld
    least = abroad + (0 if home_hidden else hidden)
    return least, max(least, abroad + hidden + admitted - told.n)


def from_replies(replies: Mapping[str, Iterable[Reply]]) -> dict[str, Figure]:
    """Returns the replies of each month as its page tells them: in whole groups of ten, so that at
    most nine more may have come."""
    found = {}
    for month, heard in replies.items():
        count = tell(heard).count
        found[month] = _figure(count, count + GROUP - 1)
    return found


def _figure(value: int, high: int) -> Figure:
    return Figure(value, high, Certainty.EXACT if value == high else Certainty.BOUNDED)
