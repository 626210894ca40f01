"""Names that staff gave to places."""

from collections.abc import Collection
from datetime import datetime

from kit.db import Transaction
from services.directory.domain.place import StaffNames


async def read_all(tx: Transaction) -> dict[str, StaffNames]:
    """Returns place id → what staff named there."""
    rows = await tx.fetch_all("select * from staff_names where area = %s", (tx.area,))
    return {
        row["place_id"]: StaffNames(row["name_time"], frozenset(row["locales"]), row["kana"])
        for row in rows
    }


async def add(
    tx: Transaction, place_id: str, locales: Collection[str], now: datetime, *, kana: bool
) -> None:
    """Notes that staff named a place; what they named before stays noted."""
    await tx.execute(
        "insert into staff_names (area, place_id, name_time, locales, kana)"
        " values (%s, %s, %s, %s, %s) on conflict (area, place_id) do update set"
        " name_time = excluded.name_time, kana = staff_names.kana or excluded.kana, locales ="
        " array(select distinct unnest(staff_names.locales || excluded.locales) order by 1)",
        (tx.area, place_id, now, sorted(locales), kana),
    )


async def forget(tx: Transaction, place_ids: Collection[str]) -> None:
    """Has the names of files count again for these places."""
    await tx.execute(
        "delete from staff_names where area = %s and place_id = any(%s)",
        (tx.area, list(place_ids)),
    )
