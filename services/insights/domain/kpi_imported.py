"""Figures of a KPI that a file tells by month, and what was entered beside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.insights.domain.kpi import (
    MONTHS,
    Certainty,
    Figure,
    Series,
    months_of,
    year_of_period,
)


@dataclass(frozen=True)
class ImportedMonth:
    """A month as an import tells it. value: None where it does not. kept_time: ISO 8601."""

    month: str
    value: int | None
    source_note: str
    number: int
    signed_as: str
    kept_time: str


def from_import(series: Series, months: Iterable[ImportedMonth], until: str) -> dict[str, Figure]:
    """Returns the figures of a series by month, at most to `until`. A month that the file leaves
    open has none: what is not told is not 0."""
    return {
        each.month: Figure(
            each.value, each.value, Certainty.IMPORTED, 1, each.signed_as, each.kept_time,
            each.source_note, import_number=each.number,
        )
        for each in months
        if each.value is not None and series.holds(each.month) and each.month <= until
    }  # fmt: skip


def beside_entered(
    imported: Mapping[str, Figure], entered: Mapping[str, Figure]
) -> dict[str, Figure]:  # fmt: skip
    """Returns both: a month is what the import says, else what was entered; a year that was entered
    holds until all of its months are imported."""
    whole = {
        year for year in {year_of_period(month) for month in imported}
        if year is not None and sum(month in imported for month in months_of(year)) == MONTHS
    }  # fmt: skip
    kept = {
        period: figure for period, figure in entered.items()
        if "-" in period or int(period) not in whole
    }  # fmt: skip
    return {**kept, **imported}
