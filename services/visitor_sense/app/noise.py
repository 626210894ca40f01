"""The budget of noise of an area: set for days to come, and read for today."""

from datetime import date, timedelta

from kit.requests import RequestKey, once
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.domain import day
from services.visitor_sense.domain.noise import Budget, budget_of
from services.visitor_sense.store import noise as store


async def set_noise(
    deps: Deps, area: str, key: RequestKey, epsilon: float
) -> tuple[date, Budget | None]:
    """Sets what figures of days from tomorrow on carry; returns the first such day. A day that has
    begun keeps its budget: else two could be spent on it. Errors: InvalidFields.
    """
    budget, now = budget_of(epsilon), deps.clock.now()
    async with deps.db.transaction(area) as tx:

        async def put() -> date:
            tomorrow = day.key_date(now) + timedelta(days=1)
            await store.put_budget(tx, tomorrow, budget, now)
            return tomorrow

        return await once(tx, key, date, put), budget


async def read_noise(deps: Deps, area: str) -> Budget | None:
    """Returns the budget of today, None without noise."""
    async with deps.db.read(area) as tx:
        return await store.budget_on(tx, area, day.key_date(deps.clock.now()))
