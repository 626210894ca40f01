"""Reads of roll-ups."""

import json
from collections.abc import Collection, Iterator
from datetime import date, datetime
from functools import lru_cache

from kit.db import Row, Transaction
from services.insights.domain.day_sales import PAYMENT_KINDS
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.ratings import Heard
from services.insights.domain.replies import Reply
from services.insights.domain.rollup import DayKey, HourKey, Measures

# Of a month, for a page: what comes after them is not told.
RATINGS_AT_MOST, REPLIES_AT_MOST = 100_000, 10_000
_ANSWERS_MEMORY = "32MB"


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


async def ratings_heard(tx: Transaction, first: date, last: date) -> Iterator[Heard]:
    """Returns the ratings of the dates from first to last in the order in which they were heard,
    at most RATINGS_AT_MOST: those told once never change by those that come later.

    They are made as one goes through them: in a thread, so that others are not held up.
    """
    answers = await _answers(tx, first, last, [Kind.RATED, Kind.UNRATED], RATINGS_AT_MOST)
    return (
        Heard(event_id, kind == Kind.UNRATED, *_rated(slices), datetime.fromisoformat(heard_time))
        for event_id, kind, slices, heard_time in answers
    )


async def replies_heard(tx: Transaction, first: date, last: date) -> Iterator[Reply]:
    """Returns the replies of the dates from first to last in the order in which they were heard,
    at most REPLIES_AT_MOST. They are made as one goes through them."""
    answers = await _answers(tx, first, last, [Kind.ANSWERED], REPLIES_AT_MOST)
    return (Reply(event_id, _answered(slices)) for event_id, _kind, slices, _heard_time in answers)


async def _answers(
    tx: Transaction, first: date, last: date, kinds: list[Kind], at_most: int
) -> Iterator[tuple[str, ...]]:
    """Returns id, kind, slices and time of hearing of facts, as text.

    All of them come as four texts of one row: as rows of their own, a month of 67,000 held up all
    that the process does for a second.
    """
    await tx.execute(f"set local work_mem = '{_ANSWERS_MEMORY}'")  # else they are sorted on disk
    row = await tx.fetch_one(
        """
        select string_agg(event_id::text, E'\n' order by heard_time, event_id) as event_ids,
               string_agg(kind, E'\n' order by heard_time, event_id) as kinds,
               string_agg(slices::text, E'\n' order by heard_time, event_id) as slices,
               string_agg(heard_time::text, E'\n' order by heard_time, event_id) as heard_times
        from (
            select event_id, kind, slices, heard_time from facts
            where area = %s and occur_date between %s and %s and kind = any(%s) and not practice
            order by heard_time, event_id limit %s
        ) as first_ones
        """,
        (tx.area, first, last, [kind.value for kind in kinds], at_most),
    )
    if row is None or row["event_ids"] is None:
        return iter(())
    columns = (row["event_ids"], row["kinds"], row["slices"], row["heard_times"])
    return (each for each in zip(*(texts.split("\n") for texts in columns), strict=True))


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


@lru_cache(maxsize=8192)
def _rated(slices: str) -> tuple[str, str, str, tuple[str, ...]]:
    """Returns stop, language, face and reasons of a rating: few are told apart by them."""
    parts = json.loads(slices)
    (about,) = (value for dimension, value in parts if dimension == Dimension.FACE)
    stop, language, face = about.split("/", 2)
    reasons = tuple(v.split("/", 2)[2] for d, v in parts if d == Dimension.COMPLAINT)
    return stop, language, face, reasons


def _answered(slices: str) -> frozenset[tuple[str, str]]:
    parts = [value.partition("/") for dimension, value in json.loads(slices)
             if dimension == Dimension.ANSWER]  # fmt: skip
    return frozenset((question, option) for question, _, option in parts)


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
