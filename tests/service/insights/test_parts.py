"""Facts lie in parts by month: made by themselves, in time, once, and shut to other areas."""

import asyncio
import uuid
from datetime import date, timedelta

import psycopg
import pytest

from kit.bus import Delivery
from kit.clock import ManualClock
from kit.db import ALL_AREAS, Database
from kit.migrate import migrate
from services.insights.app import keeping, reading
from services.insights.app.deps import Deps
from services.insights.store import facts, parts
from tests.servers import ServiceDatabases
from tests.service.insights import said
from tests.service.insights.conftest import NOON
from tests.service.insights.said import Ear
from tests.service.insights.test_intake import TODAY, a_day, contents


async def rows_by_part(database: Database) -> dict[str, int]:
    async with database.read(ALL_AREAS) as tx:
        rows = await tx.fetch_all(
            "select tableoid::regclass::text as part, count(*) as n from facts group by 1"
        )
    return {row["part"]: row["n"] for row in rows}


async def test_each_month_gets_its_part_and_what_is_of_none_lies_apart(
    database: Database, ear: Ear
) -> None:
    odd = said.scan(NOON)
    await ear.hear([
        said.scan(NOON),
        said.scan(NOON - timedelta(days=900)),  # a replay of years ago
        said.scan(NOON + timedelta(days=50)),  # a clock that is ahead
        said.scan(NOON, said_time=NOON + timedelta(days=4_000)),  # one that is years ahead
        Delivery(**{**odd._asdict(), "event_id": str(uuid.uuid4())}),
    ])  # fmt: skip
    assert await rows_by_part(database) == {
        "facts_2026_05": 1, "facts_2023_11": 1, "facts_2026_06": 1, "facts_other": 2,
    }  # fmt: skip
    day = await reading.read_day(Deps(database, ear.clock), "mine", TODAY, books=True)
    assert day.scans.count == 3, "whatever part they lie in"


async def test_parts_are_ready_before_they_are_needed(
    database: Database, clock: ManualClock
) -> None:
    await keeping.tidy(Deps(database, clock))
    clock.advance(timedelta(days=35))
    await keeping.tidy(Deps(database, clock))
    async with database.read(ALL_AREAS) as tx:
        assert await parts.there(tx, date(2027, 1, 1)) == [
            f"facts_2026_{month:02}" for month in (5, 6, 7, 8)
        ]


async def test_many_at_once_make_a_part_once(database: Database) -> None:
    months = [date(2025, month, 1) for month in range(1, 13)]

    async def make(area: str) -> int:
        async with database.transaction(area) as tx:
            return await parts.make(tx, months)

    made = await asyncio.gather(*(make(area) for area in ("a", "b", "c", "d")))
    assert sum(made) == 12


async def test_many_areas_begin_a_month_at_once(database: Database, clock: ManualClock) -> None:
    ears = [Ear(database, clock) for _ in range(4)]
    await asyncio.gather(*(
        ear.hear(a_day(f"area_{number}")) for number, ear in enumerate(ears)
    ))  # fmt: skip
    kept = [await contents(database, f"area_{number}") for number in range(4)]
    assert len({len(each["day_rollups"]) for each in kept}) == 1


async def test_what_lay_apart_moves_in_for_every_area(database: Database, ear: Ear) -> None:
    """A clock that was years ahead: its month comes, and the part takes over what is there."""
    later = NOON + timedelta(days=400)
    early = [said.scan(NOON, said_time=later, area=area) for area in ("mine", "other")]
    await ear.hear(early)
    assert await rows_by_part(database) == {"facts_other": 2}
    async with database.transaction("mine") as tx:
        assert await parts.make(tx, [date(2027, 6, 1)]) == 1
        assert len(await tx.fetch_all("select from facts")) == 1, "still in one area"
    assert await rows_by_part(database) == {"facts_2027_06": 2}
    await ear.hear(early)
    assert await rows_by_part(database) == {"facts_2027_06": 2}


