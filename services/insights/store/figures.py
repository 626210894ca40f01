"""Reads of roll-ups."""

from collections.abc import Collection
from datetime import date

from kit.db import Row, Transaction
from services.insights.domain.day_sales import PAYMENT_KINDS
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.ratings import Heard
from services.insights.domain.replies import Reply
from services.insights.domain.rollup import DayKey, HourKey, Measures

# Of a month, for a page: what comes after them is not told.
RATINGS_AT_MOST, REPLIES_AT_MOST = 100_000, 10_000


async def day(tx: Transaction, on: date) -> dict[DayKey, Measures]:
    """Returns all daily sums of one date."""
    rows = await tx.fetch_all(
        "select occur_date, kind, practice, dimension, value, count, amount_yen, persons"
        " from day_rollups where area = %s and occur_date = %s",
        (tx.area, on),
    )
    return {day_key(row): measures_of(row) for row in rows}


async def hours(tx: Transaction, on: date) -> dict[HourKey, Measures]:
    """Returns all hourly sums of one date."""
    rows = await tx.fetch_all(
        "select occur_date, hour, kind, practice, count, amount_yen, persons"
        " from hour_rollups where area = %s and occur_date = %s",
        (tx.area, on),
    )
    return {hour_key(row): measures_of(row) for row in rows}


async def totals(tx: Transaction, first: date, last: date) -> dict[DayKey, Measures]:
    """Returns the undivided sums of each date from first to last, and those of split sales."""
    rows = await tx.fetch_all(
        "select occur_date, kind, practice, dimension, value, count, amount_yen, persons"
        " from day_rollups where area = %s and occur_date between %s and %s"
        " and dimension in ('', 'split_sale', 'ended')",
        (tx.area, first, last),
    )
    return {day_key(row): measures_of(row) for row in rows}


async def by_shop(tx: Transaction, first: date, last: date) -> dict[DayKey, Measures]:
    """Returns the live sums of each date from first to last by shop."""
    rows = await tx.fetch_all(
        "select occur_date, kind, practice, dimension, value, count, amount_yen, persons"
        " from day_rollups where area = %s and occur_date between %s and %s and not practice"
        " and dimension = 'shop' and kind = any(%s)",
        (tx.area, first, last, sorted(kind.value for kind in PAYMENT_KINDS)),
    )
    return {day_key(row): measures_of(row) for row in rows}


async def shop_count(tx: Transaction, first: date, last: date) -> int:
    """Returns how many shops captured a live payment on the dates from first to last."""
    row = await tx.fetch_one(
        "select count(distinct value) as shops from day_rollups where area = %s"
        " and occur_date between %s and %s and kind = %s and dimension = %s and not practice",
        (tx.area, first, last, Kind.CAPTURED.value, Dimension.SHOP.value),
    )
    return int(row["shops"]) if row else 0


async def ratings_heard(tx: Transaction, first: date, last: date) -> list[Heard]:
    """Returns the ratings of the dates from first to last in the order in which they were heard,
    at most RATINGS_AT_MOST: those told once never change by those that come later."""
    kinds = [Kind.RATED, Kind.UNRATED]
    return [_heard(row) for row in await _facts(tx, first, last, kinds, RATINGS_AT_MOST)]


async def replies_heard(tx: Transaction, first: date, last: date) -> list[Reply]:
    """Returns the replies of the dates from first to last in the order in which they were heard,
    at most REPLIES_AT_MOST."""
    rows = await _facts(tx, first, last, [Kind.ANSWERED], REPLIES_AT_MOST)
    return [_reply(row) for row in rows]


async def _facts(
    tx: Transaction, first: date, last: date, kinds: list[Kind], at_most: int
) -> list[Row]:
    return await tx.fetch_all(
        "select event_id::text as event_id, kind, slices, heard_time from facts"
        " where area = %s and occur_date between %s and %s and kind = any(%s) and not practice"
        " order by heard_time, event_id limit %s",
        (tx.area, first, last, [kind.value for kind in kinds], at_most),
    )


async def first_date(tx: Transaction) -> date | None:
    """Returns the first date with any fact."""
    row = await tx.fetch_one(
        "select min(occur_date) as first from day_rollups where area = %s", (tx.area,)
    )
    return row["first"] if row else None


async def late_count(tx: Transaction, on: date, gone: Collection[Kind], *, sales: bool) -> int:
    """Returns how many facts of a date arrived after it was over. gone: kinds of which it is
    known by sums alone. sales: those of payments, too; sums do not tell them apart."""
    row = await tx.fetch_one(
        "select (select count(*) from facts where area = %(area)s and occur_date = %(on)s and late"
        " and (%(sales)s or service <> 'payments') and kind <> all(%(gone)s))"
        " + case when %(sales)s then coalesce((select count from late_counts"
        " where area = %(area)s and occur_date = %(on)s), 0) else 0 end as late",
        {"area": tx.area, "on": on, "gone": [kind.value for kind in gone], "sales": sales},
    )
    return int(row["late"]) if row else 0


def _heard(row: Row) -> Heard:
    parts = [(Dimension(dimension), value) for dimension, value in row["slices"]]
    (about,) = (value for dimension, value in parts if dimension is Dimension.FACE)
    stop, language, face = about.split("/", 2)
    reasons = tuple(v.split("/", 2)[2] for d, v in parts if d is Dimension.COMPLAINT)
    ended = Kind(row["kind"]) is Kind.UNRATED
    return Heard(row["event_id"], ended, stop, language, face, reasons, row["heard_time"])


def _reply(row: Row) -> Reply:
    parts = [value.partition("/") for dimension, value in row["slices"]
             if Dimension(dimension) is Dimension.ANSWER]  # fmt: skip
    return Reply(row["event_id"], frozenset((question, option) for question, _, option in parts))


def day_key(row: Row) -> DayKey:
    """Returns what a row of daily roll-ups is about."""
    return DayKey(
        row["occur_date"], Kind(row["kind"]), row["practice"], Dimension(row["dimension"]),
        row["value"],
    )  # fmt: skip


def hour_key(row: Row) -> HourKey:
    """Returns what a row of hourly roll-ups is about."""
    return HourKey(row["occur_date"], row["hour"], Kind(row["kind"]), row["practice"])


def measures_of(row: Row) -> Measures:
    """Returns the sums of a row of roll-ups."""
    return Measures(int(row["count"]), int(row["amount_yen"]), int(row["persons"]))
