"""One setting makes all wait longer where a machine is slow, and nobody longer than allowed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kit import config
from kit.db import Database
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.edge.clients import Clients
from services.edge.connections import DEADLINE_MOST_S


@pytest.mark.parametrize("text", ["0.5", "0", "soon", "-2"])
def test_less_than_usual_is_refused(text: str) -> None:
    with pytest.raises(config.ConfigError, match="MEGURI_PATIENCE"):
        config.patience({"MEGURI_PATIENCE": text})


@pytest.mark.parametrize(("text", "factor"), [("", 1.0), ("1", 1.0), ("2.5", 2.5)])
def test_nothing_said_is_as_usual(text: str, factor: float) -> None:
    assert config.patience({"MEGURI_PATIENCE": text}) == factor


@pytest.fixture
def deadline_with() -> Iterator[Callable[[str, float], float]]:
    """Returns the deadline that a stub of the edge gives its calls under a patience."""
    made: list[Clients] = []

    def find(patience: str, deadline_s: float) -> float:
        told = {"MEGURI_PATIENCE": patience, "MEGURI_DIRECTORY_ADDRESS": "127.0.0.1:1"}
        nobody: Any = None
        made.append(Clients(config.load("edge", told), nobody, nobody))
        stub: Any = made[-1].stub(DirectoryServiceStub, deadline_s, caller=nobody)
        return float(stub._deadline_s)

    yield find
    for each in made:
        each.close()


def test_the_edge_waits_longer_but_never_beyond_a_connection(
    deadline_with: Callable[[str, float], float],
) -> None:
    assert deadline_with("", 1.5) == 1.5
    assert deadline_with("4", 1.5) == 6.0
    assert deadline_with("8", 9.0) == DEADLINE_MOST_S


async def test_a_database_may_take_longer(service_database: Callable[[str], str]) -> None:
    database = Database(service_database("directory"), pool_max=1, patience=3.0)
    await database.open()
    try:
        async with database.transaction("mine") as transaction:
            row = await transaction.fetch_one(
                "select current_setting('statement_timeout') as statement,"
                " current_setting('lock_timeout') as lock"
            )
    finally:
        await database.close()
    assert row == {"statement": "30s", "lock": "15s"}
