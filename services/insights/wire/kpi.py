"""The KPI book on the wire."""

from collections.abc import Iterable
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from kit.pure.errors import InvalidFields
from meguri.insights.v1 import kpi_service_pb2 as pb
from services.insights.app.kpi_books import Edition, Standing
from services.insights.domain.kpi import (
    Certainty,
    Figure,
    KpiSettings,
    Measure,
    Point,
    Series,
    Unit,
)
from services.insights.domain.kpi_book import Book, Cost, Entry, Frame, Kpi, Period
from services.insights.domain.kpi_edition import Correction, Mark
from services.insights.wire import timestamp

_CERTAINTY = {
    Certainty.EXACT: pb.KPI_CERTAINTY_EXACT, Certainty.BOUNDED: pb.KPI_CERTAINTY_BOUNDED,
    Certainty.ENTERED: pb.KPI_CERTAINTY_ENTERED, Certainty.IMPORTED: pb.KPI_CERTAINTY_IMPORTED,
}  # fmt: skip


def standing_message(found: Standing) -> pb.ReadKpiBookResponse:
    """A book as it stands."""
    return pb.ReadKpiBookResponse(
        book=_book(found.book), editions=map(_mark, found.editions),
        retired=map(_kpi, found.retired), changed=found.changed,
        pending=map(_correction, found.pending),
    )  # fmt: skip


def edition_message(found: Edition) -> pb.ReadKpiEditionResponse:
    """A frozen book."""
    return pb.ReadKpiEditionResponse(
        book=_book(found.book), mark=_mark(found.mark), digest=found.digest,
        corrections=map(_correction, found.corrections),
    )  # fmt: skip


def settings_of(message: pb.KpiSettings) -> KpiSettings:
    """What a KPI is to be. Errors: InvalidFields for a unit or measure that is not known."""
    try:
        unit, measure = pb.KpiUnit.Name(message.unit), pb.KpiMeasure.Name(message.measure)
    except ValueError as error:
        raise InvalidFields([("unit", "give a unit and a measure that are known")]) from error
    unit, measure = unit.removeprefix("KPI_UNIT_"), measure.removeprefix("KPI_MEASURE_")
    return KpiSettings(
        dict(sorted(message.names.items())),
        None if unit == "UNSPECIFIED" else Unit[unit],
        Measure.HAND if measure == "UNSPECIFIED" else Measure[measure],
        _point_of(message.baseline) if message.HasField("baseline") else None,
        _point_of(message.target) if message.HasField("target") else None,
        message.owner, message.definition, message.retired,
        _series_of(message.series) if message.HasField("series") else None,
    )  # fmt: skip


def frame_of(message: pb.KpiFrame) -> Frame:
    """What a fiscal year stands in."""
    costs = tuple(Cost(each.label.strip(), each.amount_yen) for each in message.costs)
    return Frame(message.shop_count, costs)


def _series_of(message: pb.KpiSeries) -> Series:
    return Series(
        message.measure.strip(), message.place.strip(), message.first_month, message.last_month
    )


def _point_of(message: pb.KpiPoint) -> Point:
    return Point(message.fiscal_year, message.value)


def _book(book: Book) -> pb.KpiBook:
    return pb.KpiBook(
        fiscal_year=book.fiscal_year, first_date=book.first_date, last_date=book.last_date,
        until_date=book.until_date, kpis=map(_kpi, book.kpis),
        reporting_shop_count=book.reporting_shop_count, frame=_frame(book.frame), demo=book.demo,
    )  # fmt: skip


def _frame(frame: Frame) -> pb.KpiFrame:
    costs = [pb.KpiCost(label=each.label, amount_yen=each.amount_yen) for each in frame.costs]
    return pb.KpiFrame(shop_count=frame.shop_count, costs=costs)


def _kpi(kpi: Kpi) -> pb.Kpi:
    likely = kpi.likely
    return pb.Kpi(
        kpi_id=kpi.kpi_id, settings=_settings(kpi.settings), version=kpi.version,
        figure=_figure(kpi.figure), years=_periods(kpi.years), months=_periods(kpi.months),
        progress=kpi.progress,
        likely=pb.KpiRange(low=likely.low, high=likely.high, year_count=likely.years)
        if likely else None,
    )  # fmt: skip


def _settings(settings: KpiSettings) -> pb.KpiSettings:
    return pb.KpiSettings(
        names=settings.names,
        unit=pb.KpiUnit.Value(f"KPI_UNIT_{settings.unit.name if settings.unit else 'UNSPECIFIED'}"),
        measure=pb.KPI_MEASURE_UNSPECIFIED if settings.measure is Measure.HAND
        else pb.KpiMeasure.Value(f"KPI_MEASURE_{settings.measure.name}"),
        baseline=_point(settings.baseline), target=_point(settings.target),
        owner=settings.owner, definition=settings.definition, retired=settings.retired,
        series=_series(settings.series),
    )  # fmt: skip


def _series(series: Series | None) -> pb.KpiSeries | None:
    if series is None:
        return None
    return pb.KpiSeries(
        measure=series.measure, place=series.place, first_month=series.first_month,
        last_month=series.last_month,
    )  # fmt: skip


def _point(point: Point | None) -> pb.KpiPoint | None:
    return pb.KpiPoint(fiscal_year=point.fiscal_year, value=point.value) if point else None


def _figure(figure: Figure | None) -> pb.KpiFigure | None:
    if figure is None:
        return None
    return pb.KpiFigure(
        value=figure.value, high=figure.high, certainty=_CERTAINTY[figure.certainty],
        month_count=figure.months, untold_days=figure.untold_days, entered_by=figure.entered_by,
        entered_time=time_of(figure.entered_time), source_note=figure.source_note,
        import_number=figure.import_number,
    )  # fmt: skip


def _periods(periods: Iterable[Period]) -> list[pb.KpiPeriod]:
    return [pb.KpiPeriod(period=each.period, figure=_figure(each.figure)) for each in periods]


def _mark(mark: Mark) -> pb.KpiEditionMark:
    return pb.KpiEditionMark(
        number=mark.number, frozen_time=time_of(mark.frozen_time), frozen_by=mark.frozen_by,
        note=mark.note,
    )  # fmt: skip


def _correction(found: Correction) -> pb.KpiCorrection:
    before, after = found.before, found.after
    return pb.KpiCorrection(
        kpi_id=found.kpi.kpi_id if found.kpi else "",
        names=found.kpi.settings.names if found.kpi else {},
        what=found.what, before=before.value if before else None,
        after=after.value if after else None,
        before_high=before.high if before else 0, after_high=after.high if after else 0,
        before_year=before.year if before else 0, after_year=after.year if after else 0,
    )  # fmt: skip


def entries_message(found: Iterable[Entry]) -> pb.ReadKpiEntriesResponse:
    """What was entered."""
    return pb.ReadKpiEntriesResponse(entries=[
        pb.KpiEntry(
            period=each.period, value=each.value, source_note=each.source_note,
            entered_by=each.entered_by, entered_time=time_of(each.entered_time), newest=each.newest,
        )
        for each in found
    ])  # fmt: skip


def time_of(text: str) -> Timestamp | None:
    """Encodes a moment as ISO 8601 writes it; None for an empty text."""
    return timestamp(datetime.fromisoformat(text)) if text else None
