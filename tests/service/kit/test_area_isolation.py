"""An area sees and changes nothing of another, whatever a statement asks for: in every database.

Our statements name their area besides; here it is PostgreSQL alone that has to refuse.
"""

from collections.abc import AsyncIterator, Callable

import psycopg
import pytest

from kit.db import Database

SERVICES = ("directory", "insights", "itinerary", "multilingual", "payments", "visitor_sense")
# Tables without rows of areas, by what they are for.
OF_NO_AREA = {"alembic_version", "installation", "sign_in_attempts"}
TABLES = """
select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as bound,
  exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'area') as of_area,
  (select count(*) from pg_policy p where p.polrelid = c.oid) as policies,
  (select bool_and(pg_get_expr(p.polqual, p.polrelid) like '%current_setting(''meguri.area''%'
     and pg_get_expr(p.polwithcheck, p.polrelid) like '%current_setting(''meguri.area''%')
   from pg_policy p where p.polrelid = c.oid) as by_area
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname = 'public' and not c.relispartition
order by 1
"""
ADD = "insert into requests (area, principal, request_id, body_sha256) values (%s, 'anna', %s, 'b')"


@pytest.mark.parametrize("service", SERVICES)
def test_every_table_of_an_area_is_bound_to_it(
    service: str, service_database: Callable[[str], str]
) -> None:
    with psycopg.connect(service_database(service)) as connection:
        tables = connection.execute(TABLES).fetchall()
    assert len(tables) > 5
    open_ones = [name for name, bound, of_area, policies, by_area in tables
                 if of_area and not (bound and policies == 1 and by_area)]  # fmt: skip
    assert open_ones == []
    assert {name for name, _, of_area, *_ in tables if not of_area} <= OF_NO_AREA


@pytest.fixture
async def two_areas(service_database: Callable[[str], str]) -> AsyncIterator[Database]:
    """A database with a row of mine and one of hagi. Its role owns the tables, as services do."""
    opened = Database(service_database("directory"))
    await opened.open()
    for area in ("mine", "hagi"):
        async with opened.transaction(area) as tx:
            await tx.execute(ADD, (area, f"request-of-{area}"))
    yield opened
    await opened.close()


@pytest.mark.parametrize(("area", "seen"), [
    ("mine", ["mine"]), ("hagi", ["hagi"]), ("ube", []), ("*", ["hagi", "mine"]),
])  # fmt: skip
async def test_a_transaction_sees_its_own_area(
    two_areas: Database, area: str, seen: list[str]
) -> None:
    async with two_areas.transaction(area) as tx:
        rows = await tx.fetch_all("select area from requests order by area")
        assert [row["area"] for row in rows] == seen


async def test_rows_of_others_are_neither_changed_nor_taken_nor_given(two_areas: Database) -> None:
    async with two_areas.transaction("mine") as tx:
        assert await tx.execute("update requests set principal = 'eve' where area = 'hagi'") == 0
        assert await tx.execute("delete from requests where area = 'hagi'") == 0
    for sql, given in (
        (ADD, ("hagi", "request-of-a-stranger")),
        ("update requests set area = %s where area = %s", ("hagi", "mine")),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with two_areas.transaction("mine") as tx:
                await tx.execute(sql, given)


async def test_without_an_area_nothing_is_seen(service_database: Callable[[str], str]) -> None:
    url = service_database("directory")
    opened = Database(url)
    await opened.open()
    async with opened.transaction("mine") as tx:
        await tx.execute(ADD, ("mine", "request-of-mine"))
    await opened.close()
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from requests").fetchone() == (0,)
