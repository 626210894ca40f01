"""The book of a fiscal year: each KPI with its figures, how far it has come, what is likely."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.insights.domain.kpi import (
    MONTHS,
    Certainty,
    Figure,
    KpiSettings,
    Measure,
    months_of,
)
from services.insights.domain.kpi_trend import Range, likely

Figures = Mapping[str, Figure]  # by period: a fiscal year or a month
SIGNED = frozenset({Certainty.ENTERED, Certainty.IMPORTED})  # somebody stands for it


@dataclass(frozen=True)
class Period:
    """A fiscal year or month with its figure, None where there is none."""

    period: str
    figure: Figure | None


@dataclass(frozen=True)
class KeptKpi:
    """A KPI as it is kept."""

    kpi_id: str
    settings: KpiSettings
    version: int


@dataclass(frozen=True)
class Kpi:
    """A KPI in a book. years: with a figure, the oldest first. months: those that have begun.
    progress: share of the way from baseline to target, None where it cannot be said."""

    kpi_id: str
    settings: KpiSettings
    version: int
    figure: Figure | None
    years: tuple[Period, ...]
    months: tuple[Period, ...]
    progress: float | None
    likely: Range | None


@dataclass(frozen=True)
class Entry:
    """What somebody entered once. value: None where one was taken back. entered_time: ISO 8601.
    newest: nothing was entered for the period after it."""

    period: str
    value: int | None
    source_note: str
    entered_by: str
    entered_time: str
    newest: bool


@dataclass(frozen=True)
class Cost:
    """What the services cost in a fiscal year."""

    label: str
    amount_yen: int


@dataclass(frozen=True)
class Frame:
    """What a book stands in. shop_count: of the area, 0 where nobody has said."""

    shop_count: int = 0
    costs: tuple[Cost, ...] = ()


@dataclass(frozen=True)
class Book:
    """All figures of a fiscal year. Dates are ISO 8601; until_date: the last that figures from
    events hold, "" before the first."""

    fiscal_year: int
    first_date: str
    last_date: str
    until_date: str
    kpis: tuple[Kpi, ...]
    reporting_shop_count: int
    frame: Frame
    demo: bool


def kpi_of(
    kept: KeptKpi, figures: Figures, fiscal_year: int, begun: Sequence[str], running: int
) -> Kpi:
    """Returns a KPI in the book of a fiscal year.

    figures: by fiscal year and by month, of all years. begun: the months of the book's year that
    have begun. running: the fiscal year of today, which nothing is worked out from until it is
    over. A year is what was entered for it, else the sum of its months.
    """
    settings = kept.settings
    years = {year: _year(figures, year) for year in _years_in(figures)}
    if settings.baseline and settings.measure is Measure.HAND:
        point = settings.baseline
        years.setdefault(point.fiscal_year, Figure(point.value, point.value, Certainty.ENTERED, 12))
    told = tuple(
        Period(str(year), found)
        for year, found in sorted(years.items()) if found and year <= fiscal_year
    )  # fmt: skip
    figure = years.get(fiscal_year)
    whole = {
        int(each.period): each.figure.value
        for each in told
        if each.figure and each.figure.months == MONTHS and int(each.period) < running
    }  # fmt: skip
    if settings.baseline and settings.baseline.fiscal_year <= fiscal_year:
        whole.setdefault(settings.baseline.fiscal_year, settings.baseline.value)
    return Kpi(
        kept.kpi_id, settings, kept.version, figure, told,
        tuple(Period(month, figures.get(month)) for month in begun),
        progress(settings, figure),
        likely(whole, settings.target.fiscal_year) if settings.target else None,
    )  # fmt: skip


def progress(settings: KpiSettings, figure: Figure | None) -> float | None:
    """Returns the share of the way from baseline to target that a figure has come, by what is
    certain of it. None without the three, or where baseline and target are the same.

    Of a year that is not whole only what has passed the baseline already is told, on a way upward:
    a few months beside a whole year would look like a fall.
    """
    if figure is None or settings.baseline is None or settings.target is None:
        return None
    way = settings.target.value - settings.baseline.value
    gone = figure.value - settings.baseline.value
    if way == 0 or (figure.months < MONTHS and not (way > 0 and gone >= 0)):
        return None
    return round(gone / way, 4)


def _years_in(figures: Figures) -> set[int]:
    # The months January to March belong to the year before.
    return {
        int(period[:4]) - (len(period) > 4 and int(period[5:]) < 4) for period in figures
    }  # fmt: skip


def _year(figures: Figures, year: int) -> Figure | None:
    entered = figures.get(str(year))
    if entered is not None:
        return Figure(
            entered.value, entered.high, entered.certainty, MONTHS,
            entered.entered_by, entered.entered_time, entered.source_note,
            import_number=entered.import_number,
        )  # fmt: skip
    months = [figures[month] for month in months_of(year) if month in figures]
    if not months:
        return None
    value, high = sum(each.value for each in months), sum(each.high for each in months)
    untold = sum(each.untold_days for each in months)
    signed = [each for each in months if each.certainty in SIGNED]
    if signed:
        # Whoever corrected a month last has said what the year is; all that it rests on is named.
        newest = max(signed, key=lambda each: (each.entered_time, each.import_number))
        notes = " / ".join(dict.fromkeys(each.source_note for each in signed if each.source_note))
        return Figure(
            value, high, newest.certainty, sum(each.months for each in months),
            newest.entered_by, newest.entered_time, notes, untold, newest.import_number,
        )  # fmt: skip
    sure = Certainty.EXACT if value == high else Certainty.BOUNDED
    return Figure(value, high, sure, sum(each.months for each in months), untold_days=untold)
