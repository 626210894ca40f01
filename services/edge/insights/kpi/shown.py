"""How the KPI book is shown: each KPI in words, with a bar for the way it has come and a chart."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from meguri.insights.v1 import kpi_service_pb2 as pb
from services.edge.insights import charts
from services.edge.insights.charts import Chart
from services.edge.insights.kpi import words
from services.edge.insights.present import local
from services.edge.parts import area

WHOLE_YEAR = 12


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
    baseline to target, None where it cannot be said; bar: the same, 0 to 100."""

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


def shown(kpi: pb.Kpi, book: pb.KpiBook) -> Shown:
    """Returns a KPI of a book as it is read."""
    settings, figure = kpi.settings, kpi.figure
    there = kpi.HasField("figure")
    percent = round(100 * kpi.progress) if kpi.HasField("progress") else None
    return Shown(
        kpi.kpi_id, words.name_of(settings.names, kpi.kpi_id), words.unit_word(settings.unit),
        words.span(figure, settings.unit) if there else "",
        "" if there else _missing(settings.measure, book),
        _so_far(figure, book) if there else "",
        _source(kpi), settings.measure != pb.KPI_MEASURE_UNSPECIFIED,
        _point(settings, "baseline"), _point(settings, "target"),
        percent, float(min(100, max(0, percent or 0))),
        _likely(kpi), settings.owner, settings.definition,
    )  # fmt: skip


def _missing(measure: int, book: pb.KpiBook) -> str:
    if measure == pb.KPI_MEASURE_UNSPECIFIED:
        return str(_("Nothing entered yet"))
    if not book.until_date:
        return str(_("This year has not begun"))
    return str(_("Not measurable yet: no such event was heard"))


def _so_far(figure: pb.KpiFigure, book: pb.KpiBook) -> str:
    if figure.certainty == pb.KPI_CERTAINTY_ENTERED:
        if figure.month_count == WHOLE_YEAR:
            return ""
        return str(_("%(count)s of 12 months entered", count=figure.month_count))
    if book.until_date and book.until_date < book.last_date:
        return str(_("so far, until %(date)s", date=book.until_date))
    return ""


def _source(kpi: pb.Kpi) -> str:
    measured = words.SOURCES.get(kpi.settings.measure)
    figure = kpi.figure
    if kpi.HasField("figure") and figure.certainty == pb.KPI_CERTAINTY_ENTERED:
        return signed(figure)
    return str(measured or "")


def signed(figure: pb.KpiFigure) -> str:
    """Returns who entered a figure, when and from where; the baseline is nobody's entry."""
    if not figure.entered_by:
        return str(_("From the settings: the baseline"))
    on = f"{local(figure.entered_time, area().time_zone):%Y-%m-%d}"
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
            if each.HasField("figure") and each.figure.certainty == pb.KPI_CERTAINTY_ENTERED
            else "",
            each.HasField("figure") and each.figure.certainty == pb.KPI_CERTAINTY_ENTERED,
        )
        for each in periods
    ]  # fmt: skip


def chart(periods: Sequence[pb.KpiPeriod], unit: int) -> Chart | None:
    """Returns years or months drawn: columns, or spans where one is not exact; None for nothing."""
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
        return charts.whiskers(points, labels, hints)
    return charts.columns([max(0, each.figure.value) for each in periods], labels, hints)


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
            words.amount(each.before, units.get(each.kpi_id, 0)) if each.HasField("before")
            else "–",
            words.amount(each.after, units.get(each.kpi_id, 0)) if each.HasField("after")
            else "–",
        )
        for each in found
    ]  # fmt: skip


def effects(book: pb.KpiBook) -> list[tuple[str, str]]:
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
            each = words.amount(-(-cost // gained), pb.KPI_UNIT_YEN)
            found.append((words.name_of(kpi.settings.names, kpi.kpi_id), each))
    return found
