"""Reads of roll-ups for letters: months of days at once, without what nobody looks at."""

from collections.abc import Collection
from datetime import date

from kit.db import Transaction
from services.insights.domain.fact import DatedFact, Dimension, Kind
from services.insights.domain.letter_sales import KINDS
from services.insights.domain.rollup import DayKey, HourKey, Measures
from services.insights.store.figures import day_key, hour_key, measures_of
from services.insights.store.money import money

# What rules look at; the sums of shops and of answers are many rows, and not read.
_DIMENSIONS = tuple(
    each.value for each in (
        Dimension.TOTAL, Dimension.ASKED, Dimension.SERVED, Dimension.MISSED, Dimension.STOP,
        Dimension.CHOSEN, Dimension.LEFT_OUT,
    )
)  # fmt: skip
_KINDS = (Kind.SCAN, Kind.PLANNED, Kind.CAPTURED, Kind.DECLINED, Kind.ADMITTED)


async def days(tx: Transaction, first: date, last: date) -> dict[DayKey, Measures]:
    """Returns the daily sums that rules look at; practice is left out."""
    return await _read(tx, _KINDS, _DIMENSIONS, first, last)


async def hours(tx: Transaction, first: date, last: date) -> dict[HourKey, Measures]:
    """Returns the hourly sums of people who went in; practice is left out."""
    rows = await tx.fetch_all(
        "select occur_date, hour, kind, practice, count, amount_yen, persons from hour_rollups"
        " where area = %s and occur_date between %s and %s and kind = %s and not practice",
        (tx.area, first, last, Kind.ADMITTED.value),
    )
    return {hour_key(row): measures_of(row) for row in rows}


async def sales(tx: Transaction, first: date, last: date) -> list[DatedFact]:
    """Returns the live payments of all shops, equal ones together. No roll-up has shop and hour."""
    return await money(tx, KINDS, first, last)


async def single(tx: Transaction, kind: Kind, first: date, last: date) -> list[DatedFact]:
    """Returns those of one kind."""
    return await money(tx, (kind,), first, last)


async def of(
    tx: Transaction, kinds: Collection[Kind], dimension: Dimension, first: date, last: date
) -> dict[DayKey, Measures]:
    """Returns the daily sums that one series is made of."""
    by = {Dimension.TOTAL, dimension}
    if dimension is Dimension.MISSED:  # what is withheld of it depends on the two others
        by |= {Dimension.ASKED, Dimension.SERVED}
    if Kind.REFUNDED in kinds:  # sales kept
        by |= {Dimension.ENDED, Dimension.SPLIT_SALE}
    return await _read(tx, kinds, [each.value for each in by], first, last)


async def _read(
    tx: Transaction, kinds: Collection[Kind], dimensions: Collection[str], first: date, last: date
) -> dict[DayKey, Measures]:
    rows = await tx.fetch_all(
        "select occur_date, kind, practice, dimension, value, count, amount_yen, persons"
        " from day_rollups where area = %s and occur_date between %s and %s and not practice"
        " and kind = any(%s) and dimension = any(%s)",
        (tx.area, first, last, [kind.value for kind in kinds], list(dimensions)),
    )
    return {day_key(row): measures_of(row) for row in rows}
