"""Reads of roll-ups for the KPI book: added up where they lie, for ten years are many."""

from datetime import date

import msgspec

from kit.db import Transaction
from services.insights.domain.day_sales import Cell
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.kpi_measures import KIND_OF, DayEntries, Sums, month_of
from services.insights.domain.rollup import Measures

# What a month is added up from; takings are those of its days.
KINDS = sorted(set(KIND_OF.values()) - {Kind.CAPTURED})


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
    tx: Transaction, begun: dict[Kind, date], first: date, last: date, *, origins: bool,
    sales: bool,
) -> Sums:  # fmt: skip
    """Returns what the figures from first to last are made from. origins, sales: of each day."""
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
    return Sums(
        months, await _entries(tx, first, last) if origins else {}, begun,
        await _sales(tx, first, last) if sales else {},
    )  # fmt: skip


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


async def _sales(tx: Transaction, first: date, last: date) -> dict[date, Cell]:
    rows = await tx.fetch_all(
        """
        select occur_date, json_object_agg(value, net)::text as net,
               json_object_agg(value, kept)::text as kept
        from (
            select occur_date, value,
                   sum(case when kind = 'payment_captured' then amount_yen
                            else -amount_yen end) as net,
                   sum(case kind when 'payment_captured' then count
                                 when 'payment_voided' then -count else 0 end) as kept
            from day_rollups
            where area = %s and occur_date between %s and %s
            and dimension = 'shop' and not practice
            and kind in ('payment_captured', 'payment_voided', 'payment_refunded')
            group by occur_date, value
        ) as shops group by occur_date
        """,
        (tx.area, first, last),
    )
    shops = dict[str, int]
    return {
        row["occur_date"]: Cell(
            msgspec.json.decode(row["net"], type=shops),
            msgspec.json.decode(row["kept"], type=shops),
        )
        for row in rows
    }  # fmt: skip
