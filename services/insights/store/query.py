"""Reads of roll-ups for questions: only the kinds and dimensions that a question is about."""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from datetime import date

from kit.db import Row, Transaction
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.rollup import DayKey, HourKey, Measures
from services.insights.store.figures import measures_of


async def days(
    tx: Transaction, first: date, last: date, kinds: Collection[Kind],
    dimensions: Collection[Dimension],
) -> dict[date, dict[DayKey, Measures]]:  # fmt: skip
    """Returns daily sums by date; practice is in none."""
    rows = await tx.fetch_all(
        "select occur_date, kind, dimension, value, count, amount_yen, persons from day_rollups"
        " where area = %s and occur_date between %s and %s and kind = any(%s)"
        " and dimension = any(%s) and not practice",
        (tx.area, first, last, [each.value for each in kinds], [each.value for each in dimensions]),
    )
    return await asyncio.to_thread(_by_date, rows)  # two years of stops: tens of thousands


def _by_date(rows: list[Row]) -> dict[date, dict[DayKey, Measures]]:
    found: defaultdict[date, dict[DayKey, Measures]] = defaultdict(dict)
    for row in rows:
        on = row["occur_date"]
        key = DayKey(on, Kind(row["kind"]), False, Dimension(row["dimension"]), row["value"])  # noqa: FBT003 - a key
        found[on][key] = measures_of(row)
    return found


async def hours(
    tx: Transaction, first: date, last: date, kind: Kind
) -> dict[date, dict[HourKey, Measures]]:
    """Returns hourly sums by date, likewise."""
    rows = await tx.fetch_all(
        "select occur_date, hour, count, amount_yen, persons from hour_rollups where area = %s"
        " and occur_date between %s and %s and kind = %s and not practice",
        (tx.area, first, last, kind.value),
    )
    found: defaultdict[date, dict[HourKey, Measures]] = defaultdict(dict)
    for row in rows:
        on = row["occur_date"]
        found[on][HourKey(on, row["hour"], kind, False)] = measures_of(row)  # noqa: FBT003 - a key
    return found
