"""Customer displays: which screen follows which till."""

from datetime import datetime

import msgspec

from kit.db import Row, Transaction
from services.payments.domain.display import Display

_FIELDS = (
    "select display_id::text as display_id, shop_place_id, counter_id, code_expire_time, pair_time"
    " from displays where area = %s and remove_time is null"
)


async def put(tx: Transaction, display: Display, code_hash: bytes, made_by: str) -> None:
    """Stores a display whose code waits. Those whose code lapsed unused are forgotten."""
    await tx.execute(
        "delete from displays where area = %s and pair_time is null and code_expire_time < now()",
        (tx.area,),
    )
    await tx.execute(
        "insert into displays (area, display_id, shop_place_id, counter_id, code_hash,"
        " code_expire_time, made_by) values (%s, %s, %s, %s, %s, %s, %s)",
        (tx.area, display.display_id, display.shop_place_id, display.counter_id, code_hash,
         display.code_expire_time, made_by),
    )  # fmt: skip


async def lock_waiting(tx: Transaction, code_hash: bytes) -> Display | None:
    """Returns the display a code waits for, the row locked; of equal codes the newest."""
    row = await tx.fetch_one(
        f"{_FIELDS} and code_hash = %s and pair_time is null"
        " order by display_id desc limit 1 for update",
        (tx.area, code_hash),
    )
    return _display(row) if row else None


async def pair(tx: Transaction, display_id: str, at: datetime) -> None:
    """Notes that a screen has its code; the code is forgotten."""
    await tx.execute(
        "update displays set pair_time = %s, code_hash = null where area = %s and display_id = %s",
        (at, tx.area, display_id),
    )


async def find(tx: Transaction, display_id: str) -> Display | None:
    """Returns a paired display, None for one that was ended or never paired."""
    row = await tx.fetch_one(
        f"{_FIELDS} and pair_time is not null and display_id = %s", (tx.area, display_id)
    )
    return _display(row) if row else None


async def of_shop(tx: Transaction, shop_place_id: str) -> list[Display]:
    """Returns the paired displays of a shop, the newest first."""
    rows = await tx.fetch_all(
        f"{_FIELDS} and pair_time is not null and shop_place_id = %s order by pair_time desc",
        (tx.area, shop_place_id),
    )
    return [_display(row) for row in rows]


async def remove(tx: Transaction, display_id: str, at: datetime) -> None:
    """Ends a pairing."""
    await tx.execute(
        "update displays set remove_time = coalesce(remove_time, %s)"
        " where area = %s and display_id = %s",
        (at, tx.area, display_id),
    )


def _display(row: Row) -> Display:
    return msgspec.convert(row, Display)
