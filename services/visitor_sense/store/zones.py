"""Zones with their levels, and pauses of sites."""

import json
from dataclasses import dataclass
from datetime import datetime

from kit.db import Row, Transaction
from services.visitor_sense.domain.observations import Pause
from services.visitor_sense.domain.zones import Level, Zone

_COLUMNS = "zone_id, place_id, names::text as names, normal_from, busy_from, crowded_from"


@dataclass(frozen=True)
class ZoneLevel:
    """A zone with the level last said of it. level_time: None before the first."""

    zone: Zone
    level: Level
    version: int
    level_time: datetime | None


def _zone(row: Row) -> Zone:
    return Zone(
        zone_id=row["zone_id"], place_id=row["place_id"], names=json.loads(row["names"]),
        normal_from=row["normal_from"], busy_from=row["busy_from"],
        crowded_from=row["crowded_from"],
    )  # fmt: skip


async def put_zone(tx: Transaction, zone: Zone) -> bool:
    """Makes or changes a zone; returns False when it was equal already."""
    changed = await tx.execute(
        "insert into zones (area, zone_id, place_id, names, normal_from, busy_from, crowded_from)"
        " values (%s, %s, %s, %s::jsonb, %s, %s, %s)"
        " on conflict (area, zone_id) do update set place_id = excluded.place_id,"
        " names = excluded.names, normal_from = excluded.normal_from,"
        " busy_from = excluded.busy_from, crowded_from = excluded.crowded_from"
        " where (zones.place_id, zones.names, zones.normal_from, zones.busy_from,"
        " zones.crowded_from) is distinct from (excluded.place_id, excluded.names,"
        " excluded.normal_from, excluded.busy_from, excluded.crowded_from)",
        (tx.area, zone.zone_id, zone.place_id, json.dumps(dict(zone.names)), zone.normal_from,
         zone.busy_from, zone.crowded_from),
    )  # fmt: skip
    return changed > 0


async def list_zones(tx: Transaction) -> list[Zone]:
    """Returns the zones of the area by id."""
    rows = await tx.fetch_all(f"select {_COLUMNS} from zones order by zone_id")  # noqa: S608 - constants
    return [_zone(row) for row in rows]


async def list_levels(tx: Transaction) -> list[ZoneLevel]:
    """Returns the zones of the area with their levels, by id."""
    rows = await tx.fetch_all(
        f"select {_COLUMNS}, level, level_version, level_time from zones order by zone_id"  # noqa: S608 - constants
    )
    return [
        ZoneLevel(_zone(row), Level(row["level"]), row["level_version"], row["level_time"])
        for row in rows
    ]


async def zones_of_place(tx: Transaction, place_id: str) -> list[str]:
    """Returns the ids of the zones of a place."""
    rows = await tx.fetch_all(
        "select zone_id from zones where place_id = %s order by zone_id", (place_id,)
    )
    return [row["zone_id"] for row in rows]


async def set_level(
    tx: Transaction, zone_id: str, level: Level, version: int, at: datetime
) -> bool:
    """Sets a level if nobody set it meanwhile. version: the new one."""
    return bool(
        await tx.execute(
            "update zones set level = %s, level_version = %s, level_time = %s"
            " where area = %s and zone_id = %s and level_version = %s",
            (int(level), version, at, tx.area, zone_id, version - 1),
        )
    )


async def begin_pause(
    tx: Transaction, place_id: str, begin: datetime, end: datetime | None
) -> None:
    """Begins a pause of a place, ending one that runs."""
    await end_pause(tx, place_id, begin)
    await tx.execute(
        "insert into pauses (area, place_id, begin_time, end_time) values (%s, %s, %s, %s)"
        " on conflict (area, place_id, begin_time) do update set end_time = excluded.end_time",
        (tx.area, place_id, begin, end),
    )


async def end_pause(tx: Transaction, place_id: str, at: datetime) -> None:
    """Ends the pauses of a place that run at a moment."""
    await tx.execute(
        "update pauses set end_time = %s where area = %s and place_id = %s and begin_time <= %s"
        " and (end_time is null or end_time > %s)",
        (at, tx.area, place_id, at, at),
    )


async def pauses_since(tx: Transaction, since: datetime) -> dict[str, list[Pause]]:
    """Returns the pauses that run now or ended after a moment, by zone id."""
    rows = await tx.fetch_all(
        "select z.zone_id, p.begin_time, p.end_time from pauses p"
        " join zones z on z.area = p.area and z.place_id = p.place_id"
        " where p.end_time is null or p.end_time > %s",
        (since,),
    )
    found: dict[str, list[Pause]] = {}
    for row in rows:
        found.setdefault(row["zone_id"], []).append(Pause(row["begin_time"], row["end_time"]))
    return found
