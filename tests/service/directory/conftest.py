"""The directory as a process of the test, on real PostgreSQL and NATS."""

import uuid
from collections.abc import AsyncIterator, Callable

import pytest

from services.directory import events
from services.directory.main import build
from tests import harness


@pytest.fixture
def database_of(service_database: Callable[[str], str]) -> list[str]:
    """The address of the database behind `directory`."""
    return [service_database("directory")]


@pytest.fixture
async def directory(database_of: list[str], nats_url: str) -> AsyncIterator[harness.Running]:
    async with harness.running("directory", events.ENCODERS, build, database_of[0], nats_url) as it:
        yield it


@pytest.fixture
def area() -> str:
    """An area of this test alone."""
    return f"a{uuid.uuid4().hex[:12]}"
