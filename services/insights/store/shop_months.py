"""Reads for the month of a shop: its own facts, and what days of the area are told by."""

from datetime import date

from kit.db import Transaction
from services.insights.domain.fact import DatedFact, Dimension, Kind
from services.insights.domain.rollup import DayKey, HourKey, Measures
from services.insights.store.money import money

MONEY = (Kind.CAPTURED, Kind.VOIDED, Kind.REFUNDED)
AREA = (Kind.SCAN, Kind.ADMITTED, Kind.PLANNED)


async def own(tx: Transaction, shop_place_id: str, first: date, last: date) -> list[DatedFact]:
    """Returns the live money of one shop on the dates from first to last, equal facts together:
    an index by date and kind finds those of all shops, and slices name the one."""
    return await money(tx, MONEY, first, last, [[Dimension.SHOP.value, shop_place_id]])


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
