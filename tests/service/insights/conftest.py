"""A database of insights and an ear that writes into it."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from kit.clock import ManualClock
from kit.db import Database
from tests.service.insights.said import Ear

NOON = datetime(2026, 5, 3, 3, 0, tzinfo=UTC)  # 12:00 in Tokyo


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon in Tokyo on 3 May 2026."""
    return ManualClock(NOON)


@pytest.fixture
async def database(service_database: Callable[[str], str]) -> AsyncIterator[Database]:
    """An empty database of insights."""
    opened = Database(service_database("insights"), pool_max=4)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def ear(database: Database, clock: ManualClock) -> Ear:
    """Hears events into the database."""
    return Ear(database, clock)
