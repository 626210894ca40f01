"""How the KPI book is shown: each KPI in words, with a bar for the way it has come and a chart."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from google.protobuf.timestamp_pb2 import Timestamp

from meguri.insights.v1 import kpi_service_pb2 as pb
from services.edge.insights import charts
from services.edge.insights.charts import Chart
from services.edge.insights.kpi import words
from services.edge.insights.present import local
from services.edge.parts import area

WHOLE_YEAR = 12
SIGNED = (pb.KPI_CERTAINTY_ENTERED, pb.KPI_CERTAINTY_IMPORTED)  # by somebody who is named


@dataclass(frozen=True)
class Line:
    """A fiscal year or month of a KPI. figure: "" where there is none."""

    name: str
    figure: str
    note: str
    by_hand: bool


@dataclass(frozen=True)
class Shown:
    """One KPI. figure: "" where there is none; then `missing` says why. percent: of the way from
    baseline to target, None where it cannot be said; bar: the same, 0 to 100. way_later: it can be
    said once the year is whole. expected: where the straight way would be in this year. beside:
    what stands beside the figure, nothing beside yen, which are written with their sign."""

    kpi_id: str
    name: str
    unit: str
    figure: str
    missing: str
    so_far: str
    source: str
    measured: bool
    baseline: str
    target: str
    percent: int | None
    bar: float
    likely: str
    owner: str
    definition: str
    way_later: bool
    expected: str
    beside: str


def shown(kpi: pb.Kpi, book: pb.KpiBook) -> Shown:
    """Returns a KPI of a book as it is read."""
    settings, figure = kpi.settings, kpi.figure
    there = kpi.HasField("figure")
    measured = settings.measure != pb.KPI_MEASURE_UNSPECIFIED or settings.HasField("series")
    percent = round(100 * kpi.progress) if kpi.HasField("progress") else None
    return Shown(
        kpi.kpi_id, words.name_of(settings.names, kpi.kpi_id), words.unit_word(settings.unit),
        words.span(figure, settings.unit) if there else "",
        "" if there else _missing(kpi, book),
        _so_far(figure, book) if there else "",
        _source(kpi), measured,
        _point(settings, "baseline"), _point(settings, "target"),
        percent, float(min(100, max(0, percent or 0))),
        _likely(kpi), settings.owner, settings.definition,
        there and percent is None and figure.month_count < WHOLE_YEAR
        and settings.HasField("baseline") and settings.HasField("target"),
        _expected(settings, book.fiscal_year),
        "" if settings.unit == pb.KPI_UNIT_YEN else words.unit_word(settings.unit),
    )  # fmt: skip


def _expected(settings: pb.KpiSettings, year: int) -> str:
    if not settings.HasField("baseline") or not settings.HasField("target"):
        return ""
    first, last = settings.baseline, settings.target
    if not first.fiscal_year < year < last.fiscal_year:
        return ""
    share = (year - first.fiscal_year) / (last.fiscal_year - first.fiscal_year)
    due = words.amount(round(first.value + (last.value - first.value) * share), settings.unit)
    return str(_("The straight way to the target would be at %(figure)s in %(year)s.",
                 figure=due, year=words.year_word(year)))  # fmt: skip


def _missing(kpi: pb.Kpi, book: pb.KpiBook) -> str:
    if kpi.settings.HasField("series"):
        return str(_("No month of this year is imported yet"))
    if kpi.settings.measure == pb.KPI_MEASURE_UNSPECIFIED:
        return str(_("Nothing entered yet"))
    if not book.until_date and kpi.months:
        return str(_("No day of this year is over yet"))
    if not book.until_date:
        return str(_("This year has not begun"))
    return str(_("Not measurable yet: no such event was heard"))


def _so_far(figure: pb.KpiFigure, book: pb.KpiBook) -> str:
    if figure.certainty in SIGNED:
        return _of_months(figure)
    if figure.untold_days:
        return str(_("without %(count)s days whose sales are not of three shops or more, none above"
                     " 70 %%", count=figure.untold_days))  # fmt: skip
    if book.until_date and book.until_date < book.last_date:
        return str(_("so far, until %(date)s", date=book.until_date))
    if figure.month_count < WHOLE_YEAR:
        return str(_("%(count)s whole months of 12", count=figure.month_count))
    return ""


def _of_months(figure: pb.KpiFigure) -> str:
    if figure.month_count == WHOLE_YEAR:
        return ""
    if figure.certainty == pb.KPI_CERTAINTY_IMPORTED:
        return str(_("%(count)s of 12 months imported", count=figure.month_count))
    return str(_("%(count)s of 12 months entered", count=figure.month_count))


def _source(kpi: pb.Kpi) -> str:
    measured = words.SOURCES.get(kpi.settings.measure)
    figure = kpi.figure
    if kpi.HasField("figure") and figure.certainty == pb.KPI_CERTAINTY_ENTERED:
        return signed(figure)
    if kpi.settings.HasField("series"):
        what = words.series_name(kpi.settings.series.measure, kpi.settings.series.place)
        if not kpi.HasField("figure"):
            return str(_("From what is imported: %(what)s", what=what))
        return f"{what} – {signed(figure)}"
    if figure.untold_days:
        return str(
            _("Taken less canceled and refunded, linked shops only, of days that may be told.")
        )
    return str(measured or "")


def signed(figure: pb.KpiFigure) -> str:
    """Returns who entered a figure, when and from where, or of which import it is; the baseline is
    nobody's entry."""
    if figure.certainty == pb.KPI_CERTAINTY_IMPORTED:
        return str(_("Import no. %(number)s, kept by %(name)s on %(date)s: %(source)s",
                 number=figure.import_number, name=figure.entered_by,
                 date=on_date(figure.entered_time), source=figure.source_note))  # fmt: skip
    if not figure.entered_by:
        return str(_("From the settings: the baseline"))
    on = on_date(figure.entered_time)
    return str(_("Entered by %(name)s on %(date)s: %(source)s",
             name=figure.entered_by, date=on, source=figure.source_note))  # fmt: skip


