"""What the days themselves tell: the tables of their pages, small figures withheld.

Answers to questions are sums of these and of nothing else. So whatever is asked, and however
answers are subtracted from one another, nothing comes out that the pages of days do not tell: two
days that look the same there are the same here (tests/unit/insights/test_query.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kit.pure.suppression import K, quiet_hours_first, release_line
from services.insights.domain import figures
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.figures import Breakdown, DaySums
from services.insights.domain.query import sensed
from services.insights.domain.query.asked import By, Measure
from services.insights.domain.query.sensed import Sensed, SensedHour, SensedTable
from services.insights.domain.query.table import Span, Table
from services.insights.domain.rollup import HourKey, Measures
from services.insights.domain.span import day_totals

NOT_ASKED = ""  # row of those at a gate whom nobody asked
HourSums = Mapping[HourKey, Measures]


@dataclass(frozen=True)
class DayData:
    """What is kept of one day. sales_told: its takings and sales may be read by marketing staff.
    over: the day is; which hours hide a small one changes until then."""

    sums: DaySums = field(default_factory=dict)
    hours: HourSums = field(default_factory=dict)
    sensed: Sequence[SensedHour] = ()
    sales_told: bool = False
    over: bool = True


SENSED = {Measure.VISITORS: Sensed.VISITORS, Measure.DEVICES: Sensed.DEVICES}


def whole(measure: Measure, data: DayData, on: date) -> Span | None:
    """Returns the undivided figure of a day; None where it is of too few shops to be told, or no
    sensor counted."""
    if measure in SENSED:
        return sensed.of_day(data.sensed, SENSED[measure])
    totals = day_totals(data.sums, on)
    if measure in {Measure.SALES, Measure.TAKINGS} and not data.sales_told:
        return None
    figure = {
        Measure.PAGES: totals.scan_count, Measure.PLANS: totals.plans.count,
        Measure.PLANNED_PEOPLE: totals.plans.persons, Measure.ENTRIES: totals.admitted_count,
        Measure.SALES: totals.kept_count, Measure.TAKINGS: totals.net_yen,
    }[measure]  # fmt: skip
    return Span(figure, figure)


def split(measure: Measure, by: By, data: DayData, on: date) -> Table | SensedTable:
    """Returns the figure of a day by values. data: of that day alone."""
    if measure in SENSED:
        return sensed.split(data.sensed, SENSED[measure], by_zone=by is By.ZONE)
    if by is By.HOUR:
        return _hours(measure, data, on)
    table = _SPLITS[by](data.sums, on)
    # Two looks at a running day would tell of the one who came between.
    return table if data.over or by not in _ABOUT_PEOPLE else Table(open=table.whole.low)


_ABOUT_PEOPLE = frozenset({By.LANGUAGE_ASKED, By.LANGUAGE_MISSED, By.ORIGIN})


def _asked(sums: DaySums, on: date) -> Table:
    scans = figures.scans(sums, on, {})
    return _table(scans.by_locale_asked, scans.count)


def _missed(sums: DaySums, on: date) -> Table:
    scans = figures.scans(sums, on, {})
    return _table(scans.by_locale_missed, scans.other_language_count)


def _stops(sums: DaySums, _on: date) -> Table:
    return _table(figures.breakdown(sums, Kind.SCAN, Dimension.STOP, {}), 0)


def _spots(sums: DaySums, on: date) -> Table:
    return _table(figures.plans(sums, on, {}).by_chosen, 0)


def _left_out(sums: DaySums, on: date) -> Table:
    return _table(figures.plans(sums, on, {}).by_left_out_reason, 0)


def _gates(sums: DaySums, on: date) -> Table:
    found = figures.breakdown(sums, Kind.ADMITTED, Dimension.SHOP, {}, persons=True)
    return _table(found, figures.total(sums, Kind.ADMITTED, on).persons)


def _origins(sums: DaySums, on: date) -> Table:
    all_ = figures.total(sums, Kind.ADMITTED, on).persons
    found = figures.breakdown(sums, Kind.ADMITTED, Dimension.ORIGIN, {}, persons=True)
    table = _table(found, all_)
    if table.open or all_ == found.n:
        return table
    return Table({**table.cells, NOT_ASKED: all_ - found.n}, table.rest)


_SPLITS: Mapping[By, Callable[[DaySums, date], Table]] = {
    By.LANGUAGE_ASKED: _asked, By.LANGUAGE_MISSED: _missed, By.STOP: _stops, By.SPOT: _spots,
    By.LEFT_OUT: _left_out, By.GATE: _gates, By.ORIGIN: _origins,
}  # fmt: skip


def _table(found: Breakdown, whole_day: int) -> Table:
    """whole_day: what is told of the undivided figure, where no value is."""
    if found.withheld:
        return Table(open=whole_day)
    cells = {cell.value: None if cell.withheld else cell.count for cell in found.cells}
    return Table(cells, found.n - sum(count or 0 for count in cells.values()))


_OF_HOUR: Mapping[Measure, tuple[Kind, Callable[[Measures], int]]] = {
    Measure.PAGES: (Kind.SCAN, lambda sums: sums.count),
    Measure.PLANS: (Kind.PLANNED, lambda sums: sums.count),
    Measure.ENTRIES: (Kind.ADMITTED, lambda sums: sums.persons),
}


def _hours(measure: Measure, data: DayData, on: date) -> Table:
    kind, number = _OF_HOUR[measure]
    counts = {
        str(key.hour): number(sums) for key, sums in data.hours.items()
        if key.kind is kind and key.occur_date == on and not key.practice and number(sums)
    }  # fmt: skip
    if measure is not Measure.ENTRIES:
        return Table(counts)  # pages and plans are things
    line = release_line(counts, K, quiet_hours_first)
    # Two looks at a running day hide a small hour behind two others, of which each look tells one.
    if line.total is None or not data.over:
        return Table(open=sum(counts.values()))
    return Table(line.cells, line.total - sum(count or 0 for count in line.cells.values()))
