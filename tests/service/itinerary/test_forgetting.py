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
