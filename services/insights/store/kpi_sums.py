"""Reads of roll-ups for the KPI book: added up where they lie, for ten years are many."""

from datetime import date

import msgspec

from kit.db import Transaction
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.kpi_measures import KIND_OF, DayEntries, Sums, month_of
from services.insights.domain.rollup import Measures

# What a month is added up from: that of each measure, and what is taken back of takings.
KINDS = sorted({*KIND_OF.values(), Kind.VOIDED, Kind.REFUNDED})


async def begins(tx: Transaction) -> dict[Kind, date]:
    """Returns the first date of each kind that KPIs are counted from; practice is none."""
    rows = await tx.fetch_all(
        "select kind, (select occur_date from day_rollups as r where r.area = %s"
        " and r.kind = each.kind and r.dimension = '' and not r.practice"
        " order by occur_date limit 1) as first from unnest(%s::text[]) as each (kind)",
        (tx.area, sorted({kind.value for kind in KIND_OF.values()})),
    )
    return {Kind(row["kind"]): row["first"] for row in rows if row["first"]}


async def read(
    tx: Transaction, begun: dict[Kind, date], first: date, last: date, *, origins: bool
) -> Sums:
    """Returns what the figures from first to last are made from. origins: of each day, too."""
    rows = await tx.fetch_all(
        "select date_trunc('month', occur_date)::date as month, kind, sum(count) as count,"
        " sum(amount_yen) as amount_yen, sum(persons) as persons from day_rollups"
        " where area = %s and kind = any(%s) and occur_date between %s and %s"
        " and dimension = '' and not practice group by 1, 2",
        (tx.area, [kind.value for kind in KINDS], first, last),
    )
    months = {
        (month_of(row["month"]), Kind(row["kind"])): Measures(
            int(row["count"]), int(row["amount_yen"]), int(row["persons"])
        )
        for row in rows
    }
    return Sums(months, await _entries(tx, first, last) if origins else {}, begun)


async def _entries(tx: Transaction, first: date, last: date) -> dict[date, DayEntries]:
    rows = await tx.fetch_all(
        "select occur_date, coalesce(sum(persons) filter (where dimension = ''), 0) as persons,"
        " json_object_agg(value, persons) filter (where dimension <> '')::text as origins"
        " from day_rollups where area = %s and occur_date between %s and %s and kind = %s"
        " and dimension in ('', %s) and not practice group by occur_date",
        (tx.area, first, last, Kind.ADMITTED.value, Dimension.ORIGIN.value),
    )
    return {
        row["occur_date"]: DayEntries(
            int(row["persons"]), msgspec.json.decode(row["origins"] or "{}", type=dict[str, int])
        )
        for row in rows
    }
