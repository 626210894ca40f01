"""How often something of a sensor was refused, by reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import Transaction


@dataclass(frozen=True)
class Refused:
    """What was refused of a sensor for one reason."""

    reason: str
    count: int
    last_time: datetime


async def note_refused(
    tx: Transaction, counts: Mapping[tuple[str, str], int], at: datetime
) -> None:
    """Adds to what was refused, by sensor and reason. A sensor that there is not is left out."""
    for (sensor_id, reason), count in sorted(counts.items()):
        await tx.execute(
            "insert into sensor_refusals as kept (area, sensor_id, reason, count, last_time)"
            " select area, sensor_id, %s, %s, %s from sensors where area = %s and sensor_id = %s"
            " on conflict (area, sensor_id, reason) do update set"
            " count = kept.count + excluded.count,"
            " last_time = greatest(kept.last_time, excluded.last_time)",
            (reason, count, at, tx.area, sensor_id),
        )


async def read_refused(tx: Transaction) -> dict[str, Sequence[Refused]]:
    """Returns what was refused by sensor, newest first."""
    found: dict[str, list[Refused]] = {}
    for row in await tx.fetch_all(
        "select sensor_id, reason, count, last_time from sensor_refusals"
        " order by last_time desc, reason"
    ):
        one = Refused(row["reason"], row["count"], row["last_time"])
        found.setdefault(row["sensor_id"], []).append(one)
    return dict(found)