def _point(settings: pb.KpiSettings, name: str) -> str:
    if not settings.HasField(name):  # type: ignore[arg-type] # one of two fields
        return ""
    point: pb.KpiPoint = getattr(settings, name)
    value = words.amount(point.value, settings.unit)
    return str(_("%(figure)s (%(year)s)", figure=value, year=words.year_word(point.fiscal_year)))


def _likely(kpi: pb.Kpi) -> str:
    if not kpi.HasField("likely") or not kpi.settings.HasField("target"):
        return ""
    unit = kpi.settings.unit
    return str(_(
        "A straight line through %(count)s years makes %(low)s to %(high)s likely (80 %%).",
        count=kpi.likely.year_count, low=words.amount(kpi.likely.low, unit),
        high=words.amount(kpi.likely.high, unit),
    ))  # fmt: skip


def lines(periods: Sequence[pb.KpiPeriod], unit: int) -> list[Line]:
    """Returns years or months as rows of a table."""
    return [
        Line(
            words.period_word(each.period),
            words.span(each.figure, unit) if each.HasField("figure") else "",
            signed(each.figure)
            if each.HasField("figure") and each.figure.certainty in SIGNED
            else "",
            each.HasField("figure") and each.figure.certainty == pb.KPI_CERTAINTY_ENTERED,
        )
        for each in periods
    ]  # fmt: skip


def chart(periods: Sequence[pb.KpiPeriod], unit: int, *, least_top: int = 0) -> Chart | None:
    """Returns years or months drawn: columns, or spans where one is not exact; None for nothing.

    least_top: what the upright axis holds at least.
    """
    if not any(each.HasField("figure") for each in periods):
        return None
    labels = [_short(each.period) for each in periods]
    hints = [
        f"{words.period_word(each.period)}: "
        + (words.span(each.figure, unit) if each.HasField("figure") else "–")
        for each in periods
    ]
    if any(each.figure.certainty == pb.KPI_CERTAINTY_BOUNDED for each in periods):
        points = [
            (each.figure.value, each.figure.value, each.figure.high)
            if each.HasField("figure") else None
            for each in periods
        ]  # fmt: skip
        return charts.whiskers(points, labels, hints, least_top=least_top)
    values = [max(0, each.figure.value) for each in periods]
    return charts.columns(values, labels, hints, least_top=least_top)


