"""People counted at gates by their tickets: sums per gate and hour, nothing of a ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import Transaction


@dataclass(frozen=True)
class Admitted:
    """People of one zone and hour, as counted at its gates."""

    zone_id: str
    hour: datetime
    persons: int
    parties: int


async def add_party(
    tx: Transaction, place_id: str, hour: datetime, persons: int, at: datetime
) -> None:
    """Adds a party; the caller's inbox sees to it that each counts once. at: when it went in."""
    await tx.execute(
        "insert into gate_hours as kept (area, place_id, hour_start, persons, parties, last_time)"
        " values (%s, %s, %s, %s, 1, %s) on conflict (area, place_id, hour_start) do update set"
        " persons = kept.persons + excluded.persons, parties = kept.parties + 1,"
        " last_time = greatest(kept.last_time, excluded.last_time)",
        (tx.area, place_id, hour, persons, at),
    )


async def read_hours(
    tx: Transaction, first: datetime, last: datetime, zone_id: str = ""
) -> Sequence[Admitted]:
    """Returns the hours from first to before last. zone_id: "" for all.

    A gate counts for the zones at its place; where there is no zone it waits for one.
    """
    rows = await tx.fetch_all(
        "select z.zone_id, g.hour_start, g.persons, g.parties"
        " from gate_hours g join zones z using (area, place_id)"
        " where g.area = %(area)s and g.hour_start >= %(first)s and g.hour_start < %(last)s"
        " and %(zone)s in ('', z.zone_id) order by g.hour_start, z.zone_id",
        {"area": tx.area, "first": first, "last": last, "zone": zone_id},
    )
    return [
        Admitted(row["zone_id"], row["hour_start"], row["persons"], row["parties"]) for row in rows
    ]
