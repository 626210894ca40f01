"""Plans of days long past are forgotten, in portions, and no others."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from kit.clock import ManualClock
from kit.db import ALL_AREAS, Database
from kit.outbox import Outbox
from services.itinerary.app import forget
from services.itinerary.app.deps import Deps
from services.itinerary.gateways.solver import Solver

TODAY = date(2026, 11, 21)


async def test_only_plans_older_than_a_season_are_forgotten(
    service_database: Callable[[str], str],
) -> None:
    database = Database(service_database("itinerary"))
    await database.open()
    ages = [0, 30, 90, 91, *[400] * (forget.PORTION + 3)]
    async with database.transaction("mine") as tx:
        await tx.execute_many(
            "insert into itineraries (area, itinerary_id, version, visit_date, body, create_time)"
            " values ('mine', gen_random_uuid(), 1, %s, '{}', now())",
            [(TODAY - timedelta(days=age),) for age in ages],
        )
    clock = ManualClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))
    deps = Deps(database, Outbox({}), clock, Solver())
    assert await forget.forget_old_plans(deps) == forget.PORTION + 4
    assert await forget.forget_old_plans(deps) == 0
    async with database.read(ALL_AREAS) as tx:
        row = await tx.fetch_one("select count(*) as n, min(visit_date) as oldest from itineraries")
    assert row == {"n": 3, "oldest": TODAY - timedelta(days=90)}
    await database.close()


async def test_counts_go_when_nobody_plans_or_looks_by_them(
    service_database: Callable[[str], str],
) -> None:
    database = Database(service_database("itinerary"))
    await database.open()
    async with database.transaction("mine") as tx:
        await tx.execute_many(
            "insert into headcounts values (%s, %s, 'cave', 20, %s, 4)",
            [("mine", TODAY - timedelta(days=age), TODAY) for age in (-1, 0, 2, 3)],
        )
        await tx.execute_many(
            "insert into spot_days values (%s, %s, 'cave', 'shown', 4)",
            [("mine", TODAY - timedelta(days=age)) for age in (0, 430, 431)],
        )
    clock = ManualClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))
    await forget.forget_old_plans(Deps(database, Outbox({}), clock, Solver()))
    async with database.read("mine") as tx:
        visits = await tx.fetch_all("select visit_date from headcounts order by 1")
        plans = await tx.fetch_all("select plan_date from spot_days order by 1")
    assert [(TODAY - row["visit_date"]).days for row in visits] == [2, 0, -1]
    assert [(TODAY - row["plan_date"]).days for row in plans] == [430, 0]
    await database.close()
