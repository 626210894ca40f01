"""What an area has chosen to publish."""

from datetime import datetime

import msgspec

from kit.db import Transaction
from services.insights.domain.open_data import OpenSettings


async def lock(tx: Transaction) -> None:
    """Lets one change of the choice happen after the other, until the transaction ends."""
    await tx.execute("select pg_advisory_xact_lock(hashtext('open data/' || %s))", (tx.area,))


async def read(tx: Transaction) -> tuple[OpenSettings, int]:
    """Returns the choice and its version, 0 before the first."""
    row = await tx.fetch_one(
        "select settings::text as settings, version from open_data where area = %s", (tx.area,)
    )
    if row is None:
        return OpenSettings(), 0
    return msgspec.json.decode(row["settings"], type=OpenSettings), row["version"]


async def write(tx: Transaction, settings: OpenSettings, version: int, at: datetime) -> None:
    """Keeps a choice."""
    await tx.execute(
        "insert into open_data (area, settings, version, said_time) values (%s, %s::jsonb, %s, %s)"
        " on conflict (area) do update set settings = excluded.settings,"
        " version = excluded.version, said_time = excluded.said_time",
        (tx.area, msgspec.json.encode(settings).decode(), version, at),
    )
