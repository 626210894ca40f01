"""Reads for the month of a shop: its own facts, and what days of the area are told by."""

import json
from datetime import date

from kit.db import Transaction
from services.insights.domain.fact import DatedFact, Dimension, Fact, Kind, Slice
from services.insights.domain.rollup import DayKey, HourKey, Measures

MONEY = (Kind.CAPTURED, Kind.VOIDED, Kind.REFUNDED)
AREA = (Kind.SCAN, Kind.ADMITTED, Kind.PLANNED)


async def own(tx: Transaction, shop_place_id: str, first: date, last: date) -> list[DatedFact]:
    """Returns the live money of one shop on the dates from first to last, equal facts together:
    an index by date and kind finds those of all shops, and slices name the one."""
    rows = await tx.fetch_all(
        "select occur_date, hour, kind, slices, max(occur_time) as occur_time,"
        " sum(count) as count, sum(amount_yen) as amount_yen from facts"
        " where area = %s and occur_date between %s and %s and kind = any(%s) and not practice"
        " and slices @> %s::jsonb group by occur_date, hour, kind, slices",
        (tx.area, first, last, [kind.value for kind in MONEY],
         json.dumps([[Dimension.SHOP.value, shop_place_id]])),
    )  # fmt: skip
    return [
        DatedFact(
            Fact(
                event_id="", service="payments", kind=Kind(row["kind"]),
                occur_time=row["occur_time"], booked_date=row["occur_date"],
                count=int(row["count"]), amount_yen=int(row["amount_yen"]),
                slices=tuple(Slice(Dimension(name), value) for name, value in row["slices"]),
            ),
            row["occur_date"], row["hour"], late=False,
        )
        for row in rows
    ]  # fmt: skip


async def own_first(tx: Transaction, shop_place_id: str) -> date | None:
    """Returns the date of the shop's first sale; practice is none."""
    row = await tx.fetch_one(
        "select min(occur_date) as first from day_rollups where area = %s and not practice"
        " and dimension = 'shop' and value = %s and kind = %s",
        (tx.area, shop_place_id, Kind.CAPTURED.value),
    )
    return row["first"] if row else None


async def days(tx: Transaction, first: date, last: date) -> dict[DayKey, Measures]:
    """Returns what days tell of people: undivided sums, languages, origins."""
    rows = await tx.fetch_all(
        "select occur_date, kind, dimension, value, count, persons from day_rollups"
        " where area = %s and occur_date between %s and %s and kind = any(%s) and not practice"
        " and dimension in ('', 'locale_asked', 'locale_served', 'locale_missed', 'origin')",
        (tx.area, first, last, [kind.value for kind in AREA]),
    )
    return {
        DayKey(
            row["occur_date"], Kind(row["kind"]), False, Dimension(row["dimension"]), row["value"]  # noqa: FBT003 - key
        ): Measures(int(row["count"]), 0, int(row["persons"]))
        for row in rows
    }  # fmt: skip


async def hours(tx: Transaction, first: date, last: date) -> dict[HourKey, Measures]:
    """Returns the same by hour."""
    rows = await tx.fetch_all(
        "select occur_date, hour, kind, count, persons from hour_rollups"
        " where area = %s and occur_date between %s and %s and kind = any(%s) and not practice",
        (tx.area, first, last, [kind.value for kind in AREA]),
    )
    return {
        HourKey(row["occur_date"], row["hour"], Kind(row["kind"]), False):  # noqa: FBT003 - key
        Measures(int(row["count"]), 0, int(row["persons"]))
        for row in rows
    }  # fmt: skip
