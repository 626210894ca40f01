"""The model of the store against PostgreSQL: equal acts, equal answers, equal rows."""

from collections.abc import Sequence

import pytest

import kit.ids
from kit.db import Database, Row
from simulation.loop import Life
from simulation.people import AREA
from simulation.store.database import ModelDatabase
from simulation.store.engine import Server
from simulation.world import FAIR, World
from tests.service.simulation.acts import Acts, SeededIds

# What both sides can be asked for, by table: columns that are neither made by the server's own
# clock nor numbered by chance.
TABLES = {
    "payments": "payment_id state amount_yen authorized_yen captured_yen refunded_yen reserved_yen"
    " version pending_step pending_amount_yen pending_came_from decline_reason asked_count"
    " release_count business_date ask_time authorized_until tap_time",
    "refunds": "refund_id payment_id state amount_yen channel decline_reason asked_count ask_time",
    "accounts": "practice account balance_yen",
    "journal_entries": "kind payment_id source_id amount_yen business_date into_account"
    " out_of_account into_yen practice",
    "open_entries": "shop_place_id business_date",
    "closed_entries": "close_id",
    "closes": "close_id number business_date expected_yen unresolved_count",
    "requests": "principal request_id",
    "outbox": "type aggregate_id version attempt_count",
    "inbox": "event_id",
    "register_sales": "journal_number payment_id",
    "register_imports": "import_id read_count loaded_count known_count rejected_count",
}


def model() -> ModelDatabase:
    """The model, in fair weather."""
    world = World(1, FAIR)
    return ModelDatabase(world, Server(world.now), Life("test"))


async def rows_of(database: Database) -> dict[str, list[str]]:
    """What is stored, in words, in no order."""
    found = {}
    for table, names in TABLES.items():
        if isinstance(database, ModelDatabase):
            rows: Sequence[Row] = database.server.rows(table)
        else:
            async with database.read(AREA) as tx:
                rows = await tx.fetch_all(f"select * from {table} where area = %s", (AREA,))  # noqa: S608 - names above
        found[table] = sorted(" ".join(str(row[name]) for name in names.split()) for row in rows)
    return found


@pytest.mark.parametrize("seed", range(12))
async def test_the_same_acts_leave_the_same_answers_and_rows(
    real: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, left = [], []
    for database in (real, model()):
        monkeypatch.setattr(kit.ids, "uuid_utils", SeededIds(seed))
        said.append(await Acts(database, seed).play(90))
        left.append(await rows_of(database))
    for theirs, ours in zip(*said, strict=True):
        assert ours == theirs
    for table in TABLES:
        assert left[1][table] == left[0][table], table
    assert len(left[0]["payments"]) > 10
