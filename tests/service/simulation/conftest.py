"""What the models of the simulation are held against."""

from collections.abc import AsyncIterator, Callable

import pytest

from kit.db import Database


@pytest.fixture
async def real(service_database: Callable[[str], str]) -> AsyncIterator[Database]:
    """PostgreSQL."""
    database = Database(service_database("payments"))
    await database.open()
    yield database
    await database.close()
