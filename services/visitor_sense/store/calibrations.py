"""What zones have learned, and the counts they learn from."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from kit.db import Row, Transaction
from services.visitor_sense.domain.calibration import from_json
from services.visitor_sense.domain.people import Learned

_COLUMNS = "zone_id, version, learn_time, learned::text as learned, wape, mae, coverage"


def _learned(row: Row) -> Learned:
    wape, mae, coverage = (
        float("nan") if row[name] is None else row[name] for name in ("wape", "mae", "coverage")
    )
    calibration = from_json(json.loads(row["learned"]))
    return Learned(
        row["zone_id"], row["version"], row["learn_time"], calibration, wape, mae, coverage
    )


async def put_learned(tx: Transaction, one: Learned) -> None:
    """Adds a calibration; its version is new."""
    judged = [None if value != value else value for value in (one.wape, one.mae, one.coverage)]  # noqa: PLR0124 - nan
    await tx.execute(
        "insert into calibrations (area, zone_id, version, learn_time, learned, wape, mae,"
        " coverage) values (%s, %s, %s, %s, %s::jsonb, %s, %s, %s)",
        (tx.area, one.zone_id, one.version, one.learn_time,
         json.dumps(one.calibration.to_json()), *judged),
    )  # fmt: skip


async def newest(tx: Transaction) -> dict[str, Learned]:
    """Returns the newest calibration of each zone of the area."""
    rows = await tx.fetch_all(
        f"select distinct on (zone_id) {_COLUMNS} from calibrations where area = %s"  # noqa: S608 - constants
        " order by zone_id, version desc",
        (tx.area,),
    )
    return {row["zone_id"]: _learned(row) for row in rows}


async def learned_for(
    tx: Transaction, area: str, zone_id: str, version: int, until: datetime
) -> Learned | None:
    """Returns a version of a zone, or for version 0 the newest that was learned before a moment."""
    row = await tx.fetch_one(
        f"select {_COLUMNS} from calibrations where area = %s and zone_id = %s"  # noqa: S608 - constants
        " and (version = %s or (%s = 0 and learn_time <= %s)) order by version desc limit 1",
        (area, zone_id, version, version, until),
    )
    return _learned(row) if row else None


async def put_hand_counts(
    tx: Transaction, zone_id: str, counts: Mapping[datetime, int], now: datetime
) -> None:
    """Notes people counted by hand; a count of the same hour is replaced."""
    await tx.execute_many(
        "insert into hand_counts (area, zone_id, hour_start, persons, note_time)"
        " values (%s, %s, %s, %s, %s) on conflict (area, zone_id, hour_start) do update set"
        " persons = excluded.persons, note_time = excluded.note_time",
        [(tx.area, zone_id, hour, persons, now) for hour, persons in sorted(counts.items())],
    )


async def counted_hours(
    tx: Transaction, since: datetime, zone_ids: Iterable[str]
) -> list[tuple[str, datetime, float, int]]:
    """Returns zone, hour, devices near by and people of closed hours in which somebody counted.

    A count by hand goes before the tickets of the zone's gates.
    """
    rows = await tx.fetch_all(
        "select h.zone_id, h.hour, h.near, coalesce(c.persons, g.persons) as persons"
        " from zone_hours h join zones z on z.area = h.area and z.zone_id = h.zone_id"
        " left join hand_counts c on c.area = h.area and c.zone_id = h.zone_id"
        " and c.hour_start = h.hour"
        " left join gate_hours g on g.area = h.area and g.place_id = z.place_id"
        " and g.hour_start = h.hour"
        " where h.area = %s and h.hour >= %s and h.zone_id = any(%s) and h.version > 0"
        " and h.near is not null and coalesce(c.persons, g.persons) is not null"
        " order by h.zone_id, h.hour",
        (tx.area, since, list(zone_ids)),
    )
    return [(row["zone_id"], row["hour"], row["near"], row["persons"]) for row in rows]