def year_chart(kpi: pb.Kpi) -> Chart | None:
    """Returns the years drawn, none left out between, with the straight way from the baseline to
    the target; None for nothing."""
    settings, told = kpi.settings, {int(each.period): each for each in kpi.years}
    way = [
        (point.fiscal_year, point.value)
        for name, point in (("baseline", settings.baseline), ("target", settings.target))
        if settings.HasField(name)  # type: ignore[arg-type] # one of two fields
    ]
    years = [*told, *(year for year, _value in way)]
    if not told:
        return None
    shown_years = range(min(years), max(years) + 1)
    drawn = chart(
        [told.get(year, pb.KpiPeriod(period=str(year))) for year in shown_years], settings.unit,
        least_top=max((value for _year, value in way), default=0),
    )  # fmt: skip
    if drawn is None or len(way) < len(("baseline", "target")):
        return drawn
    spots = [(year - min(years), value) for year, value in way]
    hint = _("The straight way from %(baseline)s to %(target)s",
             baseline=_point(settings, "baseline"), target=_point(settings, "target"))  # fmt: skip
    return charts.with_way(drawn, spots, len(shown_years), str(hint))


def _short(period: str) -> str:
    return str(int(period[5:])) if "-" in period else period


@dataclass(frozen=True)
class Correction:
    """What an edition corrects, in words. before, after: "–" where nothing is said."""

    name: str
    what: str
    before: str
    after: str


def corrections(found: Sequence[pb.KpiCorrection], book: pb.KpiBook) -> list[Correction]:
    """Returns what an edition says otherwise than the one before."""
    units = {kpi.kpi_id: kpi.settings.unit for kpi in book.kpis}
    return [
        Correction(
            words.name_of(each.names, each.kpi_id) if each.kpi_id else _("The whole book"),
            words.corrected_word(each.what),
            _said(each.before, each.before_high, each.before_year, units.get(each.kpi_id, 0))
            if each.HasField("before") else "–",
            _said(each.after, each.after_high, each.after_year, units.get(each.kpi_id, 0))
            if each.HasField("after") else "–",
        )
        for each in found
    ]  # fmt: skip


def _said(value: int, high: int, year: int, unit: int) -> str:
    sure = pb.KPI_CERTAINTY_BOUNDED if high > value else pb.KPI_CERTAINTY_EXACT
    told = words.span(pb.KpiFigure(value=value, high=high, certainty=sure), unit)
    if not year:
        return told
    return str(_("%(figure)s (%(year)s)", figure=told, year=words.year_word(year)))


def on_date(time: Timestamp) -> str:
    """Returns a date as it was in the area."""
    return f"{local(time, area().time_zone):%Y-%m-%d}"


def effects(book: pb.KpiBook) -> list[tuple[str, str, int]]:
    """Returns, by KPI, what all costs of the year come to for each one gained since the baseline.

    Only where the figure is above the baseline: then it says what the gain would have cost if
    nothing else had led to it.
    """
    cost = sum(each.amount_yen for each in book.frame.costs)
    found = []
    for kpi in book.kpis:
        gained = kpi.figure.value - kpi.settings.baseline.value
        known = kpi.HasField("figure") and kpi.settings.HasField("baseline")
        if cost and known and gained > 0 and kpi.settings.unit != pb.KPI_UNIT_YEN:
            each = -(-cost // gained)
            told = words.amount(each, pb.KPI_UNIT_YEN)
            found.append((words.name_of(kpi.settings.names, kpi.kpi_id), told, each))
    return found
