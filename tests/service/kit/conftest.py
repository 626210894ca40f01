"""A database with the kit's tables, a bus, and an area of each test alone."""

import uuid
from collections.abc import AsyncIterator, Callable

import pytest

from kit import config
from kit.bus import Bus
from kit.db import Database
from tests import harness


@pytest.fixture
async def database(service_database: Callable[[str], str]) -> AsyncIterator[Database]:
    opened = Database(service_database("directory"))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[Bus]:
    await harness.make_streams(nats_url)
    opened = Bus(config.load("kit_test", {"MEGURI_NATS_URL": nats_url}))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def area() -> str:
    return f"k{uuid.uuid4().hex[:12]}"
