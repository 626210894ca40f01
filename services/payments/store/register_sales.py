"""Which lines of registers' journals were taken: each once, by shop, register and number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from kit.db import Transaction


@dataclass(frozen=True)
class RegisterSale:
    """A line that was taken, and the payment it became, or belongs to."""

    journal_number: str
    line_sha256: bytes
    payment_id: str
    sale_time: datetime


async def lock_register(tx: Transaction, shop_place_id: str, register: str) -> None:
    """Has imports of one register wait for each other."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
        (f"register/{tx.area}/{shop_place_id}/{register}",),
    )


async def known(
    tx: Transaction, shop_place_id: str, register: str, numbers: Sequence[str]
) -> dict[str, tuple[bytes, str]]:
    """Returns hash and payment id of those numbers that were taken before."""
    rows = await tx.fetch_all(
        "select journal_number, line_sha256, payment_id::text as payment_id from register_sales"
        " where area = %s and shop_place_id = %s and register = %s and journal_number = any(%s)",
        (tx.area, shop_place_id, register, list(numbers)),
    )
    return {row["journal_number"]: (bytes(row["line_sha256"]), row["payment_id"]) for row in rows}


async def keep(
    tx: Transaction, shop_place_id: str, register: str, sales: Sequence[RegisterSale]
) -> None:
    """Remembers lines for good. Errors: a unique violation for one that is known."""
    await tx.execute(
        "insert into register_sales (area, shop_place_id, register, journal_number, line_sha256,"
        " payment_id, sale_time)"
        " select %s, %s, %s, journal_number, decode(line_sha256, 'base64'), payment_id, sale_time"
        " from jsonb_to_recordset(%s::jsonb) as given"
        " (journal_number text, line_sha256 text, payment_id uuid, sale_time timestamptz)",
        (tx.area, shop_place_id, register, msgspec.json.encode(sales).decode()),
    )
