"""Products of shops, and their clerks."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from kit.db import Row, Transaction
from services.payments.domain.clerk import Clerk
from services.payments.domain.product import Product


async def replace(tx: Transaction, shop_place_id: str, products: Sequence[Product]) -> None:
    """Makes these the products of a shop, in this order."""
    await tx.execute(
        "delete from products where area = %s and shop_place_id = %s", (tx.area, shop_place_id)
    )
    await tx.execute_many(
        "insert into products (area, shop_place_id, code, names, unit_amount_yen,"
        " tax_rate_percent, button, line) values (%s, %s, %s, %s::jsonb, %s, %s, %s, %s)",
        [(tx.area, shop_place_id, each.code, msgspec.json.encode(each.names).decode(),
          each.unit_amount_yen, each.tax_rate_percent, each.button, line)
         for line, each in enumerate(products)],
    )  # fmt: skip


async def of_shop(tx: Transaction, shop_place_id: str) -> list[Product]:
    """Returns the products of a shop in their order."""
    rows = await tx.fetch_all(
        "select code, names, unit_amount_yen, tax_rate_percent, button from products"
        " where area = %s and shop_place_id = %s order by line",
        (tx.area, shop_place_id),
    )
    return [msgspec.convert(row, Product) for row in rows]


async def put_clerk(tx: Transaction, clerk: Clerk) -> None:
    """Stores a clerk. An empty hash keeps the PIN; a new one ends a rest."""
    await tx.execute(
        "insert into clerks (area, shop_place_id, clerk_id, display_name, pin_hash, disabled)"
        " values (%s, %s, %s, %s, %s, %s) on conflict (area, shop_place_id, clerk_id) do update"
        " set display_name = excluded.display_name, disabled = excluded.disabled,"
        " pin_hash = coalesce(nullif(excluded.pin_hash, ''), clerks.pin_hash),"
        " wrong_count = case when excluded.pin_hash = '' then clerks.wrong_count else 0 end,"
        " rest_until = case when excluded.pin_hash = '' then clerks.rest_until end",
        (tx.area, clerk.shop_place_id, clerk.clerk_id, clerk.display_name, clerk.pin_hash,
         clerk.disabled),
    )  # fmt: skip


async def clerks(tx: Transaction, shop_place_id: str) -> list[Clerk]:
    """Returns the clerks of a shop by name."""
    rows = await tx.fetch_all(
        "select * from clerks where area = %s and shop_place_id = %s order by display_name",
        (tx.area, shop_place_id),
    )
    return [_clerk(row) for row in rows]


async def lock_clerk(tx: Transaction, shop_place_id: str, clerk_id: str) -> Clerk | None:
    """Returns a clerk or None, the row locked."""
    row = await tx.fetch_one(
        "select * from clerks where area = %s and shop_place_id = %s and clerk_id = %s for update",
        (tx.area, shop_place_id, clerk_id),
    )
    return _clerk(row) if row else None


async def note_try(
    tx: Transaction, clerk: Clerk, wrong_count: int, rest_until: datetime | None
) -> None:
    """Notes how a PIN was tried."""
    await tx.execute(
        "update clerks set wrong_count = %s, rest_until = %s"
        " where area = %s and shop_place_id = %s and clerk_id = %s",
        (wrong_count, rest_until, tx.area, clerk.shop_place_id, clerk.clerk_id),
    )


def _clerk(row: Row) -> Clerk:
    return msgspec.convert({**row, "clerk_id": str(row["clerk_id"])}, Clerk)
