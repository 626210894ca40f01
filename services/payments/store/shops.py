"""Shops of an area."""

from collections.abc import Sequence

import msgspec

from kit.db import Row, Transaction
from services.payments.domain.shop import Shop


def _shop(row: Row) -> tuple[Shop, int]:
    return msgspec.convert(row["settings"], Shop), row["version"]


async def put_if_changed(tx: Transaction, shop: Shop) -> bool:
    """Stores a shop; returns False when it was equal already."""
    changed = await tx.execute(
        "insert into shops (area, shop_place_id, settings, version) values (%s, %s, %s::jsonb, 1)"
        " on conflict (area, shop_place_id) do update"
        " set settings = excluded.settings, version = shops.version + 1, configure_time = now()"
        " where shops.settings <> excluded.settings",
        (tx.area, shop.shop_place_id, msgspec.json.encode(shop).decode()),
    )
    return changed == 1


async def find(tx: Transaction, shop_place_id: str) -> tuple[Shop, int] | None:
    """Returns a shop and its version, or None."""
    row = await tx.fetch_one(
        "select settings, version from shops where area = %s and shop_place_id = %s",
        (tx.area, shop_place_id),
    )
    return _shop(row) if row else None


async def find_all(tx: Transaction, shop_place_ids: Sequence[str]) -> dict[str, Shop]:
    """Returns those of the shops that exist, by id."""
    rows = await tx.fetch_all(
        "select settings, version from shops where area = %s and shop_place_id = any(%s)",
        (tx.area, list(shop_place_ids)),
    )
    found = [_shop(row)[0] for row in rows]
    return {shop.shop_place_id: shop for shop in found}


async def all_of_area(tx: Transaction) -> list[tuple[Shop, int]]:
    """Returns all shops with their versions, ordered by id."""
    rows = await tx.fetch_all(
        "select settings, version from shops where area = %s order by shop_place_id", (tx.area,)
    )
    return [_shop(row) for row in rows]
