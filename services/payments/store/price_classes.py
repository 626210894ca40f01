"""Price classes and signing keys of an area."""

from datetime import datetime

import msgspec

from kit.db import Transaction
from services.payments.domain.price_class import PriceClass


async def put_if_changed(tx: Transaction, wanted: PriceClass) -> bool:
    """Stores a class; returns False when it was equal already."""
    changed = await tx.execute(
        "insert into price_classes (area, class_id, number, settings, version)"
        " values (%s, %s, %s, %s::jsonb, 1) on conflict (area, class_id) do update"
        " set settings = excluded.settings, number = excluded.number,"
        " version = price_classes.version + 1"
        " where price_classes.settings <> excluded.settings",
        (tx.area, wanted.class_id, wanted.number, msgspec.json.encode(wanted).decode()),
    )
    return changed == 1


async def all_of_area(tx: Transaction) -> dict[str, PriceClass]:
    """Returns all classes by id, in the order of their numbers."""
    rows = await tx.fetch_all(
        "select settings from price_classes where area = %s order by number", (tx.area,)
    )
    found = [msgspec.convert(row["settings"], PriceClass) for row in rows]
    return {each.class_id: each for each in found}


async def numbers(tx: Transaction) -> dict[int, str]:
    """Returns the class of each number that is taken."""
    return {each.number: each.class_id for each in (await all_of_area(tx)).values()}


async def add_key(
    tx: Transaction, generation: int, key_id: bytes, public_key: bytes, now: datetime
) -> None:
    """Keeps a public key; whoever is second with the same generation changes nothing."""
    await tx.execute(
        "insert into ticket_keys (area, generation, key_id, public_key, create_time)"
        " values (%s, %s, %s, %s, %s) on conflict do nothing",
        (tx.area, generation, key_id, public_key, now),
    )


async def keys(tx: Transaction) -> list[tuple[int, bytes, bytes, bool]]:
    """Returns generation, key id, public key and whether it was revoked, newest first."""
    rows = await tx.fetch_all(
        "select generation, key_id, public_key, revoke_time from ticket_keys"
        " where area = %s order by generation desc",
        (tx.area,),
    )
    return [
        (
            row["generation"],
            bytes(row["key_id"]),
            bytes(row["public_key"]),
            row["revoke_time"] is not None,
        )
        for row in rows
    ]


async def revoke_keys(tx: Transaction, below_generation: int, now: datetime) -> None:
    """Has older keys hold no longer."""
    await tx.execute(
        "update ticket_keys set revoke_time = %s"
        " where area = %s and generation < %s and revoke_time is null",
        (now, tx.area, below_generation),
    )
