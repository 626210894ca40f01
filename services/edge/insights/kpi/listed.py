"""Lists of the KPI book: its editions, what was entered, and for which times something can be."""

from collections.abc import Sequence
from dataclasses import dataclass

from meguri.insights.v1 import kpi_service_pb2 as pb
from services.edge.insights.kpi import shown, words

APRIL = 4


@dataclass(frozen=True)
class Edition:
    """An edition in a list. on: the date it was frozen."""

    number: int
    on: str
    by: str
    note: str


def editions(marks: Sequence[pb.KpiEditionMark]) -> list[Edition]:
    """Returns editions as a list shows them."""
    return [
        Edition(each.number, shown.on_date(each.frozen_time), each.frozen_by, each.note)
        for each in marks
    ]


@dataclass(frozen=True)
class Entry:
    """What somebody entered once. figure: "" where it was taken back; value: as typed again.
    newest: it counts. year: fiscal year that its period is in."""

    year: int
    period: str
    name: str
    figure: str
    value: str
    source: str
    by: str
    on: str
    newest: bool


def entries(found: Sequence[pb.KpiEntry], unit: int) -> list[Entry]:
    """Returns what was entered as a list shows it."""
    return [
        Entry(
            _year_of(each.period), each.period, words.period_word(each.period),
            words.amount(each.value, unit) if each.HasField("value") else "",
            f"{each.value:,}", each.source_note, each.entered_by, shown.on_date(each.entered_time),
            each.newest,
        )
        for each in found
    ]  # fmt: skip


def _year_of(period: str) -> int:
    # The months January to March belong to the year before.
    return int(period[:4]) - ("-" in period and int(period[5:]) < APRIL)


def periods_to_enter(kpi: pb.Kpi) -> list[str]:
    """Returns for which times of the book's year a figure can be entered: none that is counted,
    and none that has not begun."""
    return [each.period for each in kpi.months if not _counted(each)]


def year_is_free(kpi: pb.Kpi) -> bool:
    """Tells whether the whole year can be entered: it has begun, and no month of it is counted."""
    return bool(kpi.months) and not any(_counted(each) for each in kpi.months)


def _counted(period: pb.KpiPeriod) -> bool:
    return period.HasField("figure") and period.figure.certainty != pb.KPI_CERTAINTY_ENTERED
