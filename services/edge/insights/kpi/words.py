"""What the KPI book says: names, units, where figures are from, fiscal years and amounts."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.insights.v1 import kpi_service_pb2 as pb
from services.edge.pages import yen
from services.edge.parts import locale

UNITS: dict[int, Any] = {
    pb.KPI_UNIT_PERSONS: _l("people"),
    pb.KPI_UNIT_NIGHTS: _l("nights"),
    pb.KPI_UNIT_REPLIES: _l("replies"),
    pb.KPI_UNIT_VIEWS: _l("pages opened"),
    pb.KPI_UNIT_YEN: _l("yen"),
    pb.KPI_UNIT_ITEMS: _l("items"),
    pb.KPI_UNIT_DAYS: _l("planned days"),
}
# Where one is chosen: behind a figure, several languages say the same of all three.
CHOICES: Mapping[int, Any] = UNITS | {
    pb.KPI_UNIT_REPLIES: _l("replies to a survey"),
    pb.KPI_UNIT_ITEMS: _l("items (such as requests)"),
    pb.KPI_UNIT_DAYS: _l("days planned with Meguri"),
}
MEASURES: Mapping[int, Any] = {
    pb.KPI_MEASURE_UNSPECIFIED: _l("Entered by hand"),
    pb.KPI_MEASURE_FOREIGN_ENTRIES: _l("Counted: people from abroad at the gates"),
    pb.KPI_MEASURE_ENTRIES: _l("Counted: people at the gates"),
    pb.KPI_MEASURE_SURVEY_REPLIES: _l("Counted: replies to the survey"),
    pb.KPI_MEASURE_GUIDE_VIEWS: _l("Counted: pages of the guide"),
    pb.KPI_MEASURE_TAKINGS: _l("Counted: takings of the linked shops"),
    pb.KPI_MEASURE_PLANS: _l("Counted: days planned"),
}
# Which unit each measure has; a form offers them together.
UNIT_OF: Mapping[int, int] = {
    pb.KPI_MEASURE_FOREIGN_ENTRIES: pb.KPI_UNIT_PERSONS,
    pb.KPI_MEASURE_ENTRIES: pb.KPI_UNIT_PERSONS,
    pb.KPI_MEASURE_SURVEY_REPLIES: pb.KPI_UNIT_REPLIES,
    pb.KPI_MEASURE_GUIDE_VIEWS: pb.KPI_UNIT_VIEWS,
    pb.KPI_MEASURE_TAKINGS: pb.KPI_UNIT_YEN,
    pb.KPI_MEASURE_PLANS: pb.KPI_UNIT_DAYS,
}
SOURCES: Mapping[int, Any] = {
    pb.KPI_MEASURE_FOREIGN_ENTRIES: _l(
        "From what people said at a gate. Whoever was not asked may be from abroad or not: that is "
        "the span."
    ),
    pb.KPI_MEASURE_ENTRIES: _l("Tickets admitted at the gates. Exact."),
    pb.KPI_MEASURE_SURVEY_REPLIES: _l("The guide's survey, told in whole tens a month."),
    pb.KPI_MEASURE_GUIDE_VIEWS: _l("Stop pages opened by QR code or link. Exact; not people."),
    pb.KPI_MEASURE_TAKINGS: _l(
        "Taken less canceled and refunded, linked shops only. Exact; not all of the town's sales."
    ),
    pb.KPI_MEASURE_PLANS: _l("Days planned with Meguri. Exact."),
}
CORRECTED: Mapping[str, Any] = {
    "figure": _l("Figure of the year"),
    "baseline": _l("Baseline"),
    "target": _l("Target"),
    "added": _l("New in the book"),
    "left_out": _l("No longer in the book"),
    "shops": _l("Shops in the area"),
    "reporting_shops": _l("Shops that report"),
    "costs": _l("Costs in yen"),
    "cost_lines": _l("What the costs are for"),
    "source": _l("Source of the figure"),
    "description": _l("What it is, or who answers for it"),
}


def name_of(names: Mapping[str, str], kpi_id: str) -> str:
    """Returns a KPI's name for the reader, else the nearest one there is."""
    return next((names[tag] for tag in (locale(), "ja", "en") if names.get(tag)), kpi_id)


def series_name(measure: str, place: str) -> str:
    """Returns what imported figures of months are about."""
    return f"{measure} · {place}" if place else measure


def unit_word(unit: int) -> str:
    """Returns what a figure counts."""
    return str(UNITS.get(unit, ""))


def amount(value: int, unit: int) -> str:
    """Returns a figure as it is read: 43,000, or ¥43,000."""
    return yen(value) if unit == pb.KPI_UNIT_YEN else f"{value:,}"


def span(figure: pb.KpiFigure, unit: int) -> str:
    """Returns a figure, or its two ends, or the least it can be."""
    if figure.untold_days:
        return str(_("at least %(figure)s", figure=amount(figure.value, unit)))
    if figure.certainty != pb.KPI_CERTAINTY_BOUNDED:
        return amount(figure.value, unit)
    return str(
        _("%(low)s to %(high)s", low=amount(figure.value, unit), high=amount(figure.high, unit))
    )


def year_word(year: int) -> str:
    """Returns the name of a fiscal year: 2026年度, FY 2026."""
    return str(_("FY %(year)s", year=year))


def period_word(period: str) -> str:
    """Returns the name of a fiscal year or month."""
    if "-" not in period:
        return year_word(int(period))
    return month_word(period)


def month_word(month: str) -> str:
    """Returns a month's name, such as May 2026."""
    return str(format_skeleton("yMMM", date.fromisoformat(f"{month}-01"), locale=get_locale()))


def corrected_word(what: str) -> str:
    """Returns what a correction is about."""
    return year_word(int(what)) if what.isdecimal() else str(CORRECTED.get(what, what))
