"""Parts of the facts, one for each month in which they were said."""

from collections.abc import Sequence
from datetime import date

from kit.db import ALL_AREAS, Transaction
from services.insights.domain.fact import Kind


async def make(tx: Transaction, months: Sequence[date]) -> int:
    """Makes the parts of months that have none. Returns how many.

    In a transaction that has not touched facts yet: two that wrote what belongs to no month would
    wait for each other.
    """
    rows = await tx.fetch_all(
        "select month from unnest(%s::date[]) as given (month)"
        " where to_regclass('facts_' || to_char(month, 'YYYY_MM')) is null order by month",
        (list(months),),
    )
    made = 0
    for row in rows:
        found = await tx.fetch_one("select facts_month(%s) as made", (row["month"],))
        made += bool(found and found["made"])
    return made


async def there(tx: Transaction, before: date) -> list[str]:
    """Returns the names of the parts of months before one, oldest first."""
    rows = await tx.fetch_all(
        "select relid::regclass::text as name from pg_partition_tree('facts')"
        " where isleaf and relid::regclass::text < 'facts_' || to_char(%s::date, 'YYYY_MM')"
        " order by 1",
        (before,),
    )
    return [row["name"] for row in rows]


async def drop_gone(tx: Transaction, part: str) -> bool:
    """Drops a part of which no fact is to be kept, in any area. Returns whether it did.

    part: a name of `there`. The transaction sees all areas.
    """
    if tx.area != ALL_AREAS:
        raise ValueError("the rows of other areas would be dropped unseen")
    if await _is_kept(tx, part):
        return False
    # First the whole, as whoever writes takes them: the other way they would wait for each other.
    await tx.execute("lock table only facts in access exclusive mode")
    if await _is_kept(tx, part):
        return False
    await tx.execute(f"drop table {part}")
    return True


async def _is_kept(tx: Transaction, part: str) -> bool:
    row = await tx.fetch_one(
        f"""
        select exists (
            select from areas a where exists (
                select from {part} f where f.area = a.area and f.occur_date >= (
                    select min(coalesce((a.sealed ->> kind)::date, '-infinity'))
                    from unnest(%s::text[]) as each (kind)
                )
            )
        ) as kept
        """,  # noqa: S608 - the name of a table, from the catalog
        ([kind.value for kind in Kind],),
    )
    return row is None or bool(row["kept"])
