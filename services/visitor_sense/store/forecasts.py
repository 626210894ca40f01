"""What was foretold of zones, the newest of each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kit.db import Transaction


@dataclass(frozen=True)
class Foretold:
    """What was foretold of a zone. told: as gateways.forecaster writes it."""

    zone_id: str
    make_time: datetime
    people: bool
    told: Mapping[str, Any]


async def put_forecast(tx: Transaction, one: Foretold) -> None:
    """Keeps what is foretold of a zone instead of what was before."""
    await tx.execute(
        "insert into forecasts (area, zone_id, make_time, people, told)"
        " values (%s, %s, %s, %s, %s::jsonb) on conflict (area, zone_id) do update set"
        " make_time = excluded.make_time, people = excluded.people, told = excluded.told",
        (tx.area, one.zone_id, one.make_time, one.people, json.dumps(one.told)),
    )


async def read_forecasts(tx: Transaction) -> list[Foretold]:
    """Returns what is foretold of the zones of the area, by id."""
    rows = await tx.fetch_all(
        "select zone_id, make_time, people, told::text as told from forecasts order by zone_id"
    )
    return [
        Foretold(row["zone_id"], row["make_time"], row["people"], json.loads(row["told"]))
        for row in rows
    ]


async def newest(tx: Transaction) -> datetime | None:
    """Returns when the newest of the area was made."""
    row = await tx.fetch_one(
        "select max(make_time) as at from forecasts where area = %s", (tx.area,)
    )
    return row["at"] if row else None