async def test_a_fact_is_there_once_whatever_the_inbox_says(database: Database, ear: Ear) -> None:
    one, other = said.scan(NOON), said.scan(NOON)
    await ear.hear([one])
    before = await contents(database, "mine")
    async with database.transaction("mine") as tx:
        await tx.execute("delete from inbox")
    await ear.hear([one])
    assert await contents(database, "mine") == before
    await ear.hear([one, other, other])
    assert (await contents(database, "mine"))["hour_rollups"][0]["count"] == 2


async def test_a_part_is_shut_to_other_areas_too(database: Database, ear: Ear) -> None:
    """Asked for by its own name: the rule of the whole table does not reach there."""
    await ear.hear([said.scan(NOON, area="mine"), said.scan(NOON, area="other")])
    async with database.read("other") as tx:
        seen = await tx.fetch_all("select area from facts_2026_05")
    assert [row["area"] for row in seen] == ["other"]
    async with database.read(ALL_AREAS) as tx:
        open_ = await tx.fetch_all(
            "select c.relname from pg_partition_tree('facts') join pg_class c on c.oid = relid"
            " where not (relrowsecurity and relforcerowsecurity)"
        )
    assert open_ == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.transaction("other") as tx:
            await tx.execute(
                "insert into facts_2026_05 select 'mine', gen_random_uuid(), service, kind,"
                " practice, occur_time, booked_date, occur_date, hour, late, heard_time,"
                " amount_yen, persons, slices, said_time, count from facts_2026_05"
            )


async def test_a_query_of_a_month_of_ids_reads_its_part_alone(database: Database, ear: Ear) -> None:
    await ear.hear([said.scan(NOON), said.scan(NOON - timedelta(days=90))])
    async with database.read(ALL_AREAS) as tx:
        plan = await tx.fetch_all(
            "explain select from facts where event_id >= facts_from('2026-05-01')"
            " and event_id < facts_from('2026-06-01')"
        )
    text = "\n".join(str(row["QUERY PLAN"]) for row in plan)
    assert "facts_2026_05" in text
    assert "facts_2026_02" not in text


def test_facts_of_an_earlier_release_move_into_their_parts(
    service_databases: ServiceDatabases,
) -> None:
    url = service_databases.make_at("insights", "0008")
    ids = [said.id_of(NOON - timedelta(days=40 * n)) for n in range(3)] + [str(uuid.uuid4())]
    insert = (
        "insert into facts (area, event_id, service, kind, practice, occur_time, occur_date, hour,"
        " late, heard_time, said_time, count, amount_yen, persons, slices) values"
        " (%s, %s, 'multilingual', 'scan_recorded', false, %s, %s, 12, false, %s, %s, 3, 0, 0,"
        """ '[["stop", "A"]]')"""
    )
    try:
        with psycopg.connect(url) as connection:
            for area in ("one", "two"):
                connection.execute("select set_config('meguri.area', %s, true)", [area])
                for number, event_id in enumerate(ids):
                    at = NOON - timedelta(days=40 * min(number, 2))
                    connection.execute(insert, (area, event_id, at, at.date(), at, at))
        assert migrate("insights", url)
        with psycopg.connect(url) as connection:
            connection.execute("select set_config('meguri.area', '*', true)")
            found = connection.execute(
                "select tableoid::regclass::text, count(*), sum(count) from facts group by 1"
                " order by 1"
            ).fetchall()
    finally:
        service_databases.drop_made()
    assert found == [
        ("facts_2026_02", 2, 6), ("facts_2026_03", 2, 6), ("facts_2026_05", 2, 6),
        ("facts_other", 2, 6),
    ]  # fmt: skip


async def test_dropping_an_area_empties_all_parts_of_it(database: Database, ear: Ear) -> None:
    old = NOON - timedelta(days=400)
    for area in ("demo", "mine"):
        await ear.hear([said.scan(NOON, area=area), said.scan(old, area=area)])
    await ear.hear([said.dropped(NOON + timedelta(hours=1), "demo")])
    assert await rows_by_part(database) == {"facts_2026_05": 1, "facts_2025_03": 1}
    async with database.transaction("mine") as tx:
        before = await tx.fetch_all("select * from day_rollups order by 1, 2, 3, 5, 6")
        await facts.rebuild_roll_ups(tx)
        assert await tx.fetch_all("select * from day_rollups order by 1, 2, 3, 5, 6") == before
