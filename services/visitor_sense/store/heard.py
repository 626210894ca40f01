"""What each sensor heard per hour: sums that say whether it still hears as it used to."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from kit.db import Row, Transaction
from services.visitor_sense.domain.silence import Heard

_COLUMNS = "h.sensor_id, s.zone_id, h.hour, h.frames, h.minutes, h.by_mhz::text as by_mhz"


def _heard(row: Row) -> Heard:
    by_mhz = {int(mhz): count for mhz, count in json.loads(row["by_mhz"]).items()}
    return Heard(
        row["sensor_id"], row["zone_id"], row["hour"], row["frames"], row["minutes"], by_mhz
    )


async def add_heard(tx: Transaction, new: Iterable[Heard]) -> None:
    """Adds to what sensors heard. The caller has locked the area's hours."""
    for one in new:
        row = await tx.fetch_one(
            f"select {_COLUMNS} from sensor_hours h join sensors s using (area, sensor_id)"  # noqa: S608 - constants
            " where h.area = %s and h.sensor_id = %s and h.hour = %s",
            (tx.area, one.sensor_id, one.hour),
        )
        there = _heard(row) if row else Heard(one.sensor_id, one.zone_id, one.hour)
        by_mhz = Counter(there.by_mhz) + Counter(one.by_mhz)
        await tx.execute(
            "insert into sensor_hours (area, sensor_id, hour, frames, minutes, by_mhz)"
            " values (%s, %s, %s, %s, %s, %s::jsonb) on conflict (area, sensor_id, hour)"
            " do update set frames = excluded.frames, minutes = excluded.minutes,"
            " by_mhz = excluded.by_mhz",
            (tx.area, one.sensor_id, one.hour, there.frames + one.frames,
             there.minutes | one.minutes, json.dumps(dict(sorted(by_mhz.items())))),
        )  # fmt: skip


async def read_heard(tx: Transaction, since: datetime, until: datetime) -> list[Heard]:
    """Returns what sensors that are not revoked heard in the hours from `since` to before `until`,
    by hour and sensor."""
    rows = await tx.fetch_all(
        f"select {_COLUMNS} from sensor_hours h join sensors s using (area, sensor_id)"  # noqa: S608 - constants
        " where h.area = %s and h.hour >= %s and h.hour < %s and s.revoke_time is null"
        " order by h.hour, h.sensor_id",
        (tx.area, since, until),
    )
    return [_heard(row) for row in rows]


async def forget_heard(tx: Transaction, before: datetime) -> int:
    """Deletes what is older; returns how many rows."""
    return await tx.execute("delete from sensor_hours where hour < %s", (before,))
