"""Which lines of registers' journals were taken: each once, by shop, register and number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from kit.db import Row, Transaction


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
    tx: Transaction, shop_place_id: str, register: str, import_id: str,
    sales: Sequence[RegisterSale],
) -> None:  # fmt: skip
    """Remembers lines for good. Errors: a unique violation for one that is known."""
    await tx.execute(
        "insert into register_sales (area, shop_place_id, register, journal_number, line_sha256,"
        " import_id, payment_id, sale_time)"
        " select %s, %s, %s, journal_number, decode(line_sha256, 'base64'), %s, payment_id,"
        " sale_time"
        " from jsonb_to_recordset(%s::jsonb) as given"
        " (journal_number text, line_sha256 text, payment_id uuid, sale_time timestamptz)",
        (tx.area, shop_place_id, register, import_id, msgspec.json.encode(sales).decode()),
    )


async def of_import(tx: Transaction, import_id: str) -> list[Row]:
    """Returns journal number, payment id and whether a close holds it, of each line taken."""
    return await tx.fetch_all(
        "select s.journal_number, s.payment_id::text as payment_id, exists"
        " (select 1 from journal_entries e join closed_entries c using (area, entry_id)"
        "  where e.area = s.area and e.payment_id = s.payment_id) as is_closed"
        " from register_sales s where s.area = %s and s.import_id = %s order by s.journal_number",
        (tx.area, import_id),
    )


async def forget(tx: Transaction, import_id: str, journal_numbers: Sequence[str]) -> None:
    """Forgets lines that were undone: a mended file may bring them again."""
    await tx.execute(
        "delete from register_sales where area = %s and import_id = %s"
        " and journal_number = any(%s)",
        (tx.area, import_id, list(journal_numbers)),
    )
