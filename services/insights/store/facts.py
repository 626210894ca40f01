"""Facts and their roll-ups, always written together."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

import msgspec

from kit.db import Transaction, column
from services.insights.domain.fact import DatedFact, Kind, Slice
from services.insights.domain.months import plus
from services.insights.domain.rollup import RollUps


async def add(tx: Transaction, facts: Sequence[DatedFact], heard_time: datetime) -> list[DatedFact]:
    """Writes facts in one statement and returns those that were not there already."""
    if not facts:
        return []
    rows, occur_dates, hours, late = zip(*facts, strict=True)
    (event_ids, services, kinds, occur_times, booked_dates, practice, counts, amounts, persons,
     slices) = zip(*rows, strict=True)  # fmt: skip
    # Answered are those that are there already: of news there is none.
    repeated = await tx.fetch_all(
        """
        with given as (
            select * from unnest(
                string_to_array(%(event_id)s, E'\n')::uuid[],
                string_to_array(%(service)s, E'\n'), string_to_array(%(kind)s, E'\n'),
                string_to_array(%(practice)s, E'\n')::boolean[],
                string_to_array(%(occur_time)s, E'\n')::timestamptz[],
                string_to_array(%(booked_date)s, E'\n', '')::date[],
                string_to_array(%(occur_date)s, E'\n')::date[],
                string_to_array(%(hour)s, E'\n')::smallint[],
                string_to_array(%(late)s, E'\n')::boolean[],
                string_to_array(%(said_time)s, E'\n')::timestamptz[],
                string_to_array(%(count)s, E'\n')::integer[],
                string_to_array(%(amount_yen)s, E'\n')::bigint[],
                string_to_array(%(persons)s, E'\n')::integer[],
                string_to_array(%(slices)s, E'\n')::jsonb[]
            ) as given (event_id, service, kind, practice, occur_time, booked_date, occur_date,
                        hour, late, said_time, count, amount_yen, persons, slices)
        ), fresh as (
            insert into facts (area, event_id, service, kind, practice, occur_time, booked_date,
                               occur_date, hour, late, heard_time, said_time, count, amount_yen,
                               persons, slices)
            select %(area)s, event_id, service, kind, practice, occur_time, booked_date,
                   occur_date, hour, late, %(heard_time)s, said_time, count, amount_yen, persons,
                   slices
            from given on conflict do nothing returning event_id
        )
        select event_id::text as event_id from given
        where not exists (select from fresh where fresh.event_id = given.event_id)
        """,
        {
            "area": tx.area,
            "heard_time": heard_time,
            "event_id": column(event_ids),
            "service": column(services),
            "kind": column(kinds),
            "practice": column(practice),
            "occur_time": column(occur_times),
            "booked_date": column(booked_dates),
            "occur_date": column(occur_dates),
            "hour": column(hours),
            "late": column(late),
            "said_time": column(row.said_time for row in rows),
            "count": column(counts),
            "amount_yen": column(amounts),
            "persons": column(persons),
            "slices": column(map(_json, slices)),
        },
    )
    known = {row["event_id"] for row in repeated}
    return [dated for dated in facts if dated.fact.event_id not in known]


@lru_cache(maxsize=8192)
def _json(slices: tuple[Slice, ...]) -> str:
    return msgspec.json.encode([(part.dimension, part.value) for part in slices]).decode()


async def add_roll_ups(tx: Transaction, sums: RollUps) -> None:
    """Adds sums to the kept ones."""
    hours, days = list(sums.hours.items()), list(sums.days.items())
    await tx.execute(
        """
        insert into hour_rollups as kept
            (area, occur_date, hour, kind, practice, count, amount_yen, persons)
        select %s, * from unnest(%s::date[], %s::smallint[], %s::text[], %s::boolean[],
                                 %s::bigint[], %s::bigint[], %s::bigint[])
        on conflict (area, occur_date, hour, kind, practice) do update set
            count = kept.count + excluded.count,
            amount_yen = kept.amount_yen + excluded.amount_yen,
            persons = kept.persons + excluded.persons
        """,
        (
            tx.area,
            [key.occur_date for key, _ in hours],
            [key.hour for key, _ in hours],
            [key.kind.value for key, _ in hours],
            [key.practice for key, _ in hours],
            [sums.count for _, sums in hours],
            [sums.amount_yen for _, sums in hours],
            [sums.persons for _, sums in hours],
        ),
    )
    await tx.execute(
        """
        insert into day_rollups as kept
            (area, occur_date, kind, practice, dimension, value, count, amount_yen, persons)
        select %s, * from unnest(%s::date[], %s::text[], %s::boolean[], %s::text[], %s::text[],
                                 %s::bigint[], %s::bigint[], %s::bigint[])
        on conflict (area, occur_date, kind, practice, dimension, value) do update set
            count = kept.count + excluded.count,
            amount_yen = kept.amount_yen + excluded.amount_yen,
            persons = kept.persons + excluded.persons
        """,
        (
            tx.area,
            [key.occur_date for key, _ in days],
            [key.kind.value for key, _ in days],
            [key.practice for key, _ in days],
            [key.dimension.value for key, _ in days],
            [key.value for key, _ in days],
            [sums.count for _, sums in days],
            [sums.amount_yen for _, sums in days],
            [sums.persons for _, sums in days],
        ),
    )


# The first date of which single facts of f's kind are there: what lies before is final.
_SEALED = "coalesce((a.sealed ->> {}.kind)::date, '-infinity')"


async def redate(tx: Transaction, time_zone: str) -> None:
    """Dates all facts of the area by another zone; dates their owners booked stay.

    A fact that would fall on a day whose single facts are gone is counted on the first day after
    them: there it would be lost from the sums, or be in them twice the next time.
    """
    await tx.execute(
        f"""
        update facts f set
            occur_date = coalesce(booked_date, greatest(
                (occur_time at time zone %(zone)s)::date, {_SEALED.format("f")})),
            hour = extract(hour from occur_time at time zone %(zone)s),
            late = (heard_time at time zone %(zone)s)::date
                   > coalesce(booked_date, (occur_time at time zone %(zone)s)::date)
        from areas a where f.area = %(area)s and a.area = f.area
        and f.occur_date >= {_SEALED.format("f")}
        """,  # noqa: S608 - constants
        {"zone": time_zone, "area": tx.area},
    )


async def rebuild_roll_ups(tx: Transaction) -> None:
    """Makes the roll-ups of the area anew from its facts; the result is that of adding them up.

    Those of days whose single facts are gone stay as they are. Month by month: sums of a month fit
    into memory, while those of years are sorted on disk, which takes several times as long.
    """
    for table in ("hour_rollups", "day_rollups"):
        await tx.execute(
            f"delete from {table} r using areas a where r.area = %s and a.area = r.area"  # noqa: S608 - constants
            f" and r.occur_date >= {_SEALED.format('r')}",
            (tx.area,),
        )
    row = await tx.fetch_one(
        "select min(occur_date) as first, max(occur_date) as last from facts where area = %s",
        (tx.area,),
    )
    if row is None or row["first"] is None:
        return
    # The planner takes facts for less alike than they are, and would sort them all to sum them.
    await tx.execute(f"set local work_mem = '{_SUMS_MEMORY}'")
    await tx.execute("set local enable_sort = off")
    month = row["first"].replace(day=1)
    while month <= row["last"]:
        span = {"area": tx.area, "first": month, "next": plus(month, 1)}
        await tx.execute(_HOURS_OF_MONTH, span)
        await tx.execute(_DAYS_OF_MONTH, span)
        month = plus(month, 1)
    await tx.execute("set local work_mem to default")
    await tx.execute("set local enable_sort to default")


_SUMS_MEMORY = "128MB"  # of one process of the database, while roll-ups are made anew
_OF_MONTH = f"""
    from facts f, areas a where f.area = %(area)s and a.area = f.area
    and f.occur_date >= %(first)s and f.occur_date < %(next)s
    and f.occur_date >= {_SEALED.format("f")}
"""
_HOURS_OF_MONTH = f"""
    insert into hour_rollups
    select f.area, occur_date, hour, kind, practice, sum(count), sum(amount_yen), sum(persons)
    {_OF_MONTH}
    group by f.area, occur_date, hour, kind, practice
"""
# Facts of a day are alike in most: summed first by what they share, few are taken apart.
_DAYS_OF_MONTH = f"""
    insert into day_rollups
    select area, occur_date, kind, practice, part ->> 0, part ->> 1,
           sum(count), sum(amount_yen), sum(persons)
    from (
        select f.area, occur_date, kind, practice, slices, sum(count) as count,
               sum(amount_yen) as amount_yen, sum(persons) as persons
        {_OF_MONTH}
        group by f.area, occur_date, kind, practice, slices
    ) as alike,
         lateral (select '["", ""]'::jsonb as part
                  union select jsonb_array_elements(slices)) as parts
    group by area, occur_date, kind, practice, part ->> 0, part ->> 1
"""  # noqa: S608 - constants


async def count_late(tx: Transaction, dates: Mapping[date, int]) -> None:
    """Adds to how many facts of dates came late that are no longer, or never were, kept singly."""
    await tx.execute(
        "insert into late_counts as kept (area, occur_date, count)"
        " select %s, * from unnest(%s::date[], %s::bigint[])"
        " on conflict (area, occur_date) do update set count = kept.count + excluded.count",
        (tx.area, list(dates), list(dates.values())),
    )


async def seal_late(tx: Transaction, kind: Kind, before: date, since: date | None) -> None:
    """Counts the late facts of a kind on dates before one, which are about to go. since: where the
    last such count ended."""
    await tx.execute(
        "insert into late_counts as kept (area, occur_date, count)"
        " select area, occur_date, count(*) from facts where area = %s and late and kind = %s"
        " and occur_date < %s and occur_date >= coalesce(%s::date, '-infinity')"
        " group by area, occur_date"
        " on conflict (area, occur_date) do update set count = kept.count + excluded.count",
        (tx.area, kind.value, before, since),
    )


async def remove(tx: Transaction, before: Mapping[Kind, date], at_most: int) -> int:
    """Removes facts of kinds on dates before one, which are sealed, some at a time. Returns how
    many."""
    kinds = list(before)
    return await tx.execute(
        """
        delete from facts f using (
            select g.area, g.event_id from unnest(%s::text[], %s::date[]) as s (kind, first),
            lateral (select area, event_id from facts
                     where area = %s and kind = s.kind and occur_date < s.first limit %s) as g
            limit %s
        ) as gone where f.area = gone.area and f.event_id = gone.event_id
        """,
        ([kind.value for kind in kinds], [before[kind] for kind in kinds], tx.area, at_most,
         at_most),
    )  # fmt: skip
